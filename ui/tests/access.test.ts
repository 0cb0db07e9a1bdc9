// Every screen of both windows, and what opens over them, looked at by axe. Colours are held by `brands.test.ts`: jsdom
// paints nothing.

import { screen } from "@testing-library/svelte";
import axe from "axe-core";
import { expect, test } from "vitest";
import { checkupSamples } from "../src/gallery/checkups";
import { associateSamples, displaySamples, past } from "../src/gallery/samples";
import { unsentSamples } from "../src/gallery/unsent";
import { type Opened, openAssociate, openDisplay } from "./window";

async function faults(): Promise<string[]> {
  const { violations } = await axe.run(document, {
    runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    rules: { "color-contrast": { enabled: false } },
  });
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" | ")}`);
}

function sample(name: string) {
  const view = associateSamples()[name];
  if (!view) throw new Error(name);
  return view;
}

test.each(Object.keys(associateSamples()))("the associate's screen %s has no barrier", async (name) => {
  await openAssociate(sample(name));
  expect(await faults()).toEqual([]);
});

test.each(Object.keys(displaySamples()))("the display's screen %s has no barrier", async (name) => {
  const view = displaySamples()[name];
  if (!view) throw new Error(name);
  await openDisplay(view);
  expect(await faults()).toEqual([]);
});

// Five hundred rows are no different from four, and take axe a minute.
const unsent = Object.entries(unsentSamples()).filter(([name]) => name !== "unsent-many");
test.each(unsent)("the page %s has no barrier", async (_, waiting) => {
  const queue = { waiting: 1, refused: 0, oldest: past(60_000), count: 1 };
  const { backend, user } = await openAssociate({ ...sample("home"), queue });
  backend.waiting = waiting;
  await user.click(screen.getByTestId("show-unsent"));
  await screen.findByRole("heading", { name: "Not sent yet" });
  expect(await faults()).toEqual([]);
});

test.each(Object.entries(checkupSamples()))("the page %s has no barrier", async (_, checkup) => {
  const { backend, user } = await openAssociate(sample("locked"));
  backend.checkup.show(checkup);
  await user.click(screen.getByTestId("check-up"));
  await screen.findByTestId("standing");
  expect(await faults()).toEqual([]);
});

const preference = (key: string) => `[data-key="${key}"] [data-testid="choose"]`;
const over: [string, string, (opened: Opened) => Promise<void>][] = [
  [
    "adding a colleague",
    "home",
    async ({ user }) => {
      await user.click(screen.getByRole("button", { name: /Mara Lindqvist/ }));
      await user.click(await screen.findByText("Add a colleague"));
      await screen.findByTestId("name");
    },
  ],
  [
    "starting with an empty memory",
    "memory-damaged",
    async ({ user }) => {
      await user.click(screen.getByTestId("start-anew"));
      await screen.findByTestId("confirm-start-anew");
    },
  ],
  [
    "what offline means",
    "home-offline",
    async ({ user }) => {
      await user.click(screen.getByRole("button", { name: /Offline since/ }));
      await screen.findByText(/what you change is sent later/);
    },
  ],
  [
    "colours to choose from",
    "profile",
    async ({ user, container }) => {
      await user.click(container.querySelector(preference("colours")) ?? container);
      await screen.findByText("Sage");
    },
  ],
  [
    "languages to choose from",
    "profile",
    async ({ user, container }) => {
      await user.click(container.querySelector(preference("language")) ?? container);
      await screen.findByText("Portuguese");
    },
  ],
];

test.each(over)("over a screen, %s has no barrier", async (_, name, open) => {
  await open(await openAssociate(sample(name)));
  expect(await faults()).toEqual([]);
});
