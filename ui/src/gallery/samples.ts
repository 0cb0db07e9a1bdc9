// Views to look at: each screen in each state, with names of many lengths and scripts. Nobody here is real.

import type {
  AccessLeftView,
  ActivityView,
  AssociateScreen,
  AssociateView,
  CodeView,
  ConsentActView,
  ConsentView,
  DisplayScreen,
  DisplayView,
  NotesView,
  PreferenceGroupView,
  PreferenceView,
  ProfileView,
  ProofView,
  RememberedView,
  TillView,
} from "../lib/bindings";
import { QR_PATH, QR_SIZE } from "./qr";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** So long ago, or in the future where negative. */
export const past = (span: number): string => new Date(Date.now() - span).toISOString();

export const MARRAM: TillView = { store: "Marram Northquay", name: "Till 1", brand: "marram", brandName: "Marram" };
export const VOLTAGE: TillView = { store: "Voltage Arcade", name: "Till 1", brand: "voltage", brandName: "Voltage" };

export const MARA = { id: "00000000-0000-4000-8000-000000000001", name: "Mara Lindqvist", role: null };
export const PEOPLE = [
  MARA,
  { id: "00000000-0000-4000-8000-000000000002", name: "Jonas Okafor", role: null },
  { id: "00000000-0000-4000-8000-000000000003", name: "山田 花子", role: null },
];

export function code(): CodeView {
  return {
    userCode: "BCDF-GHJK",
    address: "id.example.com/device",
    qrPath: QR_PATH,
    qrSize: QR_SIZE,
    shownAt: past(48_000),
    expiresAt: past(-252_000),
  };
}

let next = 0;
const id = (): string => `10000000-0000-4000-8000-${String(++next).padStart(12, "0")}`;

function remembered(
  name: string,
  hint: string | null,
  seen: number,
  copied: number,
  waiting = 0,
  refused = 0,
): RememberedView {
  return { id: id(), name, hint, lastSeen: past(seen), copiedAt: past(copied), waiting, refused };
}

export const RECENT: RememberedView[] = [
  remembered("Amélie Durand", "a•••@example.com", 20 * MINUTE, 20 * MINUTE, 1),
  remembered("Nguyễn Thị Minh Khai", "born 3 May", 2 * HOUR, 2 * HOUR),
  remembered("山田 花子", "y•••@example.jp", 5 * HOUR, 5 * HOUR),
  remembered("عبد الرحمن بن خالد المنصوري", "••• 4471", DAY, DAY),
  remembered(
    "Maximiliane Freifrau von Hohenstein-Oettingen zu Wartenberg-Lichtenau",
    "m•••@example.de",
    3 * DAY,
    3 * DAY,
  ),
  remembered("Siobhán O'Sullivan-Ng", "s•••@example.ie", 9 * DAY, 9 * DAY),
];

function preferences(): PreferenceGroupView[] {
  const web = { channel: "web", at: past(2 * DAY), byAssociate: false };
  return [
    {
      group: "sizes",
      items: [
        {
          key: "top",
          input: { kind: "oneOf", options: ["XS", "S", "M", "L", "XL", "XXL"] },
          editable: true,
          value: "M",
          provenance: web,
          progress: null,
          refused: null,
        },
        {
          key: "trousers",
          input: { kind: "text" },
          editable: true,
          value: "30/32",
          provenance: web,
          progress: null,
          refused: null,
        },
        {
          key: "shoes",
          input: { kind: "text" },
          editable: true,
          value: "39",
          provenance: { channel: "store", at: past(40 * DAY), byAssociate: true },
          progress: null,
          refused: null,
        },
      ],
    },
    {
      group: "style",
      items: [
        {
          key: "fit",
          input: { kind: "oneOf", options: ["slim", "regular", "relaxed"] },
          editable: true,
          value: "relaxed",
          provenance: { channel: "store", at: past(MINUTE / 2), byAssociate: true },
          progress: "waiting",
          refused: null,
        },
        {
          key: "colours",
          input: {
            kind: "anyOf",
            options: ["navy", "sand", "sage", "black", "white", "rust", "sea_blue", "mustard", "plum", "acid_lime"],
          },
          editable: true,
          value: ["navy", "sea_blue", "sand"],
          provenance: { channel: "app", at: past(11 * DAY), byAssociate: false },
          progress: null,
          refused: null,
        },
        {
          key: "materials_avoided",
          input: { kind: "anyOf", options: ["wool", "leather", "down", "polyester", "latex"] },
          editable: true,
          value: null,
          provenance: null,
          progress: null,
          refused: null,
        },
      ],
    },
    {
      group: "contact",
      items: [
        {
          key: "channel",
          input: { kind: "oneOf", options: ["email", "sms", "phone", "post"] },
          editable: true,
          value: "email",
          provenance: web,
          progress: null,
          refused: null,
        },
        {
          key: "language",
          input: { kind: "oneOf", options: ["en", "de", "fr", "es", "it", "pt", "nl", "ar", "zh", "ja"] },
          editable: true,
          value: "fr",
          provenance: web,
          progress: null,
          refused: null,
        },
        {
          key: "time",
          input: { kind: "oneOf", options: ["morning", "afternoon", "evening"] },
          editable: true,
          value: null,
          provenance: null,
          progress: null,
          refused: null,
        },
      ],
    },
    {
      group: "care",
      items: [
        {
          key: "allergies",
          input: { kind: "anyOf", options: ["nickel", "latex", "wool", "fragrance"] },
          editable: true,
          value: ["nickel"],
          provenance: { channel: "store", at: past(400 * DAY), byAssociate: true },
          progress: null,
          refused: null,
        },
        {
          key: "accessibility",
          input: {
            kind: "anyOf",
            options: ["step_free_access", "fitting_room_seat", "large_print", "hearing_loop", "quiet_hour"],
          },
          editable: true,
          value: ["fitting_room_seat"],
          provenance: { channel: "app", at: past(70 * DAY), byAssociate: false },
          progress: "refused",
          refused: { edit: "e9", value: ["latex", "nickel"] },
        },
        {
          key: "note",
          input: { kind: "text" },
          editable: true,
          value: "Prefers natural light when trying on colours. Ask about the repair of the yellow raincoat.",
          provenance: { channel: "store", at: past(5 * MINUTE), byAssociate: true },
          progress: "sent",
          refused: null,
        },
        {
          key: "wants_newsletter_on_paper",
          input: { kind: "flag" },
          editable: true,
          value: true,
          provenance: web,
          progress: null,
          refused: null,
        },
      ],
    },
  ];
}

function noted(key: string, value: string, ago: number, progress: PreferenceView["progress"] = null): PreferenceView {
  const provenance = { channel: "store", at: past(ago), byAssociate: true };
  return { key, input: { kind: "text" }, editable: true, value, provenance, progress, refused: null };
}

function notes(): NotesView {
  return {
    tags: [noted("t1", "Alterations", 80 * DAY), noted("t2", "Raincoat waiting list", MINUTE, "waiting")],
    notes: [
      noted("n1", "Wants to be called when the mustard raincoat is back in 40.", MINUTE, "waiting"),
      noted("n2", "Buys for her mother too: ask about size 44.\nPays with gift cards.", 20 * DAY),
    ],
  };
}

/** The identity service does not say how. */
export const NO_PROOF: ProofView = { methods: [], at: null };

export const LEFT: readonly AccessLeftView[] = [
  { kind: "queued" },
  { kind: "runsOut", minutes: 5 },
  { kind: "notRevoked" },
];

export function profile(): ProfileView {
  const agreed = act(true, MINUTE, "store", "Marram Northquay");
  return {
    name: "Amélie Durand",
    given: "Amélie",
    email: "amelie.durand@example.com",
    emailVerified: true,
    phone: "+33199001122",
    locale: "fr-FR",
    birthday: "1991-05-03",
    memberSince: "2019-04-11T10:00:00Z",
    identities: [
      {
        provider: "google",
        label: "amelie.durand@example.com",
        linkedAt: past(900 * DAY),
        lastUsedAt: past(2 * DAY),
      },
      { provider: "apple", label: "Hidden address", linkedAt: past(300 * DAY), lastUsedAt: past(61 * DAY) },
      { provider: "passkey", label: "Phone of Amélie", linkedAt: past(90 * DAY), lastUsedAt: past(MINUTE) },
      { provider: "facebook", label: "Amélie D.", linkedAt: past(1400 * DAY), lastUsedAt: null },
    ],
    loyalty: { number: "MR-004 871", tier: "Harbour", points: 1480, nextTierAt: 2000, isTop: false },
    preferences: preferences(),
    notes: notes(),
    consents: [
      consent("remember_at_store", agreed),
      consent("personalisation", act(true, 500 * DAY, "web")),
      consent("email_marketing", act(false, 31 * DAY, "app"), act(true, 900 * DAY, "web")),
      consent("sms_marketing"),
      consent("ad_networks"),
    ],
    activity: activity(),
    hasOlder: true,
    loadingOlder: false,
    origin: { kind: "live" },
    proof: { methods: ["passkey"], at: past(MINUTE) },
    visitNoted: null,
    agreement: {
      until: past(-365 * DAY),
      scopes: ["contact", "preferences", "activity", "loyalty"],
      act: agreed,
      receipt: "0199b3d2-7c1e-7a4b-9f00-5f0c2d1e8a77",
    },
    notKept: [],
  };
}

function act(given: boolean, ago: number, channel: string, store: string | null = null): ConsentActView {
  const wording = channel === "store" ? "phone-remember-2.en" : "2024-1";
  return { given, at: past(ago), by: "customer", channel, store, wording };
}

function consent(purpose: string, ...acts: ConsentActView[]): ConsentView {
  const newest = acts[0];
  const state = newest === undefined ? "neverAsked" : newest.given ? "given" : "withdrawn";
  return { purpose, state, at: newest?.at ?? null, acts };
}

/** Somebody who left less than everything, and has not signed in. */
function partly(): Partial<ProfileView> {
  const whole = profile();
  return {
    email: null,
    emailVerified: false,
    phone: null,
    birthday: null,
    identities: null,
    activity: null,
    hasOlder: false,
    memberSince: null,
    loyalty: null,
    origin: { kind: "copy", of: past(3 * HOUR) },
    visitNoted: false,
    proof: null,
    agreement: whole.agreement && { ...whole.agreement, scopes: ["preferences"] },
    notKept: ["contact", "activity", "loyalty"],
  };
}

function activity(): ProfileView["activity"] {
  type Row = [number, string, string, string, number | null, string | null];
  const rows: Row[] = [
    [MINUTE, "store", "visit", "Marram Northquay", null, "Marram Northquay"],
    [5 * HOUR, "web", "view", "Raincoat, taped seams, mustard", null, null],
    [6 * HOUR, "app", "wishlist", "Linen trousers, wide leg, oat", null, null],
    [DAY + 2 * HOUR, "web", "purchase", "Linen shirt, sand", 6990, null],
    [DAY + 2 * HOUR + MINUTE, "web", "purchase", "Socks, three pairs, mixed", 1490, null],
    [3 * DAY, "social", "social", "Saved the video “three ways to wear it”", null, null],
    [9 * DAY, "store", "return", "Canvas deck shoes, navy", -7490, "Marram Old Town"],
    [16 * DAY, "store", "purchase", "Canvas deck shoes, navy", 7490, "Marram Old Town"],
    [30 * DAY, "app", "review", "Fisherman jumper, lambswool: “softer than it looks”", null, null],
    [44 * DAY, "web", "service", "Asked for a repair of Raincoat, taped seams", null, null],
  ];
  return rows.map(([ago, channel, kind, title, amountMinor, store], at) => ({
    id: `activity-${at}`,
    at: past(ago),
    channel,
    kind,
    title,
    brand: "marram",
    store,
    amountMinor,
    currency: amountMinor === null ? null : "EUR",
  }));
}

/** A customer who has come often for more than a year, most of all to the store. */
export function often(): ActivityView[] {
  const bought = [4990, 12_900, 2490, 0, 7990, 23_500, 0, 5990, 1990, 8990, 31_000, 3490, 6990];
  const one = (ago: number, channel: string, kind: string, amountMinor: number | null = null): ActivityView => ({
    id: id(),
    at: past(ago),
    channel,
    kind,
    title: kind === "visit" ? "Marram Northquay" : "Fisherman jumper, lambswool",
    brand: "marram",
    store: channel === "store" ? "Marram Northquay" : null,
    amountMinor,
    currency: amountMinor === null ? null : "EUR",
  });
  return bought.flatMap((amount, ago) => {
    const month = ago * 30.4 * DAY;
    const channel = ["store", "web", "store", "app"][ago % 4] ?? "web";
    const visits = Array.from({ length: [3, 1, 2, 0, 1][ago % 5] ?? 0 }, (_, at) =>
      one(month + (1 + at) * 4 * HOUR, "store", "visit"),
    );
    const purchases = amount === 0 ? [] : [one(month + 2 * HOUR, channel, "purchase", amount)];
    return ago === 3 ? [...visits, one(month + HOUR, "store", "return", -2490)] : [...visits, ...purchases];
  });
}

/** The same purchases on a journey: some of them were paid in another currency. */
export function abroad(): ActivityView[] {
  return often().map((one, at) => (one.amountMinor !== null && at % 3 === 0 ? { ...one, currency: "USD" } : one));
}

export function associate(screen: AssociateScreen, more: Partial<AssociateView> = {}): AssociateView {
  const nobody = ["badConfiguration", "firstRun", "firstPin", "locked", "associateSignIn"].includes(screen.kind);
  const noTill = ["badConfiguration", "firstRun"].includes(screen.kind);
  return {
    till: noTill ? { store: "", name: "", brand: "", brandName: "" } : MARRAM,
    screen,
    associate: nobody ? null : MARA,
    may: { serve: !nobody, decide: !nobody, startAnew: true },
    associatesSignIn: false,
    connection: { kind: noTill ? "unknown" : "online" },
    scanner: "",
    queue: { waiting: 0, refused: 0, oldest: null, count: 1 },
    memory: noTill ? "opening" : "ready",
    copying: null,
    notice: null,
    timesOut: null,
    demo: false,
    ...more,
  };
}

const offline = (): Partial<AssociateView> => ({
  connection: { kind: "offline", since: past(17 * MINUTE) },
  queue: { waiting: 2, refused: 0, oldest: past(12 * MINUTE), count: 1 },
});

const open = (more: Partial<ProfileView> = {}): AssociateScreen => ({ kind: "profile", ...profile(), ...more });
const edit = "20000000-0000-4000-8000-000000000001";

/** Every screen of the associate's window, by name. */
export function associateSamples(): Record<string, AssociateView> {
  const home: AssociateScreen = { kind: "home", recent: RECENT, canAdd: true };
  const samples: Record<string, AssociateView> = {
    "bad-configuration": associate({
      kind: "badConfiguration",
      file: "/home/till/.config/countersign/countersign.toml",
      line: 7,
      key: "till.bramd",
      code: "unknownKey",
      expected: { kind: "oneOf", keys: ["store", "name", "brand"] },
      found: 'bramd = "marram"',
    }),
    "bad-configuration-unreadable": associate({
      kind: "badConfiguration",
      file: "C:\\ProgramData\\Countersign\\countersign.toml",
      line: null,
      key: null,
      code: "unreadable",
      expected: null,
      found: null,
    }),
    "first-run": associate({ kind: "firstRun", busy: false, problem: null }),
    "first-run-busy": associate({ kind: "firstRun", busy: true, problem: null }),
    "first-run-problem": associate({ kind: "firstRun", busy: false, problem: { code: "providerUnreachable" } }),
    "first-pin": associate({ kind: "firstPin", failed: false }),
    "first-pin-no-keyring": associate({ kind: "firstPin", failed: false }, { memory: "noKeyring" }),
    "locked-opening": associate({ kind: "locked", associates: [], pin: { kind: "untried" } }, { memory: "opening" }),
    locked: associate({ kind: "locked", associates: PEOPLE, pin: { kind: "untried" } }),
    "locked-checking": associate({ kind: "locked", associates: [MARA], pin: { kind: "checking" } }),
    "locked-failed": associate({ kind: "locked", associates: [MARA], pin: { kind: "failed" } }),
    "locked-sign-in": associate(
      { kind: "locked", associates: [], pin: { kind: "untried" } },
      { associatesSignIn: true },
    ),
    "locked-sign-in-again": associate(
      { kind: "locked", associates: PEOPLE, pin: { kind: "signInAgain", associate: MARA.id } },
      { associatesSignIn: true },
    ),
    "associate-starting": associate({ kind: "associateSignIn", stage: "starting" }),
    "associate-scan": associate({
      kind: "associateSignIn",
      stage: "scan",
      code: code(),
      scanned: false,
      phoneHere: true,
    }),
    "associate-scanned": associate({
      kind: "associateSignIn",
      stage: "scan",
      code: code(),
      scanned: true,
      phoneHere: false,
    }),
    "associate-checking": associate({ kind: "associateSignIn", stage: "checking" }),
    "associate-pin": associate({
      kind: "associateSignIn",
      stage: "choosePin",
      name: "Maximiliane Freifrau von Hohenstein-Oettingen",
      role: "manager",
      saving: false,
      failed: true,
    }),
    "associate-no-role": associate({ kind: "associateSignIn", stage: "failed", why: null }),
    "associate-unreachable": associate({ kind: "associateSignIn", stage: "failed", why: "unreachable" }),
    "home-it": associate(
      { kind: "home", recent: [], canAdd: false },
      {
        associate: { ...MARA, role: "it" },
        may: { serve: false, decide: false, startAnew: true },
        associatesSignIn: true,
      },
    ),
    "locked-wrong": associate({ kind: "locked", associates: [MARA], pin: { kind: "wrong", associate: MARA.id } }),
    "locked-blocked": associate({
      kind: "locked",
      associates: [MARA],
      pin: { kind: "blocked", associate: MARA.id, until: past(-42_000) },
    }),
    "first-pin-failed": associate({ kind: "firstPin", failed: true }),
    home: associate(home, { demo: true }),
    "home-times-out": associate(home, { timesOut: { what: "till", at: past(-24_000) } }),
    "profile-times-out": associate(open(), { timesOut: { what: "visit", at: past(-17_000) } }),
    "home-empty": associate({ kind: "home", recent: [], canAdd: true }),
    "home-limping": associate(home, { connection: { kind: "limping" } }),
    "home-offline": associate(home, {
      ...offline(),
      queue: { waiting: 3, refused: 1, oldest: past(12 * MINUTE), count: 1 },
      notice: { id: 1, what: { kind: "queueSent", count: 3 } },
    }),
    "home-crowded": associate(home, {
      till: { ...MARRAM, store: "Marram Northquay am alten Hafen", name: "Till 12, first floor" },
      associate: { ...MARA, name: "Maximiliane Freifrau von Hohenstein-Oettingen" },
      connection: { kind: "offline", since: past(26 * HOUR) },
      queue: { waiting: 128, refused: 12, oldest: past(25 * HOUR), count: 1 },
      demo: true,
    }),
    "home-copying": associate(home, { copying: { done: 12_400, total: 61_250, paused: false } }),
    "home-copying-paused": associate(home, { copying: { done: 12_400, total: 61_250, paused: true } }),
    "home-opening": associate({ kind: "home", recent: [], canAdd: true }, { memory: "opening" }),
    "home-voltage": associate(home, { till: VOLTAGE }),
    "signin-starting": associate({ kind: "signIn", stage: "starting" }),
    "signin-scan": associate({ kind: "signIn", stage: "awaitingScan", code: code(), scanned: false, phoneHere: true }),
    "signin-scanned": associate({
      kind: "signIn",
      stage: "awaitingScan",
      code: code(),
      scanned: true,
      phoneHere: false,
    }),
    "signin-verifying": associate({ kind: "signIn", stage: "verifying" }),
    "signin-match": associate({
      kind: "signIn",
      stage: "match",
      maskedName: "A••• D•••",
      check: "7K",
      proof: { methods: ["passkey"], at: past(MINUTE / 2) },
      remember: true,
    }),
    "signin-match-no-check": associate({
      kind: "signIn",
      stage: "match",
      maskedName: "ع••• ا•••",
      check: null,
      proof: { methods: ["password", "oneTimeCode"], at: past(12 * DAY) },
      remember: false,
    }),
    "signin-match-no-name": associate({
      kind: "signIn",
      stage: "match",
      maskedName: "",
      check: "7K",
      proof: NO_PROOF,
      remember: true,
    }),
    loading: associate({ kind: "loadingProfile" }),
    profile: associate(open(), {
      notice: {
        id: 2,
        what: { kind: "preferenceChanged", edit, group: "style", key: "fit", removed: false, progress: "waiting" },
      },
    }),
    "profile-copy": associate(open({ origin: { kind: "copy", of: past(3 * HOUR) }, proof: null }), offline()),
    "profile-partly": associate(open(partly()), offline()),
    "profile-unreached": associate(open(), offline()),
    "profile-who-alone": associate(
      open({
        memberSince: null,
        preferences: null,
        identities: null,
        consents: null,
        loyalty: null,
        activity: null,
        hasOlder: false,
        agreement: null,
      }),
    ),
    "profile-read-only": associate(
      open({
        preferences: preferences().map(({ group, items }) => ({
          group,
          items: items.map((item) => ({ ...item, editable: false, provenance: null, progress: null, refused: null })),
        })),
        identities: profile().identities?.map((one) => ({ ...one, linkedAt: null, lastUsedAt: null })) ?? null,
        loyalty: { number: "MR-004 871", tier: null, points: null, nextTierAt: null, isTop: false },
        consents: null,
        activity: null,
        hasOlder: false,
      }),
    ),
    "profile-visit": associate(
      open({
        name: "Maximiliane Freifrau von Hohenstein-Oettingen zu Wartenberg-Lichtenau",
        given: "Maximiliane",
        email: "maximiliane.von.hohenstein.oettingen.zu.wartenberg@long-domain.example.com",
        agreement: null,
        loyalty: null,
        birthday: new Date().toISOString().slice(0, 10).replace(/^\d+/, "1988"),
        loadingOlder: true,
      }),
    ),
    "profile-months": associate(open({ activity: often(), hasOlder: false })),
    "profile-months-one": associate(open({ activity: often().slice(0, 3), hasOlder: true })),
    "profile-months-abroad": associate(open({ activity: abroad(), hasOlder: false })),
    "profile-arabic": associate(
      open({ name: "عبد الرحمن بن خالد المنصوري", given: "عبد الرحمن", locale: "ar-AE", identities: [] }),
      { till: VOLTAGE },
    ),
    "profile-cjk": associate(
      open({ name: "山田 花子", given: "花子", locale: "ja-JP", activity: [], hasOlder: false }),
    ),
  };
  for (const memory of ["noKeyring", "keyringLocked", "keyringSilent", "wrongKey", "damaged", "diskFull"] as const) {
    samples[`memory-${memory}`] = associate(
      { kind: "home", recent: memory === "diskFull" ? RECENT : [], canAdd: true },
      { memory },
    );
  }
  for (const how of ["done", "idle", "locked", "refused", "cancelled"] as const) {
    samples[`ended-${how}`] = associate({ kind: "ended", how, left: null });
  }
  for (const left of LEFT) {
    samples[`ended-${left.kind}`] = associate({ kind: "ended", how: "done", left });
  }
  for (const why of WHYS) {
    const doubt = why === "notTrusted" ? ("signature" as const) : null;
    samples[`failed-${why}`] = associate({ kind: "failed", why, doubt });
  }
  samples["failed-clock"] = associate({ kind: "failed", why: "notTrusted", doubt: "time" });
  return samples;
}

export const WHYS = [
  "denied",
  "declined",
  "expired",
  "unreachable",
  "refused",
  "notTrusted",
  "noProfile",
  "matchTimedOut",
] as const;

export function display(screen: DisplayScreen, more: Partial<DisplayView> = {}): DisplayView {
  return { till: MARRAM, screen, language: null, demo: false, ...more };
}

/** Every screen of the customer's display, by name. */
export function displaySamples(): Record<string, DisplayView> {
  const samples: Record<string, DisplayView> = {
    rest: display({ kind: "rest" }, { demo: true }),
    "rest-no-brand": display({ kind: "rest" }, { till: { ...MARRAM, brand: "", brandName: "" } }),
    "rest-voltage": display({ kind: "rest" }, { till: VOLTAGE }),
    preparing: display({ kind: "preparing" }),
    scan: display({ kind: "scan", code: code() }),
    "scan-german": display({ kind: "scan", code: code() }, { language: "de" }),
    "scan-voltage": display({ kind: "scan", code: code() }, { till: VOLTAGE, language: "es" }),
    "on-your-phone": display({ kind: "onYourPhone", userCode: "BCDF-GHJK" }),
    "show-your-phone": display({ kind: "showYourPhone", compare: true }, { language: "fr" }),
    "show-your-phone-look": display({ kind: "showYourPhone", compare: false }, { language: "es" }),
    welcome: display({ kind: "welcome", given: "Amélie", remember: true }, { language: "fr" }),
    "welcome-arabic": display({ kind: "welcome", given: "عبد الرحمن", remember: false }),
    "welcome-long": display(
      { kind: "welcome", given: "Wolfeschlegelsteinhausenbergerdorff", remember: false },
      { language: "de" },
    ),
    "welcome-nobody": display({ kind: "welcome", given: null, remember: false }, { till: VOLTAGE }),
    goodbye: display({ kind: "goodbye" }),
  };
  for (const why of WHYS) samples[`sorry-${why}`] = display({ kind: "sorry", why }, { language: "en" });
  return samples;
}
