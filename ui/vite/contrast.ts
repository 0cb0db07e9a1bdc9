// Whether a theme can be read: each pair of colours that the windows put on each other, by the contrast of WCAG 2.2.

export type Colours = Record<string, string>;

/** Text, and the grounds that it stands on. */
const TEXT: Record<string, string[]> = {
  ink: ["paper", "surface", "accentSoft", "goodSoft", "warnSoft", "badSoft"],
  inkSoft: ["paper", "surface", "accentSoft"],
  accent: ["paper", "surface", "accentSoft"],
  onAccent: ["accent"],
  good: ["paper", "surface", "goodSoft"],
  warn: ["paper", "surface", "warnSoft"],
  bad: ["paper", "surface", "badSoft"],
  paper: ["ink"],
};

/** What is text at rest stands on a little ink where a pointer is over it, or where it is one of several. */
const SHADED: [text: string, ink: number, ground: string][] = [
  ["ink", 0.09, "surface"],
  ["inkSoft", 0.07, "surface"],
  ["inkSoft", 0.07, "paper"],
];

/** How much ink is in the edge of what can be used, as `--control-line` in tokens.css has it. */
export const EDGE = { usual: 0.55, contrast: 0.85 };

function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

export function contrast(one: string, other: string): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

/** So much of one colour in another, as `color-mix` in sRGB does it. */
export function mixed(one: string, part: number, other: string): string {
  const channel = (at: number) => {
    const [a = 0, b = 0] = [one, other].map((hex) => Number.parseInt(hex.slice(at, at + 2), 16));
    return Math.round(a * part + b * (1 - part))
      .toString(16)
      .padStart(2, "0");
  };
  return `#${[1, 3, 5].map(channel).join("")}`;
}

/** The pairs of a theme that are too close to each other, each in words. High contrast is held to more. */
export function unreadable(colours: Colours, high: boolean): string[] {
  const of = (name: string): string => {
    const colour = colours[name] ?? "";
    if (!/^#[0-9a-f]{6}$/.test(colour)) throw new Error(`${name} is no colour such as #0f5a5c`);
    return colour;
  };
  const bad: string[] = [];
  const check = (name: string, one: string, other: string, least: number) => {
    const value = contrast(one, other);
    if (value < least) bad.push(`${name} has ${value.toFixed(2)} to 1, and needs ${least}`);
  };
  for (const [text, grounds] of Object.entries(TEXT))
    for (const ground of grounds) check(`${text} on ${ground}`, of(text), of(ground), high ? 7 : 4.5);
  for (const [text, ink, ground] of SHADED)
    check(`${text} on shaded ${ground}`, of(text), mixed(of("ink"), ink, of(ground)), high ? 7 : 4.5);
  const edge = mixed(of("ink"), high ? EDGE.contrast : EDGE.usual, of("surface"));
  for (const ground of ["paper", "surface"]) check(`an edge on ${ground}`, edge, of(ground), high ? 4.5 : 3);
  return bad;
}
