//! States to draw in tests: a counter in each of its stages, with a customer about whom a lot is known.

use std::time::{Duration, Instant};

use chrono::{DateTime, TimeZone as _, Utc};
use counter::state::{
    Associate, AttemptId, AwaitingMatch, AwaitingScan, CodeId, Connection, Edit, EditProgress, Ending,
    Failure, Feed, Loading, Memory, Method, OfferedCode, OpenProfile, Origin, PinState, Proof, Queue,
    Remembered, Renewal, Staff, State, Visit,
};
use directory::Offers;
use profile::{
    Activity, ActivityKind, Author, Channel, ConsentAct, CustomerKey, Identity, IdentityProvider, Loyalty,
    Money, Name, NameOrder, Preference, PreferenceEdit, PreferenceValue, Profile, Provenance, Purpose,
};
use url::Url;
use uuid::Uuid;

/// The first name: all that the display may show.
pub(crate) const GIVEN: &str = "Amélie";

/// All else that is personal in these states.
pub(crate) const PERSONAL: [&str; 16] = [
    "Durand",
    "A•••",
    "amelie@mail.example",
    "+33611223344",
    "1990-04-01",
    "NQ-77-1234",
    "Gold",
    "fb-amelie",
    "linen",
    "Linen shirt",
    "subject-4711",
    "K7",
    "Okafor",
    "1999",
    "wording-3",
    "2031-01-02",
];

pub(crate) fn at(second: u32) -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 3, 4, 10, 0, second).unwrap()
}

pub(crate) fn associate() -> Associate {
    Associate { id: Uuid::from_u128(1), name: "Robin".to_owned(), provided: None }
}

pub(crate) fn locked() -> Staff {
    Staff::Locked { associates: vec![associate()], pin: PinState::Untried }
}

pub(crate) fn unlocked(visit: Visit) -> State {
    State {
        at_store: true,
        staff: Staff::Unlocked(associate()),
        memory: Memory::Ready,
        connection: Connection::Online,
        associates_sign_in: false,
        offers: Offers::everything(),
        queue: Queue::default(),
        feed: Feed::Following,
        visit,
        recent: vec![remembered()],
        notice: None,
        times_out: None,
    }
}

pub(crate) fn remembered() -> Remembered {
    Remembered {
        id: Uuid::from_u128(7),
        name: Name {
            display: "Ada Okafor".to_owned(),
            given: Some("Ada".to_owned()),
            family: Some("Okafor".to_owned()),
            order: NameOrder::GivenFirst,
        },
        hint: Some("Gold NQ-77-1234".to_owned()),
        copied_at: at(1),
        last_seen: Some(at(2)),
        waiting: 1,
        refused: 0,
    }
}

pub(crate) fn scan(scanned: bool) -> Visit {
    let now = Instant::now();
    Visit::AwaitingScan(Box::new(AwaitingScan {
        attempt: AttemptId(3),
        code: OfferedCode {
            id: CodeId(4),
            user_code: "BCDF-GHJK".to_owned(),
            verification_uri: Url::parse("https://id.example.com/device").unwrap(),
            qr: Url::parse("https://id.example.com/device?user_code=BCDF-GHJK").unwrap(),
            shown_at: at(0),
            expires_at: at(59),
            deadline: now + Duration::from_mins(5),
            unanswered: false,
            scanned,
            schedule: signin::PollSchedule::new(
                Duration::from_secs(5),
                true,
                now + Duration::from_mins(5),
                now,
            ),
        },
        before: None,
        renewal: Renewal::At(now + Duration::from_mins(4)),
    }))
}

pub(crate) fn open(origin: Origin) -> Visit {
    Visit::Open(Box::new(open_profile(origin)))
}

fn customer() -> CustomerKey {
    CustomerKey { issuer: "https://id.example.com".to_owned(), subject: "subject-4711".to_owned() }
}

fn provenance() -> Provenance {
    Provenance { channel: Channel::Web, at: at(3), by: Author::Customer }
}

pub(crate) fn open_profile(origin: Origin) -> OpenProfile {
    let fabrics = Preference {
        value: PreferenceValue::Several(vec!["linen".to_owned()]),
        provenance: Some(provenance()),
    };
    OpenProfile {
        attempt: AttemptId(3),
        customer: customer(),
        profile: Profile {
            subject: customer().subject,
            revision: 12,
            name: Name {
                display: "Amélie Durand".to_owned(),
                given: Some(GIVEN.to_owned()),
                family: Some("Durand".to_owned()),
                order: NameOrder::GivenFirst,
            },
            email: Some("amelie@mail.example".to_owned()),
            email_verified: true,
            phone: Some("+33611223344".to_owned()),
            locale: Some("fr-CA".to_owned()),
            birthday: Some("1990-04-01".parse().unwrap()),
            member_since: Some(at(0)),
            identities: vec![Identity {
                provider: IdentityProvider::Facebook,
                label: Some("fb-amelie".to_owned()),
                linked_at: Some(at(4)),
                last_used_at: None,
            }],
            loyalty: Some(Loyalty {
                number: "NQ-77-1234".to_owned(),
                tier: Some("Gold".to_owned()),
                points: Some(1_250),
                next_tier_at: Some(2_000),
            }),
            preferences: [("not in the catalogue".to_owned(), [("fabrics".to_owned(), fabrics)].into())]
                .into(),
            consents: vec![act(5, true), act(6, false)],
        },
        activity: vec![Activity {
            id: "a1".to_owned(),
            at: at(7),
            channel: Channel::App,
            kind: ActivityKind::Purchase,
            title: "Linen shirt".to_owned(),
            brand: Some("marram".to_owned()),
            store: None,
            amount: Some(Money { minor: 1999, currency: "EUR".to_owned() }),
        }],
        older: Some("cursor".to_owned()),
        loading_older: false,
        origin,
        proof: Some(Proof { methods: vec![Method::Passkey], at: Some(at(0)) }),
        remember: Some(Utc.with_ymd_and_hms(2031, 1, 2, 0, 0, 0).unwrap().into()),
        opened_at: at(8),
        visit_noted: false,
        edits: vec![Edit {
            id: Uuid::from_u128(9),
            edit: PreferenceEdit {
                group: "not in the catalogue".to_owned(),
                key: "fabrics".to_owned(),
                value: Some(PreferenceValue::Several(vec!["linen".to_owned()])),
            },
            before: None,
            at: at(9),
            progress: EditProgress::Waiting,
        }],
        idle_deadline: Instant::now(),
    }
}

fn act(second: u32, given: bool) -> ConsentAct {
    ConsentAct {
        id: second.to_string(),
        purpose: Purpose::EmailMarketing,
        given,
        at: at(second),
        by: Author::Customer,
        channel: Channel::App,
        wording: "wording-3".to_owned(),
        store: None,
        store_name: None,
        till: None,
        scopes: None,
        until: None,
    }
}

/// The counter in each of its stages.
pub(crate) fn every_visit() -> Vec<State> {
    let attempt = AttemptId(3);
    let found = |loaded| {
        Visit::AwaitingMatch(AwaitingMatch {
            attempt,
            masked_name: "A••• D•••".to_owned(),
            check: Some("K7".to_owned()),
            proof: Proof::default(),
            remember_until: None,
            loaded,
            customer: customer(),
            deadline: Instant::now(),
        })
    };
    let ended = |how| Visit::Ended { attempt, how, left: None, until: Instant::now() };
    [
        Visit::Idle,
        Visit::Starting { attempt },
        scan(false),
        scan(true),
        Visit::Verifying { attempt },
        found(None),
        found(Some(Box::new(open_profile(Origin::Live)))),
        Visit::LoadingProfile(Loading { attempt, customer: customer(), remember_until: None }),
        open(Origin::Live),
        open(Origin::Copy { of: at(10) }),
        ended(Ending::Done),
        ended(Ending::Idle),
        ended(Ending::Locked),
        ended(Ending::Refused),
        ended(Ending::Cancelled),
        Visit::Failed(Failure::Denied),
        Visit::Failed(Failure::Declined),
        Visit::Failed(Failure::NoProfile),
    ]
    .into_iter()
    .map(unlocked)
    .collect()
}
