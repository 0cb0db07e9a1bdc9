// The page of what was not sent, in each state that a store will see.

import type {
  CandidateView,
  ChangeView,
  NewStandingView,
  StandingView,
  UnsentCustomerView,
  UnsentEditView,
  UnsentView,
  UnsentVisitView,
} from "../lib/bindings";
import { past } from "./samples";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const LONG = "Maximiliane Freifrau von Hohenstein-Oettingen zu Wartenberg-Lichtenau";

let next = 0;

const shoes: ChangeView = {
  group: "sizes",
  key: "shoes",
  input: { kind: "text" },
  value: "41",
  now: "42",
  provenance: { channel: "web", at: past(2 * DAY), byAssociate: false },
};

const nothing = { now: null, provenance: null };

const fit: ChangeView = {
  ...nothing,
  group: "style",
  key: "fit",
  input: { kind: "oneOf", options: ["slim", "regular", "relaxed"] },
  value: "relaxed",
};

const note: ChangeView = {
  ...nothing,
  group: "care",
  key: "note",
  input: { kind: "text" },
  value: "Prefers natural light when trying on colours. Ask about the repair of the yellow raincoat.",
};

const colours: ChangeView = {
  group: "style",
  key: "colours",
  input: { kind: "anyOf", options: ["navy", "sand", "sage", "black", "white", "rust"] },
  value: ["navy", "sand", "rust"],
  now: ["black"],
  provenance: { channel: "app", at: past(3 * HOUR), byAssociate: false },
};

export function unsentEdit(
  standing: StandingView,
  change: ChangeView | null = shoes,
  name: string | null = "Amélie Durand",
  age = 20 * MINUTE,
): UnsentEditView {
  const id = `30000000-0000-4000-8000-${String(++next).padStart(12, "0")}`;
  return { id, name, madeAt: past(age), change, standing };
}

export const unsentList = (...edits: UnsentEditView[]): UnsentView => ({
  edits,
  all: edits.length,
  customers: [],
  visits: [],
});

export function unsentCustomer(
  standing: NewStandingView,
  candidates: CandidateView[] = [],
  name: string | null = "Zoë Hartmann",
): UnsentCustomerView {
  const id = `31000000-0000-4000-8000-${String(++next).padStart(12, "0")}`;
  return { id, name, madeAt: past(40 * MINUTE), standing, candidates };
}

export const KNOWN: CandidateView[] = [
  { maskedName: "Z••• H•••", since: past(900 * DAY), sameEmail: true, samePhone: false },
  { maskedName: "T••• H•••", since: null, sameEmail: false, samePhone: true },
];

export function unsentVisit(refused: boolean, name: string | null = "Jonas Okafor"): UnsentVisitView {
  return { id: `32000000-0000-4000-8000-${String(++next).padStart(12, "0")}`, name, at: past(3 * HOUR), refused };
}

/** The page in each state, by name. */
export function unsentSamples(): Record<string, UnsentView> {
  const many = Array.from({ length: 500 }, (_, at) =>
    unsentEdit(
      at % 7 === 3 ? "needsSignIn" : "waiting",
      at % 2 ? fit : shoes,
      at % 5 ? "Jonas Okafor" : LONG,
      at * MINUTE,
    ),
  );
  return {
    "unsent-empty": unsentList(),
    "unsent-conflict": unsentList(
      unsentEdit("conflict"),
      unsentEdit("conflict", colours, "山田 花子", 5 * HOUR),
      unsentEdit("conflict", { ...note, now: null }, LONG, 2 * DAY),
    ),
    "unsent-refused": unsentList(
      unsentEdit("badValue", { ...shoes, value: "forty-one and a half", now: "40" }),
      unsentEdit("notAllowed", fit, "Nguyễn Thị Minh Khai", 3 * HOUR),
      unsentEdit("overtaken", { ...shoes, value: null }, "عبد الرحمن بن خالد المنصوري", DAY),
      unsentEdit("noCustomer", note, null, 3 * DAY),
      unsentEdit("unreadable", null, "Siobhán O'Sullivan-Ng", 9 * DAY),
    ),
    "unsent-waiting": unsentList(
      unsentEdit("waiting"),
      unsentEdit("waiting", fit, LONG, 3 * HOUR),
      unsentEdit("needsSignIn", note, "山田 花子", 2 * DAY),
      unsentEdit("waiting", { ...shoes, value: null }, null, 5 * DAY),
    ),
    "unsent-both": unsentList(
      unsentEdit("conflict"),
      unsentEdit("waiting", fit, "Jonas Okafor"),
      unsentEdit("waiting"),
    ),
    "unsent-new": {
      ...unsentList(unsentEdit("waiting")),
      customers: [
        unsentCustomer("mayBeKnown", KNOWN),
        unsentCustomer("mayBeKnown", KNOWN.slice(0, 1), LONG),
        unsentCustomer("erased", [], "山田 花子"),
        unsentCustomer("refused", [], null),
        unsentCustomer("waiting", [], "عبد الرحمن بن خالد المنصوري"),
      ],
      visits: [unsentVisit(true), unsentVisit(false, LONG), unsentVisit(false, null)],
    },
    "unsent-many": { ...unsentList(...many), all: 1240 },
  };
}
