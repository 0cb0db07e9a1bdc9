import { screen } from "@testing-library/svelte";
import { afterEach, describe, expect, test } from "vitest";
import { associate, associateSamples } from "../src/gallery/samples";
import { scheme } from "../src/lib/theme";
import { openAssociate } from "./window";

const root = document.documentElement;
afterEach(() => localStorage.clear());

const locked = () => {
  const view = associateSamples().locked;
  if (!view) throw new Error("no such sample");
  return view;
};
const home = (id: string) =>
  associate({ kind: "home", recent: [], canAdd: true }, { associate: { id, name: "Ines", role: null } });

describe("language and display", () => {
  test("the language turns at once, with its direction, and is there again after a restart", async () => {
    const { user } = await openAssociate(locked());
    await user.click(screen.getByTestId("open-look"));
    await user.click(screen.getByRole("radio", { name: "العربية" }));
    expect(screen.getByText("اللغة والعرض", { selector: "h2, [data-dialog-title]" })).toBeInTheDocument();
    expect([root.lang, root.dir]).toEqual(["ar", "rtl"]);
    await user.click(screen.getByTestId("close-look"));

    await openAssociate(locked());
    expect([root.lang, root.dir]).toEqual(["ar", "rtl"]);
  });

  test("each associate finds what they chose", async () => {
    const { user, show } = await openAssociate(home("ines"));
    await user.click(screen.getByRole("button", { name: /Ines/ }));
    await user.click(await screen.findByTestId("open-look"));
    await user.click(screen.getByRole("radio", { name: "Français" }));
    await user.click(screen.getByRole("radio", { name: /150/ }));
    await show(home("tom"));
    expect(root.lang).toBe("fr");
    await user.click(screen.getByRole("radio", { name: "Deutsch" }));
    await show(home("ines"));
    expect(root.lang).toBe("fr");
    expect(root.style.getPropertyValue("--text-size")).toBe("1.5");
    await show(home("tom"));
    expect(root.lang).toBe("de");
  });

  test("what was kept and is no choice any more is left alone", async () => {
    localStorage.setItem("look", JSON.stringify({ language: "xx", theme: "pink", size: 9 }));
    await openAssociate(locked());
    expect([root.lang, root.dataset.scheme]).toEqual(["en", "light"]);
  });

  test("the display goes on in the customer's language", async () => {
    localStorage.setItem("look", JSON.stringify({ language: "ja", theme: "dark", size: 2 }));
    const { openDisplay } = await import("./window");
    const { displaySamples } = await import("../src/gallery/samples");
    const rest = Object.values(displaySamples())[0];
    if (!rest) throw new Error("no sample");
    await openDisplay({ ...rest, language: "fr" });
    expect([root.lang, root.dataset.scheme]).toEqual(["fr", "light"]);
  });
});

describe("the scheme", () => {
  const light = { dark: false, more: false };
  test("follows the system, and a choice before it", () => {
    expect(scheme("system", light)).toBe("light");
    expect(scheme("system", { dark: true, more: false })).toBe("dark");
    expect(scheme("light", { dark: true, more: false })).toBe("light");
    expect(scheme("dark", light)).toBe("dark");
  });

  test("has more contrast where either asks for it", () => {
    expect(scheme("contrast", light)).toBe("lightContrast");
    expect(scheme("contrast", { dark: true, more: false })).toBe("darkContrast");
    expect(scheme("light", { dark: false, more: true })).toBe("lightContrast");
  });
});
