import { fireEvent, screen } from "@testing-library/svelte";
import { describe, expect, test, vi } from "vitest";
import { associate, code, WHYS } from "../src/gallery/samples";
import { asked, openAssociate } from "./window";

const scan = (scanned = false, phoneHere = false) =>
  associate({ kind: "signIn", stage: "awaitingScan", code: code(), scanned, phoneHere });
const match = (check: string | null) =>
  associate({ kind: "signIn", stage: "match", maskedName: "A••• D•••", check, remember: false });

describe("a sign-in", () => {
  test("shows the code, counts down, and moves on when the customer has scanned", async () => {
    vi.useFakeTimers({ toFake: ["Date", "setInterval", "clearInterval"] });
    try {
      const opened = await openAssociate(scan());
      expect(screen.getByTestId("user-code")).toHaveTextContent("BCDF-GHJK");
      expect(screen.getByRole("timer", { name: "Time left: 4:12" })).toBeVisible();
      await vi.advanceTimersByTimeAsync(13_000);
      expect(screen.getByRole("timer", { name: "Time left: 3:59" })).toBeVisible();

      await opened.show(scan(true));
      expect(screen.getByRole("heading", { level: 1 })).toHaveTextContent("The customer has scanned the code");
      expect(screen.getByText("On their phone")).toHaveAttribute("aria-current", "step");
    } finally {
      vi.useRealTimers();
    }
  });

  test("time never runs below zero", async () => {
    const late = { ...code(), expiresAt: new Date(Date.now() - 5_000).toISOString() };
    await openAssociate(
      associate({ kind: "signIn", stage: "awaitingScan", code: late, scanned: false, phoneHere: false }),
    );
    expect(screen.getByRole("timer", { name: "Time left: 0:00" })).toBeVisible();
  });

  test("can be given up, also by Esc, or started over with a new code", async () => {
    const opened = await openAssociate(scan());
    await opened.user.click(screen.getByTestId("new-code"));
    await opened.user.click(screen.getByTestId("cancel"));
    await opened.user.keyboard("{Escape}");
    expect(asked(opened)).toEqual([["newCode"], ["cancel"], ["cancel"]]);
  });

  test("offers the phone page on this machine in the demo alone", async () => {
    const opened = await openAssociate(scan());
    expect(screen.queryByTestId("open-phone-page")).not.toBeInTheDocument();
    await opened.show(scan(false, true));
    await opened.user.click(screen.getByTestId("open-phone-page"));
    expect(asked(opened)).toEqual([["openPhonePage"]]);
  });
});

describe("the two-way match", () => {
  test("shows the check and a masked name, and both answers", async () => {
    const opened = await openAssociate(match("7K"));
    expect(screen.getByTestId("check")).toHaveTextContent(/^7K$/);
    expect(screen.getByTestId("masked-name")).toHaveTextContent("A••• D•••");
    await opened.user.click(screen.getByTestId("refuse-match"));
    await opened.user.click(screen.getByTestId("confirm-match"));
    expect(asked(opened)).toEqual([["refuseMatch"], ["confirmMatch"]]);
  });

  test("no stray Enter or space opens a profile", async () => {
    const opened = await openAssociate(scan());
    await opened.show(match("7K"));
    await opened.user.keyboard("{Enter} ");
    expect(asked(opened)).toEqual([]);
  });

  test("asks for the name where the provider has no check", async () => {
    await openAssociate(match(null));
    expect(screen.queryByTestId("check")).not.toBeInTheDocument();
    expect(screen.getByText(/Ask the customer whether this is their name/)).toBeVisible();
  });
});

describe("a failure", () => {
  for (const language of ["en", "de"]) {
    for (const why of WHYS) {
      test(`${why} says what happened and offers the next customer at once (${language})`, async () => {
        const opened = await openAssociate(associate({ kind: "failed", why }), language);
        expect(screen.getByRole("main")).toHaveAttribute("data-why", why);
        expect(screen.getByRole("heading", { level: 1 }).textContent?.length).toBeGreaterThan(10);
        expect(screen.getByRole("main").querySelector("p")?.textContent?.length).toBeGreaterThan(20);
        await opened.user.click(screen.getByTestId("sign-in"));
        await opened.user.click(screen.getByTestId("dismiss"));
        expect(asked(opened)).toEqual([["signIn"], ["dismiss"]]);
      });
    }
  }
});

describe("the keys", () => {
  test("N signs in, / goes to the search, Ctrl+L locks", async () => {
    const opened = await openAssociate(associate({ kind: "home", recent: [] }));
    await fireEvent.keyDown(document.body, { key: "n", timeStamp: 0 });
    await opened.user.keyboard("{Control>}l{/Control}");
    expect(asked(opened)).toEqual([["signIn"], ["lock"]]);
    await opened.user.keyboard("/");
    expect(screen.getByTestId("search")).toHaveFocus();
    expect(screen.getByTestId("search")).toHaveValue("");
  });

  test("N typed into the search is a letter", async () => {
    const opened = await openAssociate(associate({ kind: "home", recent: [] }));
    await opened.user.type(screen.getByTestId("search"), "Nora");
    expect(opened.backend.calls.map(([name]) => name)).not.toContain("signIn");
  });

  test("a number scanned without a field is looked for", async () => {
    const opened = await openAssociate(associate({ kind: "home", recent: [] }));
    await opened.user.keyboard("4004871{Enter}");
    expect(screen.getByTestId("search")).toHaveValue("4004871");
    expect(asked(opened)).toContainEqual(["search", "4004871"]);
  });

  test("Esc leaves an ending; in a profile it ends nothing", async () => {
    const opened = await openAssociate(associate({ kind: "ended", how: "done" }));
    await opened.user.keyboard("{Escape}");
    expect(asked(opened)).toEqual([["dismiss"]]);
  });
});
