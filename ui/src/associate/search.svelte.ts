// Search as somebody types: asked after a short rest, and an answer that comes after a newer question is dropped.

import type { Outcome } from "../lib/backend";
import type { ProblemCode, SearchAnswer } from "../lib/bindings";

const REST = 120;

/** An answer has no more than these; there may be others. */
export const MOST_HITS = 20;

type Ask = (query: string) => Promise<Outcome<SearchAnswer>>;

export class Search {
  query = $state("");
  answer = $state.raw<SearchAnswer | null>(null);
  /** What the answer is an answer to. */
  answered = $state("");
  problem = $state<ProblemCode | null>(null);
  asking = $state(false);

  readonly #ask: Ask;
  #question = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(ask: Ask) {
    this.#ask = ask;
  }

  type(query: string): void {
    this.query = query;
    this.#stopWaiting();
    this.#question += 1;
    if (query.trim() === "") {
      this.#show(null, "", null);
      return;
    }
    this.asking = true;
    this.#timer = setTimeout(() => this.now(), REST);
  }

  /** Asks at once: Enter, or a scanner that sends it. */
  now(): void {
    this.#stopWaiting();
    if (this.query.trim() !== "") void this.#run(this.#question);
  }

  /** What is searched has changed: asks the same again. The answer on the screen stays until the new one is there. */
  again(): void {
    if (this.#timer !== undefined || this.query.trim() === "") return;
    this.#question += 1;
    void this.#run(this.#question);
  }

  stop(): void {
    this.#stopWaiting();
    this.#question += 1;
  }

  #stopWaiting(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  async #run(question: number): Promise<void> {
    const query = this.query.trim();
    const outcome = await this.#ask(query);
    if (question !== this.#question) return;
    if (outcome.ok) this.#show(outcome.value, query, null);
    else this.#show(null, query, outcome.problem);
  }

  #show(answer: SearchAnswer | null, answered: string, problem: ProblemCode | null): void {
    this.answer = answer;
    this.answered = answered;
    this.problem = problem;
    this.asking = false;
  }
}
