import { screen } from "@testing-library/svelte";
import { describe, expect, test } from "vitest";
import { associate, profile, RECENT } from "../src/gallery/samples";
import { asked, openAssociate } from "./window";

const home = (canAdd = true) => associate({ kind: "home", recent: RECENT, canAdd });

async function openForm() {
  const opened = await openAssociate(home());
  await opened.user.click(screen.getByTestId("new-customer"));
  return opened;
}

describe("entering somebody new", () => {
  test("keeps nobody without their yes, and ticks nothing beforehand", async () => {
    const opened = await openForm();
    for (const id of ["new-contact", "new-preferences", "new-activity"])
      expect(screen.getByTestId(id)).not.toBeChecked();
    expect(screen.getByTestId("new-keep")).toBeDisabled();
    expect(screen.getByTestId("new-preferences")).toBeDisabled();
    await opened.user.click(screen.getByTestId("new-contact"));
    expect(screen.getByTestId("new-keep")).toBeEnabled();
  });

  test("hands over what was typed and agreed, and forgets it", async () => {
    const opened = await openForm();
    await opened.user.type(screen.getByTestId("new-given"), "Ada");
    await opened.user.type(screen.getByTestId("new-family"), "Lovelace");
    await opened.user.type(screen.getByTestId("new-phone"), "06 12 34 56 78");
    await opened.user.click(screen.getByTestId("new-contact"));
    await opened.user.click(screen.getByTestId("new-preferences"));
    await opened.user.click(screen.getByTestId("new-keep"));
    const entry = {
      given: "Ada",
      family: "Lovelace",
      email: "",
      phone: "06 12 34 56 78",
      locale: null,
      contact: true,
      preferences: true,
      activity: false,
    };
    expect(asked(opened)).toEqual([["addCustomer", entry]]);
    await opened.user.click(screen.getByTestId("new-customer"));
    expect(screen.getByTestId("new-given")).toHaveValue("");
    expect(screen.getByTestId("new-contact")).not.toBeChecked();
  });

  test("says what is wrong, and goes there", async () => {
    const opened = await openForm();
    opened.backend.addCustomer = async () => ({ ok: false, problem: "badPhone" });
    await opened.user.type(screen.getByTestId("new-phone"), "12");
    await opened.user.click(screen.getByTestId("new-contact"));
    await opened.user.click(screen.getByTestId("new-keep"));
    expect(screen.getByTestId("new-problem")).toHaveTextContent(/country code/);
    expect(screen.getByTestId("new-phone")).toHaveFocus();
    expect(screen.getByTestId("new-phone")).toHaveValue("12");
  });

  test.each([
    ["ada@example.com", "new-email", "ada@example.com"],
    ["+33 6 12", "new-phone", "+33 6 12"],
    ["Ada King Lovelace", "new-family", "King Lovelace"],
  ])("somebody who was looked for in vain need not be typed again: %s", async (query, field, value) => {
    const opened = await openAssociate(home());
    opened.backend.answer = () => ({
      ok: true,
      value: { hits: [], withMistake: false, searched: { here: 3, centre: "notAsked" } },
    });
    await opened.user.type(screen.getByTestId("search"), query);
    await opened.user.click(await screen.findByTestId("new-customer"));
    expect(screen.getByTestId(field)).toHaveValue(value);
  });

  test("is not offered where the till may not", async () => {
    await openAssociate(home(false));
    expect(screen.queryByTestId("new-customer")).toBeNull();
  });
});

describe("a visit without a sign-in", () => {
  const open = (visitNoted: boolean | null) => associate({ kind: "profile", ...profile(), visitNoted });

  test("is written down with one tap, once", async () => {
    const opened = await openAssociate(open(false));
    await opened.user.click(screen.getByTestId("note-visit"));
    expect(asked(opened)).toEqual([["noteVisit"]]);
    await opened.show(open(true));
    expect(screen.getByTestId("note-visit")).toBeDisabled();
    expect(screen.getByTestId("note-visit")).toHaveTextContent("Visit noted");
    await opened.show(open(null));
    expect(screen.queryByTestId("note-visit")).toBeNull();
  });
});
