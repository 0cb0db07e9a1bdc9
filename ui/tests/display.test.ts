import { fireEvent, render, screen } from "@testing-library/svelte";
import { describe, expect, test, vi } from "vitest";
import Display from "../src/display/App.svelte";
import { code, display, displaySamples, MARRAM, WHYS } from "../src/gallery/samples";
import { MockSource } from "../src/lib/mock";
import { openDisplay } from "./window";

describe("the customer's display", () => {
  test("shows the code to scan, in letters too, with the address and the time left", async () => {
    const { container } = await openDisplay(display({ kind: "scan", code: code() }));
    expect(screen.getByTestId("qr").tagName).toBe("svg");
    expect(screen.getByTestId("qr").getAttribute("viewBox")).toBe("0 0 41 41");
    expect(screen.getByTestId("user-code")).toHaveTextContent("BCDF-GHJK");
    expect(container).toHaveTextContent("id.example.com/device");
    expect(container).toHaveTextContent(/This code works for 4:1\d more/);
  });

  test("a code too long for a picture is shown in letters alone", async () => {
    await openDisplay(display({ kind: "scan", code: { ...code(), qrPath: "", qrSize: 0 } }));
    expect(screen.queryByTestId("qr")).not.toBeInTheDocument();
    expect(screen.getByTestId("user-code")).toHaveTextContent("BCDF-GHJK");
  });

  test("turns to the customer's language, and back for the next one", async () => {
    const opened = await openDisplay(display({ kind: "showYourPhone", compare: true }, { language: "fr-FR" }));
    expect(screen.getByRole("heading")).toHaveTextContent("Montrez-nous votre téléphone");
    expect(document.documentElement.lang).toBe("fr");
    await opened.show(display({ kind: "showYourPhone", compare: true }));
    expect(screen.getByRole("heading")).toHaveTextContent("Show us your phone, please");
    expect(document.documentElement.lang).toBe("en");
  });

  test("a language without texts falls back to the till's", async () => {
    await openDisplay(display({ kind: "goodbye" }, { language: "nl" }), "de-DE");
    expect(screen.getByRole("heading")).toHaveTextContent("Vielen Dank und bis bald");
  });

  test("welcomes by the first name, kept apart from the words around it", async () => {
    await openDisplay(display({ kind: "welcome", given: "عبد الرحمن", remember: false }, { language: "de" }));
    expect(screen.getByTestId("first-name").tagName).toBe("BDI");
    expect(screen.getByTestId("first-name")).toHaveTextContent(/^عبد الرحمن$/);
    expect(screen.getByRole("heading")).toHaveTextContent("Willkommen, عبد الرحمن");
  });

  test.each(["e", "Welcome", "$&"])("a name like %j is marked where it is the name, and there alone", async (given) => {
    await openDisplay(display({ kind: "welcome", given, remember: false }));
    const name = screen.getByTestId("first-name");
    expect(name.textContent).toBe(given);
    expect(screen.getByRole("heading").textContent?.trim()).toBe(`Welcome, ${given}`);
    expect(name.previousSibling?.textContent).toMatch(/Welcome, $/);
  });

  test.each([null, "", "  "])("who has no first name, %j, is welcomed without one", async (given) => {
    await openDisplay(display({ kind: "welcome", given, remember: false }));
    expect(screen.getByRole("heading").textContent?.trim()).toBe("Welcome");
    expect(screen.queryByTestId("first-name")).not.toBeInTheDocument();
  });

  test("says goodbye in the language of whoever leaves, and then speaks the store's again", async () => {
    const opened = await openDisplay(
      display({ kind: "welcome", given: "Amélie", remember: false }, { language: "fr-CA" }),
    );
    await opened.show(display({ kind: "goodbye" }, { language: "en" }));
    expect(screen.getByRole("heading")).toHaveTextContent("Merci et à bientôt");
    await opened.show(display({ kind: "goodbye" }, { language: null }));
    expect(screen.getByRole("heading")).toHaveTextContent("Merci et à bientôt");
    await opened.show(display({ kind: "rest" }, { language: "en" }));
    await opened.show(display({ kind: "preparing" }, { language: "en" }));
    expect(screen.getByRole("heading")).toHaveTextContent("One moment…");
  });

  test("a screen's title is said once, and time running out is not said at all", async () => {
    vi.useFakeTimers({ toFake: ["Date", "setInterval", "clearInterval"] });
    try {
      const opened = await openDisplay(display({ kind: "preparing" }));
      const said = screen.getByRole("status");
      await opened.show(display({ kind: "scan", code: code() }));
      expect(screen.getByRole("status")).toBe(said);
      const changes = vi.fn();
      new MutationObserver(changes).observe(said, { characterData: true, childList: true, subtree: true });
      await vi.advanceTimersByTimeAsync(5_000);
      expect(said).toHaveTextContent(/^Sign in with your phone$/);
      expect(changes).not.toHaveBeenCalled();
      expect(opened.container.querySelectorAll("[aria-live], [role=status], [role=alert]")).toHaveLength(1);
    } finally {
      vi.useRealTimers();
    }
  });

  test("a window that hears nothing is not left blank", async () => {
    const backend = new MockSource(display({ kind: "rest" }));
    backend.view = () => new Promise(() => {});
    vi.useFakeTimers();
    try {
      render(Display, { backend, languages: ["de-DE"] });
      await vi.advanceTimersByTimeAsync(2_100);
      expect(screen.getByRole("heading")).toHaveTextContent("Einen Moment …");
    } finally {
      vi.useRealTimers();
    }
  });

  test("a store without a brand is called by its name", async () => {
    await openDisplay(display({ kind: "rest" }, { till: { ...MARRAM, brand: "", brandName: "" } }));
    expect(screen.getByRole("heading")).toHaveTextContent("Marram Northquay");
  });

  test("a long press offers no menu", async () => {
    await openDisplay(display({ kind: "rest" }));
    expect(await fireEvent.contextMenu(screen.getByRole("heading"))).toBe(false);
  });

  test("nothing of a customer is left at the next screen", async () => {
    const opened = await openDisplay(display({ kind: "welcome", given: "Amélie", remember: true }));
    await opened.show(display({ kind: "goodbye" }));
    expect(opened.container.innerHTML).not.toContain("Amélie");
  });

  test.each(WHYS)("%s has a sentence for the customer in every language, and what they can do", async (why) => {
    const said = new Set<string>();
    for (const language of ["en", "de", "fr", "es"]) {
      const { container } = await openDisplay(display({ kind: "sorry", why }, { language }));
      const [heading, how] = [container.querySelector("h1"), container.querySelector("section p")];
      expect(heading?.textContent?.trim().length).toBeGreaterThan(8);
      expect(how?.textContent?.length).toBeGreaterThan(15);
      said.add(heading?.textContent ?? "");
    }
    expect(said.size).toBe(4);
  });

  test("offers nothing to tap or type, on any screen", async () => {
    for (const view of Object.values(displaySamples())) {
      const { container } = await openDisplay(view);
      expect(container.querySelector("button, input, a, select, textarea, [tabindex]")).toBeNull();
    }
  });
});
