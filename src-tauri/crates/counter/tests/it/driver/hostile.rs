//! A provider that is broken or means harm, before a running counter: nobody is shown who is not there, the associate gets
//! a sentence, what an answer costs is bounded, and the next customer is served.

use std::{fs, future::Future, sync::Arc, time::Duration};

use counter::{
    Input, Settings, State,
    state::{Connection, Doubt, Failure, Visit},
};
use directory::{Kind, Mapping, SourceConfig};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer},
};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinSet,
};
use tokio_rustls::TlsAcceptor;

use super::{
    counter::{Running, Till},
    faults::{Fault, Place},
    provider::{Flaw, Phone, Provider, SUBJECT},
};

/// The most that one answer may cost: what is read of the longest one, and what lies in the buffers of the system.
const MOST: u64 = 4 * 1024 * 1024 + 16 * 1024 * 1024;

/// All that can be wrong with an answer and is seen at once.
const AT_ONCE: [Fault; 11] = [
    Fault::NeverEnds,
    Fault::Huge,
    Fault::Deep,
    Fault::CutOff,
    Fault::Page(200),
    Fault::Page(404),
    Fault::Page(503),
    Fault::ErrorIn200,
    Fault::Twice,
    Fault::NoUtf8,
    Fault::Redirect,
];

/// What only a time-out ends.
const SLOW: [Fault; 2] = [Fault::Drips, Fault::Silent];

/// A till at a provider.
struct Counter {
    provider: Provider,
    running: Running,
    _till: Till,
}

impl Counter {
    /// At one that fails from the first request on.
    async fn failing(at: Place, with: Fault, settings: Settings) -> Self {
        let provider = Provider::start().await;
        provider.fails(at, with);
        let profile = match at {
            Place::UserInfo => {
                SourceConfig { source: Some(Kind::UserInfo), address: None, mapping: Mapping::default() }
            }
            _ => SourceConfig::default(),
        };
        Self::with(provider, Till { profile, settings, ..Till::new() }).await
    }

    async fn with(provider: Provider, till: Till) -> Self {
        let running = till.first_day(&provider).await;
        Self { provider, running, _till: till }
    }

    /// The sign-in ends so, and nobody was shown.
    async fn fails_with(&self, case: &str, why: Failure) {
        let state = self.running.until(case, has_ended).await;
        assert!(matches!(state.visit, Visit::Failed(found) if found == why), "{case}: {:?}", state.visit);
        assert_eq!(self.provider.count("visit"), 0, "{case}: a visit has begun");
    }

    /// The customer says yes to the code on the display.
    async fn yes(&self, case: &str) {
        self.running.until(case, |state| matches!(state.visit, Visit::AwaitingScan(_))).await;
        self.provider.phone(Phone::Yes { remember: false });
    }

    /// What it cost is bounded, and in the same program the next customer sees their profile.
    async fn serves_the_next(self, case: &str) {
        let Self { provider, running, _till } = self;
        let faults = &provider.shared.faults;
        provider.is_well();
        running.visit(&provider, false).await;
        let state = running.state();
        let Visit::Open(open) = &state.visit else { panic!("{case}: {:?}", state.visit) };
        assert_eq!((open.profile.subject.as_str(), open.customer.subject.as_str()), (SUBJECT, SUBJECT));
        assert_eq!(open.profile.name.display, "Amélie Durand", "{case}");
        assert!(faults.pushed() < MOST, "{case}: {} bytes were taken", faults.pushed());
        assert!(faults.hung_up().await, "{case}: somebody still listens");
        running.0.stop().await;
    }
}

fn has_ended(state: &State) -> bool {
    matches!(state.visit, Visit::Failed(_) | Visit::Open(_) | Visit::Ended { .. })
}

/// Every case has a counter of its own, and all run side by side.
fn side_by_side<C: Future<Output = ()> + Send + 'static>(
    cases: impl IntoIterator<Item = C>,
) -> impl Future<Output = ()> {
    ended(cases.into_iter().collect())
}

async fn ended(mut running: JoinSet<()>) {
    while let Some(case) = running.join_next().await {
        case.unwrap();
    }
}

/// No code comes of it.
async fn no_code(at: Place, with: Fault, why: Failure) {
    let case = format!("{with:?} at {at:?}");
    let counter = Counter::failing(at, with, Till::new().settings).await;
    counter.running.0.send(Input::SignIn);
    counter.fails_with(&case, why).await;
    assert_eq!(counter.provider.count("poll"), 0, "{case}");
    if at == Place::Device {
        assert_eq!(
            counter.provider.shared.faults.asked(),
            1,
            "{case}: asked again, or a redirect was followed"
        );
    }
    counter.serves_the_next(&case).await;
}

/// Nothing is known of the customer's yes: the till says that it hears nothing, and goes on.
async fn no_decision(with: Fault) {
    let case = format!("{with:?} at the token endpoint");
    let counter = Counter::failing(Place::Token, with, Till::new().settings).await;
    counter.running.0.send(Input::SignIn);
    counter.yes(&case).await;
    let state = counter
        .running
        .until(&case, |state| match &state.visit {
            Visit::AwaitingScan(scan) => scan.code.unanswered,
            _ => true,
        })
        .await;
    assert!(matches!(state.visit, Visit::AwaitingScan(_)), "{case}: {:?}", state.visit);
    counter.running.until(&case, |state| matches!(state.connection, Connection::Offline { .. })).await;
    // The same customer is let in once the provider is itself again.
    counter.provider.is_well();
    let open = |state: &State| matches!(&state.visit, Visit::AwaitingMatch(found) if found.loaded.is_some());
    counter.running.until(&case, open).await;
    counter.running.0.send(Input::RefuseMatch);
    counter.running.until(&case, has_ended).await;
    counter.serves_the_next(&case).await;
}

/// The token held: who it is may be compared, but no profile opens.
async fn no_profile(at: Place, with: Fault, settings: Settings) {
    let case = format!("{with:?} at {at:?}");
    let counter = Counter::failing(at, with, settings).await;
    counter.running.0.send(Input::SignIn);
    counter.yes(&case).await;
    let state = counter.running.until(&case, |state| matches!(state.visit, Visit::AwaitingMatch(_))).await;
    let Visit::AwaitingMatch(found) = &state.visit else { panic!() };
    assert_eq!((found.masked_name.as_str(), found.customer.subject.as_str()), ("A••• D•••", SUBJECT));
    counter.running.0.send(Input::ConfirmMatch);
    counter.fails_with(&case, Failure::NoProfile).await;
    counter.serves_the_next(&case).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_stands_at_the_address_of_the_metadata_or_of_the_keys_shows_no_code() {
    let cases = [Place::Discovery, Place::Keys].into_iter().flat_map(|at| {
        AT_ONCE.into_iter().map(move |with| {
            let why = match with {
                Fault::NeverEnds | Fault::Huge | Fault::Page(503) => Failure::Unreachable,
                _ => Failure::Refused,
            };
            no_code(at, with, why)
        })
    });
    side_by_side(cases).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_no_code_is_not_shown_as_one() {
    let cases = AT_ONCE.into_iter().map(|with| {
        let why = match with {
            Fault::NeverEnds | Fault::Huge | Fault::Page(503) => Failure::Unreachable,
            _ => Failure::Refused,
        };
        no_code(Place::Device, with, why)
    });
    side_by_side(cases).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_no_decision_is_waited_out() {
    let cases = AT_ONCE.into_iter().filter(|with| *with != Fault::ErrorIn200).map(no_decision);
    side_by_side(cases).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_beside_an_error_are_none() {
    let counter = Counter::failing(Place::Token, Fault::ErrorIn200, Till::new().settings).await;
    counter.running.0.send(Input::SignIn);
    counter.fails_with("an error in a success", Failure::Denied).await;
    assert_eq!(counter.provider.count("me"), 0);
    counter.serves_the_next("an error in a success").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_no_profile_opens_none() {
    let cases = [Place::Profile, Place::UserInfo]
        .into_iter()
        .flat_map(|at| AT_ONCE.into_iter().map(move |with| no_profile(at, with, impatient())));
    side_by_side(cases).await;
}

/// What is tried again is given up sooner than on an ordinary day.
fn impatient() -> Settings {
    Settings { patience: Duration::from_secs(4), ..Till::new().settings }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_of_somebody_else_is_never_shown() {
    for at in [Place::Profile, Place::UserInfo] {
        let case = format!("somebody else's at {at:?}");
        let counter = Counter::failing(at, Fault::OtherSubject, Till::new().settings).await;
        counter.running.0.send(Input::SignIn);
        counter.yes(&case).await;
        counter.fails_with(&case, Failure::NotTrusted(Doubt::Subject)).await;
        counter.provider.saw("revoke access-1").await;
        counter.serves_the_next(&case).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_fails_its_checks_shows_nobody_and_is_revoked() {
    let cases = [
        (Flaw::Signature, Doubt::Signature),
        (Flaw::OtherKey, Doubt::Signature),
        (Flaw::UnknownKey, Doubt::Signature),
        (Flaw::Unsigned, Doubt::Signature),
        (Flaw::Hmac, Doubt::Signature),
        (Flaw::Issuer, Doubt::Issuer),
        (Flaw::Audience, Doubt::Audience),
        (Flaw::Party, Doubt::Audience),
        (Flaw::Expired, Doubt::Time),
        (Flaw::Future, Doubt::Time),
        (Flaw::Twice, Doubt::Other),
    ];
    side_by_side(cases.map(async |(flaw, doubt)| {
        let case = format!("{flaw:?} of the ID token");
        let counter = Counter::with(Provider::start().await, Till::new()).await;
        counter.provider.flawed(flaw);
        counter.running.0.send(Input::SignIn);
        counter.running.until(&case, |state| matches!(state.visit, Visit::AwaitingScan(_))).await;
        counter.provider.phone(Phone::Yes { remember: true });
        counter.fails_with(&case, Failure::NotTrusted(doubt)).await;
        counter.provider.saw("revoke access-1").await;
        counter.provider.saw("revoke refresh-1").await;
        assert_eq!(counter.provider.good_tokens(), (0, 0), "{case}");
        assert_eq!(counter.provider.count("me"), 0, "{case}: a match was made");
        counter.serves_the_next(&case).await;
    }))
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_an_id_token_nobody_is_believed_whom_user_info_cannot_name() {
    side_by_side(AT_ONCE.map(async |with| {
        let case = format!("{with:?} instead of an ID token");
        let counter = Counter::with(Provider::start().await, Till::new()).await;
        counter.provider.flawed(Flaw::Missing);
        counter.provider.fails(Place::UserInfo, with);
        counter.running.0.send(Input::SignIn);
        counter.yes(&case).await;
        let why = match with {
            Fault::NeverEnds | Fault::Huge | Fault::Page(503) => Failure::Unreachable,
            _ => Failure::Refused,
        };
        counter.fails_with(&case, why).await;
        assert_eq!(counter.provider.count("me"), 0, "{case}: a match was made");
        counter.provider.saw("revoke access-1").await;
        counter.serves_the_next(&case).await;
    }))
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_drips_or_is_silent_is_waited_for_no_longer_than_a_request_may_take() {
    let mut cases: JoinSet<()> = JoinSet::new();
    for with in SLOW {
        for at in [Place::Discovery, Place::Keys, Place::Device] {
            cases.spawn(no_code(at, with, Failure::Unreachable));
        }
        cases.spawn(no_decision(with));
        for at in [Place::Profile, Place::UserInfo] {
            cases.spawn(no_profile(at, with, impatient()));
        }
    }
    ended(cases).await;
}

#[tokio::test]
async fn a_provider_whose_metadata_is_old_and_cannot_be_read_again_goes_on_signing_in() {
    let counter = Counter::with(Provider::start().await, Till::new()).await;
    let Counter { provider, running, _till } = counter;
    running.visit(&provider, false).await;
    running.end().await;
    provider.saw("revoke access-1").await;
    let discovered = provider.count("discovery");
    provider.fails(Place::Discovery, Fault::Silent);
    tokio::time::pause();
    tokio::time::advance(Duration::from_hours(25)).await;
    tokio::time::resume();

    // Nobody was at the till for a day.
    running.unlock().await;
    running.match_shown(&provider, false).await;
    running.0.send(Input::ConfirmMatch);
    running.until_open("an open profile", |open| open.profile.subject == SUBJECT).await;
    provider.is_well();
    running.end().await;
    provider.saw("revoke access-2").await;
    assert_eq!(provider.count("discovery"), discovered, "the old metadata were of use");
    running.0.stop().await;
}

/// A certificate, and its key.
struct Served {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
}

impl Served {
    fn acceptor(self) -> TlsAcceptor {
        let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(self.chain, self.key)
            .unwrap();
        TlsAcceptor::from(Arc::new(config))
    }
}

type Authority = CertifiedIssuer<'static, KeyPair>;

fn authority() -> Authority {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// A certificate by an authority, or by itself.
fn certificate(by: Option<&Authority>, host: &str, change: fn(&mut CertificateParams)) -> Served {
    let mut params = CertificateParams::new(vec![host.to_owned()]).unwrap();
    change(&mut params);
    let key = KeyPair::generate().unwrap();
    let certificate = match by {
        Some(authority) => params.signed_by(&key, authority).unwrap(),
        None => params.self_signed(&key).unwrap(),
    };
    Served { chain: vec![certificate.der().clone()], key: key.serialize_der().try_into().unwrap() }
}

/// Encrypts what goes to a provider, with a certificate that can be changed.
async fn encrypts(listener: TcpListener, to: std::net::SocketAddr, with: watch::Receiver<TlsAcceptor>) {
    while let Ok((stream, _)) = listener.accept().await {
        let acceptor = with.borrow().clone();
        tokio::spawn(async move {
            let Ok(mut stream) = acceptor.accept(stream).await else { return };
            let mut behind = TcpStream::connect(to).await.unwrap();
            drop(copy_bidirectional(&mut stream, &mut behind).await);
        });
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_whose_certificate_is_wrong_hears_nothing_until_it_has_a_right_one() {
    let (own, other) = (authority(), authority());
    let cases: [(&str, Served); 4] = [
        ("signed by itself", certificate(None, "localhost", |_| {})),
        ("of another authority", certificate(Some(&other), "localhost", |_| {})),
        ("of another host", certificate(Some(&own), "id.example.com", |_| {})),
        (
            "expired",
            certificate(Some(&own), "localhost", |params| {
                params.not_before = date_time_ymd(2019, 1, 1);
                params.not_after = date_time_ymd(2020, 1, 1);
            }),
        ),
    ];
    for (case, wrong) in cases {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("https://localhost:{}", listener.local_addr().unwrap().port());
        let provider = Provider::named(Some(issuer)).await;
        let (certificates, shown) = watch::channel(wrong.acceptor());
        tokio::spawn(encrypts(listener, provider.address(), shown));

        let till = Till::new();
        let ca_file = till.folder.path().join("ca.pem");
        fs::write(&ca_file, own.pem()).unwrap();
        let counter = Counter::with(provider, Till { ca_file: Some(ca_file), ..till }).await;
        counter.running.0.send(Input::SignIn);
        counter.fails_with(case, Failure::Unreachable).await;
        assert!(counter.provider.log().is_empty(), "{case}: {:?}", counter.provider.log());
        certificates.send_replace(certificate(Some(&own), "localhost", |_| {}).acceptor());
        counter.serves_the_next(case).await;
    }
}
