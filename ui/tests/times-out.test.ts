import { screen, within } from "@testing-library/svelte";
import { describe, expect, test } from "vitest";
import { associateSamples } from "../src/gallery/samples";
import type { AssociateView } from "../src/lib/bindings";
import { asked, openAssociate } from "./window";

describe("what ends by itself", () => {
  test.each([
    ["home-times-out", "The till is about to lock"],
    ["profile-times-out", "This profile is about to close"],
  ])("%s says so, how soon, and stays when somebody says that they are there", async (name, sentence) => {
    const opened = await openAssociate(associateSamples()[name] as AssociateView);
    const bar = screen.getByTestId("times-out");
    expect(bar).toHaveTextContent(sentence);
    expect(bar).toHaveTextContent(/0:[012]\d/);
    expect(bar).toHaveRole("alert");
    // Any touch says so, and the button says so once more.
    await opened.user.click(within(bar).getByRole("button", { name: "I am still here" }));
    expect(opened.backend.calls.filter(([name]) => name === "touched")).toHaveLength(2);
  });

  test("a code is lengthened by another one", async () => {
    const view = associateSamples()["signin-scan"] as AssociateView;
    const opened = await openAssociate({
      ...view,
      timesOut: { what: "code", at: new Date(Date.now() + 20_000).toISOString() },
    });
    await opened.user.click(within(screen.getByTestId("times-out")).getByRole("button", { name: "New code" }));
    expect(asked(opened)).toContainEqual(["newCode"]);
  });

  test("nothing is said while there is time", async () => {
    await openAssociate(associateSamples().home as AssociateView);
    expect(screen.queryByTestId("times-out")).toBeNull();
  });
});
