use std::path::PathBuf;

use ::profile::RememberScope;
use counter::state::Origin;
use directory::{Offers, Which};
use uuid::Uuid;

use super::*;
use crate::view::{
    ConfigurationProblem, ConsentStateView, EditProgressView, PreferenceInput, ScopeView, ValueView, sample,
};

fn drawn(state: &State) -> AssociateView {
    associate(&TillView::default(), true, true, state)
}

fn open(state: &State) -> crate::view::ProfileView {
    match drawn(state).screen {
        AssociateScreen::Profile(profile) => *profile,
        other => panic!("not a profile: {other:?}"),
    }
}

#[test]
fn a_locked_till_draws_nothing_of_any_customer() {
    for state in sample::every_visit() {
        for staff in [sample::locked(), Staff::NoneYet { failed: false }] {
            let notice =
                Some(Notice { id: 4, what: NoticeKind::PreferenceChanged { edit: Uuid::from_u128(9) } });
            let shown = serde_json::to_string(&drawn(&State { staff, notice, ..state.clone() })).unwrap();
            for secret in sample::PERSONAL.into_iter().chain([sample::GIVEN, "Ada", "BCDF-GHJK"]) {
                assert!(!shown.contains(secret), "{secret} in {shown}");
            }
        }
    }
}

#[test]
fn before_the_match_is_confirmed_only_the_mask_is_drawn() {
    for state in
        sample::every_visit().into_iter().filter(|state| matches!(state.visit, Visit::AwaitingMatch(_)))
    {
        let shown = serde_json::to_string(&drawn(&state)).unwrap();
        assert!(shown.contains("A•••") && shown.contains("K7"), "{shown}");
        for secret in [sample::GIVEN, "Durand", "amelie@mail.example", "+33611223344", "Linen shirt"] {
            assert!(!shown.contains(secret), "{secret} in {shown}");
        }
    }
}

#[test]
fn no_key_of_a_customer_and_no_revision_reaches_the_window() {
    for state in sample::every_visit() {
        let shown = serde_json::to_string(&drawn(&state)).unwrap();
        assert!(!shown.contains("subject-4711") && !shown.contains("revision"), "{shown}");
    }
}

#[test]
fn the_first_run_and_a_bad_configuration_have_no_customer_and_no_associate() {
    for view in [first_run(true, None), first_run(false, Some(ProblemCode::NoDeviceGrant))] {
        assert!(matches!(view.screen, AssociateScreen::FirstRun { .. }));
        assert_eq!((view.associate, view.notice, view.queue), (None, None, QueueView::default()));
    }
    let view = bad_configuration(&ConfigError {
        file: PathBuf::from("countersign.toml"),
        line: Some(3),
        key: Some("till.name".to_owned()),
        code: ConfigurationProblem::MissingKey,
        expected: Some(Expected::Text),
        found: None,
    });
    assert_eq!(
        view.screen,
        AssociateScreen::BadConfiguration {
            file: "countersign.toml".to_owned(),
            line: Some(3),
            key: Some("till.name".to_owned()),
            code: ConfigurationProblem::MissingKey,
            expected: Some(ExpectedView::Text),
            found: None,
        }
    );
}

#[test]
fn a_preference_that_the_catalogue_lacks_is_drawn_as_text_after_the_known_ones() {
    let profile = open(&sample::unlocked(sample::open(Origin::Live)));
    let last = profile.preferences.as_ref().unwrap().last().unwrap();
    assert_eq!(last.group, "not in the catalogue");
    let item = &last.items[0];
    assert_eq!(item.input, PreferenceInput::Text);
    assert_eq!(item.value, Some(ValueView::Several(vec!["linen".to_owned()])));
    assert_eq!(item.progress, Some(EditProgressView::Waiting));
}

#[test]
fn every_known_preference_is_drawn_whether_set_or_not() {
    let profile = open(&sample::unlocked(sample::open(Origin::Live)));
    let preferences = profile.preferences.unwrap();
    for known in ::profile::catalogue::catalogue() {
        let group = preferences.iter().find(|group| group.group == known.group).unwrap();
        assert!(
            group.items.iter().any(|item| item.key == known.key && item.value.is_none()),
            "{}",
            known.key
        );
    }
}

#[test]
fn a_consent_is_drawn_as_its_newest_act_says_and_never_asked_otherwise() {
    let profile = open(&sample::unlocked(sample::open(Origin::Live)));
    for consent in profile.consents.unwrap() {
        if consent.purpose == "email_marketing" {
            assert_eq!((consent.state, consent.at), (ConsentStateView::Withdrawn, Some(sample::at(6))));
            let acts = consent.acts.iter().map(|act| (act.given, act.at, act.channel.as_str()));
            assert_eq!(
                acts.collect::<Vec<_>>(),
                [(false, sample::at(6), "app"), (true, sample::at(5), "app")]
            );
        } else {
            assert_eq!(
                (consent.state, consent.at),
                (ConsentStateView::NeverAsked, None),
                "{}",
                consent.purpose
            );
        }
    }
}

#[test]
fn a_changed_preference_is_named_in_its_notice_while_the_profile_is_open() {
    let notice = Some(Notice { id: 4, what: NoticeKind::PreferenceChanged { edit: Uuid::from_u128(9) } });
    let shown = drawn(&State { notice: notice.clone(), ..sample::unlocked(sample::open(Origin::Live)) })
        .notice
        .unwrap();
    assert!(matches!(shown.what, NoticeKindView::PreferenceChanged { key, .. } if key == "fabrics"));
    assert_eq!(drawn(&State { notice, ..sample::unlocked(Visit::Idle) }).notice, None);
}

#[test]
fn what_the_profile_source_does_not_know_is_not_drawn_as_nothing() {
    let shoes = Which::Only([("sizes".to_owned(), "shoes".to_owned())].into());
    let offers = Offers {
        preferences: shoes,
        edits: Which::Only([].into()),
        identities: false,
        consents: false,
        activity: false,
        visits: false,
    };
    let state = State { offers: offers.clone(), ..sample::unlocked(sample::open(Origin::Live)) };
    let profile = open(&state);
    assert_eq!((profile.identities, profile.consents, profile.activity), (None, None, None));
    let sizes = &profile.preferences.unwrap()[0];
    assert_eq!((sizes.group.as_str(), sizes.items.len()), ("sizes", 1));
    assert!(!sizes.items[0].editable);

    let offers = Offers { preferences: Which::Only([].into()), ..offers };
    assert_eq!(open(&State { offers, ..state }).preferences, None);
}

#[test]
fn only_what_the_profile_source_takes_can_be_edited() {
    let shoes = Which::Only([("sizes".to_owned(), "shoes".to_owned())].into());
    let offers = Offers { edits: shoes, ..Offers::everything() };
    let profile = open(&State { offers, ..sample::unlocked(sample::open(Origin::Live)) });
    for group in profile.preferences.unwrap() {
        for item in group.items {
            assert_eq!(item.editable, (group.group.as_str(), item.key.as_str()) == ("sizes", "shoes"));
        }
    }
}

#[test]
fn a_part_that_was_not_left_here_is_not_drawn_as_nothing_before_the_customer_signs_in() {
    let drawn = |origin, left: &[RememberScope]| {
        let mut profile = sample::open_profile(origin);
        let remember = profile.remember.as_mut().unwrap();
        remember.scopes = left.iter().copied().collect();
        profile.profile = remember.scopes.of_profile(&profile.profile);
        open(&sample::unlocked(Visit::Open(Box::new(profile))))
    };
    let copy = Origin::Copy { of: sample::at(10) };
    let view = drawn(copy, &[RememberScope::Loyalty]);
    assert_eq!(view.not_kept, [ScopeView::Contact, ScopeView::Preferences, ScopeView::Activity]);
    assert_eq!((view.identities, view.preferences, view.activity), (None, None, None));
    let purposes: Vec<_> = view.consents.unwrap().into_iter().map(|consent| consent.purpose).collect();
    assert_eq!(purposes, ["remember_at_store"], "nobody here knows what else they were asked");
    assert_eq!(drawn(copy, &RememberScope::ALL).not_kept, []);
    let live = drawn(Origin::Live, &[RememberScope::Loyalty]);
    assert!(live.not_kept.is_empty() && live.preferences.is_some());
    assert_eq!(live.agreement.unwrap().scopes, [ScopeView::Loyalty]);
}

#[test]
fn how_far_the_copies_of_the_stores_customers_are_is_drawn_while_they_come() {
    let drawn = |feed| copying(feed).map(|copying| (copying.done, copying.total));
    assert_eq!(drawn(Feed::Off), None);
    assert_eq!(drawn(Feed::Following), None);
    // Before the first page nobody knows how many there are; at the last there may be more than at the first.
    assert_eq!(drawn(Feed::Snapshot { done: 0, total: 0, paused: false }), None);
    assert_eq!(drawn(Feed::Snapshot { done: 200, total: 600, paused: true }), Some((200, 600)));
    assert_eq!(drawn(Feed::Snapshot { done: 602, total: 600, paused: false }), Some((600, 600)));
}
