import { screen, within } from "@testing-library/svelte";
import { describe, expect, test } from "vitest";
import { byMonth } from "../src/associate/profile/months";
import { abroad, associate, often, profile } from "../src/gallery/samples";
import type { ActivityView, ProfileView } from "../src/lib/bindings";
import { openAssociate } from "./window";

const NOW = new Date(2026, 10, 24, 12).getTime();

function did(date: string, kind: string, channel = "store", amountMinor: number | null = null, currency = "EUR") {
  const at = new Date(`${date}T12:00:00`).toISOString();
  const rest = { title: "", brand: null, store: null, currency: amountMinor === null ? null : currency };
  return { id: `${date}-${kind}-${channel}-${amountMinor}`, at, channel, kind, amountMinor, ...rest } as ActivityView;
}

const starts = (activity: ActivityView[]) =>
  byMonth(activity, NOW).starts.map((at) => [new Date(at).getFullYear(), new Date(at).getMonth() + 1].join("-"));

describe("the months", () => {
  test("are the last twelve, where what is known reaches back so far", () => {
    const months = byMonth([did("2026-11-02", "visit"), did("2024-01-01", "view")], NOW);
    expect(months.starts).toHaveLength(12);
    expect(months.starts[0]).toBe(new Date(2025, 11, 1).getTime());
    expect(months.since).toBeNull();
  });

  test("begin with the oldest that is known, of whatever kind, and say so", () => {
    const oldest = did("2026-09-30", "view", "web");
    const activity = [did("2026-11-02", "visit"), oldest];
    expect(starts(activity)).toEqual(["2026-9", "2026-10", "2026-11"]);
    expect(byMonth(activity, NOW).since).toBe(oldest.at);
    expect(byMonth(activity, NOW).visits?.each).toEqual([0, 0, 1]);
  });

  test("that are known in part say since when", () => {
    const oldest = did("2025-12-17", "visit");
    expect(byMonth([oldest], NOW).starts).toHaveLength(12);
    expect(byMonth([oldest], NOW).since).toBe(oldest.at);
  });

  test("do not lead into the future by a clock that runs ahead", () => {
    const ahead = did("2026-12-03", "visit");
    expect(starts([ahead])).toEqual(["2026-11"]);
    expect(byMonth([ahead], NOW).visits?.each).toEqual([1]);
  });

  test("take each activity, whatever order it comes in", () => {
    const activity = often();
    const at = Date.now();
    expect(byMonth([...activity].reverse(), at)).toEqual(byMonth(activity, at));
  });
});

describe("the figures", () => {
  test("are counted by channel, channels in the order that they always have", () => {
    const months = byMonth(
      [
        did("2026-11-02", "visit", "kiosk"),
        did("2026-11-03", "visit"),
        did("2026-10-03", "visit"),
        did("2026-10-04", "visit", "web"),
        did("2026-10-05", "view", "app"),
      ],
      NOW,
    );
    expect([...(months.visits?.channels ?? [])]).toEqual([
      ["web", { each: [1, 0], all: 1 }],
      ["store", { each: [1, 1], all: 2 }],
      ["kiosk", { each: [0, 1], all: 1 }],
    ]);
    expect(months.visits).toMatchObject({ each: [2, 2], all: 4 });
    expect(months.spend).toEqual([]);
  });

  test("take off what was brought back, whichever sign it has", () => {
    const months = byMonth(
      [
        did("2026-11-02", "return", "store", -500),
        did("2026-11-03", "return", "store", 300),
        did("2026-10-03", "purchase", "web", 2000),
      ],
      NOW,
    );
    expect(months.visits).toBeNull();
    expect(months.spend).toMatchObject([{ currency: "EUR", each: [2000, -800], all: 1200 }]);
  });

  test("never add two currencies: that of most purchases comes first", () => {
    const months = byMonth(
      [
        did("2026-11-02", "purchase", "store", 90_000, "USD"),
        did("2026-11-03", "return", "store", -100, "USD"),
        did("2026-11-04", "return", "store", -100, "USD"),
        did("2026-11-05", "purchase", "store", 100),
        did("2026-11-06", "purchase", "web", 200),
      ],
      NOW,
    );
    expect(months.spend.map(({ currency, all }) => [currency, all])).toEqual([
      ["EUR", 300],
      ["USD", 89_800],
    ]);
  });

  test("are none where nobody came or bought, or it was too long ago, or has no price", () => {
    const old = [did("2024-05-01", "visit"), did("2024-05-01", "purchase", "web", 100)];
    for (const activity of [[], old, [did("2026-11-02", "view")], [did("2026-11-02", "purchase")]]) {
      expect(byMonth(activity, NOW)).toMatchObject({ visits: null, spend: [] });
    }
  });
});

const open = (activity: ActivityView[], more: Partial<ProfileView> = {}) =>
  associate({ kind: "profile", ...profile(), activity, hasOlder: false, ...more });
const chart = () => screen.getByTestId("months");

describe("the chart", () => {
  test("says in one sentence what it shows, of visits and of spend", async () => {
    const { user } = await openAssociate(open(often()), "en-GB");
    expect(chart()).toHaveAccessibleName(/^Visits by month, .+–.+: \d+ in all \(Store: \d+\)$/);
    await user.click(screen.getByRole("radio", { name: "Spend" }));
    expect(chart()).toHaveAccessibleName(/^Spend by month, .+: €[\d,.]+ in all \(Web shop: .+, App: .+, Store: .+\)$/);
    expect(screen.getByRole("radio", { name: "Spend" })).toBeChecked();
  });

  test("is reached and turned by keyboard", async () => {
    const { user } = await openAssociate(open(often()));
    screen.getByRole("radio", { name: "Visits" }).focus();
    await user.keyboard("{ArrowRight}");
    expect(screen.getByRole("radio", { name: "Spend" })).toHaveFocus();
    await user.keyboard(" ");
    expect(chart().dataset.measure).toBe("spend");
  });

  test("has the same figures in a table", async () => {
    const { user } = await openAssociate(open(often()));
    await user.click(screen.getByTestId("months-table"));
    const table = await screen.findByTestId("months-figures");
    const cells = within(table).getAllByRole("cell", { hidden: true });
    const sum = cells.slice(0, -1).reduce((all, cell) => all + Number(cell.textContent?.replace(/\D/g, "")), 0);
    expect(table.querySelectorAll("tbody tr")).toHaveLength(12);
    expect(cells.at(-1)).toHaveTextContent(String(sum));
    expect(chart()).toHaveAccessibleName(new RegExp(`: ${sum} in all`));
  });

  test("draws one currency and names the others, whose figures are in the table", async () => {
    const { user } = await openAssociate(open(abroad()));
    await user.click(screen.getByRole("radio", { name: "Spend" }));
    expect(chart()).toHaveAccessibleName(/€/);
    expect(chart()).not.toHaveAccessibleName(/\$/);
    expect(screen.getByText(/Also in the table: US Dollar/)).toBeInTheDocument();
    await user.click(screen.getByTestId("months-table"));
    const other = (await screen.findByTestId("months-figures")).querySelector("tfoot tr:last-child");
    expect(other).toHaveTextContent(/US Dollar.*\$/);
  });

  test("does not make a single visit look like many", async () => {
    const [visit] = often().filter(({ kind }) => kind === "visit");
    if (!visit) throw new Error("no visit");
    await openAssociate(open([visit]));
    const high = Number(chart().querySelector("rect")?.getAttribute("height"));
    expect(high).toBeLessThan(Number(chart().querySelector("svg")?.getAttribute("viewBox")?.split(" ")[3]) / 2);
  });

  test("says since when it knows, and whether there is more to load", async () => {
    const activity = often().slice(0, 3);
    const opened = await openAssociate(open(activity, { hasOlder: true }));
    expect(screen.getByText(/^Since .+, as far as loaded$/)).toBeInTheDocument();
    await opened.show(open(activity));
    expect(screen.getByText(/^Since .+, the first activity$/)).toBeInTheDocument();
    await opened.show(open(often()));
    expect(screen.getByText("Last 12 months")).toBeInTheDocument();
  });

  test("offers nothing to choose where there is one thing to show, and is not there where there is none", async () => {
    const visits = often().filter(({ kind }) => kind === "visit");
    const opened = await openAssociate(open(visits));
    expect(screen.getByRole("heading", { name: "Visits by month" })).toBeInTheDocument();
    expect(screen.queryAllByTestId("measure")).toEqual([]);
    await opened.show(open(often().map((one) => ({ ...one, kind: "view" }))));
    expect(screen.queryByTestId("months")).toBeNull();
    expect(screen.getAllByTestId("activity").length).toBeGreaterThan(0);
  });
});
