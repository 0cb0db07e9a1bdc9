// What the two windows can ask of the app, and what they are told. The pages know this interface alone: behind it is
// the app itself (`tauri.ts`), or made-up data in the gallery and in tests (`mock.ts`).

import type {
  AssociateView,
  CheckupView,
  DisplayView,
  EntryView,
  ProblemCode,
  SearchAnswer,
  UnsentView,
  ValueView,
} from "./bindings";

/** An answer, or the code of a problem that the screen puts into words. */
export type Outcome<T> = { ok: true; value: T } | { ok: false; problem: ProblemCode };

/** Ends a subscription. */
export type Stop = () => void;

/** A window's view: what it is now, and each change of it. */
export interface ViewSource<View> {
  view(): Promise<Outcome<View>>;
  onView(changed: (view: View) => void): Promise<Stop>;
}

/** What an associate can do. */
export interface AssociateBackend extends ViewSource<AssociateView> {
  addAssociate(name: string, pin: string): Promise<Outcome<null>>;
  unlock(associate: string, pin: string): Promise<Outcome<null>>;
  lock(): Promise<Outcome<null>>;
  signInAssociate(): Promise<Outcome<null>>;
  choosePin(pin: string): Promise<Outcome<null>>;
  endShift(): Promise<Outcome<null>>;
  signIn(): Promise<Outcome<null>>;
  newCode(): Promise<Outcome<null>>;
  cancel(): Promise<Outcome<null>>;
  confirmMatch(): Promise<Outcome<null>>;
  refuseMatch(): Promise<Outcome<null>>;
  search(query: string): Promise<Outcome<SearchAnswer>>;
  openRemembered(id: string): Promise<Outcome<null>>;
  addCustomer(entry: EntryView): Promise<Outcome<null>>;
  /** Somebody new is none of those whom the centre has named. */
  sendCustomer(customer: string): Promise<Outcome<null>>;
  /** Somebody new is known already, and signs in themselves. */
  signInAs(customer: string): Promise<Outcome<null>>;
  dropCustomer(customer: string): Promise<Outcome<null>>;
  noteVisit(): Promise<Outcome<null>>;
  changePreference(group: string, key: string, value: ValueView | null): Promise<Outcome<null>>;
  takeNote(text: string): Promise<Outcome<null>>;
  addTag(text: string): Promise<Outcome<null>>;
  undoEdit(edit: string): Promise<Outcome<null>>;
  /** What the centre does not have. */
  unsent(): Promise<Outcome<UnsentView>>;
  /** Sends a refused edit again; `seen` is what was seen standing there. */
  mendEdit(edit: string, value: ValueView | null, seen: ValueView | null): Promise<Outcome<null>>;
  dropEdit(edit: string): Promise<Outcome<null>>;
  /** Lets the copying of the store's customers stand still for a while, or go on. */
  pauseCopying(pause: boolean): Promise<Outcome<null>>;
  olderActivity(): Promise<Outcome<null>>;
  forgetCustomer(): Promise<Outcome<null>>;
  endVisit(): Promise<Outcome<null>>;
  dismiss(): Promise<Outcome<null>>;
  dismissNotice(id: number): Promise<Outcome<null>>;
  touched(): Promise<Outcome<null>>;
  retryMemory(): Promise<Outcome<null>>;
  startAnew(): Promise<Outcome<null>>;
  tryEmbedded(): Promise<Outcome<null>>;
  connect(issuer: string, clientId: string, store: string, till: string): Promise<Outcome<null>>;
  openPhonePage(): Promise<Outcome<null>>;
  startCheckup(): Promise<Outcome<null>>;
  /** The page that checks the till. */
  checkup: ViewSource<CheckupView>;
}

/** The display is only told. */
export type DisplayBackend = ViewSource<DisplayView>;

/**
 * Follows a window's view. It listens first and asks then, so that no change falls between the two; an answer that is
 * older than a change that was already heard of is dropped.
 */
export async function follow<View>(source: ViewSource<View>, show: (view: View) => void): Promise<Stop> {
  let heard = false;
  const stop = await source.onView((view) => {
    heard = true;
    show(view);
  });
  const now = await source.view();
  if (now.ok && !heard) show(now.value);
  return stop;
}
