// Which of a brand's colours a window wears: those that the system asks for, unless somebody chose others.

export const THEMES = ["system", "light", "dark", "contrast"] as const;
export type Theme = (typeof THEMES)[number];
export type Scheme = "light" | "dark" | "lightContrast" | "darkContrast";

const DARK = "(prefers-color-scheme: dark)";
const MORE = "(prefers-contrast: more)";

/** Who asks the system for more contrast gets it with every choice. */
export function scheme(theme: Theme, system: { dark: boolean; more: boolean }): Scheme {
  const dark = theme === "dark" || (theme !== "light" && system.dark);
  if (theme === "contrast" || system.more) return dark ? "darkContrast" : "lightContrast";
  return dark ? "dark" : "light";
}

/** Wears a theme from now on, also when the system changes its mind, until it is told to stop. */
export function dress(theme: Theme): () => void {
  const queries = [DARK, MORE].map((query) => matchMedia(query));
  const wear = () => {
    const [dark = false, more = false] = queries.map(({ matches }) => matches);
    document.documentElement.dataset.scheme = scheme(theme, { dark, more });
  };
  wear();
  for (const query of queries) query.addEventListener("change", wear);
  return () => {
    for (const query of queries) query.removeEventListener("change", wear);
  };
}
