import { cleanup, fireEvent, screen } from "@testing-library/svelte";
import { describe, expect, test, vi } from "vitest";
import { associate, code, LEFT, NO_PROOF, profile, WHYS } from "../src/gallery/samples";
import { leftText } from "../src/lib/access";
import type { FailureView } from "../src/lib/bindings";
import { asked, openAssociate } from "./window";

const scan = (scanned = false, phoneHere = false) =>
  associate({ kind: "signIn", stage: "awaitingScan", code: code(), scanned, phoneHere });
const match = (check: string | null) =>
  associate({ kind: "signIn", stage: "match", maskedName: "A••• D•••", check, proof: NO_PROOF, remember: false });

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

describe("the keyboard and the voice", () => {
  test("are led to each stage of a sign-in", async () => {
    const opened = await openAssociate(associate({ kind: "signIn", stage: "starting" }));
    screen.getByTestId("cancel").focus();
    await opened.show(scan());
    expect(screen.getByRole("heading", { name: "Ask the customer to scan the code" })).toHaveFocus();
    await opened.show(associate({ kind: "signIn", stage: "verifying" }));
    expect(screen.getByRole("heading", { name: "Checking the sign-in…" })).toHaveFocus();
    await opened.show(match("7K"));
    const question = screen.getByRole("heading", { name: "Is this the customer in front of you?" });
    expect(question).toHaveFocus();
    expect(question).toHaveAccessibleDescription(/A••• D•••.*7K/);
  });

  test("are not taken out of a dialog by what the customer does", async () => {
    const opened = await openAssociate(scan());
    await opened.user.click(screen.getByRole("button", { name: /Mara Lindqvist/ }));
    await opened.user.click(await screen.findByText("Add a colleague"));
    await opened.user.type(await screen.findByTestId("name"), "Jon");
    await opened.show(match("7K"));
    await opened.user.keyboard("as");
    expect(screen.getByTestId("name")).toHaveValue("Jonas");
  });
});

describe("the two-way match", () => {
  test("waits for the name before it takes a yes, but takes a no", async () => {
    const opened = await openAssociate(
      associate({ kind: "signIn", stage: "match", maskedName: "", check: "7K", proof: NO_PROOF, remember: false }),
    );
    expect(screen.getByText("The name is loading…")).toBeVisible();
    expect(screen.getByTestId("confirm-match")).toBeDisabled();
    await opened.user.click(screen.getByTestId("refuse-match"));
    await opened.show(match("7K"));
    await opened.user.click(screen.getByTestId("confirm-match"));
    expect(asked(opened)).toEqual([["refuseMatch"], ["confirmMatch"]]);
  });

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
  // What happened, and what is to be done next.
  const failures: Record<FailureView, [title: string, german: string, next: "sign-in" | "dismiss"]> = {
    denied: ["The customer said no", "Am Telefon wurde Nein gesagt", "dismiss"],
    declined: ["The sign-in was declined", "Die Anmeldung wurde abgelehnt", "sign-in"],
    expired: ["The code ran out", "Der Code ist abgelaufen", "sign-in"],
    unreachable: ["The identity service cannot be reached", "Der Identitätsdienst ist nicht erreichbar", "sign-in"],
    refused: ["The identity service refuses this till", "Der Identitätsdienst weist diese Kasse ab", "dismiss"],
    notTrusted: ["The answer could not be trusted", "Der Antwort war nicht zu trauen", "sign-in"],
    noProfile: ["The profile could not be loaded", "Das Profil ließ sich nicht laden", "sign-in"],
    matchTimedOut: ["Nobody compared the characters", "Die Zeichen wurden nicht verglichen", "sign-in"],
  };

  test.each(WHYS)("%s says what happened, and leads on to the next step", async (why) => {
    const [title, german, next] = failures[why];
    const opened = await openAssociate(associate({ kind: "failed", why, doubt: null }));
    expect(screen.getByRole("main")).toHaveAttribute("data-why", why);
    expect(screen.getByRole("heading", { level: 1 })).toHaveTextContent(title);
    expect(screen.getByTestId(next)).toHaveClass("primary");
    await opened.user.click(screen.getByTestId("sign-in"));
    await opened.user.click(screen.getByTestId("dismiss"));
    expect(asked(opened)).toEqual([["signIn"], ["dismiss"]]);
    cleanup();
    await openAssociate(associate({ kind: "failed", why, doubt: null }), "de");
    expect(screen.getByRole("heading", { level: 1 })).toHaveTextContent(german);
  });

  test("each reason for distrust is said to store IT, and a wrong clock to whoever can set it right", async () => {
    const said = new Set<string>();
    for (const doubt of ["signature", "issuer", "audience", "time", "subject", "other"] as const) {
      await openAssociate(associate({ kind: "failed", why: "notTrusted", doubt }));
      expect(screen.getByRole("main")).toHaveAttribute("data-doubt", doubt);
      said.add(screen.getByText(/^For store IT: /).textContent ?? "");
      expect(screen.queryByText(/Set the clock of this till right/) !== null).toBe(doubt === "time");
      cleanup();
    }
    expect(said.size).toBe(6);
  });

  test.each(["en", "de"])("each is explained in a sentence of its own (%s)", async (language) => {
    const said = new Set<string>();
    for (const why of WHYS) {
      await openAssociate(associate({ kind: "failed", why, doubt: null }), language);
      said.add(screen.getByRole("heading", { level: 1 }).nextElementSibling?.textContent ?? "");
      cleanup();
    }
    expect(said.size).toBe(WHYS.length);
    for (const sentence of said) expect(sentence).toMatch(/\w+ \w+.*\.$/);
  });
});

describe("the keys", () => {
  const home = associate({ kind: "home", recent: [], canAdd: true });
  /** Longer than an N is held back. */
  const quiet = () => new Promise((resolve) => setTimeout(resolve, 250));

  test("N signs in, / goes to the search, Ctrl+L locks", async () => {
    const opened = await openAssociate(home);
    await opened.user.keyboard("n");
    await vi.waitFor(() => expect(asked(opened)).toEqual([["signIn"]]));
    await opened.user.keyboard("{Control>}l{/Control}");
    expect(asked(opened)).toEqual([["signIn"], ["lock"]]);
    await opened.user.keyboard("/");
    expect(screen.getByTestId("search")).toHaveFocus();
    expect(screen.getByTestId("search")).toHaveValue("");
  });

  test.each(["N4711", "NK-4711", "n4711", "MR-004", "+4940", "éa"])(
    "a scanned %s is looked for, and signs nobody in",
    async (card) => {
      const opened = await openAssociate(home);
      await opened.user.keyboard(`${card}{Enter}`);
      expect(screen.getByTestId("search")).toHaveValue(card);
      expect(asked(opened)).toContainEqual(["search", card]);
      await quiet();
      expect(asked(opened)).not.toContainEqual(["signIn"]);
    },
  );

  test("a scan takes the place of what was looked for before", async () => {
    const opened = await openAssociate(home);
    await opened.user.type(screen.getByTestId("search"), "durand");
    await opened.user.tab();
    await opened.user.keyboard("4711");
    expect(screen.getByTestId("search")).toHaveValue("4711");
  });

  test("a scanned N with its Enter presses no button that has the focus", async () => {
    const opened = await openAssociate(home);
    screen.getByTestId("sign-in").focus();
    await opened.user.keyboard("N{Enter}");
    await quiet();
    expect(asked(opened)).not.toContainEqual(["signIn"]);
    expect(screen.getByTestId("search")).toHaveValue("N");
  });

  test("an N whose window was locked meanwhile signs nobody in", async () => {
    const opened = await openAssociate(home);
    await opened.user.keyboard("n");
    await opened.show(associate({ kind: "locked", associates: [], pin: { kind: "untried" } }));
    await quiet();
    expect(asked(opened)).toEqual([]);
  });

  test("no key reaches through an open question", async () => {
    const opened = await openAssociate(associate({ kind: "home", recent: [], canAdd: true }, { memory: "damaged" }));
    await opened.user.click(screen.getByTestId("start-anew"));
    await screen.findByTestId("confirm-start-anew");
    await opened.user.keyboard("n4711");
    await quiet();
    expect(asked(opened)).toEqual([]);
    expect(screen.getByTestId("search")).toHaveValue("");
  });

  test("Ctrl+Z on a profile takes back the edit that the notice speaks of", async () => {
    const edit = "20000000-0000-4000-8000-00000000beef";
    const notice = {
      id: 4,
      what: {
        kind: "preferenceChanged" as const,
        edit,
        group: "sizes",
        key: "top",
        removed: false,
        progress: "sent" as const,
      },
    };
    const opened = await openAssociate(associate({ kind: "profile", ...profile() }, { notice }));
    await opened.user.keyboard("{Control>}z{/Control}");
    expect(asked(opened)).toEqual([["undoEdit", edit]]);
    await opened.show(associate({ kind: "profile", ...profile() }));
    await opened.user.keyboard("{Control>}z{/Control}");
    expect(asked(opened)).toHaveLength(1);
  });

  test("a right click offers no menu but in a field", async () => {
    await openAssociate(home);
    expect(await fireEvent.contextMenu(screen.getByTestId("sign-in"))).toBe(false);
    expect(await fireEvent.contextMenu(screen.getByTestId("search"))).toBe(true);
  });

  test("N typed into the search is a letter", async () => {
    const opened = await openAssociate(home);
    await opened.user.type(screen.getByTestId("search"), "Nora");
    await quiet();
    expect(screen.getByTestId("search")).toHaveValue("Nora");
    expect(asked(opened)).not.toContainEqual(["signIn"]);
  });

  test.each(LEFT)("says with the goodbye what is left of the access: $kind", async (left) => {
    const opened = await openAssociate(associate({ kind: "ended", how: "done", left: null }));
    expect(screen.queryByTestId("access-left")).toBeNull();
    await opened.show(associate({ kind: "ended", how: "done", left }));
    expect(screen.getByTestId("access-left")).toHaveTextContent(leftText(left));
    expect(screen.getByTestId("access-left")).toHaveAttribute("role", "status");
  });

  test("says after the goodbye what is left of the access", async () => {
    await openAssociate({ ...home, notice: { id: 1, what: { kind: "accessLeft", left: { kind: "queued" } } } });
    expect(await screen.findByText(leftText({ kind: "queued" }))).toBeVisible();
  });

  test("Esc leaves an ending", async () => {
    const opened = await openAssociate(associate({ kind: "ended", how: "done", left: null }));
    await opened.user.keyboard("{Escape}");
    expect(asked(opened)).toEqual([["dismiss"]]);
  });
});
