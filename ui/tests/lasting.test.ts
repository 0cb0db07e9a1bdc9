import { screen } from "@testing-library/svelte";
import { tick } from "svelte";
import { afterEach, describe, expect, test, vi } from "vitest";
import { associate, profile } from "../src/gallery/samples";
import type { AssociateScreen, AssociateView } from "../src/lib/bindings";
import { MOMENT } from "../src/lib/lasting.svelte";
import { type Opened, openAssociate } from "./window";

afterEach(() => vi.useRealTimers());

const HOME: AssociateScreen = { kind: "home", recent: [], canAdd: true };
const open = (loadingOlder = false) => associate({ kind: "profile", ...profile(), loadingOlder });

/** From here on time passes only when it is told to. */
async function stopTheClock(first: AssociateView): Promise<Opened> {
  const opened = await openAssociate(first);
  vi.useFakeTimers();
  return opened;
}

async function pass(time: number) {
  await vi.advanceTimersByTimeAsync(time);
  await tick();
}

async function show({ backend }: Opened, view: AssociateView) {
  backend.show(view);
  await tick();
}

describe("what is usually quick shows that it is waited for only when it is late:", () => {
  test("a profile", async () => {
    const opened = await stopTheClock(associate(HOME));
    await show(opened, associate({ kind: "loadingProfile" }));
    await pass(MOMENT - 1);
    expect(screen.queryByTestId("bones")).toBeNull();
    expect(screen.getByRole("heading", { level: 1 })).toBeInTheDocument();
    await pass(1);
    expect(screen.getByTestId("bones")).toBeInTheDocument();
  });

  test("older activity, which can be asked for once", async () => {
    const opened = await stopTheClock(open());
    const button = screen.getByTestId("older-activity");
    await show(opened, open(true));
    await pass(MOMENT - 1);
    expect(button).toHaveTextContent("Show older");
    button.click();
    expect(opened.backend.calls.map(([name]) => name)).not.toContain("olderActivity");
    await pass(1);
    expect(button).toHaveTextContent("Loading older…");
    expect(button).toBeDisabled();
    await show(opened, open());
    expect(button).toHaveTextContent("Show older");
    await show(opened, open(true));
    expect(button).toHaveTextContent("Show older");
  });

  test("an answer to a search", async () => {
    const opened = await stopTheClock(associate({ ...HOME, recent: [] }));
    opened.backend.answer = () => new Promise(() => {});
    const field = screen.getByTestId<HTMLInputElement>("search");
    field.value = "am";
    field.dispatchEvent(new Event("input", { bubbles: true }));
    await pass(MOMENT - 1);
    expect(screen.queryByText("Searching…")).toBeNull();
    await pass(1);
    expect(screen.getByText("Searching…")).toBeInTheDocument();
  });

  test("what was not sent", async () => {
    const opened = await stopTheClock(associate(HOME));
    opened.backend.unsent = () => new Promise(() => {});
    window.dispatchEvent(new KeyboardEvent("keydown", { key: "u", ctrlKey: true }));
    await pass(MOMENT - 1);
    expect(screen.getByTestId("close-unsent")).toBeInTheDocument();
    expect(screen.queryByTestId("unsent-reading")).toBeNull();
    await pass(1);
    expect(screen.getByTestId("unsent-reading")).toBeInTheDocument();
  });

  test("the memory", async () => {
    const opened = await stopTheClock(associate(HOME));
    await show(opened, associate(HOME, { memory: "opening" }));
    await pass(MOMENT - 1);
    expect(screen.getByTestId("memory-opening")).toBeEmptyDOMElement();
    await pass(1);
    expect(screen.getByTestId("memory-opening")).not.toBeEmptyDOMElement();
  });
});
