/// <reference types="svelte" />
/// <reference types="vite/client" />

declare module "virtual:brands.css";
declare module "virtual:brands" {
  /** What a brand says of itself, by key; never translated. */
  export const taglines: Record<string, string>;
}
