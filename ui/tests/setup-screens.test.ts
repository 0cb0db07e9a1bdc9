import { screen } from "@testing-library/svelte";
import { describe, expect, test } from "vitest";
import { associate } from "../src/gallery/samples";
import type { ConfigurationProblem, MemoryView, ProblemCode } from "../src/lib/bindings";
import { asked, openAssociate } from "./window";

describe("a configuration that cannot be used", () => {
  test("names file, line, key, what is expected and what was found", async () => {
    await openAssociate(
      associate({
        kind: "badConfiguration",
        file: "/etc/countersign.toml",
        line: 7,
        key: "till.bramd",
        code: "unknownKey",
        expected: { kind: "oneOf", keys: ["store", "name", "brand"] },
        found: "bramd",
      }),
    );
    const main = screen.getByRole("main");
    for (const text of ["/etc/countersign.toml", "7", "till.bramd", "one of: store, name, brand", "bramd"]) {
      expect(main).toHaveTextContent(text);
    }
  });

  const codes: ConfigurationProblem[] = [
    "unreadable",
    "notToml",
    "unknownKey",
    "missingKey",
    "wrongKind",
    "badUrl",
    "insecureIssuer",
    "badProxy",
    "badCertificates",
  ];
  test.each(codes)("%s has its own sentence and says what is expected", async (code) => {
    await openAssociate(
      associate({ kind: "badConfiguration", file: "a.toml", line: null, key: null, code, expected: null, found: null }),
    );
    expect(screen.getByRole("main").querySelector("p")?.textContent).toMatch(/\w{4,}.*\./);
    expect(screen.getByText("Expected").nextElementSibling?.textContent?.length).toBeGreaterThan(10);
  });
});

describe("the first run", () => {
  test("tries it with the embedded service", async () => {
    const opened = await openAssociate(associate({ kind: "firstRun", busy: false, problem: null }));
    await opened.user.click(screen.getByTestId("try-embedded"));
    expect(asked(opened)).toEqual([["tryEmbedded"]]);
  });

  test("connects to one's own once everything is filled in", async () => {
    const opened = await openAssociate(associate({ kind: "firstRun", busy: false, problem: null }));
    expect(screen.getByTestId("connect")).toBeDisabled();
    await opened.user.type(screen.getByTestId("issuer"), "https://login.example.com");
    await opened.user.type(screen.getByTestId("client-id"), "till-1");
    await opened.user.type(screen.getByTestId("store"), "Northquay");
    await opened.user.type(screen.getByTestId("till"), "Till 1{Enter}");
    expect(asked(opened)).toEqual([["connect", "https://login.example.com", "till-1", "Northquay", "Till 1"]]);
  });

  test("what was typed survives a problem, which is put into words", async () => {
    const opened = await openAssociate(associate({ kind: "firstRun", busy: false, problem: null }));
    await opened.user.type(screen.getByTestId("issuer"), "https://login.example.com");
    const problem: { code: ProblemCode } = { code: "noDeviceGrant" };
    await opened.show(associate({ kind: "firstRun", busy: false, problem }));
    expect(screen.getByRole("alert")).toHaveTextContent("offers no device grant");
    expect(screen.getByTestId("issuer")).toHaveValue("https://login.example.com");
  });
});

describe("the first run, when it does not work", () => {
  test("says why once", async () => {
    const opened = await openAssociate(associate({ kind: "firstRun", busy: false, problem: null }));
    opened.backend.problem = "embeddedFailed";
    await opened.user.click(screen.getByTestId("try-embedded"));
    await opened.show(associate({ kind: "firstRun", busy: true, problem: null }));
    expect(screen.queryByRole("alert")).not.toBeInTheDocument();
    await opened.show(associate({ kind: "firstRun", busy: false, problem: { code: "embeddedFailed" } }));
    expect(screen.getAllByText("The demo service did not start. The log says why.")).toHaveLength(1);
    expect(screen.getByRole("alert")).toHaveTextContent("The demo service did not start.");
  });

  test("says so too where the view does not", async () => {
    const opened = await openAssociate(associate({ kind: "firstRun", busy: false, problem: null }));
    opened.backend.problem = "internal";
    await opened.user.click(screen.getByTestId("try-embedded"));
    expect(await screen.findByRole("alert")).toHaveTextContent("That did not work.");
  });

  test("gives the keyboard back where it was", async () => {
    const opened = await openAssociate(associate({ kind: "firstRun", busy: false, problem: null }));
    await opened.user.click(screen.getByTestId("try-embedded"));
    await opened.show(associate({ kind: "firstRun", busy: true, problem: null }));
    // A browser takes the focus from what is disabled; jsdom must be told.
    screen.getByRole("heading", { level: 1 }).focus();
    await opened.show(associate({ kind: "firstRun", busy: false, problem: { code: "embeddedFailed" } }));
    expect(screen.getByTestId("try-embedded")).toHaveFocus();
  });
});

describe("a till that can remember nobody", () => {
  const nobody = "No remembered customer was here yet";

  test("does not say that nobody is remembered where it cannot know", async () => {
    const opened = await openAssociate(associate({ kind: "home", recent: [], canAdd: true }, { memory: "wrongKey" }));
    expect(screen.queryByText(nobody)).not.toBeInTheDocument();
    expect(screen.getByText("This till has no memory to search in right now.")).toBeVisible();
    await opened.show(associate({ kind: "home", recent: [], canAdd: true }, { memory: "opening" }));
    expect(screen.queryByText(nobody)).not.toBeInTheDocument();
    expect(await screen.findByText("Opening this till’s memory…")).toBeInTheDocument();
    await opened.show(associate({ kind: "home", recent: [], canAdd: true }));
    expect(screen.getByText(nobody)).toBeVisible();
  });

  test("says so before anybody has a PIN", async () => {
    const opened = await openAssociate(associate({ kind: "firstPin", failed: false }, { memory: "keyringLocked" }));
    expect(screen.getByTestId("memory")).toHaveAttribute("data-state", "keyringLocked");
    await opened.user.click(screen.getByTestId("retry-memory"));
    expect(asked(opened)).toEqual([["retryMemory"]]);
  });

  const retry: MemoryView[] = ["noKeyring", "keyringLocked", "keyringSilent", "wrongKey", "diskFull"];
  test.each(retry)("%s is explained and can be tried again", async (memory) => {
    const opened = await openAssociate(associate({ kind: "home", recent: [], canAdd: true }, { memory }));
    expect(screen.getByTestId("memory")).toHaveAttribute("data-state", memory);
    await opened.user.click(screen.getByTestId("retry-memory"));
    expect(asked(opened)).toEqual([["retryMemory"]]);
  });

  test("a new memory is begun only after a second yes", async () => {
    const opened = await openAssociate(associate({ kind: "home", recent: [], canAdd: true }, { memory: "damaged" }));
    await opened.user.click(screen.getByTestId("start-anew"));
    expect(asked(opened)).toEqual([]);
    await opened.user.click(await screen.findByTestId("confirm-start-anew"));
    expect(asked(opened)).toEqual([["startAnew"]]);
  });

  test("signing in works all the same", async () => {
    const opened = await openAssociate(associate({ kind: "home", recent: [], canAdd: true }, { memory: "noKeyring" }));
    await opened.user.click(screen.getByTestId("sign-in"));
    expect(asked(opened)).toEqual([["signIn"]]);
  });
});
