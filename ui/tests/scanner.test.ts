import { fireEvent, screen } from "@testing-library/svelte";
import { describe, expect, test, vi } from "vitest";
import { type Burst, GAP, type Heard, hear, NOTHING, overdue } from "../src/associate/scanner";
import { associate, profile } from "../src/gallery/samples";
import { asked, openAssociate } from "./window";

/** What is made of these keys, each so long after the one before. */
function heard(keys: string[], gap: number, prefix = ""): { last: Heard; all: Heard["kind"][]; burst: Burst } {
  let burst = NOTHING;
  let last: Heard = { kind: "key" };
  const all = keys.map((key, at) => {
    ({ burst, heard: last } = hear(burst, { key, at: at * gap }, prefix));
    return last.kind;
  });
  return { last, all, burst };
}
const read = (code: string, end = "Enter") => [...code, end];

describe("a burst of keys", () => {
  test.each(["Enter", "Tab"])("is a scan where it is fast, long and ends with %s", (end) => {
    expect(heard(read("MR-004871", end), 4).last).toEqual({ kind: "scan", code: "MR-004871" });
  });

  test("is typing where its letters come as slowly as a person's", () => {
    expect(heard(read("MR-004871"), GAP + 1).last).toEqual({ kind: "key" });
  });

  test("is typing where a person presses Enter after a word that came at once", () => {
    const { burst } = heard([..."durand"], 1);
    expect(hear(burst, { key: "Enter", at: burst.at + 400 }, "").heard).toEqual({ kind: "key" });
  });

  test("is typing where it is as short as a PIN", () => {
    expect(heard(read("24681"), 4).last).toEqual({ kind: "key" });
  });

  test("goes on through Shift, and not through keys that write nothing", () => {
    expect(heard(["Shift", "M", "Shift", "R", ..."004871", "Enter"], 4).last).toMatchObject({ code: "MR004871" });
    expect(heard([..."MR00", "ArrowLeft", ..."4871", "Enter"], 4).last).toEqual({ kind: "key" });
  });

  test("does not begin with what was typed before it", () => {
    const { burst } = heard([..."ab"], 200);
    const keys = read("MR-004871");
    let now = { burst, heard: { kind: "key" } as Heard };
    for (const [at, key] of keys.entries()) now = hear(now.burst, { key, at: burst.at + 300 + at * 4 }, "");
    expect(now.heard).toEqual({ kind: "scan", code: "MR-004871" });
  });
});

describe("with a prefix", () => {
  test("a scan is known from there on, however short, and the prefix is no part of it", () => {
    expect(heard(read("~47"), 4, "~").all).toEqual(["scanning", "scanning", "scanning", "scan"]);
    expect(heard(read("~47"), 4, "~").last).toEqual({ kind: "scan", code: "47" });
    expect(heard(read("]C147"), 4, "]C1").all).toEqual(["key", "key", "scanning", "scanning", "scanning", "scan"]);
  });

  test("nothing else is a scan", () => {
    expect(heard(read("MR-004871"), 4, "~").last).toEqual({ kind: "key" });
    expect(heard(read("4~711"), 4, "~").last).toEqual({ kind: "key" });
  });

  test("a scan without an end is over when nothing comes", () => {
    expect(overdue(heard([..."~4711"], 4, "~").burst, "~")).toBe("4711");
    expect(overdue(heard([..."4711"], 4, "~").burst, "~")).toBeNull();
    expect(overdue(heard([..."4711000"], 4).burst, "")).toBeNull();
  });
});

describe("a scanner at the till", () => {
  const CARD = "MR-004871";
  const home = associate({ kind: "home", recent: [], canAdd: true });
  let clock = 0;

  /** Types as a scanner does: what nobody prevents lands in the field that has the keyboard. */
  async function scan(keys: string[]): Promise<void> {
    clock += 10_000;
    for (const key of keys) {
      const target = document.activeElement ?? document.body;
      const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true });
      clock += 4;
      Object.defineProperty(event, "timeStamp", { value: clock });
      const lands = await fireEvent(target, event);
      const into = document.activeElement;
      const isField = into instanceof HTMLInputElement || into instanceof HTMLTextAreaElement;
      if (lands && isField && key.length === 1) await fireEvent.input(into, { target: { value: into.value + key } });
      if (lands && key === "Enter" && into instanceof HTMLButtonElement) into.click();
    }
  }

  test("what it reads on a profile is told to be lost, and lands in no field and on no button", async () => {
    const opened = await openAssociate(associate({ kind: "profile", ...profile() }));
    const note = screen.getByPlaceholderText("Write a note…");
    note.focus();
    await fireEvent.input(note, { target: { value: "Likes blue." } });
    await scan(read(CARD));
    expect(note).toHaveValue("Likes blue.");
    expect(screen.getByTestId("scan-lost")).toHaveTextContent("Scan on the start screen to search.");

    screen.getByTestId("end-visit").focus();
    await scan(read(CARD));
    expect(asked(opened)).toEqual([]);
  });

  test("after a visit it leads to the search, and opens nobody", async () => {
    const opened = await openAssociate(associate({ kind: "ended", how: "done", left: null }));
    await scan(read(CARD));
    expect(asked(opened)).toEqual([["dismiss"]]);
    await opened.show(home);
    expect(screen.getByTestId("search")).toHaveValue(CARD);
    expect(asked(opened)).toContainEqual(["search", CARD]);
    expect(asked(opened).flat()).not.toContain("openRemembered");
  });

  test("on the start screen it takes the place of what was looked for", async () => {
    await openAssociate(home);
    const field = screen.getByTestId("search");
    field.focus();
    await fireEvent.input(field, { target: { value: "durand" } });
    await scan(read(CARD));
    expect(field).toHaveValue(CARD);
  });

  test("a locked till makes nothing of it", async () => {
    const opened = await openAssociate(associate({ kind: "locked", associates: [], pin: { kind: "untried" } }));
    await scan(read(CARD));
    await opened.show(home);
    expect(screen.getByTestId("search")).toHaveValue("");
  });

  test("with the prefix that the till is set to not one letter is seen, and a scan may just stop", async () => {
    const opened = await openAssociate({ ...home, scanner: "~" });
    const field = screen.getByTestId("search");
    field.focus();
    await scan([..."~4711"]);
    expect(field).toHaveValue("");
    await vi.waitFor(() => expect(field).toHaveValue("4711"));
    expect(asked(opened)).toContainEqual(["search", "4711"]);
  });
});
