// What can be done now, by its name and its keys: for the palette and for the list of keys. Opening a profile is not
// among it, neither after a sign-in nor from the search: that is a tap on what is seen.

import type { AssociateView } from "../lib/bindings";
import * as m from "../lib/paraglide/messages";
import type { Session } from "./session.svelte";

export interface Action {
  id: string;
  name: string;
  /** Pressed together. */
  keys: string[];
  run: () => void;
}

const control = (key: string) => [m.keys_ctrl(), key];

/** In the order of how often they are wanted. */
export function actions(session: Session, view: AssociateView): Action[] {
  const { backend } = session;
  const { kind } = view.screen;
  const all: Action[] = [];
  const add = (when: boolean, id: string, name: string, keys: string[], run: () => void) => {
    if (when) all.push({ id, name, keys, run });
  };
  const over = kind === "ended" || kind === "failed";
  const signedIn = view.associate !== null;
  const { serve } = view.may;
  add((kind === "home" && serve) || over, "sign-in", m.home_sign_in(), ["N"], () => void session.run(backend.signIn()));
  add(kind === "home" && serve, "search", m.home_search(), ["/"], () => session.search(""));
  add(kind === "signIn", "cancel", m.cancel(), ["Esc"], () => void session.run(backend.cancel()));
  add(kind === "profile", "end", m.profile_end(), [], () => void session.run(backend.endVisit()));
  const edit = view.notice?.what.kind === "preferenceChanged" ? view.notice.what.edit : null;
  add(kind === "profile" && edit !== null, "undo", m.undo(), control("Z"), () => {
    if (edit !== null) void session.run(backend.undoEdit(edit));
  });
  add(over, "dismiss", m.to_start(), ["Esc"], () => void session.run(backend.dismiss()));
  add(signedIn && serve, "unsent", m.unsent_title(), control("U"), () => session.showUnsent());
  add(kind === "home" || kind === "locked", "checkup", m.checkup_open(), [], () => session.checkUp());
  add(true, "look", m.look_open(), [], () => session.show("look"));
  add(true, "keys", m.keys_open(), ["?"], () => session.show("keys"));
  add(
    signedIn && view.associatesSignIn,
    "end-shift",
    m.bar_end_shift(),
    [],
    () => void session.run(backend.endShift()),
  );
  add(signedIn, "lock", m.bar_lock(), control("L"), () => session.lock());
  return all;
}
