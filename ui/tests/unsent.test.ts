import { screen, within } from "@testing-library/svelte";
import { describe, expect, test } from "vitest";
import { associate, past, RECENT } from "../src/gallery/samples";
import { KNOWN, unsentCustomer, unsentEdit, unsentList, unsentSamples, unsentVisit } from "../src/gallery/unsent";
import type { AssociateView, UnsentEditView, UnsentView } from "../src/lib/bindings";
import { asked, drawn, type Opened, openAssociate } from "./window";

const home = (waiting: number, more: Partial<AssociateView> = {}, count = 1): AssociateView =>
  associate(
    { kind: "home", recent: RECENT, canAdd: true },
    { queue: { waiting, refused: 0, oldest: past(60_000), count }, ...more },
  );

async function openPage(edits: UnsentEditView[] | UnsentView, more: Partial<AssociateView> = {}): Promise<Opened> {
  const opened = await openAssociate(home(1, more));
  opened.backend.waiting = Array.isArray(edits) ? unsentList(...edits) : edits;
  await opened.user.click(screen.getByTestId("show-unsent"));
  await drawn();
  return opened;
}

const SHOES = { ...unsentEdit("conflict") };

describe("what was not sent", () => {
  test("is reached from the status bar, or by Ctrl+U, and left with Esc", async () => {
    const opened = await openPage([unsentEdit("waiting")]);
    expect(screen.getByRole("heading", { name: "Not sent yet" })).toHaveFocus();
    await opened.user.keyboard("{Escape}");
    expect(screen.queryByRole("heading", { name: "Not sent yet" })).not.toBeInTheDocument();
    await opened.user.keyboard("{Control>}u{/Control}");
    expect(await screen.findByRole("heading", { name: "Not sent yet" })).toBeInTheDocument();
    await opened.user.click(screen.getByTestId("close-unsent"));
    expect(screen.getByTestId("search")).toBeInTheDocument();
  });

  test("is offered where an edit was refused, and where somebody was forgotten", async () => {
    const kinds = [{ kind: "editRefused" as const }, { kind: "forgottenUnsent" as const, count: 2 }];
    const opened = await openAssociate(home(1));
    for (const [id, what] of kinds.entries()) {
      await opened.show(home(1, { notice: { id, what } }));
      await opened.user.click(screen.getByTestId("look"));
      expect(await screen.findByTestId("close-unsent")).toBeInTheDocument();
      await opened.user.keyboard("{Escape}");
    }
  });

  test("says whose it is, what, since when and why", async () => {
    await openPage([unsentEdit("waiting"), unsentEdit("needsSignIn", SHOES.change, "山田 花子")]);
    const [first, second] = screen.getAllByTestId("waiting-edit");
    expect(first).toHaveTextContent(/Amélie Durand/);
    expect(first).toHaveTextContent("Shoes: 41");
    expect(first).toHaveTextContent("Waiting to be sent");
    expect(first).toHaveTextContent("20 minutes ago");
    expect(second).toHaveTextContent("Waits until the customer signs in again");
  });

  test("somebody new is let go of by a manager alone, and any associate answers a question", async () => {
    const waits = unsentCustomer("waiting");
    const asks = unsentCustomer("refused");
    const list = { ...unsentList(SHOES), customers: [waits, asks] };
    const opened = await openPage(list, { may: { serve: true, decide: false, startAnew: false } });
    expect(screen.queryByTestId("drop-customer")).not.toBeInTheDocument();
    expect(screen.getByText("Only a manager can let go of this.")).toBeInTheDocument();
    expect(within(screen.getByTestId("waiting-customer")).queryByRole("button")).not.toBeInTheDocument();
    await opened.user.click(screen.getByTestId("keep-theirs"));
    expect(asked(opened)).toEqual([["dropEdit", SHOES.id]]);
  });

  test("a queue that cannot be read says so, and is read again when asked", async () => {
    const opened = await openAssociate(home(1));
    const { unsent } = opened.backend;
    opened.backend.unsent = async () => ({ ok: false, problem: "noMemory" });
    await opened.user.click(screen.getByTestId("show-unsent"));
    expect(await screen.findByRole("alert")).toHaveTextContent("no memory");
    opened.backend.unsent = unsent;
    opened.backend.waiting = unsentList(unsentEdit("waiting"));
    await opened.user.click(screen.getByTestId("read-again"));
    expect(await screen.findByTestId("waiting-edit")).toBeInTheDocument();
  });

  test("offline it says that nothing is lost", async () => {
    await openPage([unsentEdit("waiting")], { connection: { kind: "offline", since: past(60_000) } });
    expect(screen.getByText(/is safe on this till and is sent by itself/)).toBeInTheDocument();
  });

  test("a conflict is one question with both values, one tap each", async () => {
    const opened = await openPage([SHOES]);
    const question = within(screen.getByTestId("question"));
    expect(
      question.getByText("Web shop says “42” (2 days ago), you entered “41”. Which one is right?"),
    ).toBeInTheDocument();
    expect(question.getByRole("button", { name: /^42 Web shop, 2 days ago/ })).toBeInTheDocument();
    await opened.user.click(question.getByRole("button", { name: /^41 Entered here/ }));
    expect(asked(opened)).toEqual([["mendEdit", SHOES.id, "41", "42"]]);
  });

  test("whoever takes the other value lets go of their own, and cannot choose twice", async () => {
    const opened = await openPage([SHOES]);
    await opened.user.click(screen.getByTestId("keep-theirs"));
    await opened.user.click(screen.getByTestId("keep-mine"));
    expect(asked(opened)).toEqual([["dropEdit", SHOES.id]]);
  });

  test("after a problem it can be chosen again", async () => {
    const opened = await openPage([SHOES]);
    opened.backend.problem = "internal";
    await opened.user.click(screen.getByTestId("keep-mine"));
    await drawn();
    expect(screen.getByTestId("keep-mine")).toBeEnabled();
  });

  test("a value that was refused is changed and sent again", async () => {
    const edit = unsentEdit("badValue", {
      group: "sizes",
      key: "shoes",
      input: { kind: "text" },
      value: "x",
      now: "40",
      provenance: null,
    });
    const opened = await openPage([edit]);
    expect(screen.getByText(/does not take this value/)).toBeInTheDocument();
    const field = screen.getByRole("textbox", { name: "Shoes" });
    await opened.user.clear(field);
    await opened.user.type(field, "41");
    await opened.user.click(screen.getByTestId("send-again"));
    expect(asked(opened)).toEqual([["mendEdit", edit.id, "41", "40"]]);
  });

  test("what the till may not change can be sent again as it is, or with another value", async () => {
    const fit = {
      group: "style",
      key: "fit",
      input: { kind: "oneOf" as const, options: ["slim", "relaxed"] },
      value: "relaxed",
      now: null,
      provenance: null,
    };
    const opened = await openPage([unsentEdit("notAllowed", fit)]);
    await opened.user.click(screen.getByTestId("change-value"));
    await opened.user.click(screen.getByRole("radio", { name: "Slim" }));
    await opened.user.click(screen.getByTestId("send-again"));
    expect(asked(opened)).toEqual([["mendEdit", expect.any(String), "slim", null]]);
  });

  test("nothing is dropped without a word of confirmation", async () => {
    const edit = unsentEdit("notAllowed");
    const opened = await openPage([edit]);
    await opened.user.click(screen.getByTestId("drop-edit"));
    expect(await screen.findByText(/Shoes of Amélie Durand stays as the central service has it/)).toBeInTheDocument();
    await opened.user.click(screen.getByText("Keep the change"));
    expect(asked(opened)).toEqual([]);
    await opened.user.click(screen.getByTestId("drop-edit"));
    await opened.user.click(await screen.findByTestId("confirm-drop"));
    expect(asked(opened)).toEqual([["dropEdit", edit.id]]);
  });

  test("what cannot be sent any more offers nothing but to drop it", async () => {
    await openPage([unsentEdit("noCustomer", SHOES.change, null), unsentEdit("unreadable", null)]);
    expect(screen.queryByTestId("send-again")).not.toBeInTheDocument();
    expect(screen.getAllByTestId("drop-edit")).toHaveLength(2);
    expect(screen.getByText("A customer who is not remembered here any more")).toBeInTheDocument();
  });

  test("the list is read anew when the queue was counted anew", async () => {
    const opened = await openPage([unsentEdit("waiting")]);
    opened.backend.waiting = unsentList();
    await opened.show(home(0, {}, 2));
    await drawn();
    expect(screen.getByTestId("unsent-none")).toHaveTextContent("Everything has been sent");
  });

  test("very many are listed, and it is said how many are not", async () => {
    await openPage(unsentSamples()["unsent-many"] ?? []);
    expect(screen.getAllByTestId("waiting-edit")).toHaveLength(500);
    expect(screen.getByText("1240 changes wait")).toBeInTheDocument();
    expect(screen.getByText(/^740 more are listed/)).toBeInTheDocument();
  }, 30_000);

  test("a locked till shows nothing of it", async () => {
    const opened = await openPage([SHOES]);
    await opened.show(associate({ kind: "locked", associates: [], pin: { kind: "untried" } }));
    expect(screen.queryByText(/Amélie/)).not.toBeInTheDocument();
  });
});

describe("somebody new whom the centre does not have", () => {
  const page = (...customers: ReturnType<typeof unsentCustomer>[]): UnsentView => ({ ...unsentList(), customers });

  test("who may be known already is one question, and nobody is made one with anybody", async () => {
    const zoe = unsentCustomer("mayBeKnown", KNOWN);
    const opened = await openPage(page(zoe));
    const question = screen.getByTestId("new-question");
    expect(question).toHaveTextContent(/Somebody like Zoë Hartmann is known already/);
    const [first, second] = within(question).getAllByTestId("candidate");
    expect(first).toHaveTextContent(/Z••• H•••.*Same e-mail/);
    expect(second).toHaveTextContent(/T••• H•••.*Same phone number/);
    await opened.user.click(screen.getByTestId("somebody-else"));
    expect(asked(opened)).toEqual([["sendCustomer", zoe.id]]);
    expect(screen.getByTestId("same-person")).toBeDisabled();
  });

  test("whoever is known signs in with their phone, and the page makes room for that", async () => {
    const zoe = unsentCustomer("mayBeKnown", KNOWN);
    const opened = await openPage(page(zoe));
    await opened.user.click(screen.getByTestId("same-person"));
    expect(asked(opened)).toEqual([["signInAs", zoe.id]]);
    expect(screen.queryByTestId("close-unsent")).toBeNull();
  });

  test("each other standing has its sentence and what can be done", async () => {
    await openPage(page(unsentCustomer("erased"), unsentCustomer("refused"), unsentCustomer("waiting")));
    const [erased, refused] = screen.getAllByTestId("new-question");
    expect(erased).toHaveTextContent(/has erased this customer/);
    expect(within(erased as HTMLElement).queryByTestId("send-again")).toBeNull();
    expect(within(refused as HTMLElement).getByTestId("send-again")).toBeEnabled();
    expect(screen.getByTestId("waiting-customer")).toHaveTextContent(/Zoë Hartmann.*New customer.*Waiting to be sent/);
  });

  test("is dropped after one question only", async () => {
    const zoe = unsentCustomer("waiting");
    const opened = await openPage(page(zoe));
    await opened.user.click(screen.getByRole("button", { name: "Drop the new customer Zoë Hartmann" }));
    expect(asked(opened)).toEqual([]);
    expect(screen.getByText(/Zoë Hartmann is removed from this till/)).toBeInTheDocument();
    await opened.user.click(screen.getByTestId("confirm-drop"));
    expect(asked(opened)).toEqual([["dropCustomer", zoe.id]]);
  });
});

describe("visits that the centre does not know of", () => {
  test("are listed with why, and dropped like an edit", async () => {
    const [waiting, refused] = [unsentVisit(false), unsentVisit(true, null)];
    const opened = await openPage({ ...unsentList(), visits: [refused, waiting] });
    const rows = screen.getAllByTestId("waiting-visit");
    expect(rows[0]).toHaveTextContent(/not remembered here any more.*did not take this visit/);
    expect(rows[1]).toHaveTextContent(/Jonas Okafor.*Visit.*Waiting to be sent/);
    await opened.user.click(screen.getByRole("button", { name: "Drop the visit of Jonas Okafor" }));
    await opened.user.click(screen.getByTestId("confirm-drop"));
    expect(asked(opened)).toEqual([["dropEdit", waiting.id]]);
  });
});
