// The brand themes as a stylesheet, made from the same files that the phone pages and the app read. A page picks one
// with `data-brand` on its root; nothing is computed in the page.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Plugin } from "vite";

interface Brand {
  name: string;
  tagline?: string;
  light: Record<string, string>;
  dark: Record<string, string>;
}

const STYLES = "virtual:brands.css";
const NAMES = "virtual:brands";

function variables(colours: Record<string, string>): string {
  return Object.entries(colours)
    .map(([name, value]) => `--${name.replace(/[A-Z]/g, (capital) => `-${capital.toLowerCase()}`)}:${value}`)
    .join(";");
}

export function readBrands(folder: string): Record<string, Brand> {
  const files = readdirSync(folder).filter((file) => file.endsWith(".json"));
  return Object.fromEntries(
    files.map((file) => [file.replace(/\.json$/, ""), JSON.parse(readFileSync(join(folder, file), "utf8"))]),
  );
}

/** One rule a brand and scheme. */
export function brandStyles(brands: Record<string, Brand>): string {
  return Object.entries(brands)
    .map(([key, { light, dark }]) => {
      const root = `:root[data-brand="${key}"]`;
      return `${root}{${variables(light)}}\n@media (prefers-color-scheme:dark){${root}{${variables(dark)}}}`;
    })
    .join("\n");
}

export function brands(folder: string): Plugin {
  return {
    name: "countersign-brands",
    resolveId: (id) => (id === STYLES || id === NAMES ? `\0${id}` : undefined),
    load(id) {
      if (id !== `\0${STYLES}` && id !== `\0${NAMES}`) return undefined;
      const all = readBrands(folder);
      for (const key of Object.keys(all)) this.addWatchFile(join(folder, `${key}.json`));
      if (id === `\0${STYLES}`) return brandStyles(all);
      const taglines = Object.fromEntries(Object.entries(all).map(([key, brand]) => [key, brand.tagline ?? ""]));
      return `export const taglines = ${JSON.stringify(taglines)};`;
    },
  };
}
