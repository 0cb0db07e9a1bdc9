// What each screen of the display says first. It is drawn large, and is said aloud once by a screen reader.

import type { DisplayScreen, FailureView, TillView } from "../lib/bindings";
import * as m from "../lib/paraglide/messages";

/** Stands for the first name within a heading: no name and no greeting has this letter. */
export const NAME = "\uE000";

const SORRY: Record<FailureView, () => string> = {
  denied: m.display_sorry_denied,
  declined: m.display_sorry_declined,
  expired: m.display_sorry_expired,
  unreachable: m.display_sorry_unreachable,
  refused: m.display_sorry_refused,
  notTrusted: m.display_sorry_not_trusted,
  noProfile: m.display_sorry_no_profile,
  matchTimedOut: m.display_sorry_match_timed_out,
};

/** The first name that a screen shows, where it shows one. */
export function firstName(screen: DisplayScreen): string | undefined {
  return screen.kind === "welcome" ? screen.given?.trim() || undefined : undefined;
}

/** The heading of a screen, with `NAME` where the first name goes. */
export function heading(screen: DisplayScreen, till: TillView): string {
  switch (screen.kind) {
    case "rest":
      return till.brandName || till.store || m.display_title();
    case "preparing":
      return m.display_preparing();
    case "scan":
      return m.display_scan();
    case "onYourPhone":
      return m.display_on_phone();
    case "showYourPhone":
      return m.display_show_phone();
    case "welcome":
      return firstName(screen) ? m.display_welcome({ name: NAME }) : m.display_welcome_nobody();
    case "goodbye":
      return m.display_goodbye();
    case "sorry":
      return SORRY[screen.why]();
  }
}
