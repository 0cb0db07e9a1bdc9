// The languages there are: one for each file in `messages/`. The compiler of the texts asks for a list of them in a
// settings file, which is written from the folder, so that a new language is one file. Run by itself before the compiler.

import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const BASE = "en";

/**
 * The first is the one that is spoken where no other fits.
 * @param {string} messages the folder with the texts
 */
export function languages(messages) {
  const others = readdirSync(messages).map((file) => file.replace(/\.json$/, ""));
  return [BASE, ...others.filter((language) => language !== BASE).sort()];
}

/**
 * Writes the compiler's settings, and tells where.
 * @param {string} ui the folder of the pages
 */
export function writeSettings(ui) {
  const settings = {
    baseLocale: BASE,
    locales: languages(join(ui, "messages")),
    modules: ["./node_modules/@inlang/plugin-message-format/dist/index.js"],
    telemetry: "off",
    "plugin.inlang.messageFormat": { pathPattern: "./messages/{locale}.json" },
  };
  const project = join(ui, "project.inlang");
  mkdirSync(project, { recursive: true });
  writeFileSync(join(project, "settings.json"), `${JSON.stringify(settings, null, 2)}\n`);
  return project;
}

const here = fileURLToPath(import.meta.url);
if (process.argv[1] === here) writeSettings(dirname(dirname(here)));
