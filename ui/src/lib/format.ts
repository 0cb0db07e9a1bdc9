// Dates, amounts and names in the way of the window's language.

import { formatTag } from "./locale.svelte";
import * as m from "./paraglide/messages";

const DAY = 86_400_000;

function date(options: Intl.DateTimeFormatOptions, iso: string): string {
  return new Intl.DateTimeFormat(formatTag(), options).format(new Date(iso));
}

function startOfDay(at: number): number {
  return new Date(at).setHours(0, 0, 0, 0);
}

function daysBetween(iso: string, now: number): number {
  return Math.round((startOfDay(now) - startOfDay(Date.parse(iso))) / DAY);
}

/** "09:12" of today, "22 Nov, 09:12" of another day. */
export function clockTime(iso: string, now: number): string {
  const time: Intl.DateTimeFormatOptions = { hour: "numeric", minute: "2-digit" };
  if (daysBetween(iso, now) === 0) return date(time, iso);
  return date({ day: "numeric", month: "short", ...time }, iso);
}

/** "3 May 2025". */
export function day(iso: string): string {
  // A date without a time is that day everywhere; midnight in UTC would be the day before in the west.
  const whole = /^\d{4}-\d{2}-\d{2}$/.test(iso) ? `${iso}T12:00:00` : iso;
  return date({ day: "numeric", month: "short", year: "numeric" }, whole);
}

/** "May 2025". */
export function month(iso: string): string {
  return date({ month: "long", year: "numeric" }, iso);
}

/** "May": a month among those of one year. */
export function monthAlone(at: number): string {
  return new Intl.DateTimeFormat(formatTag(), { month: "short" }).format(at);
}

/** "May 2025", in a table. */
export function monthOfYear(at: number): string {
  return new Intl.DateTimeFormat(formatTag(), { month: "short", year: "numeric" }).format(at);
}

/** "May – October 2025"; "May 2025" where it is one. */
export function monthsFrom(first: number, last: number): string {
  return new Intl.DateTimeFormat(formatTag(), { month: "long", year: "numeric" }).formatRange(first, last);
}

/** "3 May": a birthday, without the year. */
export function dayOfYear(iso: string): string {
  return date({ day: "numeric", month: "long" }, `${iso.slice(0, 10)}T12:00:00`);
}

/** Whether a date without a time has its day today. */
export function isBirthday(iso: string, now: number): boolean {
  const today = new Date(now);
  return iso.slice(5, 10) === `${pad(today.getMonth() + 1)}-${pad(today.getDate())}`;
}

function pad(value: number): string {
  return String(value).padStart(2, "0");
}

/** "just now", "5 minutes ago", "yesterday", "2 days ago", and from two weeks on the day. */
export function ago(iso: string, now: number): string {
  const seconds = Math.max(0, (now - Date.parse(iso)) / 1000);
  const relative = new Intl.RelativeTimeFormat(formatTag(), { numeric: "auto" });
  if (seconds < 60) return m.when_now();
  if (seconds < 3600) return relative.format(-Math.floor(seconds / 60), "minute");
  const days = daysBetween(iso, now);
  if (days <= 0) return relative.format(-Math.floor(seconds / 3600), "hour");
  if (days < 14) return relative.format(-days, "day");
  return day(iso);
}

/** The heading of a day in a timeline. */
export function dayHeading(iso: string, now: number): string {
  const days = daysBetween(iso, now);
  if (days === 0) return m.day_today();
  if (days === 1) return m.day_yesterday();
  if (days < 7 && days > 0) return date({ weekday: "long", day: "numeric", month: "long" }, iso);
  return date({ day: "numeric", month: "long", year: "numeric" }, iso);
}

/** "14:05". */
export function timeOfDay(iso: string): string {
  return date({ hour: "numeric", minute: "2-digit" }, iso);
}

/** "4:05" left until then, never below zero. */
export function countdown(iso: string, now: number): string {
  const left = secondsLeft(iso, now);
  return `${Math.floor(left / 60)}:${pad(left % 60)}`;
}

/** Whole seconds left until then. */
export function secondsLeft(iso: string, now: number): number {
  return Math.max(0, Math.ceil((Date.parse(iso) - now) / 1000));
}

/** An amount in minor units, as the currency counts them. */
export function money(minor: number, currency: string): string {
  try {
    const format = new Intl.NumberFormat(formatTag(), { style: "currency", currency });
    return format.format(minor / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2));
  } catch {
    // Not the code of a currency.
    return `${minor / 100} ${currency}`;
  }
}

/** "US Dollar" for "USD"; the code itself where it has no name. */
export function currencyName(code: string): string {
  try {
    return new Intl.DisplayNames(formatTag(), { type: "currency" }).of(code) ?? code;
  } catch {
    return code;
  }
}

/** "12,480". */
export function whole(value: number): string {
  return new Intl.NumberFormat(formatTag(), { maximumFractionDigits: 0 }).format(value);
}

/** "125%". */
export function percent(part: number): string {
  return new Intl.NumberFormat(formatTag(), { style: "percent" }).format(part);
}

/** What a language is called by those who speak it: "Deutsch". */
export function ownName(language: string): string {
  const name = new Intl.DisplayNames(language, { type: "language" }).of(language) ?? language;
  return name.charAt(0).toLocaleUpperCase(language) + name.slice(1);
}

/** "Navy, Sand, Rust": several things in one line. */
export function list(things: readonly string[]): string {
  return new Intl.ListFormat(formatTag(), { style: "narrow" }).format(things);
}

/** "Portuguese" for "pt" and "pt-BR"; the tag itself where it has no name. */
export function languageName(code: string): string {
  try {
    const { language } = new Intl.Locale(code);
    const name = new Intl.DisplayNames(formatTag(), { type: "language" }).of(language) ?? code;
    return name.charAt(0).toLocaleUpperCase(formatTag()) + name.slice(1);
  } catch {
    return code;
  }
}

const ONE_LETTER_IS_ENOUGH =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Arabic}\p{Script=Devanagari}\p{Script=Tamil}\p{Script=Thai}]/u;

function firstLetter(word: string): string {
  const [first] = new Intl.Segmenter(undefined, { granularity: "grapheme" }).segment(word);
  return first?.segment ?? "";
}

/**
 * One or two letters that stand for a name. Scripts without capitals, or whose letters join, get one: two of them
 * would read as a word.
 */
export function initials(name: string): string {
  const words = name.split(/[\s-]+/u).filter((word) => /^\p{L}/u.test(word));
  const first = words[0];
  if (!first) return firstLetter(name.trim());
  const last = words.at(-1);
  if (ONE_LETTER_IS_ENOUGH.test(first) || words.length === 1 || !last) return firstLetter(first).toLocaleUpperCase();
  return (firstLetter(first) + firstLetter(last)).toLocaleUpperCase();
}
