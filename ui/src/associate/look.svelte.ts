// How the associate's window speaks, looks and sounds: language, colours, size of the letters, tones. The page keeps it, for each
// associate by the key that the vault knows them by, and for the till as whoever chose last left it; nothing of it is
// the app's business.

import { type Locale, locales, speak } from "../lib/locale.svelte";
import { THEMES, type Theme } from "../lib/theme";

export const SIZES = [1, 1.25, 1.5, 2] as const;
export type Size = (typeof SIZES)[number];

interface Chosen {
  language: Locale | null;
  theme: Theme;
  size: Size;
  sounds: boolean;
}

const AS_IT_COMES: Chosen = { language: null, theme: "system", size: 1, sounds: false };
const KEY = "look";

/** What was kept, as far as it is still a choice. */
function kept(key: string): Chosen | null {
  try {
    const { language, theme, size, sounds } = JSON.parse(localStorage.getItem(key) ?? "null") ?? {};
    if (theme === undefined) return null;
    return {
      language: locales.find((one) => one === language) ?? null,
      theme: THEMES.find((one) => one === theme) ?? "system",
      size: SIZES.find((one) => one === size) ?? 1,
      sounds: sounds === true,
    };
  } catch {
    return null;
  }
}

export class Look {
  #chosen = $state.raw<Chosen>(AS_IT_COMES);
  #associate: string | null = null;
  readonly #languages: readonly string[];

  /** These languages are spoken until one is chosen. */
  constructor(languages: readonly string[]) {
    this.#languages = languages;
    this.#take(kept(KEY) ?? AS_IT_COMES);
  }

  get theme(): Theme {
    return this.#chosen.theme;
  }

  get size(): Size {
    return this.#chosen.size;
  }

  get sounds(): boolean {
    return this.#chosen.sounds;
  }

  /** Whoever is at the till now gets what they chose when they were here last. */
  of(associate: string | null): void {
    if (associate === this.#associate) return;
    this.#associate = associate;
    const theirs = associate === null ? null : kept(`${KEY}.${associate}`);
    if (theirs) this.#take(theirs);
  }

  choose(choice: Partial<Chosen>): void {
    this.#take({ ...this.#chosen, ...choice });
    const text = JSON.stringify(this.#chosen);
    localStorage.setItem(KEY, text);
    if (this.#associate !== null) localStorage.setItem(`${KEY}.${this.#associate}`, text);
  }

  #take(chosen: Chosen): void {
    this.#chosen = chosen;
    speak([chosen.language, ...this.#languages, "en"]);
  }
}
