// Every screen of both windows with made-up data, for whoever works on them: `npm run gallery`, then
// /gallery.html. `?window=associate&view=home` shows one alone; `lang` chooses the language.

import { mount } from "svelte";
import "../lib/styles/all";
import Associate from "../associate/App.svelte";
import Display from "../display/App.svelte";
import type { AssociateView, UnsentView } from "../lib/bindings";
import { MockAssociate, MockSource } from "../lib/mock";
import { checkupSamples } from "./checkups";
import Gallery from "./Gallery.svelte";
import { associate, associateSamples, displaySamples, past, RECENT } from "./samples";
import { unsentSamples } from "./unsent";

/** Presses something as soon as it is drawn. */
function press(name: string, option?: string): void {
  const chosen = option === undefined ? "" : `[data-option=${option}]`;
  const found = document.querySelector<HTMLElement>(`[data-testid=${name}]${chosen}`);
  if (found) found.click();
  else requestAnimationFrame(() => press(name, option));
}

/** What lies over a screen, and how it gets there. */
const SHEETS: Record<string, { over: string; opened: () => void }> = {
  "sheet-look": { over: "locked", opened: () => press("open-look") },
  "sheet-keys": { over: "home", opened: () => type({ key: "?" }) },
  "profile-months-spend": { over: "profile-months", opened: showSpend },
  "profile-months-currencies": { over: "profile-months-abroad", opened: showSpend },
  "profile-months-table": { over: "profile-months-abroad", opened: openTable },
  "profile-all-hidden": { over: "profile-months", opened: () => press("channel", "social") },
  "sheet-palette": { over: "profile", opened: () => type({ key: "k", ctrlKey: true }) },
};

/** Presses a key as soon as something is drawn. */
function type(key: KeyboardEventInit): void {
  if (document.querySelector("main")) window.dispatchEvent(new KeyboardEvent("keydown", key));
  else requestAnimationFrame(() => type(key));
}

/** Big letters leave the chart below the edge. */
function showSpend(): void {
  press("measure", "spend");
  requestAnimationFrame(() => document.querySelector("[data-testid=months]")?.scrollIntoView({ block: "center" }));
}

function openTable(): void {
  press("measure", "spend");
  press("months-table");
}

/** The start screen of a till that is offline, so that something waits. */
function withUnsent({ all }: UnsentView): AssociateView {
  const since = past(17 * 60_000);
  return associate(
    { kind: "home", recent: RECENT, canAdd: true },
    {
      connection: { kind: "offline", since },
      queue: { waiting: Math.max(1, all), refused: 0, oldest: since, count: 1 },
    },
  );
}

const target = document.getElementById("app");
const asked = new URLSearchParams(location.search);
const name = asked.get("view") ?? "";
const languages = [asked.get("lang") ?? navigator.language];

if (target && asked.get("window") === "associate") {
  const checkup = checkupSamples()[name];
  const unsent = unsentSamples()[name];
  const sheet = SHEETS[name];
  const view = unsent ? withUnsent(unsent) : associateSamples()[checkup ? "locked" : (sheet?.over ?? name)];
  if (view) {
    const backend = new MockAssociate(view);
    backend.answer = (query) => {
      const hits = RECENT.filter((one) => one.name.toLowerCase().includes(query.toLowerCase()));
      return { ok: true, value: { hits, withMistake: false, searched: { here: 12, centre: "notAsked" } } };
    };
    if (checkup) backend.checkup.show(checkup);
    if (unsent) backend.waiting = unsent;
    mount(Associate, { target, props: { backend, languages } });
    if (checkup) press("check-up");
    if (unsent) press("show-unsent");
    sheet?.opened();
  }
} else if (target && asked.get("window") === "display") {
  const view = displaySamples()[name];
  const language = asked.get("lang") ?? view?.language ?? null;
  if (view) mount(Display, { target, props: { backend: new MockSource({ ...view, language }), languages } });
} else if (target) {
  mount(Gallery, { target, props: { sheets: Object.keys(SHEETS) } });
}
