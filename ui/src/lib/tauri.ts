// The app as the backend of its windows: nothing but a translation of the generated bindings.

import type { AssociateBackend, DisplayBackend, Outcome, ViewSource } from "./backend";
import { commands, type Next, type Problem, type ProblemCode } from "./bindings";

type Answer<T> = { status: "ok"; data: T } | { status: "error"; error: Problem };

/** A failure that the app did not foresee is a problem like any other: the screen never stands still without a word. */
async function outcome<T>(answer: Promise<Answer<T>>): Promise<Outcome<T>> {
  const internal: ProblemCode = "internal";
  try {
    const given = await answer;
    return given.status === "ok"
      ? { ok: true, value: given.data }
      : { ok: false, problem: given.error.code ?? internal };
  } catch {
    return { ok: false, problem: internal };
  }
}

/**
 * A window asks for the view after the one it has seen; the app answers when there is one. This goes to this window
 * alone, which an event of Tauri's would not.
 */
function views<View>(next: (seen: number | null) => Promise<Answer<Next<View>>>): ViewSource<View> {
  const ask = (seen: number | null) => outcome(next(seen));
  return {
    async view() {
      const first = await ask(null);
      return first.ok ? { ok: true, value: first.value.view } : first;
    },
    async onView(changed) {
      let following = true;
      const follow = async () => {
        let seen: number | null = null;
        while (following) {
          const answer: Outcome<Next<View>> = await ask(seen);
          if (!answer.ok) await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_AFTER));
          else if (following) {
            seen = answer.value.revision;
            changed(answer.value.view);
          }
        }
      };
      void follow();
      return () => {
        following = false;
      };
    },
  };
}

/** After a failure of the app's, which is not expected; in milliseconds. */
const ASK_AGAIN_AFTER = 1000;

export const associateBackend: AssociateBackend = {
  ...views(commands.associateView),
  addAssociate: (name, pin) => outcome(commands.addAssociate(name, pin)),
  unlock: (associate, pin) => outcome(commands.unlock(associate, pin)),
  lock: () => outcome(commands.lock()),
  signInAssociate: () => outcome(commands.signInAssociate()),
  choosePin: (pin) => outcome(commands.choosePin(pin)),
  endShift: () => outcome(commands.endShift()),
  signIn: () => outcome(commands.signIn()),
  newCode: () => outcome(commands.newCode()),
  cancel: () => outcome(commands.cancel()),
  confirmMatch: () => outcome(commands.confirmMatch()),
  refuseMatch: () => outcome(commands.refuseMatch()),
  search: (query) => outcome(commands.search(query)),
  openRemembered: (id) => outcome(commands.openRemembered(id)),
  addCustomer: (entry) => outcome(commands.addCustomer(entry)),
  sendCustomer: (customer) => outcome(commands.sendCustomer(customer)),
  signInAs: (customer) => outcome(commands.signInAs(customer)),
  dropCustomer: (customer) => outcome(commands.dropCustomer(customer)),
  noteVisit: () => outcome(commands.noteVisit()),
  changePreference: (group, key, value) => outcome(commands.changePreference(group, key, value)),
  takeNote: (text) => outcome(commands.takeNote(text)),
  addTag: (text) => outcome(commands.addTag(text)),
  undoEdit: (edit) => outcome(commands.undoEdit(edit)),
  unsent: () => outcome(commands.unsent()),
  mendEdit: (edit, value, seen) => outcome(commands.mendEdit(edit, value, seen)),
  dropEdit: (edit) => outcome(commands.dropEdit(edit)),
  pauseCopying: (pause) => outcome(commands.pauseCopying(pause)),
  olderActivity: () => outcome(commands.olderActivity()),
  forgetCustomer: () => outcome(commands.forgetCustomer()),
  endVisit: () => outcome(commands.endVisit()),
  dismiss: () => outcome(commands.dismiss()),
  dismissNotice: (id) => outcome(commands.dismissNotice(id)),
  touched: () => outcome(commands.touched()),
  retryMemory: () => outcome(commands.retryMemory()),
  startAnew: () => outcome(commands.startAnew()),
  tryEmbedded: () => outcome(commands.tryEmbedded()),
  connect: (issuer, clientId, store, till) => outcome(commands.connect(issuer, clientId, store, till)),
  openPhonePage: () => outcome(commands.openPhonePage()),
  startCheckup: () => outcome(commands.startCheckup()),
  checkup: views(commands.checkupView),
};

export const displayBackend: DisplayBackend = views(commands.displayView);
