import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

type Message = string | { match: Record<string, string> }[];
const read = (locale: string): Record<string, Message> => {
  const { $schema: _, ...messages } = JSON.parse(readFileSync(`messages/${locale}.json`, "utf8"));
  return messages;
};
const [en, de] = [read("en"), read("de")];
const isOfDisplay = (key: string) => key.startsWith("display_");
const texts = (message: Message): string[] =>
  typeof message === "string" ? [message] : message.flatMap(({ match }) => Object.values(match));
const inputs = (message: Message) =>
  [...new Set(texts(message).flatMap((text) => text.match(/\{\w+\}/g) ?? []))].sort();

function sources(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (name === "paraglide") return [];
    if (statSync(path).isDirectory()) return sources(path);
    return /\.(ts|svelte)$/.test(name) ? [readFileSync(path, "utf8")] : [];
  });
}

describe("the texts", () => {
  test("English and German have the same keys", () => {
    expect(Object.keys(de)).toEqual(Object.keys(en));
  });

  test.each(["fr", "es"])("%s has everything that the display says, and nothing else", (locale) => {
    expect(Object.keys(read(locale))).toEqual(Object.keys(en).filter(isOfDisplay));
  });

  test.each(["de", "fr", "es"])("%s fills in the same things as English", (locale) => {
    for (const [key, message] of Object.entries(read(locale)))
      expect([key, inputs(message)]).toEqual([key, inputs(en[key] ?? "")]);
  });

  test("none is empty", () => {
    for (const messages of [en, de, read("fr"), read("es")]) {
      for (const [key, message] of Object.entries(messages)) {
        for (const text of texts(message)) expect([key, text.trim()]).not.toEqual([key, ""]);
      }
    }
  });

  test("every key is used", () => {
    const all = sources("src").join("\n");
    const unused = Object.keys(en).filter((key) => !new RegExp(`\\bm\\.${key}\\b`).test(all));
    expect(unused).toEqual([]);
  });
});

test("the two windows share nothing but the library", () => {
  for (const [window, other] of [
    ["associate", "display"],
    ["display", "associate"],
  ]) {
    for (const source of sources(join("src", window ?? "")))
      expect(source).not.toMatch(new RegExp(`from "[./]+/${other}/`));
  }
});
