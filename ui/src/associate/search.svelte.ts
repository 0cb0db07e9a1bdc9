// Search as somebody types: every key stroke is asked at once, which the till answers within milliseconds. An answer that
// comes after a newer question is dropped, in whatever order answers come.

import type { Outcome } from "../lib/backend";
import type { ProblemCode, SearchAnswer } from "../lib/bindings";

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

  constructor(ask: Ask) {
    this.#ask = ask;
  }

  type(query: string): void {
    this.query = query;
    this.#question += 1;
    if (query.trim() === "") {
      this.#show(null, "", null);
      return;
    }
    this.asking = true;
    void this.#run(this.#question);
  }

  /** What is searched has changed, or somebody insists: asks the same again. What is on the screen stays meanwhile. */
  again(): void {
    if (this.query.trim() === "") return;
    this.#question += 1;
    void this.#run(this.#question);
  }

  stop(): void {
    this.#question += 1;
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
