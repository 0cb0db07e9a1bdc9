// What the associate's window knows: the view that the app sent last, and the problem of the last command. It decides
// nothing; commands go to the app, and the next view says what came of them.

import { createContext } from "svelte";
import { type AssociateBackend, follow, type Outcome, type Stop } from "../lib/backend";
import type { AssociateView, ProblemCode } from "../lib/bindings";
import { Look } from "./look.svelte";
import type { Measure } from "./profile/months";
import { play, toneFor } from "./tones";

export type Sheet = "look" | "keys" | "palette";

/** No filter. */
export const ALL = "all";

/** How the open profile is looked at: what its chart shows, and what of the activity. */
interface Looking {
  measure: Measure;
  channel: string;
  kind: string;
}

const AT_FIRST: Looking = { measure: "visits", channel: ALL, kind: ALL };
const TOUCHED_EVERY = 10_000;
const PROBLEM_STAYS = 8_000;

export class Session {
  view = $state.raw<AssociateView | null>(null);
  problem = $state<ProblemCode | null>(null);
  /** The page in front of everything else: the one that checks the till, or the one of what was not sent. */
  page = $state<"checkup" | "unsent" | null>(null);
  /** What lies over everything else: how the window looks, the keys, or all that can be done. */
  sheet = $state<Sheet | null>(null);
  /** What is to be looked for as soon as the start screen is there. */
  wanted = $state<string | null>(null);
  /** Stays as long as the visit, whatever page comes in front of it. */
  looking = $state<Looking>({ ...AT_FIRST });
  /** A scan came where nothing can be looked for. */
  scanLost = $state(false);
  readonly backend: AssociateBackend;
  readonly look: Look;

  #touchedAt = 0;
  #problemTimer: ReturnType<typeof setTimeout> | undefined;
  #scanTimer: ReturnType<typeof setTimeout> | undefined;

  /** These languages are spoken until the associate chooses one. */
  constructor(backend: AssociateBackend, languages: readonly string[]) {
    this.backend = backend;
    this.look = new Look(languages);
  }

  follow(): Promise<Stop> {
    return follow(this.backend, (view) => {
      const tone = this.view && toneFor(this.view, view);
      if (tone && this.look.sounds) void play(tone);
      this.view = view;
      this.look.of(view.associate?.id ?? null);
      // Nothing of any customer is on a locked till.
      if (this.page === "unsent" && !view.associate) this.page = null;
      if (!view.associate) this.wanted = null;
      if (view.screen.kind !== "profile") this.looking = { ...AT_FIRST };
    });
  }

  /** Waits for a command; a problem of it is shown until it is read or something else is done. */
  async run<T>(command: Promise<Outcome<T>>): Promise<Outcome<T>> {
    this.forgetProblem();
    const outcome = await command;
    if (!outcome.ok) {
      this.problem = outcome.problem;
      this.#problemTimer = setTimeout(() => this.forgetProblem(), PROBLEM_STAYS);
    }
    return outcome;
  }

  /** Brings up the page that checks the till, and looks. */
  checkUp(): void {
    this.page = "checkup";
    void this.run(this.backend.startCheckup());
  }

  /** Brings up the page of what was not sent. */
  showUnsent(): void {
    if (this.view?.associate && this.view.may.serve) this.page = "unsent";
  }

  /** Takes every filter off the activity. */
  lookAtAll(): void {
    this.looking.channel = ALL;
    this.looking.kind = ALL;
  }

  show(sheet: Sheet): void {
    this.sheet = sheet;
  }

  /** Goes to the search, and looks for this. */
  search(query: string): void {
    this.wanted = query;
  }

  /** What a scanner has read is looked for, where that ends nothing; else it is said that it was not. */
  scanned(code: string, somethingIsOpen: boolean): void {
    const { associate, screen } = this.view ?? {};
    const free = ["home", "ended", "failed"].includes(screen?.kind ?? "");
    clearTimeout(this.#scanTimer);
    this.scanLost = !associate || !free || somethingIsOpen;
    if (this.scanLost) {
      this.#scanTimer = setTimeout(() => (this.scanLost = false), PROBLEM_STAYS);
      return;
    }
    this.page = null;
    this.wanted = code;
    if (screen?.kind !== "home") void this.run(this.backend.dismiss());
  }

  /** Locks the till; a text that is being written is saved first. */
  lock(): void {
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
    void this.run(this.backend.lock());
  }

  forgetProblem(): void {
    clearTimeout(this.#problemTimer);
    this.problem = null;
  }

  /** Somebody is here. Said at most every ten seconds. */
  touched(): void {
    const now = Date.now();
    if (!this.view?.associate || now - this.#touchedAt < TOUCHED_EVERY) return;
    this.#touchedAt = now;
    void this.backend.touched();
  }
}

export const [getSession, setSession] = createContext<Session>();
