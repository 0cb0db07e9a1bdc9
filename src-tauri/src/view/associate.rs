//! The associate's window as a function of the counter's state.
//!
//! While nobody has unlocked the till, nothing of any customer is in it.

mod access;
mod profile;

use counter::{
    CentreSearch, SearchError, SearchResult,
    roles::{May, Role},
    state::{
        Associate, AssociateFailure, AssociateStage, Connection, Doubt, Ending, Failure, Feed, HandedOver,
        Lasting, Memory, Notice, NoticeKind, PinChoice, PinState, Queue, Remembered, Rescued, Staff, State,
        TimesOut, Visit,
    },
};

use super::{
    AssociateIdentity, AssociateScreen, AssociateSignInView, AssociateView, CentreSearchView, ConnectionView,
    CopyingView, DoubtView, EndingView, ExpectedView, LastingView, MayView, MemoryView, NoticeKindView,
    NoticeView, PinView, Problem, ProblemCode, QueueView, RememberedView, RoleView, SearchAnswer,
    SearchedView, SignInView, TillView, TimesOutView, shared,
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
    let screen = AssociateScreen::Locked { associates: Vec::new(), pin: PinView::Untried };
    AssociateView { till: TillView::of(config), demo: config.demo.is_some(), ..without_counter(screen) }
}

fn without_counter(screen: AssociateScreen) -> AssociateView {
    AssociateView {
        till: TillView::default(),
        scanner: String::new(),
        screen,
        associate: None,
        may: NOTHING,
        associates_sign_in: false,
        connection: ConnectionView::Unknown,
        queue: QueueView::default(),
        memory: MemoryView::Opening,
        copying: None,
        notice: None,
        times_out: None,
        demo: false,
    }
}

/// The window of a running till.
pub fn associate(till: &TillView, demo: bool, phone_here: bool, state: &State) -> AssociateView {
    let (screen, associate, notice) = match &state.staff {
        Staff::NoneYet { failed } => (AssociateScreen::FirstPin { failed: *failed }, None, None),
        Staff::Locked { associates, pin } => (
            AssociateScreen::Locked {
                associates: associates.iter().map(AssociateIdentity::from).collect(),
                pin: (*pin).into(),
            },
            None,
            None,
        ),
        Staff::SigningIn(sign_in) => {
            (AssociateScreen::AssociateSignIn(associate_sign_in(&sign_in.stage, phone_here)), None, None)
        }
        Staff::Unlocked(associate) => (
            screen(state, phone_here),
            Some(associate.into()),
            state.notice.as_ref().and_then(|notice| notice_view(notice, &state.visit)),
        ),
    };
    AssociateView {
        till: till.clone(),
        scanner: String::new(),
        screen,
        associate,
        may: match &state.staff {
            Staff::Unlocked(associate) => associate.may().into(),
            Staff::NoneYet { .. } => May::of(None).into(),
            Staff::Locked { .. } | Staff::SigningIn(_) => NOTHING,
        },
        associates_sign_in: state.associates_sign_in,
        connection: (&state.connection).into(),
        queue: (&state.queue).into(),
        memory: (&state.memory).into(),
        copying: copying(state.feed),
        notice,
        times_out: state.times_out.map(Into::into),
        demo,
    }
}

/// What somebody may do whom nobody knows.
const NOTHING: MayView = MayView { serve: false, decide: false, start_anew: false };

fn associate_sign_in(stage: &AssociateStage, phone_here: bool) -> AssociateSignInView {
    match stage {
        AssociateStage::Asking => AssociateSignInView::Starting,
        AssociateStage::Scan(code) => {
            AssociateSignInView::Scan { code: shared::code(code), scanned: code.scanned, phone_here }
        }
        AssociateStage::Checking => AssociateSignInView::Checking,
        AssociateStage::ChoosePin { name, role, choice } => AssociateSignInView::ChoosePin {
            name: name.clone(),
            role: (*role).into(),
            saving: *choice == PinChoice::Saving,
            failed: *choice == PinChoice::Failed,
        },
        AssociateStage::Failed(AssociateFailure::NotSignedIn(why)) => {
            AssociateSignInView::Failed { why: Some((*why).into()) }
        }
        AssociateStage::Failed(AssociateFailure::NoRole) => AssociateSignInView::Failed { why: None },
    }
}

impl From<May> for MayView {
    fn from(May { serve, decide, start_anew }: May) -> Self {
        Self { serve, decide, start_anew }
    }
}

impl From<Role> for RoleView {
    fn from(role: Role) -> Self {
        match role {
            Role::Associate => Self::Associate,
            Role::Manager => Self::Manager,
            Role::It => Self::It,
        }
    }
}

impl From<TimesOut> for TimesOutView {
    fn from(TimesOut { what, at }: TimesOut) -> Self {
        let what = match what {
            Lasting::Code => LastingView::Code,
            Lasting::Match => LastingView::Match,
            Lasting::Visit => LastingView::Visit,
            Lasting::Till => LastingView::Till,
        };
        Self { what, at }
    }
}

fn copying(feed: Feed) -> Option<CopyingView> {
    match feed {
        // How many there are is not known yet.
        Feed::Snapshot { total: 0, .. } | Feed::Off | Feed::Following => None,
        // Who came while it was going on is not in the number of its first page.
        Feed::Snapshot { done, total, paused } => Some(CopyingView { done: done.min(total), total, paused }),
    }
}

fn screen(state: &State, phone_here: bool) -> AssociateScreen {
    match &state.visit {
        Visit::Idle => {
            let recent = state.recent.iter().map(RememberedView::from).collect();
            AssociateScreen::Home { recent, can_add: state.at_store && state.memory == Memory::Ready }
        }
        Visit::Starting { .. } => AssociateScreen::SignIn(SignInView::Starting),
        Visit::AwaitingScan(scan) => AssociateScreen::SignIn(SignInView::AwaitingScan {
            code: shared::code(scan.scanned().unwrap_or(&scan.code)),
            scanned: scan.scanned().is_some(),
            phone_here,
        }),
        Visit::Verifying { .. } => AssociateScreen::SignIn(SignInView::Verifying),
        Visit::AwaitingMatch(found) => AssociateScreen::SignIn(SignInView::Match {
            masked_name: found.masked_name.clone(),
            check: found.check.clone(),
            proof: (&found.proof).into(),
            remember: found.remember_until.is_some(),
        }),
        Visit::LoadingProfile(_) => AssociateScreen::LoadingProfile,
        Visit::Open(open) => AssociateScreen::Profile(Box::new(profile::profile(open, state))),
        Visit::Ended { how, left, .. } => {
            AssociateScreen::Ended { how: (*how).into(), left: left.map(Into::into) }
        }
        Visit::Failed(why) => AssociateScreen::Failed {
            why: (*why).into(),
            doubt: match why {
                Failure::NotTrusted(doubt) => Some((*doubt).into()),
                _ => None,
            },
        },
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
                removed: made.edit.value.is_none(),
                progress: (&made.progress).into(),
            }
        }
        NoticeKind::CustomerNotAdded => NoticeKindView::CustomerNotAdded,
        NoticeKind::MayBeKnown => NoticeKindView::MayBeKnown,
        NoticeKind::EnteredTakenOver { count } => NoticeKindView::EnteredTakenOver { count: *count },
        NoticeKind::VisitNoted => NoticeKindView::VisitNoted,
        NoticeKind::VisitNotNoted => NoticeKindView::VisitNotNoted,
        NoticeKind::PreferenceNotSaved => NoticeKindView::PreferenceNotSaved,
        NoticeKind::QueueSent { count } => NoticeKindView::QueueSent { count: *count },
        NoticeKind::EditRefused => NoticeKindView::EditRefused,
        NoticeKind::EditNotMended => NoticeKindView::EditNotMended,
        NoticeKind::ForgottenUnsent { count } => NoticeKindView::ForgottenUnsent { count: *count },
        NoticeKind::AccessLeft(left) => NoticeKindView::AccessLeft { left: (*left).into() },
        NoticeKind::NotRemembered => NoticeKindView::NotRemembered,
        NoticeKind::EarlierEditNotSaved => NoticeKindView::EarlierEditNotSaved,
        NoticeKind::NoLongerRemembered => NoticeKindView::NoLongerRemembered,
        NoticeKind::Forgotten => NoticeKindView::Forgotten,
        NoticeKind::NotForgotten => NoticeKindView::NotForgotten,
        NoticeKind::CopyNotRead => NoticeKindView::CopyNotRead,
        NoticeKind::OlderNotLoaded => NoticeKindView::OlderNotLoaded,
        NoticeKind::AssociateAdded { name } => NoticeKindView::AssociateAdded { name: name.clone() },
        NoticeKind::AssociateNotAdded => NoticeKindView::AssociateNotAdded,
        NoticeKind::HandedOver(HandedOver { taken, kept, unread }) => {
            NoticeKindView::HandedOver { taken: *taken, kept: *kept, unread: *unread }
        }
        NoticeKind::StartedAnew(Rescued { edits, complete }) => {
            NoticeKindView::StartedAnew { edits: *edits, complete: *complete }
        }
    };
    Some(NoticeView { id: u32::try_from(notice.id).unwrap_or(u32::MAX), what })
}

impl From<ProblemCode> for Problem {
    fn from(code: ProblemCode) -> Self {
        Self { code }
    }
}

impl From<SearchError> for ProblemCode {
    fn from(error: SearchError) -> Self {
        match error {
            SearchError::Locked => Self::Locked,
            SearchError::NotAllowed => Self::NotAllowed,
            SearchError::NoMemory => Self::NoMemory,
        }
    }
}

impl From<&Expected> for ExpectedView {
    fn from(expected: &Expected) -> Self {
        match expected {
            Expected::Text => Self::Text,
            Expected::Flag => Self::Flag,
            Expected::Section => Self::Section,
            Expected::Address => Self::Address,
            Expected::Texts => Self::Texts,
            Expected::Days(most) => Self::Days { most: u32::try_from(*most).unwrap_or(u32::MAX) },
            Expected::Seconds(most) => Self::Seconds { most: u32::try_from(*most).unwrap_or(u32::MAX) },
            Expected::Hosts => Self::Hosts,
            Expected::Country => Self::Country,
            Expected::OneOf(keys) => Self::OneOf { keys: keys.iter().map(ToString::to_string).collect() },
        }
    }
}

impl From<Doubt> for DoubtView {
    fn from(doubt: Doubt) -> Self {
        match doubt {
            Doubt::Signature => Self::Signature,
            Doubt::Issuer => Self::Issuer,
            Doubt::Audience => Self::Audience,
            Doubt::Time => Self::Time,
            Doubt::Subject => Self::Subject,
            Doubt::Other => Self::Other,
        }
    }
}

impl From<PinState> for PinView {
    fn from(pin: PinState) -> Self {
        match pin {
            PinState::Untried => Self::Untried,
            PinState::Checking => Self::Checking,
            PinState::Wrong { associate } => Self::Wrong { associate },
            PinState::Blocked { associate, until } => Self::Blocked { associate, until },
            PinState::Failed => Self::Failed,
            PinState::SignInAgain { associate } => Self::SignInAgain { associate },
        }
    }
}

impl From<&Associate> for AssociateIdentity {
    fn from(associate: &Associate) -> Self {
        let role = associate.provided.as_ref().map(|provided| provided.role.into());
        Self { id: associate.id, name: associate.name.clone(), role }
    }
}

impl From<&Connection> for ConnectionView {
    fn from(connection: &Connection) -> Self {
        match connection {
            Connection::Unknown => Self::Unknown,
            Connection::Online => Self::Online,
            Connection::Limping => Self::Limping,
            Connection::Offline { since } => Self::Offline { since: *since },
        }
    }
}

impl From<&Queue> for QueueView {
    fn from(queue: &Queue) -> Self {
        // Whether it is another number is all that counts.
        let count = u32::try_from(queue.count % u64::from(u32::MAX)).unwrap_or_default();
        Self { waiting: queue.waiting, refused: queue.refused, oldest: queue.oldest, count }
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
            Memory::OtherVersion => Self::OtherVersion,
            Memory::Unusable => Self::Unusable,
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
            refused: remembered.refused,
        }
    }
}

impl From<&SearchResult> for SearchAnswer {
    fn from(found: &SearchResult) -> Self {
        let centre = match found.searched.centre {
            CentreSearch::NotAsked => CentreSearchView::NotAsked,
            CentreSearch::NotReached => CentreSearchView::NotReached,
            CentreSearch::Answered => CentreSearchView::Answered,
        };
        Self {
            hits: found.rows.iter().map(RememberedView::from).collect(),
            with_mistake: found.with_mistake,
            searched: SearchedView { here: found.searched.here, centre },
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
