import { screen, within } from "@testing-library/svelte";
import { describe, expect, test } from "vitest";
import { associate, profile } from "../src/gallery/samples";
import type { ProfileView } from "../src/lib/bindings";
import { asked, openAssociate } from "./window";

const open = (more: Partial<ProfileView> = {}) => associate({ kind: "profile", ...profile(), ...more });

describe("notes and tags", () => {
  test("are shown with how far they have come", async () => {
    await openAssociate(open());
    expect(screen.getAllByTestId("tag").map((one) => one.textContent?.trim())).toEqual([
      "Alterations",
      "Raincoat waiting list",
    ]);
    const [first, second] = screen.getAllByTestId("note");
    expect(first).toHaveTextContent("Edited here, waiting to send");
    expect(second).toHaveTextContent(/Store, by an associate/);
  });

  test("a note is saved with Enter, a line is begun with Shift and Enter, and the field is free again", async () => {
    const opened = await openAssociate(open());
    const field = screen.getByTestId<HTMLTextAreaElement>("note-field");
    await opened.user.type(field, "Likes the bench{Shift>}{Enter}{/Shift}by the window{Enter}");
    expect(asked(opened)).toEqual([["takeNote", "Likes the bench\nby the window"]]);
    expect(field).toHaveValue("");
  });

  test("a note that could not be handed over stays where it was typed", async () => {
    const opened = await openAssociate(open());
    opened.backend.takeNote = async () => ({ ok: false, problem: "internal" });
    const field = screen.getByTestId<HTMLTextAreaElement>("note-field");
    await opened.user.type(field, "Likes the bench");
    await opened.user.click(screen.getByTestId("take-note"));
    expect(field).toHaveValue("Likes the bench");
  });

  test("a card number is not noted, and that is said", async () => {
    const opened = await openAssociate(open());
    opened.backend.takeNote = async () => ({ ok: false, problem: "cardNumber" });
    await opened.user.type(screen.getByTestId("note-field"), "4111 1111 1111 1111{Enter}");
    expect(await screen.findByTestId("problem")).toHaveTextContent("This looks like a card number");
  });

  test("nothing is no note and no tag", async () => {
    const opened = await openAssociate(open());
    await opened.user.type(screen.getByTestId("note-field"), "  {Enter}");
    await opened.user.click(screen.getByTestId("add-tag"));
    await opened.user.type(screen.getByTestId("tag-field"), "  {Enter}");
    expect(asked(opened)).toEqual([]);
    expect(screen.getByTestId("add-tag")).toBeVisible();
  });

  test("a tag is added by keyboard, once, and Escape adds none", async () => {
    const opened = await openAssociate(open());
    await opened.user.click(screen.getByTestId("add-tag"));
    expect(screen.getByTestId("tag-field")).toHaveFocus();
    await opened.user.keyboard("VIP{Enter}");
    await opened.user.click(screen.getByTestId("add-tag"));
    await opened.user.keyboard("not this{Escape}");
    expect(asked(opened)).toEqual([["addTag", "VIP"]]);
  });

  test("each can be taken away", async () => {
    const opened = await openAssociate(open());
    await opened.user.click(screen.getByRole("button", { name: "Remove the tag Alterations" }));
    const [note] = screen.getAllByTestId("note");
    await opened.user.click(within(note as HTMLElement).getByRole("button", { name: "Remove this note" }));
    expect(asked(opened)).toEqual([
      ["changePreference", "tags", "t1", null],
      ["changePreference", "notes", "n1", null],
    ]);
  });

  test("are not offered where nobody can note anything", async () => {
    await openAssociate(open({ notes: null }));
    expect(screen.queryByTestId("note-field")).toBeNull();
  });
});
