import { describe, expect, test } from "vitest";
import { leftText, proofText } from "../src/lib/access";
import { ago, countdown, initials, isBirthday, languageName, money } from "../src/lib/format";
import { speak } from "../src/lib/locale.svelte";
import { humanised, optionName, preferenceName } from "../src/lib/words";

const NOW = Date.parse("2026-11-24T12:00:00");
const back = (minutes: number) => new Date(NOW - minutes * 60_000).toISOString();

describe("how long ago", () => {
  test("is said as people say it", () => {
    speak(["en-GB"]);
    const said = [0.2, 5, 61, 60 * 13, 60 * 24 * 3, 60 * 24 * 40].map((minutes) => ago(back(minutes), NOW));
    expect(said).toEqual(["just now", "5 minutes ago", "1 hour ago", "yesterday", "3 days ago", "15 Oct 2026"]);
  });

  test("a clock that runs ahead does not lead into the future", () => {
    speak(["en"]);
    expect(ago(back(-3), NOW)).toBe("just now");
  });

  test("is said in German too", () => {
    speak(["de-DE"]);
    expect(ago(back(5), NOW)).toBe("vor 5 Minuten");
  });
});

test("amounts are written as their currency counts them", () => {
  speak(["en"]);
  expect(money(1999, "EUR")).toBe("€19.99");
  expect(money(1999, "JPY")).toBe("¥1,999");
  expect(money(-500, "USD")).toBe("-$5.00");
  expect(money(1999, "not a currency")).toBe("19.99 not a currency");
});

test("time left is minutes and seconds", () => {
  expect(countdown(new Date(NOW + 65_200).toISOString(), NOW)).toBe("1:06");
  expect(countdown(new Date(NOW - 1).toISOString(), NOW)).toBe("0:00");
});

test("initials suit the script", () => {
  const names = ["Amélie Durand", "山田 花子", "عبد الرحمن", "Søren", "Siobhán O'Sullivan-Ng", "é́mile zola", "💐"];
  expect(names.map(initials)).toEqual(["AD", "山", "ع", "S", "SN", "É́Z", "💐"]);
});

test("a birthday is a day, whatever the hour", () => {
  expect(isBirthday("1991-11-24", Date.parse("2026-11-24T00:01:00"))).toBe(true);
  expect(isBirthday("1991-11-24", Date.parse("2026-11-23T23:59:00"))).toBe(false);
});

test("a key without words is shown in words all the same", () => {
  speak(["en"]);
  expect(humanised("wants_newsletter_on_paper")).toBe("Wants newsletter on paper");
  expect(preferenceName("garden", "wants_seeds")).toBe("Wants seeds");
  expect(optionName("style", "colours", "constructor")).toBe("Constructor");
  expect(optionName("sizes", "top", "XXL")).toBe("XXL");
  expect(optionName("contact", "language", "pt")).toBe("Portuguese");
  expect(languageName("not a tag")).toBe("not a tag");
});

describe("how a customer has proved who they are", () => {
  test("is said as far as the identity service says it", () => {
    speak(["en-GB"]);
    const at = back(0.2);
    expect(proofText({ methods: ["passkey"], at }, NOW)).toBe("Signed in with a passkey, just now");
    expect(proofText({ methods: ["password", "oneTimeCode"], at: back(60 * 24 * 3) }, NOW)).toBe(
      "Signed in with a password and a one-time code, 3 days ago",
    );
    expect(proofText({ methods: [], at }, NOW)).toBe("Signed in just now");
    expect(proofText({ methods: ["biometrics"], at: null }, NOW)).toBe("Signed in with fingerprint or face");
    expect(proofText({ methods: [], at: null }, NOW)).toBeNull();
  });
});

test("what is left of a customer's access is said with the minutes that it still has", () => {
  speak(["en"]);
  expect(leftText({ kind: "runsOut", minutes: 1 })).toMatch(/within 1 minute\.$/);
  expect(leftText({ kind: "runsOut", minutes: 5 })).toMatch(/within 5 minutes\.$/);
  expect(leftText({ kind: "runsOut", minutes: null })).toMatch(/by itself\.$/);
});
