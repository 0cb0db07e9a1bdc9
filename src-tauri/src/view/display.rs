//! The customer display as a function of the counter's state.
//!
//! The display stands in the open. It never gets anything personal beyond the first name of the customer who has just
//! signed in with their own phone, and nothing at all while the till is locked.

use counter::state::{AwaitingMatch, Ending, Origin, Staff, State, Visit};

use super::{DisplayScreen, DisplayView, TillView, shared};

/// The display of a till that is not set up, or whose configuration cannot be used.
pub fn at_rest(till: TillView) -> DisplayView {
    DisplayView { till, screen: DisplayScreen::Rest, language: None, demo: false }
}

/// The display of a running till. `language` is the till's own.
pub fn display(till: &TillView, language: Option<&str>, demo: bool, state: &State) -> DisplayView {
    let customers = match &state.staff {
        Staff::Unlocked(_) => language_of(&state.visit),
        Staff::NoneYet { .. } | Staff::Locked { .. } | Staff::SigningIn(_) => None,
    };
    DisplayView {
        till: till.clone(),
        screen: screen(state),
        language: customers.or(language).map(ToOwned::to_owned),
        demo,
    }
}

fn screen(state: &State) -> DisplayScreen {
    match &state.staff {
        Staff::NoneYet { .. } | Staff::Locked { .. } | Staff::SigningIn(_) => return DisplayScreen::Rest,
        Staff::Unlocked(_) => {}
    }
    match &state.visit {
        Visit::Idle => DisplayScreen::Rest,
        Visit::Starting { .. } => DisplayScreen::Preparing,
        Visit::AwaitingScan(scan) => match scan.scanned() {
            Some(code) => DisplayScreen::OnYourPhone { user_code: code.user_code.clone() },
            None => DisplayScreen::Scan { code: shared::code(&scan.code) },
        },
        Visit::Verifying { .. } => DisplayScreen::ShowYourPhone { compare: false },
        Visit::AwaitingMatch(found) => DisplayScreen::ShowYourPhone { compare: found.check.is_some() },
        Visit::LoadingProfile(_) => DisplayScreen::Welcome { given: None, remember: None },
        Visit::Open(open) => match open.origin {
            Origin::Live => DisplayScreen::Welcome {
                given: open.profile.name.given.clone(),
                remember: Some(open.remember.is_some()),
            },
            // Opened by the associate from the till's memory: nobody has proven who stands there.
            Origin::Copy { .. } => DisplayScreen::Rest,
        },
        Visit::Ended { how, .. } => match how {
            Ending::Done | Ending::Idle => DisplayScreen::Goodbye,
            Ending::Locked | Ending::Cancelled | Ending::Refused => DisplayScreen::Rest,
        },
        Visit::Failed(why) => DisplayScreen::Sorry { why: (*why).into() },
    }
}

/// The language that the customer who has signed in prefers, where it is one: a tag of letters, digits and hyphens. Of
/// somebody whom the associate has looked up nothing is shown, not even that.
fn language_of(visit: &Visit) -> Option<&str> {
    let profile = match visit {
        Visit::Open(open) | Visit::AwaitingMatch(AwaitingMatch { loaded: Some(open), .. })
            if open.origin == Origin::Live =>
        {
            &open.profile
        }
        Visit::Open(_)
        | Visit::Idle
        | Visit::Starting { .. }
        | Visit::AwaitingScan(_)
        | Visit::Verifying { .. }
        | Visit::AwaitingMatch(_)
        | Visit::LoadingProfile(_)
        | Visit::Ended { .. }
        | Visit::Failed(_) => return None,
    };
    let is_tag =
        |tag: &&str| tag.len() <= 35 && tag.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    profile.locale.as_deref().filter(is_tag)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::sample;

    fn drawn(state: &State) -> DisplayView {
        display(&TillView::default(), Some("en"), false, state)
    }

    #[test]
    fn nothing_personal_beyond_the_first_name_is_ever_on_the_display() {
        for state in sample::every_visit() {
            let shown = serde_json::to_string(&drawn(&state)).unwrap();
            for secret in sample::PERSONAL {
                assert!(!shown.contains(secret), "{secret} in {shown}");
            }
        }
    }

    #[test]
    fn the_first_name_is_shown_only_once_the_profile_is_open_after_a_sign_in() {
        for state in sample::every_visit() {
            let may = matches!(&state.visit, Visit::Open(open) if open.origin == Origin::Live);
            let shown = serde_json::to_string(&drawn(&state)).unwrap();
            assert_eq!(shown.contains(sample::GIVEN), may, "{shown}");
        }
    }

    #[test]
    fn a_locked_till_shows_the_brand_at_rest_whatever_was_there() {
        for state in sample::every_visit() {
            let locked = drawn(&State { staff: sample::locked(), ..state });
            assert_eq!(locked.screen, DisplayScreen::Rest);
            assert_eq!(locked.language.as_deref(), Some("en"));
        }
    }

    #[test]
    fn the_display_speaks_the_customers_language_as_soon_as_it_is_known() {
        let open = sample::unlocked(sample::open(Origin::Live));
        assert_eq!(drawn(&open).language.as_deref(), Some("fr-CA"));
        assert_eq!(drawn(&sample::unlocked(Visit::Idle)).language.as_deref(), Some("en"));
    }

    #[test]
    fn of_somebody_who_was_looked_up_the_display_shows_nothing() {
        let copy = drawn(&sample::unlocked(sample::open(Origin::Copy { of: sample::at(1) })));
        assert_eq!((copy.screen, copy.language.as_deref()), (DisplayScreen::Rest, Some("en")));
    }

    #[test]
    fn a_language_that_is_no_tag_is_not_passed_on() {
        let mut state = sample::unlocked(sample::open(Origin::Live));
        if let Visit::Open(open) = &mut state.visit {
            open.profile.locale = Some("Amélie lives here".to_owned());
        }
        assert_eq!(drawn(&state).language.as_deref(), Some("en"));
    }

    #[test]
    fn a_scanned_code_is_no_longer_offered_to_others() {
        let scanned = drawn(&sample::unlocked(sample::scan(true)));
        assert_eq!(scanned.screen, DisplayScreen::OnYourPhone { user_code: "BCDF-GHJK".to_owned() });
        assert!(matches!(drawn(&sample::unlocked(sample::scan(false))).screen, DisplayScreen::Scan { .. }));
    }
}
