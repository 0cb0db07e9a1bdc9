// Pictures of every state of every screen of both windows, in every kind of light and in languages that differ, with an
// index; and a look at each of them: none may break WCAG 2.2 AA as far as axe can tell, nor be wider than its window.
//
//   npm run pictures -- --only profile,scan

import { createReadStream, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { cpus } from "node:os";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { build } from "vite";
import { Browser } from "./browser.js";

const UI = fileURLToPath(new URL("..", import.meta.url));
const TARGET = process.env.CARGO_TARGET_DIR ?? join(UI, "..", "target");
const GALLERY = join(TARGET, "gallery");
const PAGES = join(GALLERY, "pages");
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

const LIGHT = {};
const DARK = { "prefers-color-scheme": "dark" };
const WIDE = { width: 1280, height: 800 };

/** How a window is looked at. */
const VARIANTS = {
  associate: [
    { name: "light", lang: "en", media: LIGHT, ...WIDE },
    { name: "dark", lang: "en", media: DARK, ...WIDE },
    { name: "contrast", lang: "en", media: { "prefers-contrast": "more" }, ...WIDE },
    { name: "dark-contrast", lang: "en", media: { ...DARK, "prefers-contrast": "more" }, ...WIDE },
    { name: "german", lang: "de", media: LIGHT, width: 1024, height: 768 },
    { name: "arabic", lang: "ar", media: LIGHT, ...WIDE },
    { name: "japanese", lang: "ja", media: LIGHT, ...WIDE },
    { name: "twice-as-big", lang: "de", media: LIGHT, size: 2, width: 1024, height: 768 },
  ],
  display: [
    { name: "light", lang: "en", media: LIGHT, ...WIDE },
    { name: "dark", lang: "en", media: DARK, ...WIDE },
    { name: "contrast", lang: "en", media: { "prefers-contrast": "more" }, ...WIDE },
    { name: "german", lang: "de", media: LIGHT, width: 1024, height: 600 },
    { name: "arabic", lang: "ar", media: LIGHT, ...WIDE },
    { name: "japanese", lang: "ja", media: LIGHT, ...WIDE },
    { name: "portrait", lang: "fr", media: LIGHT, width: 800, height: 1280 },
  ],
};

const TYPES = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".woff2": "font/woff2" };

/** Serves what was built, on a port that is free. */
function serve() {
  const server = createServer((request, response) => {
    const path = join(PAGES, new URL(request.url, "http://localhost").pathname);
    const file = createReadStream(path);
    file.once("open", () => response.setHeader("content-type", TYPES[extname(path)] ?? "application/octet-stream"));
    file.once("error", () => response.writeHead(404).end());
    file.pipe(response);
  });
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
}

/** Longer than what is usually quick takes before it shows that it is waited for. */
const LATE = 200;

/** Once something is there, its fonts are loaded, it is as late as that and a frame of it is painted. */
const drawn = (what) => `(async () => {
  const frame = () => new Promise(requestAnimationFrame);
  for (let tries = 0; tries < 300 && !document.querySelector("${what}"); tries++) await frame();
  const since = performance.now();
  await document.fonts.ready;
  while (performance.now() - since < ${LATE}) await frame();
  for (let more = 0; more < 3; more++) await frame();
})()`;

const violations = `axe.run(document, { runOnly: ${JSON.stringify(RULES)}, resultTypes: ["violations"] }).then(
  ({ violations }) => violations.flatMap(({ id, nodes }) => nodes.map(({ html, any }) =>
    [id, html.slice(0, 160), any[0]?.message ?? ""].join(" | "))))`;

/** What is wider than the window: nobody scrolls sideways at a till. */
const tooWide = `[...document.querySelectorAll("html, main, main *")]
  .filter((one) => ["auto", "scroll"].includes(getComputedStyle(one).overflowX) || one.matches("html, main"))
  .filter((one) => one.scrollWidth > one.clientWidth + 1 && one.clientWidth > 0 && !one.matches("input, textarea"))
  .map((one) => "wider than its place | " + one.outerHTML.slice(0, 120))`;

function index(shots) {
  const rows = new Map();
  for (const shot of shots) {
    const title = `${shot.window} ${shot.view}`;
    rows.set(title, [...(rows.get(title) ?? []), shot]);
  }
  const pictures = (row) =>
    row
      .map(
        ({ file, name, wrong }) =>
          `<a href="${file}"${wrong.length > 0 ? ' class="bad"' : ""}><img src="${file}" alt="" loading="lazy">${name}</a>`,
      )
      .join("");
  const body = [...rows].map(([title, row]) => `<h2>${title}</h2><div>${pictures(row)}</div>`).join("\n");
  return `<!doctype html><meta charset="utf-8"><title>Countersign</title><style>
body{font:15px system-ui;margin:2rem}div{display:flex;flex-wrap:wrap;gap:1rem}a{display:grid;gap:.3rem;color:inherit}
img{width:320px;border:1px solid #ccc}.bad{color:#b00;font-weight:700}.bad img{border:3px solid #b00}</style>
<h1>Every state of every screen</h1>\n${body}\n`;
}

const { values } = parseArgs({ options: { only: { type: "string" }, variants: { type: "string" } } });
const among = (wanted, name) => wanted === undefined || wanted.split(",").some((part) => name.includes(part));

rmSync(GALLERY, { recursive: true, force: true });
await build({
  configFile: join(UI, "vite.config.ts"),
  mode: "gallery",
  logLevel: "warn",
  build: { outDir: PAGES, emptyOutDir: true, rolldownOptions: { input: join(UI, "gallery.html") } },
});
const server = await serve();
const origin = `http://127.0.0.1:${server.address().port}`;
const browser = await Browser.open();

const first = await browser.page();
await first.open(`${origin}/gallery.html`);
await first.ask(drawn("#views"));
const windows = await first.ask('JSON.parse(document.getElementById("views").textContent)');

const jobs = Object.entries(windows).flatMap(([window, views]) =>
  VARIANTS[window]
    .filter(({ name }) => among(values.variants, name))
    .map((variant) => ({ window, variant, views: views.filter((view) => among(values.only, `${window} ${view}`)) })),
);
const shots = [];

async function work() {
  const page = await browser.page();
  for (let job = jobs.shift(); job; job = jobs.shift()) {
    const { window, variant, views } = job;
    const { name, lang, size = 1, media, width, height } = variant;
    const look = JSON.stringify(JSON.stringify({ language: lang, theme: "system", size }));
    const early = `localStorage.setItem("look", ${look})`;
    await page.set({ width, height, media: { "prefers-reduced-motion": "reduce", ...media }, early });
    mkdirSync(join(GALLERY, window, name), { recursive: true });
    for (const view of views) {
      await page.open(`${origin}/gallery.html?window=${window}&view=${view}&lang=${lang}`);
      await page.ask(drawn("main"));
      const file = `${window}/${name}/${view}.png`;
      writeFileSync(join(GALLERY, file), await page.picture());
      await page.ask(AXE);
      const wrong = [...(await page.ask(violations)), ...(await page.ask(tooWide))];
      for (const what of wrong) process.stdout.write(`${file}: ${what}\n`);
      shots.push({ window, view, name, file, wrong });
    }
  }
}

await Promise.all(cpus().slice(0, 4).map(work));
browser.close();
server.close();
shots.sort((one, other) => one.file.localeCompare(other.file));
writeFileSync(join(GALLERY, "index.html"), index(shots));
const bad = shots.filter(({ wrong }) => wrong.length > 0).length;
process.stdout.write(`${shots.length} pictures in ${join(GALLERY, "index.html")}, ${bad} with something wrong\n`);
if (bad > 0) process.exitCode = 1;
