import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { brandStyles, readBrands } from "../vite/brands";

function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(one: string, other: string): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

/** So much of one colour in another, as `color-mix` in sRGB does it. */
function mixed(one: string, part: number, other: string): string {
  const channel = (at: number) => {
    const [a, b] = [one, other].map((hex) => Number.parseInt(hex.slice(at, at + 2), 16));
    return Math.round((a ?? 0) * part + (b ?? 0) * (1 - part))
      .toString(16)
      .padStart(2, "0");
  };
  return `#${[1, 3, 5].map(channel).join("")}`;
}

const tokens = readFileSync("src/lib/styles/tokens.css", "utf8");
const linePart =
  Number(/--control-line: color-mix\(in srgb, var\(--ink\) (\d+)%, var\(--surface\)\)/.exec(tokens)?.[1]) / 100;
const brands = readBrands("../assets/brands");

describe.each(Object.entries(brands))("the brand %s", (key, brand) => {
  test.each(["light", "dark"] as const)("can be read in %s", (scheme) => {
    const colours = brand[scheme];
    const pairs: [string, string][] = [
      ["ink", "paper"],
      ["ink", "surface"],
      ["ink", "accentSoft"],
      ["inkSoft", "paper"],
      ["inkSoft", "surface"],
      ["inkSoft", "accentSoft"],
      ["accent", "surface"],
      ["accent", "paper"],
      ["accent", "accentSoft"],
      ["onAccent", "accent"],
    ];
    for (const [text, ground] of pairs) {
      const value = contrast(colours[text] ?? "", colours[ground] ?? "");
      expect(value, `${text} on ${ground}`).toBeGreaterThanOrEqual(4.5);
    }
  });

  test.each(["light", "dark"] as const)("has edges that can be seen on what can be used in %s", (scheme) => {
    const colours = brand[scheme];
    const line = mixed(colours.ink ?? "", linePart, colours.surface ?? "");
    for (const ground of ["paper", "surface"]) {
      expect(contrast(line, colours[ground] ?? ""), `an edge on ${ground}`).toBeGreaterThanOrEqual(3);
    }
  });

  test("becomes variables for both schemes", () => {
    const styles = brandStyles({ [key]: brand });
    expect(styles).toContain(`:root[data-brand="${key}"]{--accent:${brand.light.accent};--on-accent:`);
    expect(styles).toContain("@media (prefers-color-scheme:dark)");
  });
});
