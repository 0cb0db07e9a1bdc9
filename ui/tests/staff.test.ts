import { render, screen, within } from "@testing-library/svelte";
import { describe, expect, test, vi } from "vitest";
import Associate from "../src/associate/App.svelte";
import { associate, associateSamples, MARA, PEOPLE, past, profile, RECENT } from "../src/gallery/samples";
import type { AssociateView } from "../src/lib/bindings";
import { MockAssociate } from "../src/lib/mock";
import { asked, type Opened, openAssociate } from "./window";

const locked = (more = {}) => associate({ kind: "locked", associates: PEOPLE, pin: { kind: "untried" }, ...more });

describe("unlocking the till", () => {
  test("a PIN can be tapped on the pad, corrected, and sent", async () => {
    const opened = await openAssociate(locked());
    await opened.user.click(screen.getByRole("button", { name: "Jonas Okafor" }));
    const pad = screen.getByRole("group", { name: "Digits" });
    for (const digit of ["4", "7", "1", "9", "2"]) {
      await opened.user.click(within(pad).getByRole("button", { name: digit }));
    }
    await opened.user.click(screen.getByRole("button", { name: "Delete the last digit" }));
    await opened.user.click(screen.getByTestId("submit-pin"));
    expect(asked(opened)).toEqual([["unlock", PEOPLE[1]?.id, "4719"]]);
  });

  test("a PIN can be typed, and Enter sends it", async () => {
    const opened = await openAssociate(locked({ associates: [MARA] }));
    expect(screen.getByTestId("pin")).toHaveFocus();
    await opened.user.keyboard("12a34{Enter}");
    expect(asked(opened)).toEqual([["unlock", MARA.id, "1234"]]);
  });

  test("the digits are hidden until somebody asks to see them, and gone after a try", async () => {
    const opened = await openAssociate(locked({ associates: [MARA] }));
    const pin = screen.getByTestId("pin");
    expect(pin).toHaveAttribute("type", "password");
    await opened.user.click(screen.getByRole("button", { name: "Show PIN" }));
    expect(pin).toHaveAttribute("type", "text");
    await opened.user.type(pin, "9999{Enter}");
    expect(pin).toHaveValue("");
  });

  test("three digits are not sent", async () => {
    const opened = await openAssociate(locked({ associates: [MARA] }));
    await opened.user.keyboard("123{Enter}");
    expect(asked(opened)).toEqual([]);
    expect(screen.getByTestId("submit-pin")).toBeDisabled();
  });

  test("a wrong PIN is said", async () => {
    await openAssociate(locked({ associates: [MARA], pin: { kind: "wrong", associate: MARA.id } }));
    expect(screen.getByRole("alert")).toHaveTextContent("That PIN is not right. Try again.");
  });

  test("after too many it counts down, takes no digits, and then opens again", async () => {
    vi.useFakeTimers({ toFake: ["Date", "setInterval", "clearInterval"] });
    try {
      await openAssociate(
        locked({ associates: [MARA], pin: { kind: "blocked", associate: MARA.id, until: past(-42_000) } }),
      );
      expect(screen.getByRole("timer")).toHaveTextContent("Try again in 0:42");
      expect(screen.getByTestId("pin")).toBeDisabled();
      await vi.advanceTimersByTimeAsync(2_000);
      expect(screen.getByRole("timer")).toHaveTextContent("Try again in 0:40");
      // Said once, not once a second.
      expect(screen.getByRole("alert").textContent?.trim()).toBe("Too many wrong PINs.");
      await vi.advanceTimersByTimeAsync(41_000);
      expect(screen.getByTestId("pin")).toBeEnabled();
    } finally {
      vi.useRealTimers();
    }
  });

  test("nobody is asked for a PIN before they have said who they are", async () => {
    const opened = await openAssociate(locked());
    expect(screen.queryByTestId("pin")).not.toBeInTheDocument();
    for (const name of PEOPLE.map((one) => one.name)) {
      expect(screen.getByRole("button", { name })).toHaveAttribute("aria-pressed", "false");
    }
    await opened.user.click(screen.getByRole("button", { name: "Jonas Okafor" }));
    expect(screen.getByTestId("pin")).toHaveFocus();
    await opened.user.keyboard("1234{Enter}");
    expect(asked(opened)).toEqual([["unlock", PEOPLE[1]?.id, "1234"]]);
  });

  test("somebody else's wrong PIN is not held against the next person", async () => {
    const opened = await openAssociate(locked());
    await opened.user.click(screen.getByRole("button", { name: "Jonas Okafor" }));
    await opened.user.keyboard("1234{Enter}");
    await opened.show(locked({ pin: { kind: "wrong", associate: PEOPLE[1]?.id } }));
    expect(screen.getByRole("alert")).toHaveTextContent("That PIN is not right.");
    await opened.user.click(screen.getByRole("button", { name: "Mara Lindqvist" }));
    expect(screen.queryByRole("alert")).not.toBeInTheDocument();
    expect(screen.getByTestId("pin")).not.toBeInvalid();
    await opened.user.keyboard("5678{Enter}");
    await opened.show(locked({ pin: { kind: "checking" } }));
    expect(screen.getByText("Checking…")).toBeInTheDocument();
    await opened.show(locked({ pin: { kind: "wrong", associate: MARA.id } }));
    expect(screen.getByRole("alert")).toHaveTextContent("That PIN is not right.");
  });

  test("tapped digits leave the keyboard in the field", async () => {
    const opened = await openAssociate(locked({ associates: [MARA] }));
    await opened.user.click(screen.getByRole("button", { name: "4" }));
    await opened.user.keyboard("71");
    await opened.user.click(screen.getByRole("button", { name: "9" }));
    await opened.user.keyboard("{Enter}");
    expect(asked(opened)).toEqual([["unlock", MARA.id, "4719"]]);
  });

  test("a memory that takes its time is said to be opening", async () => {
    const opened = await openAssociate(associateSamples()["locked-opening"] as AssociateView);
    expect(await screen.findByText("Opening this till’s memory…")).toBeInTheDocument();
    await opened.show(locked());
    expect(screen.queryByText("Opening this till’s memory…")).not.toBeInTheDocument();
  });

  test("nothing of a notice or a customer is left, and nothing to lock", async () => {
    const notice = { id: 1, what: { kind: "queueSent" as const, count: 3 } };
    const opened = await openAssociate(associate({ kind: "home", recent: RECENT, canAdd: true }, { notice }));
    const [customer] = RECENT;
    expect(document.body).toHaveTextContent(customer?.name ?? "");
    await opened.show(locked());
    expect(screen.getAllByTestId("associate")).toHaveLength(PEOPLE.length);
    for (const name of RECENT.map((one) => one.name).filter((one) => !PEOPLE.some((person) => person.name === one))) {
      expect(document.body).not.toHaveTextContent(name);
    }
    for (const gone of ["notice", "lock", "search"]) expect(screen.queryByTestId(gone)).not.toBeInTheDocument();
  });
});

describe("the first PIN", () => {
  test("needs a name and a PIN once", async () => {
    const opened = await openAssociate(associate({ kind: "firstPin", failed: false }));
    await opened.user.type(screen.getByTestId("pin"), "4711{Enter}");
    expect(screen.getByText("Enter a name first.")).toBeVisible();
    await opened.user.type(screen.getByTestId("name"), "  Mara Lindqvist ");
    await opened.user.click(screen.getByTestId("submit-pin"));
    expect(asked(opened)).toEqual([["addAssociate", "Mara Lindqvist", "4711"]]);
  });

  test("a refusal is put into words", async () => {
    const opened = await openAssociate(associate({ kind: "firstPin", failed: false }));
    opened.backend.problem = "pinFormat";
    await opened.user.type(screen.getByTestId("name"), "Mara");
    await opened.user.type(screen.getByTestId("pin"), "4711{Enter}");
    expect(await screen.findByText("A PIN has 4 to 12 digits.")).toBeVisible();
  });
});

describe("adding a colleague", () => {
  const home = associate({ kind: "home", recent: [], canAdd: true });

  async function openDialog({ user }: Opened) {
    await user.click(screen.getByRole("button", { name: "Signed in at this till: Mara Lindqvist" }));
    await user.click(await screen.findByText("Add a colleague"));
    await screen.findByTestId("name");
  }

  test("is done from the menu of whoever is signed in", async () => {
    const opened = await openAssociate(home);
    await openDialog(opened);
    await opened.user.type(screen.getByTestId("name"), "Jonas");
    await opened.user.type(screen.getByTestId("pin"), "8080");
    await opened.user.click(screen.getByTestId("submit-pin"));
    expect(asked(opened)).toEqual([["addAssociate", "Jonas", "8080"]]);
  });

  test.each(["Esc", "Cancel"])("leaves nothing behind when it is closed by %s", async (how) => {
    const opened = await openAssociate(home);
    await openDialog(opened);
    await opened.user.type(screen.getByTestId("name"), "Jonas");
    await opened.user.type(screen.getByTestId("pin"), "8080");
    if (how === "Esc") await opened.user.keyboard("{Escape}");
    else await opened.user.click(screen.getByText("Cancel"));
    await vi.waitFor(() => expect(screen.queryByTestId("name")).not.toBeInTheDocument());
    await openDialog(opened);
    expect(screen.getByTestId("name")).toHaveValue("");
    expect(screen.getByTestId("pin")).toHaveValue("");
  });

  test("ends when the till is locked, and does not come back with the next person", async () => {
    const opened = await openAssociate(home);
    await openDialog(opened);
    await opened.user.type(screen.getByTestId("name"), "Jonas");
    await opened.show(locked());
    await vi.waitFor(() => expect(screen.queryByTestId("name")).not.toBeInTheDocument());
    await opened.show(home);
    expect(screen.queryByTestId("name")).not.toBeInTheDocument();
  });
});

test("a text that is being written is saved before Ctrl+L locks the till", async () => {
  const opened = await openAssociate(associate({ kind: "profile", ...profile() }));
  const shoes = screen.getByRole("textbox", { name: "Shoes" });
  await opened.user.clear(shoes);
  await opened.user.type(shoes, "41{Control>}l{/Control}");
  expect(asked(opened)).toEqual([["changePreference", "sizes", "shoes", "41"], ["lock"]]);
});

test("a window that hears nothing says so instead of staying blank", async () => {
  const backend = new MockAssociate(locked());
  backend.view = () => new Promise(() => {});
  vi.useFakeTimers();
  try {
    render(Associate, { backend, languages: ["en"] });
    await vi.advanceTimersByTimeAsync(1_900);
    expect(document.body).not.toHaveTextContent(/\w/);
    await vi.advanceTimersByTimeAsync(200);
    expect(screen.getByRole("alert")).toHaveTextContent("Countersign does not answer yet.");
    backend.show(locked());
    await vi.advanceTimersByTimeAsync(0);
    expect(screen.queryByRole("alert")).not.toBeInTheDocument();
    expect(screen.getByRole("heading")).toHaveTextContent("Who is at the till?");
  } finally {
    vi.useRealTimers();
  }
});

describe("signing in at the store's identity provider", () => {
  const sample = (id: string) => associateSamples()[id] as AssociateView;

  test("whoever has no PIN at this till signs in with their own phone", async () => {
    const opened = await openAssociate(sample("locked-sign-in"));
    await opened.user.click(screen.getByTestId("sign-in-associate"));
    await opened.show(sample("associate-scan"));
    expect(screen.getByRole("heading", { name: "Scan this with your own phone" })).toHaveFocus();
    expect(screen.getByTestId("user-code")).toHaveTextContent("BCDF");
    await opened.user.click(screen.getByTestId("new-code"));
    await opened.user.click(screen.getByTestId("cancel"));
    expect(asked(opened)).toEqual([["signInAssociate"], ["signInAssociate"], ["cancel"]]);
  });

  test("the first time they choose a PIN, and see what they are here", async () => {
    const opened = await openAssociate(sample("associate-pin"));
    expect(screen.getByTestId("role")).toHaveTextContent("Manager");
    expect(screen.getByRole("alert")).toHaveTextContent("could not be kept");
    expect(screen.getByTestId("submit-pin")).toBeDisabled();
    await opened.user.keyboard("4711{Enter}");
    expect(asked(opened)).toEqual([["choosePin", "4711"]]);
  });

  test("a PIN that is not enough any more says what is", async () => {
    const opened = await openAssociate(sample("locked-sign-in-again"));
    await opened.user.click(screen.getByRole("button", { name: MARA.name }));
    expect(screen.getByRole("alert")).toHaveTextContent("Sign in with your phone first");
    await opened.user.click(screen.getByTestId("sign-in-associate"));
    expect(asked(opened)).toEqual([["signInAssociate"]]);
  });

  test("somebody without a role learns why, and can try again", async () => {
    const opened = await openAssociate(sample("associate-no-role"));
    expect(screen.getByRole("heading", { name: "You are not registered for this till" })).toBeVisible();
    await opened.user.click(screen.getByTestId("sign-in-associate"));
    await opened.user.click(screen.getByTestId("cancel"));
    expect(asked(opened)).toEqual([["signInAssociate"], ["cancel"]]);
  });

  test("store IT is offered no customers, and a shift can be ended", async () => {
    const opened = await openAssociate(sample("home-it"));
    expect(screen.queryByTestId("sign-in")).not.toBeInTheDocument();
    expect(screen.queryByTestId("search")).not.toBeInTheDocument();
    await opened.user.keyboard("n");
    await opened.user.keyboard("{Control>}u{/Control}");
    expect(asked(opened)).toEqual([]);
    await opened.user.click(screen.getByRole("button", { name: /Mara Lindqvist/ }));
    expect(await screen.findByTestId("role")).toHaveTextContent("Store IT");
    await opened.user.click(screen.getByTestId("end-shift"));
    expect(asked(opened)).toEqual([["endShift"]]);
  });
});
