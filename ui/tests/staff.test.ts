import { screen, within } from "@testing-library/svelte";
import { describe, expect, test, vi } from "vitest";
import { associate, MARA, PEOPLE, past } from "../src/gallery/samples";
import { asked, openAssociate } from "./window";

const locked = (more = {}) =>
  associate({ kind: "locked", associates: PEOPLE, blockedUntil: null, wrongPin: false, ...more });

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
    await openAssociate(locked({ associates: [MARA], wrongPin: true }));
    expect(screen.getByRole("alert")).toHaveTextContent("That PIN is not right. Try again.");
  });

  test("after too many it counts down, takes no digits, and then opens again", async () => {
    vi.useFakeTimers({ toFake: ["Date", "setInterval", "clearInterval"] });
    try {
      await openAssociate(locked({ wrongPin: true, blockedUntil: past(-42_000) }));
      expect(screen.getByRole("alert")).toHaveTextContent("Try again in 0:42");
      expect(screen.getByTestId("pin")).toBeDisabled();
      await vi.advanceTimersByTimeAsync(2_000);
      expect(screen.getByRole("alert")).toHaveTextContent("Try again in 0:40");
      await vi.advanceTimersByTimeAsync(41_000);
      expect(screen.getByTestId("pin")).toBeEnabled();
    } finally {
      vi.useRealTimers();
    }
  });

  test("nothing of a notice or a customer is there, and nothing to lock", async () => {
    await openAssociate(locked());
    expect(screen.queryByTestId("lock")).not.toBeInTheDocument();
    expect(screen.queryByTestId("search")).not.toBeInTheDocument();
  });
});

describe("the first PIN", () => {
  test("needs a name and a PIN once", async () => {
    const opened = await openAssociate(associate({ kind: "firstPin" }));
    await opened.user.type(screen.getByTestId("pin"), "4711{Enter}");
    expect(screen.getByText("Enter a name first.")).toBeVisible();
    await opened.user.type(screen.getByTestId("name"), "  Mara Lindqvist ");
    await opened.user.click(screen.getByTestId("submit-pin"));
    expect(asked(opened)).toEqual([["addAssociate", "Mara Lindqvist", "4711"]]);
  });

  test("a refusal is put into words", async () => {
    const opened = await openAssociate(associate({ kind: "firstPin" }));
    opened.backend.problem = "pinFormat";
    await opened.user.type(screen.getByTestId("name"), "Mara");
    await opened.user.type(screen.getByTestId("pin"), "4711{Enter}");
    expect(await screen.findByText("A PIN has 4 to 12 digits.")).toBeVisible();
  });
});

test("a colleague is added from the menu of whoever is signed in", async () => {
  const opened = await openAssociate(associate({ kind: "home", recent: [] }));
  await opened.user.click(screen.getByRole("button", { name: "Signed in at this till: Mara Lindqvist" }));
  await opened.user.click(await screen.findByText("Add a colleague"));
  await opened.user.type(await screen.findByTestId("name"), "Jonas");
  await opened.user.type(screen.getByTestId("pin"), "8080");
  await opened.user.click(screen.getByTestId("submit-pin"));
  expect(asked(opened)).toEqual([["addAssociate", "Jonas", "8080"]]);
});
