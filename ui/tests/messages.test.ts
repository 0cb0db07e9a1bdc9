import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { locales } from "../src/lib/paraglide/runtime";
import { languages } from "../vite/languages.js";

type Message = string | { match: Record<string, string> }[];
type Messages = Record<string, Message>;

const everyLanguage = languages("messages");
const read = (locale: string): Messages => {
  const { $schema: _, ...messages } = JSON.parse(readFileSync(`messages/${locale}.json`, "utf8"));
  return messages;
};
const en = read("en");
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
  test("are in these languages", () => {
    expect(everyLanguage).toEqual(["en", "ar", "de", "es", "fr", "ja"]);
    expect(locales).toEqual(everyLanguage);
  });

  describe.each(everyLanguage)("in %s", (locale) => {
    const messages = read(locale);

    test("say everything, and nothing else", () => {
      expect(Object.keys(messages)).toEqual(Object.keys(en));
    });

    test("fill in the same things as English", () => {
      for (const [key, message] of Object.entries(messages))
        expect([key, inputs(message)]).toEqual([key, inputs(en[key] ?? "")]);
    });

    test("have a form for every number", () => {
      const forms = new Intl.PluralRules(locale).resolvedOptions().pluralCategories.toSorted();
      for (const [key, message] of Object.entries(messages)) {
        if (typeof message === "string") continue;
        const has = message.flatMap(({ match }) => Object.keys(match).map((form) => form.replace(/^\w+=/, "")));
        expect([key, has.toSorted()]).toEqual([key, forms]);
      }
    });

    test("are never empty, and run in one of two directions", () => {
      for (const [key, message] of Object.entries(messages)) {
        for (const text of texts(message)) expect([key, text.trim()]).not.toEqual([key, ""]);
      }
      expect(messages.direction).toMatch(/^(ltr|rtl)$/);
    });
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
