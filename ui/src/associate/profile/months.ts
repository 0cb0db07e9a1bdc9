// Visits and spend, month by month and by channel. Only what is known is told: activity comes in pages, so the months
// begin no earlier than the oldest of it. Amounts of two currencies are never added.

import type { ActivityView } from "../../lib/bindings";

export const MEASURES = ["visits", "spend"] as const;
export type Measure = (typeof MEASURES)[number];

/** The channels that this version knows, in the order in which they are named. */
const CHANNELS = ["web", "app", "store", "social", "other"];
const MOST = 12;

/** Sums of some entries: one for each month, in the order of the months, and all of them together. */
export interface Sums {
  each: number[];
  all: number;
}

export interface Figures extends Sums {
  /** The channels that there is something from. */
  channels: Map<string, Sums>;
}

/** Minor units; what was brought back is taken off. */
export interface Spend extends Figures {
  currency: string;
}

export interface Months {
  /** The first moment of each, oldest first. */
  starts: number[];
  /** The oldest activity, where it is younger than the months that could be shown. */
  since: string | null;
  /** None where there was no visit. */
  visits: Figures | null;
  /** The currency of most purchases first. */
  spend: Spend[];
}

interface Entry {
  channel: string;
  month: number;
  amount: number;
}

/** Months since the beginning of our calendar, as the clock on the wall counts them. */
function monthOf(at: number): number {
  const date = new Date(at);
  return date.getFullYear() * 12 + date.getMonth();
}

function startOf(month: number): number {
  return new Date(Math.floor(month / 12), month % 12).getTime();
}

function sums(entries: Entry[], months: number): Sums {
  const each = Array.from({ length: months }, (_, month) =>
    entries.reduce((sum, entry) => (entry.month === month ? sum + entry.amount : sum), 0),
  );
  return { each, all: each.reduce((sum, one) => sum + one, 0) };
}

function figures(entries: Entry[], months: number): Figures {
  const found = new Set(entries.map(({ channel }) => channel));
  const known = CHANNELS.filter((channel) => found.has(channel));
  const order = [...known, ...[...found].filter((channel) => !CHANNELS.includes(channel)).sort()];
  const channels = new Map(
    order.map((channel) => [
      channel,
      sums(
        entries.filter((entry) => entry.channel === channel),
        months,
      ),
    ]),
  );
  return { ...sums(entries, months), channels };
}

/** A return is money back, whichever sign its source gives it. */
function paid({ kind, amountMinor }: ActivityView): number {
  const amount = amountMinor ?? 0;
  return kind === "return" ? -Math.abs(amount) : amount;
}

export function byMonth(activity: readonly ActivityView[], now: number): Months {
  // A clock that runs ahead does not lead into the future.
  const timeOf = (one: ActivityView) => Math.min(Date.parse(one.at), now);
  const oldest = activity.reduce<ActivityView | null>(
    (found, one) => (found && timeOf(found) <= timeOf(one) ? found : one),
    null,
  );
  const last = monthOf(now);
  const earliest = last - MOST + 1;
  const reached = oldest ? monthOf(timeOf(oldest)) : last;
  const first = Math.max(reached, earliest);
  const count = last - first + 1;

  const visits: Entry[] = [];
  const spend = new Map<string, { entries: Entry[]; purchases: number }>();
  for (const one of activity) {
    const month = monthOf(timeOf(one)) - first;
    if (month < 0) continue;
    const { channel, kind, currency } = one;
    if (kind === "visit") visits.push({ channel, month, amount: 1 });
    if ((kind === "purchase" || kind === "return") && one.amountMinor !== null && currency) {
      const known = spend.get(currency) ?? { entries: [], purchases: 0 };
      known.entries.push({ channel, month, amount: paid(one) });
      if (kind === "purchase") known.purchases += 1;
      spend.set(currency, known);
    }
  }

  return {
    starts: Array.from({ length: count }, (_, month) => startOf(first + month)),
    since: oldest && reached >= earliest ? oldest.at : null,
    visits: visits.length > 0 ? figures(visits, count) : null,
    spend: [...spend]
      .toSorted(([a, one], [b, other]) => other.purchases - one.purchases || a.localeCompare(b))
      .map(([currency, { entries }]) => ({ currency, ...figures(entries, count) })),
  };
}
