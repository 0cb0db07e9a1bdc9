// What the associate's window knows: the view that the app sent last, and the problem of the last command. It decides
// nothing; commands go to the app, and the next view says what came of them.

import { createContext } from "svelte";
import { type AssociateBackend, follow, type Outcome, type Stop } from "../lib/backend";
import type { AssociateView, ProblemCode } from "../lib/bindings";

const TOUCHED_EVERY = 10_000;
const PROBLEM_STAYS = 8_000;

export class Session {
  view = $state.raw<AssociateView | null>(null);
  problem = $state<ProblemCode | null>(null);
  /** The page in front of everything else: the one that checks the till, or the one of what was not sent. */
  page = $state<"checkup" | "unsent" | null>(null);
  readonly backend: AssociateBackend;

  #touchedAt = 0;
  #problemTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(backend: AssociateBackend) {
    this.backend = backend;
  }

  follow(): Promise<Stop> {
    return follow(this.backend, (view) => {
      this.view = view;
      // Nothing of any customer is on a locked till.
      if (this.page === "unsent" && !view.associate) this.page = null;
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
    if (this.view?.associate) this.page = "unsent";
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
