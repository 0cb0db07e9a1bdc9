// The two windows before made-up backends, as a person would find them. Nothing has a size in jsdom, so what floats
// beside a button counts as hidden there: ask for it by its text.

import { cleanup, render, screen } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import Associate from "../src/associate/App.svelte";
import Display from "../src/display/App.svelte";
import type { AssociateView, DisplayView } from "../src/lib/bindings";
import { MockAssociate, MockSource } from "../src/lib/mock";

export interface Opened {
  backend: MockAssociate;
  user: ReturnType<typeof userEvent.setup>;
  container: HTMLElement;
  /** Shows another view, as the app does. */
  show(view: AssociateView): Promise<void>;
}

export const drawn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

/** The associate's window. */
export async function openAssociate(view: AssociateView, language = "en"): Promise<Opened> {
  const backend = new MockAssociate(view);
  const user = userEvent.setup({ pointerEventsCheck: 0 });
  const { container } = render(Associate, { backend, languages: [language] });
  await screen.findByRole("main");
  await drawn();
  return {
    backend,
    user,
    container,
    async show(next) {
      backend.show(next);
      await drawn();
    },
  };
}

/** The customer's display. */
export async function openDisplay(view: DisplayView, language = "en") {
  cleanup();
  const backend = new MockSource(view);
  const { container } = render(Display, { backend, languages: [language] });
  await screen.findByRole("main");
  return {
    container,
    async show(next: DisplayView) {
      backend.show(next);
      await drawn();
    },
  };
}

/** What the window asked of the app, "touched" left out. */
export const asked = ({ backend }: Opened): unknown[] => backend.calls.filter(([name]) => name !== "touched");
