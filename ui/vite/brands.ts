// The themes as a stylesheet: the colours that both windows start from, and those of each brand over them, made from the
// same files that the phone pages and the app read. A page picks one with `data-brand` and `data-scheme` on its root;
// nothing is computed in the page. A theme that cannot be read is not built.

import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { Plugin } from "vite";
import { type Colours, unreadable } from "./contrast.ts";

export const SCHEMES = ["light", "dark", "lightContrast", "darkContrast"] as const;
export type Scheme = (typeof SCHEMES)[number];
export type Theme = Record<Scheme, Colours>;

interface Brand extends Theme {
  name: string;
  tagline?: string;
}

const STYLES = "virtual:brands.css";
const NAMES = "virtual:brands";

function variables(colours: Colours): string {
  return Object.entries(colours)
    .map(([name, value]) => `--${name.replace(/[A-Z]/g, (capital) => `-${capital.toLowerCase()}`)}:${value}`)
    .join(";");
}

export function readBrands(folder: string): Record<string, Brand> {
  const files = readdirSync(folder).filter((file) => file.endsWith(".json"));
  return Object.fromEntries(
    files.map((file) => [basename(file, ".json"), JSON.parse(readFileSync(join(folder, file), "utf8"))]),
  );
}

/** A brand's colours over the ones that it does not say. */
export function themeOf(base: Theme, brand: Theme): Theme {
  const scheme = (name: Scheme) => [name, { ...base[name], ...brand[name] }];
  return Object.fromEntries(SCHEMES.map(scheme)) as Theme;
}

/** What of a theme cannot be read, named by its scheme. */
export function faults(theme: Theme): string[] {
  return SCHEMES.flatMap((scheme) =>
    unreadable(theme[scheme], scheme.endsWith("Contrast")).map((fault) => `${scheme}: ${fault}`),
  );
}

function rules(root: string, theme: Theme): string {
  return SCHEMES.map((scheme) => {
    const chosen = scheme === "light" ? root : `${root}[data-scheme="${scheme}"]`;
    return `${chosen}{${variables(theme[scheme])}}`;
  }).join("\n");
}

/** One rule a brand and scheme, and one for the moment before a page has said which it wants. */
export function brandStyles(base: Theme, brands: Record<string, Theme>): string {
  const early = `@media (prefers-color-scheme:dark){:root:not([data-scheme]){color-scheme:dark;${variables(base.dark)}}}`;
  const all = Object.entries(brands).map(([key, brand]) => rules(`:root[data-brand="${key}"]`, themeOf(base, brand)));
  return [rules(":root", base), early, ...all].join("\n");
}

export function brands(folder: string, colours: string): Plugin {
  return {
    name: "countersign-brands",
    resolveId: (id) => (id === STYLES || id === NAMES ? `\0${id}` : undefined),
    load(id) {
      if (id !== `\0${STYLES}` && id !== `\0${NAMES}`) return undefined;
      const all = readBrands(folder);
      const files = Object.keys(all).map((key) => join(folder, `${key}.json`));
      for (const file of [colours, ...files]) this.addWatchFile(file);
      if (id === `\0${STYLES}`) {
        const base: Theme = JSON.parse(readFileSync(colours, "utf8"));
        for (const [file, theme] of [[colours, base], ...files.map((file) => [file, all[basename(file, ".json")]])] as [
          string,
          Theme,
        ][]) {
          const wrong = faults(themeOf(base, theme));
          if (wrong.length > 0) this.error(`${file} cannot be read: ${wrong.join("; ")}`);
        }
        return brandStyles(base, all);
      }
      const taglines = Object.fromEntries(Object.entries(all).map(([key, brand]) => [key, brand.tagline ?? ""]));
      return `export const taglines = ${JSON.stringify(taglines)};`;
    },
  };
}
