import { screen, within } from "@testing-library/svelte";
import { describe, expect, test, vi } from "vitest";
import { checkupSamples } from "../src/gallery/checkups";
import { associate, PEOPLE, RECENT } from "../src/gallery/samples";
import type { AssociateScreen, CheckupView, FailureView } from "../src/lib/bindings";
import { asked, drawn, type Opened, openAssociate } from "./window";

const LOCKED: AssociateScreen = { kind: "locked", associates: PEOPLE, pin: { kind: "untried" } };

function sample(name: string): CheckupView {
  const view = checkupSamples()[name];
  if (!view) throw new Error(name);
  return view;
}

async function checkUp(name: string, language = "en"): Promise<Opened> {
  const opened = await openAssociate(associate(LOCKED), language);
  opened.backend.checkup.show(sample(name));
  await opened.user.click(screen.getByTestId("check-up"));
  await drawn();
  return opened;
}

describe("the page that checks the till is reached", () => {
  const bad: AssociateScreen = {
    kind: "badConfiguration",
    file: "a.toml",
    line: null,
    key: null,
    code: "notToml",
    expected: null,
    found: null,
  };
  const failed = (why: FailureView): AssociateScreen => ({ kind: "failed", why, doubt: null });

  test.each([
    ["the lock screen", LOCKED],
    ["a configuration that cannot be used", bad],
    ["a till that is refused", failed("refused")],
    ["an answer that cannot be trusted", failed("notTrusted")],
    ["a provider that cannot be reached", failed("unreachable")],
  ])("from %s, and looks at once", async (_, view) => {
    const opened = await openAssociate(associate(view));
    await opened.user.click(screen.getByTestId("check-up"));
    expect(asked(opened)).toEqual([["startCheckup"]]);
    expect(screen.getByRole("heading", { level: 1 })).toHaveTextContent("Check this till");
  });

  test("from the start screen, by the account", async () => {
    const opened = await openAssociate(associate({ kind: "home", recent: RECENT, canAdd: true }));
    await opened.user.click(screen.getByRole("button", { name: /Mara Lindqvist/ }));
    await opened.user.click(await screen.findByTestId("check-up"));
    expect(asked(opened)).toEqual([["startCheckup"]]);
  });

  test.each(["denied", "expired", "matchTimedOut", "noProfile"] as const)(
    "not where somebody at the till can put it right: %s",
    async (why) => {
      await openAssociate(associate(failed(why)));
      expect(screen.queryByTestId("check-up")).toBeNull();
    },
  );
});

describe("the page that checks the till", () => {
  test("names the cause first, with what to do about it", async () => {
    await checkUp("checkup-failed");
    const summary = screen.getByTestId("standing");
    expect(summary).toHaveTextContent("First: Certificate (TLS). The certificate has expired. Renew it at the server.");
    const lines = within(screen.getByRole("list", { name: "What was looked at" })).getAllByRole("listitem");
    expect(lines).toHaveLength(18);
    expect(lines[6]).toHaveTextContent("Not tried, because “Certificate (TLS)” has failed.");
  });

  test("shows each line as it comes in", async () => {
    const opened = await checkUp("checkup-running");
    expect(screen.getByTestId("standing")).toHaveTextContent(/Checking…\s*13 of 18 looked at/);
    expect(screen.getByTestId("check-again")).toBeDisabled();
    opened.backend.checkup.show(sample("checkup-well"));
    await drawn();
    expect(screen.getByTestId("standing")).toHaveTextContent("This till is in order");
    await opened.user.click(screen.getByTestId("check-again"));
    expect(asked(opened)).toEqual([["startCheckup"], ["startCheckup"]]);
  });

  test("speaks German", async () => {
    await checkUp("checkup-failed", "de");
    expect(screen.getByTestId("standing")).toHaveTextContent(
      "Zuerst: Zertifikat (TLS). Das Zertifikat ist abgelaufen.",
    );
  });

  test("copies the whole for store IT", async () => {
    const opened = await checkUp("checkup-failed");
    const write = vi.spyOn(navigator.clipboard, "writeText");
    await opened.user.click(screen.getByTestId("copy-report"));
    expect(write).toHaveBeenCalledWith(sample("checkup-failed").text);
    expect(screen.getByTestId("copy-report")).toHaveTextContent("Copied");
  });

  test("gives the text to copy by hand where the webview does not let it", async () => {
    const opened = await checkUp("checkup-failed");
    vi.spyOn(navigator.clipboard, "writeText").mockRejectedValue(new Error("not allowed"));
    await opened.user.click(screen.getByTestId("copy-report"));
    const text = await screen.findByRole<HTMLTextAreaElement>("textbox", { name: "What was found, for store IT" });
    expect(text.value).toBe(sample("checkup-failed").text);
    expect(text.selectionEnd).toBe(text.value.length);
  });

  test.each(["button", "Escape"])("goes back to where it came from by %s", async (way) => {
    const opened = await checkUp("checkup-well");
    if (way === "button") await opened.user.click(screen.getByTestId("close-checkup"));
    else await opened.user.keyboard("{Escape}");
    await drawn();
    expect(screen.getByRole("main").dataset.screen).toBe("locked");
    expect(asked(opened)).toEqual([["startCheckup"]]);
  });

  test("lets no key reach what is behind it", async () => {
    const opened = await openAssociate(associate({ kind: "failed", why: "refused", doubt: null }));
    await opened.user.click(screen.getByTestId("check-up"));
    await opened.user.keyboard("n");
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(asked(opened)).toEqual([["startCheckup"]]);
  });
});
