// Every screen of both windows, looked at by axe. Colours are held by `brands.test.ts`: jsdom paints nothing.

import axe from "axe-core";
import { expect, test } from "vitest";
import { associateSamples, displaySamples } from "../src/gallery/samples";
import { openAssociate, openDisplay } from "./window";

async function faults(container: HTMLElement): Promise<string[]> {
  const { violations } = await axe.run(container, {
    runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    rules: { "color-contrast": { enabled: false } },
  });
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" | ")}`);
}

test.each(Object.keys(associateSamples()))("the associate's screen %s has no barrier", async (name) => {
  const view = associateSamples()[name];
  if (!view) throw new Error(name);
  const { container } = await openAssociate(view);
  expect(await faults(container)).toEqual([]);
});

test.each(Object.keys(displaySamples()))("the display's screen %s has no barrier", async (name) => {
  const view = displaySamples()[name];
  if (!view) throw new Error(name);
  const { container } = await openDisplay(view);
  expect(await faults(container)).toEqual([]);
});
