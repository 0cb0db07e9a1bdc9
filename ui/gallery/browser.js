// A headless Chromium, spoken to over a pipe in its own protocol: nothing is installed for it.

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--hide-scrollbars",
  "--disable-background-networking",
  "--font-render-hinting=none",
  "--remote-debugging-pipe",
];

/** Starts the first of the browsers that is there. */
function started(profile) {
  const tries = NAMES.map(
    (name) => () =>
      new Promise((resolve, reject) => {
        const child = spawn(name, [...FLAGS, `--user-data-dir=${profile}`, "about:blank"], {
          stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"],
        });
        child.once("spawn", () => resolve(child));
        child.once("error", reject);
      }),
  );
  return tries.reduce((last, next) => last.catch(next), Promise.reject(new Error("no Chromium")));
}

export class Browser {
  #child;
  #profile;
  #next = 0;
  #waiting = new Map();
  #heard = new Map();
  #rest = "";

  static async open() {
    const browser = new Browser();
    browser.#profile = mkdtempSync(join(tmpdir(), "gallery-"));
    browser.#child = await started(browser.#profile);
    browser.#child.stdio[4].setEncoding("utf8").on("data", (text) => browser.#read(text));
    browser.#child.once("exit", () => {
      for (const { reject } of browser.#waiting.values()) reject(new Error("Chromium has ended"));
    });
    return browser;
  }

  #read(text) {
    const parts = (this.#rest + text).split("\0");
    this.#rest = parts.pop() ?? "";
    for (const part of parts) {
      const { id, result, error, method, sessionId } = JSON.parse(part);
      if (id === undefined) {
        const key = `${sessionId} ${method}`;
        this.#heard.get(key)?.();
        this.#heard.delete(key);
        continue;
      }
      const { resolve, reject } = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (error) reject(new Error(error.message));
      else resolve(result);
    }
  }

  send(method, params = {}, sessionId = undefined) {
    const id = this.#next++;
    this.#child.stdio[3].write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
  }

  /** The next time that this happens in a page. */
  once(method, sessionId) {
    return new Promise((resolve) => this.#heard.set(`${sessionId} ${method}`, resolve));
  }

  async page() {
    const { browserContextId } = await this.send("Target.createBrowserContext");
    const { targetId } = await this.send("Target.createTarget", { url: "about:blank", browserContextId });
    const { sessionId } = await this.send("Target.attachToTarget", { targetId, flatten: true });
    const page = new Page(this, sessionId);
    await page.send("Page.enable");
    return page;
  }

  close() {
    this.#child.once("exit", () => rmSync(this.#profile, { recursive: true, force: true, maxRetries: 5 }));
    this.#child.kill();
  }
}

class Page {
  #browser;
  #session;
  #early;

  constructor(browser, session) {
    this.#browser = browser;
    this.#session = session;
  }

  send(method, params) {
    return this.#browser.send(method, params, this.#session);
  }

  /** What the system wants, how big the window is, and what runs before the page does. */
  async set({ width, height, media, early }) {
    await this.send("Emulation.setDeviceMetricsOverride", { width, height, deviceScaleFactor: 1, mobile: false });
    await this.send("Emulation.setEmulatedMedia", {
      features: Object.entries(media).map(([name, value]) => ({ name, value })),
    });
    if (this.#early) await this.send("Page.removeScriptToEvaluateOnNewDocument", { identifier: this.#early });
    this.#early = (await this.send("Page.addScriptToEvaluateOnNewDocument", { source: early })).identifier;
  }

  async open(url) {
    const loaded = this.#browser.once("Page.loadEventFired", this.#session);
    await this.send("Page.navigate", { url });
    await loaded;
  }

  /** What an expression is, once its promise is kept. */
  async ask(expression) {
    const { result, exceptionDetails } = await this.send("Runtime.evaluate", {
      expression,
      awaitPromise: true,
      returnByValue: true,
    });
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  }

  async picture() {
    const { data } = await this.send("Page.captureScreenshot", { format: "png" });
    return Buffer.from(data, "base64");
  }
}
