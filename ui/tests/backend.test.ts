import { expect, test } from "vitest";
import { follow } from "../src/lib/backend";
import { MockSource } from "../src/lib/mock";

test("a view that was heard of is not overwritten by an older answer", async () => {
  const source = new MockSource("first");
  const asked = source.view.bind(source);
  source.view = async () => {
    const now = await asked();
    source.show("second");
    return now;
  };
  const shown: string[] = [];
  await follow(source, (view) => shown.push(view));
  expect(shown).toEqual(["second"]);
});

test("a window that has closed is told no more", async () => {
  const source = new MockSource("first");
  const shown: string[] = [];
  const stop = await follow(source, (view) => shown.push(view));
  stop();
  source.show("second");
  expect(shown).toEqual(["first"]);
});
