import { fireEvent, screen } from "@testing-library/svelte";
import { describe, expect, test } from "vitest";
import { associate, RECENT } from "../src/gallery/samples";
import type { Outcome } from "../src/lib/backend";
import type { RememberedView, SearchAnswer } from "../src/lib/bindings";
import { asked, drawn, openAssociate } from "./window";

const home = associate({ kind: "home", recent: RECENT, canAdd: true });
const named = (name: string): RememberedView => {
  const found = RECENT.find((one) => one.name === name);
  if (!found) throw new Error(`no sample is called ${name}`);
  return found;
};
const answer = (hits: RememberedView[], others: Partial<SearchAnswer> = {}): Outcome<SearchAnswer> => ({
  ok: true,
  value: { hits, withMistake: false, searched: { here: 12, centre: "notAsked" }, ...others },
});

describe("the search on the start screen", () => {
  test("an answer to an older question never overwrites that of a newer one", async () => {
    const opened = await openAssociate(home);
    const waiting = new Map<string, (answer: Outcome<SearchAnswer>) => void>();
    opened.backend.answer = (query) => new Promise((resolve) => waiting.set(query, resolve));

    const field = screen.getByTestId("search");
    await opened.user.type(field, "amé");
    expect([...waiting.keys()]).toEqual(["a", "am", "amé"]);

    waiting.get("amé")?.(answer([named("Amélie Durand")]));
    await screen.findByText("1 customer found");
    waiting.get("a")?.(answer(RECENT));
    waiting.get("am")?.({ ok: false, problem: "noMemory" });
    await drawn();

    expect(screen.getAllByTestId("search-hit")).toHaveLength(1);
    expect(screen.getByText("1 customer found")).toBeVisible();
  });

  test("every key stroke is answered", async () => {
    const opened = await openAssociate(home);
    opened.backend.answer = () => answer([]);
    await opened.user.type(screen.getByTestId("search"), "du r");
    await screen.findByText(/“du r” is not among the customers on this till/);
    expect(asked(opened)).toEqual([
      ["search", "d"],
      ["search", "du"],
      ["search", "du"],
      ["search", "du r"],
    ]);
  });

  test("an empty field shows no answer that comes late", async () => {
    const opened = await openAssociate(home);
    let settle: (answer: Outcome<SearchAnswer>) => void = () => {};
    opened.backend.answer = () => new Promise((resolve) => (settle = resolve));
    await opened.user.type(screen.getByTestId("search"), "d{Backspace}");
    settle(answer([named("Amélie Durand")]));
    await drawn();
    expect(screen.queryByTestId("search-hit")).toBeNull();
    expect(screen.getAllByTestId("recent")).toHaveLength(RECENT.length);
  });

  test.each([
    ["notReached", "Searched: 12 customers on this till; the central service was not reached"],
    ["answered", "Searched: 12 customers on this till, and the central service"],
  ] as const)("says whether the centre was searched: %s", async (centre, sentence) => {
    const opened = await openAssociate(home);
    opened.backend.answer = () => answer([], { searched: { here: 12, centre } });
    await opened.user.type(screen.getByTestId("search"), "n");
    expect(await screen.findByTestId("searched")).toHaveTextContent(sentence);
  });

  test("who only nearly fits is not shown as found", async () => {
    const opened = await openAssociate(home);
    opened.backend.answer = () => answer([named("Amélie Durand")], { withMistake: true });
    await opened.user.type(screen.getByTestId("search"), "amleie");
    expect(await screen.findByText("Nobody fits exactly. Similar:")).toBeVisible();
    expect(screen.queryByText("1 customer found")).toBeNull();
  });

  test("who was never here is not said to have been", async () => {
    const opened = await openAssociate(home);
    opened.backend.answer = () => answer([{ ...named("Amélie Durand"), lastSeen: null }]);
    await opened.user.type(screen.getByTestId("search"), "d");
    expect(await screen.findByTestId("search-hit")).toHaveTextContent("Not here yet");
  });

  test("says what was searched, also where nothing was found", async () => {
    const opened = await openAssociate(home);
    opened.backend.answer = () => answer([]);
    await opened.user.type(screen.getByTestId("search"), "n");
    expect(await screen.findByTestId("searched")).toHaveTextContent("Searched: 12 customers on this till");
  });

  test("an answer that is full does not claim to be all there is", async () => {
    const opened = await openAssociate(home);
    const full = Array.from({ length: 20 }, (_, at) => ({ ...named("Amélie Durand"), id: `customer-${at}` }));
    opened.backend.answer = () => answer(full);
    await opened.user.type(screen.getByTestId("search"), "d");
    expect(await screen.findByText("The first 20")).toBeVisible();
  });

  test("who is remembered or forgotten meanwhile is found, or not, without a word", async () => {
    const opened = await openAssociate(home);
    opened.backend.answer = () => answer([named("Amélie Durand")]);
    await opened.user.type(screen.getByTestId("search"), "d");
    await screen.findByTestId("search-hit");

    let settle: (answer: Outcome<SearchAnswer>) => void = () => {};
    opened.backend.answer = () => new Promise((resolve) => (settle = resolve));
    await opened.show(associate({ kind: "home", recent: RECENT.slice(1), canAdd: true }));
    expect(asked(opened)).toEqual([
      ["search", "d"],
      ["search", "d"],
    ]);
    expect(screen.getByTestId("search-hit")).toBeVisible();
    expect(screen.getByTestId("search-answer")).toHaveAttribute("data-query", "d");
    settle(answer([]));
    expect(await screen.findByText(/is not among the customers on this till/)).toBeVisible();
  });

  test("a view that changes nothing of it asks nothing again", async () => {
    const opened = await openAssociate(home);
    opened.backend.answer = () => answer([named("Amélie Durand")]);
    await opened.user.type(screen.getByTestId("search"), "d");
    await screen.findByTestId("search-hit");
    await opened.show(
      associate(
        { kind: "home", recent: RECENT, canAdd: true },
        { queue: { waiting: 1, refused: 0, oldest: null, count: 1 } },
      ),
    );
    expect(asked(opened)).toEqual([["search", "d"]]);
  });

  test("Esc that ends the writing of a letter empties nothing", async () => {
    await openAssociate(home);
    const field = screen.getByTestId("search");
    await fireEvent.input(field, { target: { value: "や" } });
    await fireEvent.keyDown(field, { key: "Escape", isComposing: true });
    expect(field).toHaveValue("や");
  });

  test("a single hit does not open by itself, not even by Enter", async () => {
    const opened = await openAssociate(home);
    opened.backend.answer = () => answer([named("Amélie Durand")]);
    await opened.user.type(screen.getByTestId("search"), "amélie{Enter}{Enter}");
    await screen.findByTestId("search-hit");
    expect(opened.backend.calls.map(([name]) => name)).not.toContain("openRemembered");

    await opened.user.click(screen.getByTestId("search-hit"));
    expect(asked(opened).at(-1)).toEqual(["openRemembered", named("Amélie Durand").id]);
  });

  test("what was typed and the focus stay while the app sends new views", async () => {
    const opened = await openAssociate(home);
    opened.backend.answer = () => answer([]);
    const field = screen.getByTestId("search");
    await opened.user.type(field, "dur");
    for (let waiting = 1; waiting < 5; waiting += 1) {
      await opened.show({ ...home, queue: { waiting, refused: 0, oldest: null, count: 1 } });
    }
    expect(screen.getByTestId("search")).toBe(field);
    expect(field).toHaveValue("dur");
    expect(field).toHaveFocus();
  });

  test("a till without memory says so instead of finding nobody", async () => {
    const opened = await openAssociate(home);
    opened.backend.answer = () => ({ ok: false, problem: "noMemory" });
    await opened.user.type(screen.getByTestId("search"), "durand{Enter}");
    expect(await screen.findByText("This till has no memory to search in right now.")).toBeVisible();
  });

  test("Esc empties the field before anything else", async () => {
    const opened = await openAssociate(home);
    opened.backend.answer = () => answer([]);
    await opened.user.type(screen.getByTestId("search"), "durand{Escape}");
    expect(screen.getByTestId("search")).toHaveValue("");
    expect(screen.getByText("Amélie Durand")).toBeVisible();
  });
});
