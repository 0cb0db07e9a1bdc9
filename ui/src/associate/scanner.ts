// What a barcode or QR scanner sends, told from what a person types. A scanner is a keyboard that types faster than
// anybody and, as a rule, ends with Enter or Tab. What it reads is looked for and nothing else: it is no text for the
// field that happens to have the keyboard, and its Enter presses no button.
//
// Where the till has a prefix, whatever comes fast behind it is a scan. Without one a scan is known only at its end, so
// that a person, or a keyboard on the screen that writes whole words, is never taken for a scanner.

/** A scanner's letters come closer together than this, in milliseconds. */
export const GAP = 35;
/** Nobody types as many as fast and then Enter as well. */
export const SHORTEST = 6;
/** A scan that has no end is over when nothing has come for so long. */
export const SILENCE = 3 * GAP;

/** Letters that have come one right after the other. */
export interface Burst {
  text: string;
  /** When the last of them came. */
  at: number;
}

export const NOTHING: Burst = { text: "", at: Number.NEGATIVE_INFINITY };

export type Heard =
  /** A person's key, or none that can be told yet. */
  | { kind: "key" }
  /** Part of a scan. */
  | { kind: "scanning" }
  /** The end of one. */
  | { kind: "scan"; code: string };

export interface Key {
  /** As the browser names it: "a", "Enter". */
  key: string;
  at: number;
}

const ENDS = ["Enter", "Tab"];
const BETWEEN = ["Shift", "CapsLock", "AltGraph"];

/** The scan that a burst is, so far. */
function scanned(text: string, prefix: string): string | null {
  if (prefix === "") return text.length >= SHORTEST ? text : null;
  return text.startsWith(prefix) ? text.slice(prefix.length) : null;
}

/** What to make of a key after what came before it. */
export function hear(before: Burst, { key, at }: Key, prefix: string): { burst: Burst; heard: Heard } {
  const fast = at - before.at <= GAP;
  const text = fast ? before.text : "";
  if (BETWEEN.includes(key)) return { burst: { text, at }, heard: { kind: "key" } };
  if (ENDS.includes(key)) {
    const code = scanned(text, prefix)?.trim();
    return { burst: NOTHING, heard: code ? { kind: "scan", code } : { kind: "key" } };
  }
  if ([...key].length !== 1) return { burst: NOTHING, heard: { kind: "key" } };
  const burst = { text: text + key, at };
  return { burst, heard: { kind: isScan(burst, prefix) ? "scanning" : "key" } };
}

/** Whether a burst is known to be a scan before its end. */
export function isScan({ text }: Burst, prefix: string): boolean {
  return prefix !== "" && scanned(text, prefix) !== null;
}

/** The scan of a burst after which nothing came. */
export function overdue(burst: Burst, prefix: string): string | null {
  return (isScan(burst, prefix) && scanned(burst.text, prefix)?.trim()) || null;
}

/** What a field held before a burst, so that the burst leaves nothing in it. */
interface Held {
  field: HTMLInputElement | HTMLTextAreaElement;
  value: string;
}

function held(target: EventTarget | null): Held | null {
  const isField = target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement;
  return isField ? { field: target, value: target.value } : null;
}

/** Listens to a window's keys, before anything else does. */
export class Scanner {
  readonly #prefix: () => string;
  readonly #scanned: (code: string) => void;
  #burst = NOTHING;
  #before: Held | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Keys of a scan that are still down: letting go of them means nothing either. */
  readonly #down = new Set<string>();

  constructor(prefix: () => string, scanned: (code: string) => void) {
    this.#prefix = prefix;
    this.#scanned = scanned;
  }

  /** For each key that goes down; whether it was a scanner's. */
  key(event: KeyboardEvent): boolean {
    if (event.isComposing || event.ctrlKey || event.metaKey) return false;
    clearTimeout(this.#timer);
    const prefix = this.#prefix();
    const { burst, heard } = hear(this.#burst, { key: event.key, at: event.timeStamp }, prefix);
    if (burst.text.length === 1) this.#before = held(event.target);
    this.#burst = burst;
    if (heard.kind === "key") return false;
    this.#takeBack();
    this.#down.add(event.code);
    if (heard.kind === "scan") this.#scanned(heard.code);
    else this.#timer = setTimeout(() => this.#end(prefix), SILENCE);
    return true;
  }

  /** For each key that is let go of; whether it was a scanner's. */
  up(event: KeyboardEvent): boolean {
    return this.#down.delete(event.code);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #end(prefix: string): void {
    const code = overdue(this.#burst, prefix);
    this.#burst = NOTHING;
    if (code) this.#scanned(code);
  }

  /** Puts back what the field held, as if the burst had never come. */
  #takeBack(): void {
    const before = this.#before;
    this.#before = null;
    if (!before || before.field.value === before.value) return;
    before.field.value = before.value;
    before.field.dispatchEvent(new InputEvent("input", { bubbles: true }));
  }
}
