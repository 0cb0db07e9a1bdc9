// A backend without an app: it shows the view it is given, remembers what was asked of it, and answers as it is told.
// For the gallery and the tests; no window that is built has it.

import type { AssociateBackend, Outcome, Stop, ViewSource } from "./backend";
import type { AssociateView, CheckupView, ProblemCode, SearchAnswer, UnsentView } from "./bindings";

const DONE: Outcome<null> = { ok: true, value: null };

export class MockSource<View> implements ViewSource<View> {
  #view: View;
  #listeners = new Set<(view: View) => void>();

  constructor(view: View) {
    this.#view = view;
  }

  async view(): Promise<Outcome<View>> {
    return { ok: true, value: this.#view };
  }

  async onView(changed: (view: View) => void): Promise<Stop> {
    this.#listeners.add(changed);
    return () => void this.#listeners.delete(changed);
  }

  show(view: View): void {
    this.#view = view;
    for (const listener of this.#listeners) listener(view);
  }
}

export class MockAssociate extends MockSource<AssociateView> implements AssociateBackend {
  /** What was asked, in order: the command and its arguments. */
  readonly calls: [string, ...unknown[]][] = [];
  /** The problem that the next command ends with. */
  problem: ProblemCode | null = null;
  /** What the page that checks the till shows. */
  readonly checkup = new MockSource<CheckupView>({ running: false, standing: null, first: null, lines: [], text: "" });
  /** What the centre does not have. */
  waiting: UnsentView = { edits: [], all: 0, customers: [], visits: [] };
  /** How a search is answered. */
  answer: (query: string) => Promise<Outcome<SearchAnswer>> | Outcome<SearchAnswer> = () => ({
    ok: true,
    value: { hits: [], withMistake: false, searched: { here: 0, centre: "notAsked" } },
  });

  async #did(name: string, ...given: unknown[]): Promise<Outcome<null>> {
    this.calls.push([name, ...given]);
    const { problem } = this;
    this.problem = null;
    return problem === null ? DONE : { ok: false, problem };
  }

  addAssociate = (name: string, pin: string) => this.#did("addAssociate", name, pin);
  unlock = (associate: string, pin: string) => this.#did("unlock", associate, pin);
  lock = () => this.#did("lock");
  signInAssociate = () => this.#did("signInAssociate");
  choosePin = (pin: string) => this.#did("choosePin", pin);
  endShift = () => this.#did("endShift");
  signIn = () => this.#did("signIn");
  newCode = () => this.#did("newCode");
  cancel = () => this.#did("cancel");
  confirmMatch = () => this.#did("confirmMatch");
  refuseMatch = () => this.#did("refuseMatch");
  search = async (query: string) => {
    this.calls.push(["search", query]);
    return this.answer(query);
  };
  openRemembered = (id: string) => this.#did("openRemembered", id);
  addCustomer = (entry: unknown) => this.#did("addCustomer", entry);
  sendCustomer = (customer: string) => this.#did("sendCustomer", customer);
  signInAs = (customer: string) => this.#did("signInAs", customer);
  dropCustomer = (customer: string) => this.#did("dropCustomer", customer);
  noteVisit = () => this.#did("noteVisit");
  changePreference = (group: string, key: string, value: unknown) => this.#did("changePreference", group, key, value);
  takeNote = (text: string) => this.#did("takeNote", text);
  addTag = (text: string) => this.#did("addTag", text);
  undoEdit = (edit: string) => this.#did("undoEdit", edit);
  unsent = async (): Promise<Outcome<UnsentView>> => ({ ok: true, value: this.waiting });
  mendEdit = (edit: string, value: unknown, seen: unknown) => this.#did("mendEdit", edit, value, seen);
  dropEdit = (edit: string) => this.#did("dropEdit", edit);
  pauseCopying = (pause: boolean) => this.#did("pauseCopying", pause);
  olderActivity = () => this.#did("olderActivity");
  forgetCustomer = () => this.#did("forgetCustomer");
  endVisit = () => this.#did("endVisit");
  dismiss = () => this.#did("dismiss");
  dismissNotice = (id: number) => this.#did("dismissNotice", id);
  touched = () => this.#did("touched");
  retryMemory = () => this.#did("retryMemory");
  startAnew = () => this.#did("startAnew");
  tryEmbedded = () => this.#did("tryEmbedded");
  connect = (issuer: string, clientId: string, store: string, till: string) =>
    this.#did("connect", issuer, clientId, store, till);
  openPhonePage = () => this.#did("openPhonePage");
  startCheckup = () => this.#did("startCheckup");
}
