import { fireEvent, screen, within } from "@testing-library/svelte";
import { describe, expect, test, vi } from "vitest";
import { associate, past, profile } from "../src/gallery/samples";
import type { AssociateView, EditProgressView, PreferenceView, ProfileView } from "../src/lib/bindings";
import { asked, openAssociate } from "./window";

const open = (more: Partial<ProfileView> = {}, view: Partial<AssociateView> = {}) =>
  associate({ kind: "profile", ...profile(), ...more }, view);

function preference(group: string, key: string): HTMLElement {
  const found = screen
    .getAllByTestId("preference")
    .find((one) => one.dataset.group === group && one.dataset.key === key);
  if (!found) throw new Error(`${group}.${key} is not on the screen`);
  return found;
}

function changed(group: string, key: string, more: Partial<PreferenceView>): ProfileView {
  const whole = profile();
  return {
    ...whole,
    preferences: (whole.preferences ?? []).map((one) =>
      one.group === group
        ? { ...one, items: one.items.map((item) => (item.key === key ? { ...item, ...more } : item)) }
        : one,
    ),
  };
}

describe("the profile", () => {
  test("shows who it is, the linked accounts, the consents and what was done", async () => {
    await openAssociate(open());
    expect(screen.getByTestId("customer-name")).toHaveTextContent("Amélie Durand");
    expect(screen.getAllByTestId("identity").map((one) => one.dataset.provider)).toEqual([
      "google",
      "apple",
      "passkey",
      "facebook",
    ]);
    expect(screen.getAllByTestId("activity")).toHaveLength(10);
    const states = screen.getAllByTestId("consent").map((one) => one.dataset.state);
    expect(states).toEqual(["given", "given", "withdrawn", "neverAsked", "neverAsked"]);
  });

  test("says whether it is live, or how old the copy is", async () => {
    const opened = await openAssociate(open());
    expect(screen.getByTestId("origin")).toHaveTextContent("Up to date");
    const at = new Date();
    at.setHours(9, 12, 0, 0);
    await opened.show(open({ origin: { kind: "copy", of: at.toISOString() } }));
    expect(screen.getByTestId("origin")).toHaveTextContent(/Copy of 0?9:12/);
  });

  test("is not called up to date while the centre cannot be reached", async () => {
    const since = new Date();
    since.setHours(9, 12, 0, 0);
    const opened = await openAssociate(open({}, { connection: { kind: "offline", since: since.toISOString() } }));
    expect(screen.getByTestId("origin")).toHaveTextContent(/Central service not reached since 0?9:12/);
    expect(screen.getByTestId("origin")).not.toHaveTextContent("Up to date");
    await opened.show(open());
    expect(screen.getByTestId("origin")).toHaveTextContent("Up to date");
  });

  test("what has nothing to tap can be scrolled by keyboard", async () => {
    await openAssociate(open({ agreement: null }));
    const about = screen.getByRole("region", { name: "More about the customer" });
    expect(within(about).queryAllByRole("button")).toEqual([]);
    about.focus();
    expect(about).toHaveFocus();
  });

  test("activity is told by time, each day once, whatever order it comes in", async () => {
    const activity = profile().activity ?? [];
    await openAssociate(open({ activity: [...activity].reverse().sort((a, b) => a.channel.localeCompare(b.channel)) }));
    const days = screen.getAllByRole("heading", { level: 3 }).map((one) => one.textContent);
    expect(new Set(days).size).toBe(days.length);
    expect(screen.getAllByTestId("activity").map((one) => one.querySelector("time")?.dateTime)).toEqual(
      activity.map((one) => one.at),
    );
  });

  test("every value says where it comes from and how old it is", async () => {
    await openAssociate(open());
    expect(preference("sizes", "top")).toHaveTextContent("Web shop, 2 days ago");
    expect(preference("care", "allergies")).toHaveTextContent("Store, by an associate");
  });

  test("every stage of an edit is put into words", async () => {
    const opened = await openAssociate(open());
    const words: Record<EditProgressView, string> = {
      saving: "Saving…",
      waiting: "Edited here, waiting to send",
      sent: "Store, by an associate",
      notSaved: "Not saved. Enter it again.",
      refused: "Refused by the central service",
    };
    for (const [progress, text] of Object.entries(words)) {
      const provenance = { channel: "store", at: past(0), byAssociate: true };
      await opened.show(open(changed("sizes", "top", { progress: progress as EditProgressView, provenance })));
      expect(preference("sizes", "top")).toHaveTextContent(text);
      expect(preference("sizes", "top")).toHaveAttribute("data-progress", progress);
    }
  });

  test("activity can be narrowed to a channel, and older is asked for", async () => {
    const opened = await openAssociate(open());
    await opened.user.click(screen.getByRole("radio", { name: "Store" }));
    const channels = screen.getAllByTestId("activity").map((one) => one.dataset.channel);
    expect(new Set(channels)).toEqual(new Set(["store"]));
    await opened.user.click(screen.getByTestId("older-activity"));
    expect(asked(opened)).toEqual([["olderActivity"]]);
  });

  test("activity can be narrowed to a kind; what was brought back is beside what was bought", async () => {
    const { user } = await openAssociate(open());
    expect(screen.getByTestId("kind")).toHaveAccessibleName("Kind of activity: All kinds");
    await user.click(screen.getByTestId("kind"));
    const list = document.querySelector("[data-select-content]");
    expect([...(list?.querySelectorAll("[data-option]") ?? [])].map((one) => one.textContent?.trim())).toEqual([
      "All kinds",
      "Purchases and returns",
      "Visit",
      "Wish list",
      "Looked at",
      "Review",
      "Social",
      "Service",
    ]);
    await user.click(screen.getByText("Purchases and returns"));
    const kinds = new Set(screen.getAllByTestId("activity").map((one) => one.dataset.kind));
    expect(kinds).toEqual(new Set(["purchase", "return"]));
  });

  test("a filter that hides everything says so, and is taken off where it says so", async () => {
    const { user } = await openAssociate(open());
    await user.click(screen.getByRole("radio", { name: "Social" }));
    await user.click(screen.getByTestId("kind"));
    await user.click(screen.getByText("Purchases and returns"));
    expect(screen.queryAllByTestId("activity")).toEqual([]);
    expect(screen.getByTestId("all-hidden")).toHaveTextContent("The filter hides all that is here");
    expect(screen.getByTestId("older-activity")).toBeInTheDocument();
    await user.click(screen.getByTestId("show-all"));
    expect(screen.getAllByTestId("activity")).toHaveLength(10);
    expect(screen.getByRole("radio", { name: "All" })).toHaveFocus();
  });

  test("a filter stays as long as the visit, whatever comes in front of it", async () => {
    const opened = await openAssociate(open());
    const chosen = () => screen.getAllByTestId("channel").find((one) => one.dataset.state === "on")?.dataset.option;
    await opened.user.click(screen.getByRole("radio", { name: "Store" }));
    await opened.user.keyboard("{Control>}u{/Control}");
    expect(screen.queryAllByTestId("channel")).toEqual([]);
    await opened.user.click(screen.getByTestId("close-unsent"));
    expect(chosen()).toBe("store");
    await opened.show(associate({ kind: "home", recent: [], canAdd: true }));
    await opened.show(open());
    expect(chosen()).toBe("all");
  });

  test("a channel that is not among the usual can be chosen once something came by it", async () => {
    const [first, ...rest] = profile().activity ?? [];
    if (!first) throw new Error("no activity");
    const opened = await openAssociate(open());
    expect(screen.queryByRole("radio", { name: "Another channel" })).toBeNull();
    await opened.show(open({ activity: [{ ...first, channel: "other" }, ...rest] }));
    await opened.user.click(screen.getByRole("radio", { name: "Another channel" }));
    expect(screen.getAllByTestId("activity")).toHaveLength(1);
  });

  test("a return is shown as money going back", async () => {
    await openAssociate(open());
    const back = screen.getAllByTestId("activity").find((one) => one.dataset.kind === "return");
    expect(back).toHaveTextContent(/-€74\.90|−€74\.90/);
  });

  test("says what was agreed to, when, where and how, and each act of a consent", async () => {
    const opened = await openAssociate(open());
    const agreement = screen.getByTestId("agreement");
    expect(agreement).toHaveTextContent(/Agreed on .* at Marram Northquay, on their phone/);
    expect(
      within(agreement)
        .getAllByTestId("agreed")
        .map((one) => one.dataset.scope),
    ).toEqual(["contact", "preferences", "activity", "loyalty"]);
    const marketing = screen.getAllByTestId("consent").find((one) => one.dataset.purpose === "email_marketing");
    const acts = within(marketing as HTMLElement).getAllByTestId("act");
    expect(acts.map((one) => one.dataset.given)).toEqual(["false", "true"]);
    expect(acts[1]).toHaveTextContent(/Web shop, by the customer.*Wording 2024-1/);
    await opened.show(open({ agreement: null }));
    expect(screen.queryByTestId("agreement")).toBeNull();
  });

  test("forgets the customer at the till after one question", async () => {
    const opened = await openAssociate(open());
    await opened.user.click(screen.getByTestId("forget"));
    expect(asked(opened)).toEqual([]);
    await opened.user.click(screen.getByTestId("keep"));
    await opened.user.click(screen.getByTestId("forget"));
    await opened.user.click(screen.getByTestId("forget-yes"));
    expect(asked(opened)).toEqual([["forgetCustomer"]]);
  });

  test("does not look empty where less than everything was left at the till", async () => {
    const less = { identities: null, activity: null, loyalty: null, email: null, phone: null };
    await openAssociate(open({ ...less, notKept: ["contact", "activity", "loyalty"] }));
    const parts = screen.getAllByTestId("not-kept");
    expect(parts.map((one) => one.dataset.part)).toEqual(["activity", "contact"]);
    for (const part of parts) expect(part).toHaveTextContent("Sign in to see it");
    expect(screen.getByText("Membership: Not kept at this till")).toBeInTheDocument();
    expect(screen.queryByTestId("unknown")).toBeNull();
    expect(screen.queryByText("No activity yet")).toBeNull();
  });

  test("ends when the associate says so, and not by Esc", async () => {
    const opened = await openAssociate(open());
    await opened.user.keyboard("{Escape}");
    expect(asked(opened)).toEqual([]);
    await opened.user.click(screen.getByTestId("end-visit"));
    expect(asked(opened)).toEqual([["endVisit"]]);
  });
});

describe("a profile source that cannot do everything", () => {
  const INPUTS = ["button", "radio", "textbox", "combobox", "switch"];
  const inputs = (within_: HTMLElement) => INPUTS.flatMap((role) => within(within_).queryAllByRole(role));

  test("has no card for what it does not know, and says so once", async () => {
    await openAssociate(open({ preferences: null, activity: null, identities: null, consents: null }));
    for (const card of ["preference", "activity", "identity", "consent", "channel", "older-activity"]) {
      expect(screen.queryAllByTestId(card)).toEqual([]);
    }
    const unknown = screen.getByTestId("unknown");
    expect(
      within(unknown)
        .getAllByRole("listitem")
        .map((one) => one.textContent),
    ).toEqual(["Preferences", "Activity", "Linked accounts", "What they agreed to"]);
    expect(screen.queryByText("No activity yet")).toBeNull();
    expect(screen.queryByText("No account is linked")).toBeNull();
    expect(screen.getByTestId("customer-name")).toHaveTextContent("Amélie Durand");
  });

  test("names nothing as unknown where everything is known", async () => {
    await openAssociate(open());
    expect(screen.queryByTestId("unknown")).toBeNull();
  });

  test("shows preferences that can only be looked at, with nothing to change them by", async () => {
    const fixed = (profile().preferences ?? []).map((group) => ({
      ...group,
      items: group.items.map((item) => ({ ...item, editable: false, progress: null, refused: null })),
    }));
    await openAssociate(open({ preferences: fixed }));
    for (const one of screen.getAllByTestId("preference")) expect(inputs(one)).toEqual([]);
    expect(preference("sizes", "top")).toHaveTextContent("M");
    expect(preference("style", "colours")).toHaveTextContent("Navy, Sea blue, Sand");
    expect(preference("contact", "language")).toHaveTextContent("French");
    expect(preference("care", "wants_newsletter_on_paper")).toHaveTextContent("Yes");
    expect(preference("style", "materials_avoided")).toHaveTextContent("Not known");
    expect(screen.getByText(/For information/)).toBeInTheDocument();
  });

  test("offers to change exactly what it takes", async () => {
    const some = (profile().preferences ?? []).map((group) => ({
      ...group,
      items: group.items.map((item) => ({ ...item, editable: item.key === "shoes" })),
    }));
    const opened = await openAssociate(open({ preferences: some }));
    expect(inputs(preference("sizes", "top"))).toEqual([]);
    const shoes = within(preference("sizes", "shoes")).getByRole("textbox");
    await opened.user.clear(shoes);
    await opened.user.type(shoes, "40{Enter}");
    expect(asked(opened)).toEqual([["changePreference", "sizes", "shoes", "40"]]);
    expect(screen.queryByText(/For information/)).toBeNull();
  });

  test("says neither when an account was linked nor of what tier somebody is, where it does not know", async () => {
    const identities = [{ provider: "google", label: "amelie@example.com", linkedAt: null, lastUsedAt: null }];
    const loyalty = { number: "MR-004 871", tier: null, points: null, nextTierAt: null, isTop: false };
    await openAssociate(open({ identities, loyalty }));
    expect(screen.getByTestId("identity")).not.toHaveTextContent(/linked|used/i);
    expect(screen.getByText("Member MR-004 871")).toBeInTheDocument();
    expect(screen.queryByText("Highest tier")).toBeNull();
    expect(screen.queryByText(/points/)).toBeNull();
  });
});

describe("editing a preference", () => {
  test("one of a few is one tap; a second tap removes it", async () => {
    const opened = await openAssociate(open());
    const top = within(preference("sizes", "top"));
    await opened.user.click(top.getByRole("radio", { name: "L" }));
    await opened.user.click(top.getByRole("radio", { name: "M" }));
    expect(asked(opened)).toEqual([
      ["changePreference", "sizes", "top", "L"],
      ["changePreference", "sizes", "top", null],
    ]);
  });

  test("any of many is saved with each tap, in the order of the catalogue", async () => {
    const opened = await openAssociate(open());
    await opened.user.click(within(preference("style", "colours")).getByTestId("choose"));
    await opened.user.click(await screen.findByText("Sage"));
    expect(asked(opened)).toEqual([["changePreference", "style", "colours", ["navy", "sand", "sage", "sea_blue"]]]);
  });

  test("text is saved by Enter, taken back by Esc, and removed by emptying it", async () => {
    const opened = await openAssociate(open());
    const shoes = within(preference("sizes", "shoes")).getByRole("textbox");
    await opened.user.clear(shoes);
    await opened.user.type(shoes, "40{Escape}");
    expect(shoes).toHaveValue("39");
    await opened.user.clear(shoes);
    await opened.user.type(shoes, "40{Enter}");
    await opened.user.clear(shoes);
    await opened.user.tab();
    expect(asked(opened)).toEqual([
      ["changePreference", "sizes", "shoes", "40"],
      ["changePreference", "sizes", "shoes", null],
    ]);
  });

  test("leaving a text as it was changes nothing", async () => {
    const opened = await openAssociate(open());
    await opened.user.click(within(preference("sizes", "shoes")).getByRole("textbox"));
    await opened.user.tab();
    expect(asked(opened)).toEqual([]);
  });

  test("half-typed text and the focus stay while the app sends new views", async () => {
    const opened = await openAssociate(open());
    const note = within(preference("care", "note")).getByRole("textbox");
    await opened.user.clear(note);
    await opened.user.type(note, "Half a sent");
    await opened.show(open(changed("care", "note", { value: "From elsewhere", progress: "sent" })));
    await opened.show(open({ loadingOlder: true }));
    expect(note).toHaveValue("Half a sent");
    expect(note).toHaveFocus();
  });

  test("what was typed stays until the app has it", async () => {
    const opened = await openAssociate(open());
    const shoes = within(preference("sizes", "shoes")).getByRole("textbox");
    await opened.user.clear(shoes);
    await opened.user.type(shoes, "41");
    opened.backend.problem = "internal";
    await opened.user.keyboard("{Enter}");
    expect(await screen.findByTestId("problem")).toBeInTheDocument();
    expect(shoes).toHaveValue("41");
    await opened.user.click(shoes);
    await opened.user.tab();
    expect(asked(opened)).toEqual([
      ["changePreference", "sizes", "shoes", "41"],
      ["changePreference", "sizes", "shoes", "41"],
    ]);
    expect(shoes).toHaveValue("39");
  });

  test("pasted lines and tabs are spaces", async () => {
    const opened = await openAssociate(open());
    const note = within(preference("care", "note")).getByRole("textbox");
    await opened.user.clear(note);
    await opened.user.click(note);
    await opened.user.paste("Tall.\n\tLong\u0007sleeves\u2028");
    await opened.user.tab();
    expect(asked(opened)).toEqual([["changePreference", "care", "note", "Tall. Long sleeves"]]);
  });

  test("says saved when it is, and not before", async () => {
    const edit = "20000000-0000-4000-8000-00000000beef";
    const notice = (progress: EditProgressView, removed: boolean) => ({
      id: 4,
      what: { kind: "preferenceChanged" as const, edit, group: "sizes", key: "top", removed, progress },
    });
    const opened = await openAssociate(open({}, { notice: notice("saving", false) }));
    expect(screen.getByTestId("notice")).toHaveTextContent("Tops changed, being saved…");
    await opened.show(open({}, { notice: notice("sent", false) }));
    expect(screen.getByTestId("notice")).toHaveTextContent("Tops saved");
    await opened.show(open({}, { notice: notice("waiting", true) }));
    expect(screen.getByTestId("notice")).toHaveTextContent("Tops removed");
  });

  test("what the centre refused is shown beside what stands there, and can be let go of", async () => {
    const refused = { edit: "20000000-0000-4000-8000-00000000cafe", value: "XL" };
    const opened = await openAssociate(open(changed("sizes", "top", { progress: "refused", refused })));
    const row = within(preference("sizes", "top"));
    expect(row.getByText(/You entered: XL/)).toBeInTheDocument();
    await opened.user.click(row.getByTestId("discard-edit"));
    expect(asked(opened)).toEqual([["dropEdit", refused.edit]]);
  });

  test("undo takes back the very edit that the notice speaks of", async () => {
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
    const opened = await openAssociate(open({}, { notice }));
    expect(screen.getByTestId("notice")).toHaveTextContent("Tops saved");
    await opened.user.click(screen.getByTestId("undo"));
    expect(asked(opened)).toEqual([["undoEdit", edit]]);
  });

  test("a value that this till does not offer is shown all the same", async () => {
    await openAssociate(open(changed("sizes", "top", { value: "4XL" })));
    expect(within(preference("sizes", "top")).getByRole("radio", { name: "4XL" })).toBeChecked();
  });
});

describe("a notice", () => {
  const saved = (id: number) =>
    open(
      {},
      {
        notice: {
          id,
          what: {
            kind: "preferenceChanged",
            edit: `e${id}`,
            group: "sizes",
            key: "top",
            removed: false,
            progress: "sent",
          },
        },
      },
    );

  test("stays while somebody is at it, and a newer one in its place goes by itself", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"], shouldAdvanceTime: true, advanceTimeDelta: 5 });
    try {
      const opened = await openAssociate(saved(1));
      await fireEvent.pointerEnter(screen.getByTestId("notice"));
      await vi.advanceTimersByTimeAsync(20_000);
      expect(asked(opened)).toEqual([]);
      await opened.show(saved(2));
      await vi.advanceTimersByTimeAsync(11_000);
      expect(asked(opened)).toEqual([["dismissNotice", 2]]);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe("the status bar", () => {
  test("names its signs in full, also where only a number is drawn", async () => {
    await openAssociate(
      open(
        {},
        {
          queue: { waiting: 3, refused: 1, oldest: past(0), count: 1 },
          connection: { kind: "offline", since: past(0) },
        },
      ),
    );
    for (const name of [/^Offline since /, /^3 changes waiting$/, /^1 to decide$/]) {
      expect(screen.getByRole("button", { name })).toBeVisible();
    }
  });

  test("says what waits and what was refused", async () => {
    await openAssociate(open({}, { queue: { waiting: 2, refused: 1, oldest: past(60_000), count: 1 } }));
    const queue = screen.getByTestId("queue");
    expect(queue).toHaveTextContent("2 changes waiting");
    expect(queue).toHaveTextContent("1 to decide");
  });

  test("tells what a weak connection means when it is tapped", async () => {
    const opened = await openAssociate(open({}, { connection: { kind: "limping" } }));
    expect(screen.getByTestId("connection")).toHaveAttribute("data-state", "limping");
    await opened.user.click(within(screen.getByTestId("connection")).getByRole("button"));
    expect(await screen.findByText(/slowly or not every time/)).toBeInTheDocument();
  });

  test("tells what offline means when it is tapped", async () => {
    const opened = await openAssociate(open({}, { connection: { kind: "offline", since: past(60_000) } }));
    expect(screen.getByTestId("connection")).toHaveAttribute("data-state", "offline");
    await opened.user.click(within(screen.getByTestId("connection")).getByRole("button"));
    expect(await screen.findByText(/what you change is sent later/)).toBeInTheDocument();
  });
});
