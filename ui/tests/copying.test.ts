import { screen } from "@testing-library/svelte";
import { describe, expect, test } from "vitest";
import { associate, RECENT } from "../src/gallery/samples";
import { asked, openAssociate } from "./window";

const home = (done: number, paused: boolean) =>
  associate({ kind: "home", recent: RECENT, canAdd: true }, { copying: { done, total: 61_250, paused } });

describe("copying the customers of the store", () => {
  test("how far it has come is said, and shown", async () => {
    const opened = await openAssociate(home(12_400, false));
    expect(screen.getByTestId("copying")).toHaveTextContent("copied to this till: 12,400 of 61,250");
    const bar = screen.getByRole("progressbar", { name: /12,400 of 61,250/ });
    expect(bar).toHaveValue(12_400);
    await opened.show(home(30_000, false));
    expect(bar).toHaveValue(30_000);
    await opened.show(associate({ kind: "home", recent: RECENT, canAdd: true }));
    expect(screen.queryByTestId("copying")).toBeNull();
  });

  test("it can be stopped for now, and go on", async () => {
    const opened = await openAssociate(home(12_400, false));
    await opened.user.click(screen.getByRole("button", { name: "Stop for now" }));
    await opened.show(home(12_400, true));
    expect(screen.getByTestId("copying")).toHaveTextContent("It goes on by itself within an hour.");
    await opened.user.click(screen.getByRole("button", { name: "Go on" }));
    expect(asked(opened)).toEqual([
      ["pauseCopying", true],
      ["pauseCopying", false],
    ]);
  });
});
