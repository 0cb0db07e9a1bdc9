//! One sign-in from the driver's side: its secrets, and the work that must be done in order.

use std::{
    collections::HashMap,
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex},
};

use directory::{Authority, Customer};
use profile::Remember;
use serde_json::Value;
use signin::{DeviceCode, Tokens};
use tokio::{sync::mpsc, task::JoinHandle};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{Shared, access::NoAccess, lock};
use crate::state::{AttemptId, CodeId};

type Work = Pin<Box<dyn Future<Output = ()> + Send>>;

enum Job {
    Ordinary(Work),
    Last(Work),
}

/// Whose a sign-in is, and what it may ask with.
pub(crate) struct Whose {
    pub(crate) subject: String,
    pub(crate) authority: Authority,
    pub(crate) claims: Option<Value>,
}

impl Whose {
    pub(crate) fn customer(&self) -> Customer<'_> {
        Customer { subject: &self.subject, authority: &self.authority, claims: self.claims.as_ref() }
    }
}

/// The sign-ins, each until it is finished.
#[derive(Default)]
pub(crate) struct Sessions(Mutex<HashMap<AttemptId, Arc<Session>>>);

/// One sign-in.
pub(crate) struct Session {
    /// The sign-in has ended: whatever was only for the screen stops at once.
    pub(crate) ended: CancellationToken,
    pub(crate) secrets: Mutex<Secrets>,
    jobs: mpsc::UnboundedSender<Job>,
}

/// What nobody outside of the driver sees.
#[derive(Default)]
pub(crate) struct Secrets {
    /// The sign-in has ended: tokens that still come are revoked.
    pub(crate) ended: bool,
    /// The code on the display and the one before it.
    pub(crate) codes: Vec<(CodeId, DeviceCode)>,
    /// Tokens have come: those of another code are nobody's.
    pub(crate) granted: bool,
    /// Until they are in the hands of [`super::access`].
    pub(crate) tokens: Option<Tokens>,
    /// Who it is, once that is known.
    pub(crate) subject: Option<String>,
    /// What their ID token says.
    pub(crate) claims: Option<Value>,
    /// What they agreed to leave here.
    pub(crate) agreed: Option<Remember>,
    /// Key in the vault.
    pub(crate) remembered: Option<Uuid>,
    /// The visit at the centre, on its way or there.
    pub(crate) visit: Option<JoinHandle<Option<String>>>,
    /// What is asked for to seal what waits of theirs to. It is worth the end of the visit's waiting.
    pub(crate) sealing: Option<JoinHandle<Option<()>>>,
    /// The revision at which the centre took this sign-in's last edit of a preference.
    pub(crate) revisions: HashMap<(String, String), u64>,
}

impl Secrets {
    /// Takes in a fresh code. A sign-in has two at most.
    pub(crate) fn add_code(&mut self, id: CodeId, code: DeviceCode) {
        if self.codes.len() > 1 {
            self.codes.remove(0);
        }
        self.codes.push((id, code));
    }

    /// The code of that name.
    pub(crate) fn code(&self, id: CodeId) -> Option<DeviceCode> {
        self.codes.iter().find(|(known, _)| *known == id).map(|(_, code)| code.clone())
    }
}

impl Session {
    /// Does something after all that was to be done before.
    pub(crate) fn then(&self, work: impl Future<Output = ()> + Send + 'static) {
        // The worker is gone only when the program ends.
        let _ = self.jobs.send(Job::Ordinary(Box::pin(work)));
    }

    /// The last thing to be done.
    pub(crate) fn finally(&self, work: impl Future<Output = ()> + Send + 'static) {
        let _ = self.jobs.send(Job::Last(Box::pin(work)));
    }

    pub(crate) fn remembered(&self) -> Option<Uuid> {
        lock(&self.secrets).remembered
    }
}

impl Sessions {
    pub(crate) fn get(&self, attempt: AttemptId) -> Option<Arc<Session>> {
        lock(&self.0).get(&attempt).cloned()
    }

    pub(crate) fn remove(&self, attempt: AttemptId) {
        lock(&self.0).remove(&attempt);
    }

    /// Whether a remembered customer is being served.
    pub(crate) fn serves(&self, customer: Uuid) -> bool {
        lock(&self.0).values().any(|session| session.remembered() == Some(customer))
    }

    /// Whether a remembered customer is being served in another sign-in than this one.
    pub(crate) fn serves_elsewhere(&self, customer: Uuid, attempt: AttemptId) -> bool {
        let sessions = lock(&self.0);
        let mut others = sessions.iter().filter(|(id, _)| **id != attempt);
        others.any(|(_, session)| session.remembered() == Some(customer))
    }
}

impl Shared {
    /// The session of an attempt, new where there is none.
    pub(crate) fn session(&self, attempt: AttemptId) -> Arc<Session> {
        let mut sessions = lock(&self.sessions.0);
        if let Some(session) = sessions.get(&attempt) {
            return Arc::clone(session);
        }
        let (jobs, mut inbox) = mpsc::unbounded_channel();
        let session = Arc::new(Session { ended: CancellationToken::new(), secrets: Mutex::default(), jobs });
        self.spawn_work(async move {
            while let Some(job) = inbox.recv().await {
                match job {
                    Job::Ordinary(work) => work.await,
                    Job::Last(work) => {
                        work.await;
                        break;
                    }
                }
            }
        });
        sessions.insert(attempt, Arc::clone(&session));
        session
    }

    /// Runs something that ends with the sign-in.
    pub(crate) fn spawn_for(&self, session: &Session, task: impl Future<Output = ()> + Send + 'static) {
        let ended = session.ended.clone();
        self.spawn(async move {
            ended.run_until_cancelled_owned(task).await;
        });
    }

    /// What a sign-in may ask with.
    pub(crate) async fn authority_of(self: &Arc<Self>, session: &Session) -> Result<Authority, NoAccess> {
        let (own, remembered) = {
            let secrets = lock(&session.secrets);
            (
                secrets.tokens.as_ref().map(|tokens| (tokens.access_token.clone(), tokens.bound)),
                secrets.remembered,
            )
        };
        match (own, remembered) {
            (Some((token, bound)), _) => self.authority(token, bound).await,
            (None, Some(customer)) => self.access(customer).await,
            (None, None) => Err(NoAccess::NoToken),
        }
    }
}
