import { screen } from "@testing-library/svelte";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { toneFor } from "../src/associate/tones";
import { associate, code, NO_PROOF, past } from "../src/gallery/samples";
import type { AssociateScreen, AssociateView } from "../src/lib/bindings";
import { drawn, openAssociate } from "./window";

const HOME: AssociateScreen = { kind: "home", recent: [], canAdd: true };
const MATCH = { stage: "match", maskedName: "A•••", check: "7K", proof: NO_PROOF, remember: true } as const;
const scan = (scanned: boolean) =>
  associate({ kind: "signIn", stage: "awaitingScan", code: code(), scanned, phoneHere: true });
const verifying = associate({ kind: "signIn", stage: "verifying" });
const match = associate({ kind: "signIn", ...MATCH });
const failed = associate({ kind: "failed", why: "declined", doubt: null });
const refused = (count: number): AssociateView =>
  associate(HOME, { queue: { waiting: 0, refused: count, oldest: null, count: 1 } });
const endsSoon = associate(HOME, { timesOut: { what: "till", at: past(-20_000) } });

describe("a tone", () => {
  test("tells that a customer has said yes, once", () => {
    expect(toneFor(scan(false), scan(true))).toBeNull();
    expect(toneFor(scan(true), verifying)).toBe("yes");
    expect(toneFor(scan(true), match)).toBe("yes");
    expect(toneFor(verifying, match)).toBeNull();
  });

  test("tells that something needs the associate, once", () => {
    expect(toneFor(scan(true), failed)).toBe("needed");
    expect(toneFor(failed, failed)).toBeNull();
    expect(toneFor(refused(0), refused(1))).toBe("needed");
    expect(toneFor(refused(1), refused(0))).toBeNull();
    expect(toneFor(associate(HOME), endsSoon)).toBe("needed");
    expect(toneFor(endsSoon, endsSoon)).toBeNull();
  });

  test("is kept for these", () => {
    expect(toneFor(scan(true), associate(HOME))).toBeNull();
    expect(toneFor(associate(HOME), scan(false))).toBeNull();
  });
});

describe("sounds", () => {
  const heard: number[] = [];

  class Node {
    gain = { setValueAtTime() {}, linearRampToValueAtTime() {} };
    start = vi.fn();
    stop = vi.fn();
    addEventListener = vi.fn();
    connect = (next: unknown) => next;
    constructor(_: unknown, { frequency }: { frequency?: number }) {
      if (frequency !== undefined) heard.push(frequency);
    }
  }

  beforeEach(() => {
    heard.length = 0;
    vi.stubGlobal(
      "AudioContext",
      class {
        currentTime = 0;
        resume = async () => {};
        close = async () => {};
      },
    );
    vi.stubGlobal("OscillatorNode", Node);
    vi.stubGlobal("GainNode", Node);
  });

  afterEach(() => {
    vi.unstubAllGlobals();
    localStorage.clear();
  });

  test("are off until they are turned on, which lets them be heard", async () => {
    const opened = await openAssociate(scan(true));
    await opened.show(verifying);
    expect(heard).toEqual([]);

    await opened.show(associate({ kind: "locked", associates: [], pin: { kind: "untried" } }));
    await opened.user.click(screen.getByTestId("open-look"));
    await opened.user.click(screen.getByRole("switch", { name: "Sounds" }));
    expect(heard).toHaveLength(2);
    expect(JSON.parse(localStorage.getItem("look") ?? "")).toMatchObject({ sounds: true });
    await opened.user.click(screen.getByRole("switch", { name: "Sounds" }));
    expect(heard).toHaveLength(2);
  });

  test("stay on after a restart, and what they tell is on the screen too", async () => {
    localStorage.setItem("look", JSON.stringify({ language: null, theme: "system", size: 1, sounds: true }));
    const opened = await openAssociate(scan(true));
    await opened.show(failed);
    await drawn();
    expect(heard).toHaveLength(2);
    expect(screen.getByRole("main")).toHaveAttribute("data-why", "declined");
  });

  test("are nothing where the webview has none", async () => {
    Reflect.deleteProperty(globalThis, "AudioContext");
    localStorage.setItem("look", JSON.stringify({ language: null, theme: "system", size: 1, sounds: true }));
    const opened = await openAssociate(scan(true));
    await opened.show(verifying);
    expect(heard).toEqual([]);
  });
});
