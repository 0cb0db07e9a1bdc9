//! What a provider that is broken or means harm answers, and where.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use axum::{
    body::{Body, Bytes},
    extract::{Request, State},
    http::{
        StatusCode,
        header::{CONTENT_LENGTH, CONTENT_TYPE, LOCATION},
    },
    middleware::Next,
    response::{IntoResponse, Response},
};
use futures::{Stream, stream};
use serde_json::json;
use tokio::{
    sync::watch,
    time::{sleep, timeout},
};

use super::provider::{SUBJECT, Shared};

/// Ten gigabytes.
const HUGE: u64 = 10 << 30;
const PIECE: &[u8] = &[b'x'; 16 * 1024];

/// Where a provider is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Discovery,
    Keys,
    Device,
    Token,
    /// The profile API.
    Profile,
    UserInfo,
}

impl Place {
    fn path(self) -> &'static str {
        match self {
            Self::Discovery => "/.well-known/openid-configuration",
            Self::Keys => "/keys",
            Self::Device => "/device",
            Self::Token => "/token",
            Self::Profile => "/v1/me",
            Self::UserInfo => "/userinfo",
        }
    }
}

/// What is answered there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// JSON that begins and never ends.
    NeverEnds,
    /// The same, announced as ten gigabytes.
    Huge,
    Deep,
    CutOff,
    Page(u16),
    /// A success whose body is an error.
    ErrorIn200,
    /// A name twice, once deep within.
    Twice,
    NoUtf8,
    /// A redirect to the same address.
    Redirect,
    /// Somebody else's.
    OtherSubject,
    /// A byte a second, for ever.
    Drips,
    /// Takes the request, and says nothing.
    Silent,
}

/// The fault that is switched on, and what it cost.
#[derive(Default)]
pub(crate) struct Faults {
    now: Mutex<Option<(Place, Fault)>>,
    asked: AtomicU64,
    /// The most that one answer got rid of.
    pushed: AtomicU64,
    /// Answers without an end that somebody still listens to.
    open: watch::Sender<usize>,
}

impl Faults {
    pub(crate) fn switch(&self, fault: Option<(Place, Fault)>) {
        *self.now.lock().unwrap() = fault;
    }

    /// How often the place was asked.
    pub(crate) fn asked(&self) -> u64 {
        self.asked.load(Ordering::Relaxed)
    }

    /// How many bytes of one answer the other side took at most, and the system between.
    pub(crate) fn pushed(&self) -> u64 {
        self.pushed.load(Ordering::Relaxed)
    }

    /// Waits until nobody listens to an answer without an end any more.
    pub(crate) async fn hung_up(&self) -> bool {
        let mut open = self.open.subscribe();
        timeout(Duration::from_secs(20), open.wait_for(|open| *open == 0)).await.is_ok()
    }
}

/// An answer without an end.
struct Endless(Arc<Shared>, u64);

impl Endless {
    fn new(shared: Arc<Shared>) -> Self {
        shared.faults.open.send_modify(|open| *open += 1);
        Self(shared, 0)
    }

    fn gave(&mut self, piece: &'static [u8]) -> Bytes {
        self.1 += piece.len() as u64;
        self.0.faults.pushed.fetch_max(self.1, Ordering::Relaxed);
        Bytes::from_static(piece)
    }
}

impl Drop for Endless {
    fn drop(&mut self) {
        self.0.faults.open.send_modify(|open| *open -= 1);
    }
}

/// Answers wrongly where that is switched on.
pub(crate) async fn meddle(State(shared): State<Arc<Shared>>, request: Request, next: Next) -> Response {
    let fault = *shared.faults.now.lock().unwrap();
    match fault {
        Some((place, fault)) if request.uri().path() == place.path() => {
            shared.faults.asked.fetch_add(1, Ordering::Relaxed);
            answer(shared, place, fault).await
        }
        _ => next.run(request).await,
    }
}

async fn answer(shared: Arc<Shared>, place: Place, fault: Fault) -> Response {
    let json = |body: Body| ([(CONTENT_TYPE, "application/json")], body).into_response();
    // Right but for the fault, as far as any place looks at it.
    let begin = format!(r#"{{"sub":"{SUBJECT}","access_token":"a","token_type":"Bearer""#);
    match fault {
        Fault::NeverEnds => json(Body::from_stream(flood(Endless::new(shared)))),
        Fault::Huge => {
            let mut huge = json(Body::from_stream(flood(Endless::new(shared))));
            huge.headers_mut().insert(CONTENT_LENGTH, HUGE.into());
            huge
        }
        Fault::Deep => json(format!(r#"{begin},"x":{}{}}}"#, "[".repeat(50_000), "]".repeat(50_000)).into()),
        Fault::CutOff => json(begin.into()),
        Fault::Page(status) => {
            let page = "<!doctype html><title>Oops</title><h1>Something went wrong</h1>";
            (StatusCode::from_u16(status).unwrap(), [(CONTENT_TYPE, "text/html")], page).into_response()
        }
        Fault::ErrorIn200 if place == Place::Token => {
            json(format!(r#"{begin},"error":"access_denied"}}"#).into())
        }
        Fault::ErrorIn200 => json(r#"{"error":"access_denied"}"#.into()),
        Fault::Twice => json(format!(r#"{begin},"x":[{{"y":1,"y":2}}],"sub":"customer-2"}}"#).into()),
        Fault::NoUtf8 => {
            let mut bytes = format!(r#"{begin},"name":""#).into_bytes();
            bytes.extend(b"\xff\xfe\"}");
            json(bytes.into())
        }
        Fault::Redirect => (StatusCode::TEMPORARY_REDIRECT, [(LOCATION, place.path())]).into_response(),
        Fault::OtherSubject => {
            let mut other = crate::people::profile("customer-2", 7);
            "Ottoline Featherstonehaugh".clone_into(&mut other.name.display);
            let mut body = json!(other);
            body["sub"] = "customer-2".into();
            json(body.to_string().into())
        }
        Fault::Drips => json(Body::from_stream(drops(Endless::new(shared)))),
        Fault::Silent => {
            let _waiting = Endless::new(shared);
            std::future::pending().await
        }
    }
}

/// As much as the other side takes.
fn flood(endless: Endless) -> impl Stream<Item = Result<Bytes, std::io::Error>> {
    stream::unfold(endless, async |mut endless| {
        let piece = if endless.1 == 0 { b"{\"x\":\"".as_slice() } else { PIECE };
        Some((Ok(endless.gave(piece)), endless))
    })
}

fn drops(endless: Endless) -> impl Stream<Item = Result<Bytes, std::io::Error>> {
    stream::unfold(endless, async |mut endless| {
        sleep(Duration::from_secs(1)).await;
        Some((Ok(endless.gave(b" ")), endless))
    })
}
