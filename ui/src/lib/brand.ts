// Which brand a window wears.

import { taglines } from "virtual:brands";

export function wear(brand: string): void {
  document.documentElement.dataset.brand = brand;
}

/** What the brand says of itself; it is never translated. */
export function tagline(brand: string): string | undefined {
  return taglines[brand] || undefined;
}
