// The keys of the associate's window: N signs in, / searches, Esc leaves, Ctrl+L locks. They keep quiet while somebody
// types, while something lies over the screen, and for the letters that a barcode scanner sends.

import type { AssociateView } from "../lib/bindings";
import type { Session } from "./session.svelte";

const SCANNER_GAP = 150;
let lastKey = Number.NEGATIVE_INFINITY;

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || target.matches("input, textarea, select, [role=combobox], [role=listbox] *"))
  );
}

function somethingIsOpen(): boolean {
  return document.querySelector("[data-dialog-content], [data-popover-content], [data-select-content]") !== null;
}

function search(): HTMLElement | null {
  return document.querySelector<HTMLElement>("[data-testid=search]");
}

/** Whether the key meant something. */
export function shortcut(event: KeyboardEvent, view: AssociateView, session: Session): boolean {
  const alone = event.timeStamp - lastKey > SCANNER_GAP;
  lastKey = event.timeStamp;
  if (event.defaultPrevented || event.repeat || event.isComposing) return false;

  if (event.ctrlKey && !event.altKey && !event.metaKey && event.key.toLowerCase() === "l") {
    if (view.associate) void session.run(session.backend.lock());
    return true;
  }
  if (event.ctrlKey || event.altKey || event.metaKey || somethingIsOpen()) return false;

  const { kind } = view.screen;
  if (event.key === "Escape") return leave(kind, view, session);
  if (isTyping(event.target)) return false;

  const free = kind === "home" || kind === "ended" || kind === "failed";
  if (event.key.toLowerCase() === "n" && alone && free) {
    void session.run(session.backend.signIn());
    return true;
  }
  if (kind === "home") {
    // A number typed or scanned without a field is looked for; the field gets this digit too.
    const digit = /^[0-9+]$/.test(event.key);
    if (event.key === "/" || digit) search()?.focus();
    return event.key === "/";
  }
  return false;
}

function leave(kind: string, view: AssociateView, session: Session): boolean {
  if (kind === "signIn") {
    void session.run(session.backend.cancel());
    return true;
  }
  if (kind === "ended" || kind === "failed") {
    void session.run(session.backend.dismiss());
    return true;
  }
  if (view.notice && !isTyping(document.activeElement)) {
    void session.backend.dismissNotice();
    return true;
  }
  return false;
}
