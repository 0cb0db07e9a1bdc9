// The keys of the associate's window: N signs in, / searches, Esc leaves, Ctrl+Z undoes, Ctrl+U shows what was not sent,
// Ctrl+L locks, Ctrl+K finds anything that can be done, ? shows the keys. They keep quiet while somebody types and while
// something lies over the screen. What a scanner sends does not come here once it is known; a card that begins with N
// signs nobody in before that either.

import type { AssociateView } from "../lib/bindings";
import type { Session } from "./session.svelte";

/**
 * An N counts where nothing has come for so long before it, in milliseconds, and nothing comes for so long after it: also
 * the letters of a scanner that is slower than most, or of a card that is too short to be known as a scan, come sooner.
 */
const ALONE = 150;

const TYPED_INTO = "input, textarea, select, [role=combobox], [role=listbox] *";

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches(TYPED_INTO);
}

/** Whether something lies over the screen, and has the keyboard. */
export function somethingIsOpen(): boolean {
  const over = ["dialog", "alert-dialog", "popover", "select"].map((kind) => `[data-${kind}-content]`);
  return document.querySelector(over.join()) !== null;
}

/** The search field where there is one, with what is in it chosen, so that the next letter takes its place. */
function search(): HTMLInputElement | null {
  const field = document.querySelector<HTMLInputElement>("[data-testid=search]");
  field?.select();
  field?.focus();
  return field;
}

const isFree = (view: AssociateView | null) =>
  view !== null && view.may.serve && ["home", "ended", "failed"].includes(view.screen.kind);

export class Shortcuts {
  readonly #session: Session;
  #lastKey = Number.NEGATIVE_INFINITY;
  /** An N that a scanner may yet go on from. */
  #held: { letter: string; timer: ReturnType<typeof setTimeout> } | null = null;

  constructor(session: Session) {
    this.#session = session;
  }

  /** Whether the key meant something. */
  key(event: KeyboardEvent): boolean {
    const alone = event.timeStamp - this.#lastKey > ALONE;
    this.#lastKey = event.timeStamp;
    const { view } = this.#session;
    const held = this.#letGo();
    if (this.#session.page !== null) return this.#onPage(event);
    if (view === null || event.defaultPrevented || event.repeat || event.isComposing) return false;

    if (event.ctrlKey && !event.altKey && !event.metaKey && !event.shiftKey) return this.#withControl(event, view);
    if (event.ctrlKey || event.altKey || event.metaKey || somethingIsOpen()) return false;

    const { kind } = view.screen;
    if (event.key === "Escape") return this.#leave(view);
    if (isTyping(event.target)) return false;
    if (event.key === "?") {
      this.#session.show("keys");
      return true;
    }

    if (held !== null) {
      this.#scanned(held);
      return event.key === "Enter";
    }
    if (event.key.toLowerCase() === "n" && alone && isFree(view)) {
      this.#hold(event.key);
      return true;
    }
    if (kind !== "home") return false;
    // What is typed or scanned without a field is looked for; the field gets this letter too.
    if (event.key === "/" || /^[\p{L}\p{N}+]$/u.test(event.key)) search();
    return event.key === "/";
  }

  stop(): void {
    this.#letGo();
  }

  /** A page in front is left with Esc, and a till can be locked from it. */
  #onPage(event: KeyboardEvent): boolean {
    if (event.ctrlKey && event.key.toLowerCase() === "l" && this.#session.view?.associate) {
      this.#session.lock();
      return true;
    }
    if (event.key !== "Escape" || event.defaultPrevented || somethingIsOpen()) return false;
    this.#session.page = null;
    return true;
  }

  #hold(letter: string): void {
    const timer = setTimeout(() => {
      this.#held = null;
      if (isFree(this.#session.view)) void this.#session.run(this.#session.backend.signIn());
    }, ALONE);
    this.#held = { letter, timer };
  }

  /** The letter that was held back; it signs nobody in any more. */
  #letGo(): string | null {
    const held = this.#held;
    this.#held = null;
    if (held) clearTimeout(held.timer);
    return held?.letter ?? null;
  }

  /** The letter was the first of several. */
  #scanned(letter: string): void {
    const field = search();
    if (!field) return;
    field.value = letter;
    field.dispatchEvent(new InputEvent("input", { bubbles: true }));
  }

  #withControl(event: KeyboardEvent, view: AssociateView): boolean {
    const key = event.key.toLowerCase();
    if (key === "l") {
      if (view.associate) this.#session.lock();
      return true;
    }
    if (key === "k") {
      if (!somethingIsOpen()) this.#session.show("palette");
      return true;
    }
    if (key === "u") {
      this.#session.showUnsent();
      return true;
    }
    const what = view.notice?.what;
    if (key !== "z" || view.screen.kind !== "profile" || what?.kind !== "preferenceChanged") return false;
    if (somethingIsOpen() || isTyping(event.target)) return false;
    void this.#session.run(this.#session.backend.undoEdit(what.edit));
    return true;
  }

  #leave({ screen, notice }: AssociateView): boolean {
    const { backend } = this.#session;
    if (screen.kind === "signIn") void this.#session.run(backend.cancel());
    else if (screen.kind === "ended" || screen.kind === "failed") void this.#session.run(backend.dismiss());
    else if (notice && !isTyping(document.activeElement)) void backend.dismissNotice(notice.id);
    else return false;
    return true;
  }
}
