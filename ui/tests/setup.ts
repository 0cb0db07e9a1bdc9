import "@testing-library/jest-dom/vitest";
import { configure } from "@testing-library/dom";
import "./pace";

// A failure names what was looked for; the whole page as text beside it takes longer than the test.
configure({ getElementError: (message) => new Error(message ?? "not found") });

// What jsdom lacks and the component library asks for.
class NoResize {
  observe(): void {}
  unobserve(): void {}
  disconnect(): void {}
}
globalThis.ResizeObserver ??= NoResize as unknown as typeof ResizeObserver;
Element.prototype.scrollIntoView ??= () => {};
Element.prototype.hasPointerCapture ??= () => false;
Element.prototype.releasePointerCapture ??= () => {};
// axe asks for a canvas to look at letters with; there is none.
HTMLCanvasElement.prototype.getContext = () => null;
// The system's wishes: a light screen, and nothing else.
globalThis.matchMedia ??= ((media: string) => Object.assign(new EventTarget(), { media, matches: false })) as never;
