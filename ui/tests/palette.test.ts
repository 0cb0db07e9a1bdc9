import { screen } from "@testing-library/svelte";
import { describe, expect, test, vi } from "vitest";
import { associate, associateSamples, profile } from "../src/gallery/samples";
import { asked, openAssociate } from "./window";

const home = associate({ kind: "home", recent: [], canAdd: true });
const offered = () => screen.getAllByTestId("action").map((one) => one.dataset.action);

describe("the palette", () => {
  test("opens with Ctrl+K, finds by name, and does what is chosen", async () => {
    const opened = await openAssociate(home);
    await opened.user.keyboard("{Control>}k{/Control}");
    await vi.waitFor(() => expect(screen.getByTestId("palette")).toHaveFocus());
    expect(offered()).toEqual(["sign-in", "search", "unsent", "checkup", "look", "keys", "lock"]);
    await opened.user.click(screen.getByText("Lock", { selector: "[data-action=lock] *" }));
    expect(asked(opened)).toEqual([["lock"]]);
    await vi.waitFor(() => expect(screen.queryByTestId("palette")).toBeNull());
  });

  test("offers on a profile what can be done there, and to open nobody", async () => {
    const opened = await openAssociate(associate({ kind: "profile", ...profile() }));
    await opened.user.keyboard("{Control>}k{/Control}");
    await screen.findByTestId("palette");
    expect(offered()).toEqual(["end", "unsent", "look", "keys", "lock"]);
  });

  test("confirms no match", async () => {
    const match = associateSamples()["signin-match"];
    if (!match) throw new Error("no such sample");
    const opened = await openAssociate(match);
    await opened.user.keyboard("{Control>}k{/Control}");
    await screen.findByTestId("palette");
    expect(offered()).toEqual(["cancel", "unsent", "look", "keys", "lock"]);
  });
});

describe("the list of keys", () => {
  test("opens with ?, and names those of this screen", async () => {
    const opened = await openAssociate(home);
    await opened.user.keyboard("?");
    const list = (await screen.findByTestId("close-keys")).parentElement;
    expect(list).toHaveTextContent(/Sign in a customer\s*N/);
    expect(list).toHaveTextContent(/Lock\s*Ctrl\s*L/);
    expect(list).toHaveTextContent(/Find an action\s*Ctrl\s*K/);
  });

  test("a ? in a field is one", async () => {
    const opened = await openAssociate(home);
    await opened.user.type(screen.getByTestId("search"), "?");
    expect(screen.getByTestId("search")).toHaveValue("?");
    expect(screen.queryByTestId("close-keys")).toBeNull();
  });
});
