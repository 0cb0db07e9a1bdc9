//! The associate's window as a function of the counter's state.
//!
//! While nobody has unlocked the till, nothing of any customer is in it.

mod profile;

use counter::state::{
    Associate, Connection, Ending, Memory, Notice, NoticeKind, Queue, Remembered, Staff, State, Visit,
};

use super::{
    AssociateIdentity, AssociateScreen, AssociateView, ConnectionView, EndingView, ExpectedView, MemoryView,
    NoticeKindView, NoticeView, Problem, ProblemCode, QueueView, RememberedView, SignInView, TillView,
    shared,
};
use crate::config::{Config, ConfigError, Expected};

/// The window when the configuration cannot be used.
pub fn bad_configuration(error: &ConfigError) -> AssociateView {
    without_counter(AssociateScreen::BadConfiguration {
        file: error.file.display().to_string(),
        line: error.line,
        key: error.key.clone(),
        code: error.code,
        expected: error.expected.as_ref().map(ExpectedView::from),
        found: error.found.clone(),
    })
}

/// The window when there is no configuration yet.
pub fn first_run(busy: bool, problem: Option<ProblemCode>) -> AssociateView {
    without_counter(AssociateScreen::FirstRun { busy, problem: problem.map(Problem::from) })
}

/// The window of a till that is being started.
pub fn opening(config: &Config) -> AssociateView {
    let screen = AssociateScreen::Locked { associates: Vec::new(), blocked_until: None, wrong_pin: false };
    AssociateView { till: TillView::of(config), demo: config.demo.is_some(), ..without_counter(screen) }
}

fn without_counter(screen: AssociateScreen) -> AssociateView {
    AssociateView {
        till: TillView::default(),
        screen,
        associate: None,
        connection: ConnectionView::Unknown,
        queue: QueueView::default(),
        memory: MemoryView::Opening,
        notice: None,
        demo: false,
    }
}

/// The window of a running till.
pub fn associate(till: &TillView, demo: bool, phone_here: bool, state: &State) -> AssociateView {
    let (screen, associate, notice) = match &state.staff {
        Staff::NoneYet => (AssociateScreen::FirstPin, None, None),
        Staff::Locked { associates, blocked_until, wrong_pin } => (
            AssociateScreen::Locked {
                associates: associates.iter().map(AssociateIdentity::from).collect(),
                blocked_until: *blocked_until,
                wrong_pin: *wrong_pin,
            },
            None,
            None,
        ),
        Staff::Unlocked(associate) => (
            screen(state, phone_here),
            Some(associate.into()),
            state.notice.as_ref().and_then(|notice| notice_view(notice, &state.visit)),
        ),
    };
    AssociateView {
        till: till.clone(),
        screen,
        associate,
        connection: (&state.connection).into(),
        queue: (&state.queue).into(),
        memory: (&state.memory).into(),
        notice,
        demo,
    }
}

fn screen(state: &State, phone_here: bool) -> AssociateScreen {
    match &state.visit {
        Visit::Idle => {
            AssociateScreen::Home { recent: state.recent.iter().map(RememberedView::from).collect() }
        }
        Visit::Starting { .. } => AssociateScreen::SignIn(SignInView::Starting),
        Visit::AwaitingScan(scan) => AssociateScreen::SignIn(SignInView::AwaitingScan {
            code: shared::code(scan),
            scanned: scan.scanned,
            phone_here,
        }),
        Visit::Verifying { .. } => AssociateScreen::SignIn(SignInView::Verifying),
        Visit::AwaitingMatch(found) => AssociateScreen::SignIn(SignInView::Match {
            masked_name: found.masked_name.clone(),
            check: found.check.clone(),
            remember: found.remember_until.is_some(),
        }),
        Visit::LoadingProfile(_) => AssociateScreen::LoadingProfile,
        Visit::Open(open) => AssociateScreen::Profile(Box::new(profile::profile(open))),
        Visit::Ended { how, .. } => AssociateScreen::Ended { how: (*how).into() },
        Visit::Failed(why) => AssociateScreen::Failed { why: (*why).into() },
    }
}

/// A notice in the terms of the screen. One about an edit that is no longer in sight is not shown.
fn notice_view(notice: &Notice, visit: &Visit) -> Option<NoticeView> {
    let what = match &notice.what {
        NoticeKind::PreferenceChanged { edit } => {
            let Visit::Open(open) = visit else { return None };
            let made = open.edits.iter().find(|made| made.id == *edit)?;
            NoticeKindView::PreferenceChanged {
                edit: *edit,
                group: made.edit.group.clone(),
                key: made.edit.key.clone(),
            }
        }
        NoticeKind::PreferenceNotSaved => NoticeKindView::PreferenceNotSaved,
        NoticeKind::QueueSent { count } => NoticeKindView::QueueSent { count: *count },
        NoticeKind::EditRefused => NoticeKindView::EditRefused,
        NoticeKind::NotRevoked => NoticeKindView::NotRevoked,
        NoticeKind::NotRemembered => NoticeKindView::NotRemembered,
    };
    Some(NoticeView { id: u32::try_from(notice.id).unwrap_or(u32::MAX), what })
}

impl From<ProblemCode> for Problem {
    fn from(code: ProblemCode) -> Self {
        Self { code }
    }
}

impl From<&Expected> for ExpectedView {
    fn from(expected: &Expected) -> Self {
        match expected {
            Expected::Text => Self::Text,
            Expected::Flag => Self::Flag,
            Expected::Section => Self::Section,
            Expected::OneOf(keys) => Self::OneOf { keys: keys.iter().map(ToString::to_string).collect() },
        }
    }
}

impl From<&Associate> for AssociateIdentity {
    fn from(associate: &Associate) -> Self {
        Self { id: associate.id, name: associate.name.clone() }
    }
}

impl From<&Connection> for ConnectionView {
    fn from(connection: &Connection) -> Self {
        match connection {
            Connection::Unknown => Self::Unknown,
            Connection::Online => Self::Online,
            Connection::Offline { since } => Self::Offline { since: *since },
        }
    }
}

impl From<&Queue> for QueueView {
    fn from(queue: &Queue) -> Self {
        Self { waiting: queue.waiting, refused: queue.refused, oldest: queue.oldest }
    }
}

impl From<&Memory> for MemoryView {
    fn from(memory: &Memory) -> Self {
        match memory {
            Memory::Opening => Self::Opening,
            Memory::Ready => Self::Ready,
            Memory::NoKeyring => Self::NoKeyring,
            Memory::KeyringLocked => Self::KeyringLocked,
            Memory::KeyringSilent => Self::KeyringSilent,
            Memory::WrongKey => Self::WrongKey,
            Memory::Damaged => Self::Damaged,
            Memory::DiskFull => Self::DiskFull,
        }
    }
}

impl From<&Remembered> for RememberedView {
    fn from(remembered: &Remembered) -> Self {
        Self {
            id: remembered.id,
            name: remembered.name.display.clone(),
            hint: remembered.hint.clone(),
            copied_at: remembered.copied_at,
            last_seen: remembered.last_seen,
            waiting: remembered.waiting,
        }
    }
}

impl From<Ending> for EndingView {
    fn from(ending: Ending) -> Self {
        match ending {
            Ending::Done => Self::Done,
            Ending::Idle => Self::Idle,
            Ending::Locked => Self::Locked,
            Ending::Refused => Self::Refused,
            Ending::Cancelled => Self::Cancelled,
        }
    }
}

#[cfg(test)]
mod tests;
