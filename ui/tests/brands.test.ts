import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { brandStyles, faults, readBrands, SCHEMES, type Theme, themeOf } from "../vite/brands";
import { EDGE, mixed, unreadable } from "../vite/contrast";

const base: Theme = JSON.parse(readFileSync("src/lib/styles/colours.json", "utf8"));
const brands = readBrands("../assets/brands");

test("every theme can be read in every scheme", () => {
  expect(faults(base)).toEqual([]);
  for (const brand of Object.values(brands)) expect(faults(themeOf(base, brand))).toEqual([]);
});

test("a pair that cannot be read is named", () => {
  const theme = { ...base, dark: { ...base.dark, inkSoft: "#59636f" } };
  expect(faults(theme)).toContain("dark: inkSoft on surface has 2.77 to 1, and needs 4.5");
  expect(unreadable(base.light, false)).toEqual([]);
  expect(unreadable(base.light, true).join()).toMatch(/warn on warnSoft has \d\.\d\d to 1, and needs 7/);
});

test("a colour that is none is named", () => {
  expect(() => unreadable({ ...base.light, accent: "teal" }, false)).toThrow("accent is no colour");
});

test("the edge that is checked is the one that is drawn", () => {
  const tokens = readFileSync("src/lib/styles/tokens.css", "utf8");
  const parts = [...tokens.matchAll(/--control-line: color-mix\(in srgb, var\(--ink\) (\d+)%, var\(--surface\)\)/g)];
  expect(parts.map(([, part]) => Number(part) / 100)).toEqual([EDGE.usual, EDGE.contrast]);
  expect(mixed("#000000", 0.5, "#ffffff")).toBe("#808080");
});

describe.each(Object.entries(brands))("the brand %s", (key, brand) => {
  test("has all schemes, and becomes variables for each", () => {
    const styles = brandStyles(base, { [key]: brand });
    for (const scheme of SCHEMES) expect(styles).toContain(`--accent:${brand[scheme].accent};--on-accent:`);
    expect(styles).toContain(`:root[data-brand="${key}"][data-scheme="dark"]{--accent:${brand.dark.accent}`);
  });
});
