// The language of a window. Reading it in a template makes the template follow a change of it, so the display turns to
// the customer's language without a reload.

import { baseLocale, type Locale, locales, overwriteGetLocale } from "./paraglide/runtime";

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
export function speak(wanted: readonly (string | null | undefined)[], among: readonly Locale[] = locales): void {
  for (const one of wanted) {
    const found = one ? supported(one) : undefined;
    if (one && found && among.includes(found)) {
      language = found;
      tag = one;
      document.documentElement.lang = found;
      return;
    }
  }
}

/** The language tag that dates and numbers are written by. */
export function formatTag(): string {
  return tag;
}
