// The language of a window. Reading it in a template makes the template follow a change of it, so the display turns to
// the customer's language without a reload.

import * as m from "./paraglide/messages";
import { baseLocale, type Locale, locales, overwriteGetLocale } from "./paraglide/runtime";

export { type Locale, locales };

let language = $state<Locale>(baseLocale);
let tag = $state<string>(baseLocale);

overwriteGetLocale(() => language);

function supported(wanted: string): Locale | undefined {
  const [base] = wanted.toLowerCase().split("-");
  return locales.find((locale) => locale === base);
}

/**
 * Takes the first of these languages that there are texts in. Dates and numbers follow the whole tag, so that
 * "en-GB" writes the day first.
 */
export function speak(wanted: readonly (string | null | undefined)[]): void {
  for (const one of wanted) {
    const found = one ? supported(one) : undefined;
    if (one && found) {
      language = found;
      tag = one;
      document.documentElement.lang = found;
      document.documentElement.dir = m.direction();
      return;
    }
  }
}

/** The language that is spoken now. */
export function spoken(): Locale {
  return language;
}

/**
 * The language tag that dates and numbers are written by. Digits are the ones of codes, prices and member numbers in
 * every language: two kinds of them on one screen are read slowly.
 */
export function formatTag(): string {
  return new Intl.Locale(tag, { numberingSystem: "latn" }).toString();
}
