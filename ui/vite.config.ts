import { fileURLToPath } from "node:url";
import { paraglideVitePlugin } from "@inlang/paraglide-js";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { svelteTesting } from "@testing-library/svelte/vite";
import { defineConfig } from "vitest/config";
import { brands } from "./vite/brands.ts";
import { writeSettings } from "./vite/languages.js";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig(({ mode }) => ({
  plugins: [
    paraglideVitePlugin({
      project: writeSettings(here(".")),
      outdir: here("src/lib/paraglide"),
      strategy: ["globalVariable", "baseLocale"],
    }),
    brands(here("../assets/brands"), here("src/lib/styles/colours.json")),
    svelte(),
    ...(mode === "test" ? [svelteTesting()] : []),
  ],
  // The gallery shows every screen with made-up data; it is never part of what is built.
  server: { open: false, port: 5173, strictPort: mode === "gallery", fs: { allow: [here("."), here("../assets")] } },
  build: {
    outDir: here("dist"),
    emptyOutDir: true,
    target: ["es2022", "safari16.4", "chrome110"],
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: { input: { associate: here("associate.html"), display: here("display.html") } },
  },
  test: {
    environment: "jsdom",
    include: ["tests/**/*.test.ts"],
    setupFiles: ["tests/setup.ts"],
    restoreMocks: true,
    // A busy machine is no failure: what hangs is found all the same.
    testTimeout: 30_000,
  },
}));
