//! The identity service: what it says of itself, its keys, a code that is thrown away, and what is known of the product.

use std::{sync::Arc, time::Duration};

use serde_json::Value;
use signin::{Advice, DeviceCode, Distrust, Error, Facts, Failure, Kind, PollAnswer, Provider, Refusal};
use url::Url;

use crate::{
    Check, Code, Configuration, Line,
    network::{STEP, is_internal},
    till::Clock,
    watching::{Answer, Fetched, Watching},
};

/// A code that lives shorter dies in a customer's hand.
const SHORT_LIFE: Duration = Duration::from_mins(3);
/// A provider that holds a request until its interval is over still needs time to answer.
const HELD: Duration = Duration::from_secs(5);

/// What was found, and the provider where it can be used.
pub(crate) struct Discovered {
    pub(crate) lines: Vec<Line>,
    pub(crate) provider: Result<Provider, Check>,
}

/// Reads the metadata and the keys, as a till does when it starts.
pub(crate) async fn discover(
    configuration: &Configuration,
    watching: &Arc<Watching>,
    clock: Clock,
) -> Discovered {
    let config = configuration.provider.clone();
    let issuer = config.issuer.clone();
    let found = Provider::discover(config, Arc::clone(watching) as _, clock).await;
    let mut fetched = watching.fetched().into_iter();
    let (metadata, keys) = (fetched.next(), fetched.next());
    let provider = match found {
        Ok(provider) => provider,
        Err(_) if keys.is_some() => {
            let lines = vec![Line::new(Check::Discovery, Code::DiscoveryRead), no_keys(keys.as_ref())];
            return Discovered { lines, provider: Err(Check::Jwks) };
        }
        Err(error) => {
            let line = no_metadata(&issuer, &error, metadata.as_ref());
            return Discovered { lines: vec![line], provider: Err(Check::Discovery) };
        }
    };
    let facts = provider.facts().await;
    let mut lines = vec![
        Line::new(Check::Discovery, Code::DiscoveryRead)
            .with("pkce", facts.pkce)
            .with("revocation", facts.revocation)
            .with("user_info", facts.user_info),
    ];
    let document = |fetched: Option<Result<Fetched, Failure>>| fetched?.ok()?.document;
    let keys = document(keys)
        .and_then(|keys| keys.get("keys").and_then(Value::as_array).cloned())
        .unwrap_or_default();
    let found = keys_line(&keys, facts.keys);
    let failed = found.code != Code::JwksRead;
    lines.push(found);
    if failed {
        return Discovered { lines, provider: Err(Check::Jwks) };
    }
    let algorithms = algorithms_line(&keys, &facts.algorithms);
    let failed = algorithms.code != Code::AlgorithmsFit;
    lines.push(algorithms);
    Discovered { lines, provider: if failed { Err(Check::Algorithms) } else { Ok(provider) } }
}

fn no_metadata(issuer: &Url, error: &Error, metadata: Option<&Result<Fetched, Failure>>) -> Line {
    let line = |code| Line::new(Check::Discovery, code);
    let fetched = match metadata {
        Some(Ok(fetched)) => fetched,
        Some(Err(_)) => return line(Code::DiscoveryUnreachable),
        None => return line(Code::DiscoveryInsecure),
    };
    let status = |line: Line| line.with("status", fetched.answer.status.as_u16());
    match error {
        Error::NotTrusted(Distrust::Issuer) => {
            let named = text_of(fetched, "issuer").unwrap_or_default();
            line(Code::DiscoveryOtherIssuer)
                .with("configured", public(issuer.as_str()).unwrap_or_default())
                .with("named", public(named).unwrap_or_default())
        }
        Error::NotTrusted(_) => line(Code::DiscoveryInsecure).with("addresses", insecure(fetched)),
        Error::Refused(Refusal::NoDeviceGrant) => line(Code::DiscoveryNoDeviceEndpoint),
        _ if fetched.answer.says_later() => status(line(Code::DiscoveryUnreachable)),
        _ if fetched.answer.status.is_redirection() => {
            status(line(Code::DiscoveryRedirected)).with_some("leads_to", fetched.answer.leads_to.clone())
        }
        _ if !fetched.answer.status.is_success() => status(line(Code::DiscoveryMissing)),
        _ if !fetched.answer.is_json => status(line(Code::DiscoveryNotJson)),
        _ => line(Code::DiscoveryIncomplete),
    }
}

fn no_keys(keys: Option<&Result<Fetched, Failure>>) -> Line {
    let line = |code| Line::new(Check::Jwks, code);
    match keys {
        Some(Ok(fetched)) if fetched.answer.says_later() => line(Code::JwksUnreachable),
        Some(Ok(fetched)) => line(Code::JwksUnreadable).with("status", fetched.answer.status.as_u16()),
        Some(Err(_)) | None => line(Code::JwksUnreachable),
    }
}

fn text_of<'a>(fetched: &'a Fetched, name: &str) -> Option<&'a str> {
    fetched.document.as_ref()?.get(name)?.as_str()
}

/// An address without what may be secret in it.
fn public(address: &str) -> Option<String> {
    let mut url = Url::parse(address).ok()?;
    url.set_query(None);
    url.set_fragment(None);
    let kept = url.set_username("").is_ok() && url.set_password(None).is_ok();
    kept.then(|| url.into())
}

/// Which addresses of a document are without https.
fn insecure(fetched: &Fetched) -> String {
    let Some(Value::Object(document)) = &fetched.document else { return String::new() };
    let names: Vec<_> = document
        .iter()
        .filter(|(name, _)| name.ends_with("_endpoint") || name.ends_with("_uri"))
        .filter(|(_, value)| value.as_str().is_some_and(|address| address.starts_with("http:")))
        .map(|(name, _)| name.as_str())
        .collect();
    names.join(" ")
}

/// What a till accepts.
const ALGORITHMS: [&str; 9] =
    ["ES256", "ES384", "EdDSA", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512"];

/// Whether a key (RFC 7517) can verify signatures of an algorithm (RFC 7518).
fn is_for(key: &Value, algorithm: &str) -> bool {
    let text = |name| key.get(name).and_then(Value::as_str);
    let kind = match (text("kty"), text("crv")) {
        (Some("EC"), Some("P-256")) => algorithm == "ES256",
        (Some("EC"), Some("P-384")) => algorithm == "ES384",
        (Some("OKP"), Some("Ed25519")) => algorithm == "EdDSA",
        (Some("RSA"), _) => algorithm.starts_with("RS") || algorithm.starts_with("PS"),
        _ => false,
    };
    kind && text("use").is_none_or(|purpose| purpose == "sig")
        && text("alg").is_none_or(|named| named == algorithm || named == "Ed25519")
}

fn keys_line(keys: &[Value], readable: usize) -> Line {
    let usable = keys.iter().filter(|key| ALGORITHMS.iter().any(|algorithm| is_for(key, algorithm))).count();
    let code = match (keys.len(), usable.min(readable)) {
        (0, _) => Code::JwksEmpty,
        (_, 0) => Code::JwksNoUsableKey,
        _ => Code::JwksRead,
    };
    Line::new(Check::Jwks, code).with("keys", keys.len()).with("usable", usable.min(readable))
}

fn algorithms_line(keys: &[Value], accepted: &[&str]) -> Line {
    let line = |code| Line::new(Check::Algorithms, code).with("algorithms", accepted.join(" "));
    if accepted.is_empty() {
        return line(Code::AlgorithmsNoneAllowed);
    }
    let has_key = accepted.iter().any(|algorithm| keys.iter().any(|key| is_for(key, algorithm)));
    line(if has_key { Code::AlgorithmsFit } else { Code::AlgorithmsWithoutKey })
}

/// Asks for a code, which nobody will see: once, because some providers count.
pub(crate) async fn ask_for_code(
    provider: &Provider,
    issuer: &Url,
    watching: &Watching,
) -> Result<(Line, DeviceCode), Line> {
    match provider.request_code().await {
        Ok(code) => Ok((code_line(issuer, &code), code)),
        Err(error) => Err(no_code(&error, watching.last())),
    }
}

fn code_line(issuer: &Url, code: &DeviceCode) -> Line {
    let is_complete = code.verification_uri_complete.is_some();
    let found = if !signin::is_this_machine(issuer) && is_internal(&code.verification_uri) {
        Code::DeviceInternalPage
    } else if code.expires_in < SHORT_LIFE {
        Code::DeviceShortLife
    } else if !is_complete {
        Code::DeviceNoCompleteAddress
    } else {
        Code::DeviceCodeGiven
    };
    Line::new(Check::Device, found)
        .with_some("page_host", code.verification_uri.host_str())
        .with("seconds", code.expires_in.as_secs())
        .with("interval", code.interval.as_secs())
        .with("complete_address", is_complete)
}

fn no_code(error: &Error, last: Option<Result<Answer, Failure>>) -> Line {
    let answer = last.and_then(Result::ok);
    let is_throttled = answer.as_ref().is_some_and(|answer| {
        answer.status == http::StatusCode::TOO_MANY_REQUESTS || answer.error.as_deref() == Some("slow_down")
    });
    let code = match error {
        Error::Unreachable if is_throttled => Code::DeviceThrottled,
        Error::Unreachable => Code::DeviceUnreachable,
        Error::Refused(Refusal::Code(word)) => match word.as_str() {
            "unauthorized_client" => Code::DeviceUnauthorizedClient,
            "invalid_client" => Code::DeviceInvalidClient,
            "invalid_scope" => Code::DeviceInvalidScope,
            "invalid_grant" | "unsupported_grant_type" | "access_denied" => Code::DeviceGrantNotAllowed,
            _ => Code::DeviceRefused,
        },
        Error::NotTrusted(Distrust::NotHttps) => Code::DeviceInsecurePage,
        Error::NotTrusted(_) => Code::DeviceForeignPage,
        Error::Key(_) => Code::DeviceNoKey,
        Error::Refused(_) | Error::Unexpected(_) => Code::DeviceUnreadable,
    };
    Line::new(Check::Device, code)
        .with_some("status", answer.as_ref().map(|answer| answer.status.as_u16()))
        .with_some("error", answer.as_ref().and_then(|answer| answer.error.clone()))
        .with_some("page_host", answer.and_then(|answer| answer.page_host))
}

/// Asks once whether the customer has decided, which nobody can have.
pub(crate) async fn poll(provider: &Provider, code: &DeviceCode, watching: &Watching) -> Line {
    let holds = provider.holds_token_requests();
    watching.allow(if holds { code.interval.min(STEP) + HELD } else { STEP });
    let answer = provider.poll(code).await;
    watching.allow(STEP);
    let found = match &answer {
        // A provider that minds being asked at once says so, and is right.
        PollAnswer::Pending { .. } | PollAnswer::SlowDown { .. } => Code::PollPending,
        PollAnswer::Denied { .. } | PollAnswer::Expired => Code::PollDeadCode,
        PollAnswer::Granted(_) => Code::PollGranted,
        PollAnswer::NoAnswer => Code::PollUnanswered,
        PollAnswer::Refused => Code::PollRefused,
    };
    if let PollAnswer::Granted(tokens) = &answer {
        provider.end(tokens).await;
    }
    let seen = watching.last().and_then(Result::ok);
    Line::new(Check::Poll, found)
        .with_some("status", seen.as_ref().map(|answer| answer.status.as_u16()))
        .with_some("error", seen.and_then(|answer| answer.error))
        .with("holds", holds)
}

/// What is known of the product, and which of it matters to this till.
pub(crate) fn product_line(facts: &Facts) -> Line {
    let product = facts.kind.map_or("unknown", Kind::name);
    let named =
        |advice: Vec<&Advice>| advice.into_iter().map(|one| note(*one).0).collect::<Vec<_>>().join(" ");
    let matters: Vec<&Advice> = facts.advice.iter().filter(|advice| matters(**advice, facts)).collect();
    let (code, notes) = if matters.is_empty() {
        (Code::ProviderKnown, named(facts.advice.iter().collect()))
    } else {
        (Code::ProviderAdvice, named(matters))
    };
    let line = Line::new(Check::Provider, code).with("product", product);
    line.with_some("notes", (!notes.is_empty()).then_some(notes))
}

/// Whether store IT should do something about it at this till.
fn matters(advice: Advice, facts: &Facts) -> bool {
    let sends_secret = facts.authentication.starts_with("client_secret");
    match advice {
        Advice::NeedsAudience => !facts.has_audience,
        Advice::NoClientSecret => sends_secret,
        Advice::NeedsClientSecret => !sends_secret,
        Advice::NoIdToken | Advice::NotARetailersProvider | Advice::GrantNotDocumented => true,
        _ => false,
    }
}

/// What store IT should know of a product: the name in a report, and a sentence.
pub fn note(advice: Advice) -> (&'static str, &'static str) {
    match advice {
        Advice::GrantIsOffByDefault => {
            ("grant_is_off_by_default", "The device grant is off for a client until somebody switches it on.")
        }
        Advice::GrantNeedsAccessRule => (
            "grant_needs_access_rule",
            "The device grant must also be ticked in the access policy rule of the authorization server.",
        ),
        Advice::NeedsDeviceClient => (
            "needs_device_client",
            "The client must be of the kind for devices or native applications; one for web pages is refused.",
        ),
        Advice::NoClientSecret => {
            ("no_client_secret", "The client must be a public one: configure no secret for it.")
        }
        Advice::NeedsClientSecret => (
            "needs_client_secret",
            "The client has a secret, which the till needs for its tokens: configure it.",
        ),
        Advice::NeedsAudience => (
            "needs_audience",
            "Without an audience the token is not good for the profile API: configure it, or set a default audience.",
        ),
        Advice::OfflineAccessMustBeAllowed => (
            "offline_access_must_be_allowed",
            "A refresh token comes only where the API allows offline access.",
        ),
        Advice::CodesLiveOneMinute => {
            ("codes_live_one_minute", "Codes live one minute unless that is changed: let them live 5 to 10.")
        }
        Advice::CodesDieEarly => (
            "codes_die_early",
            "Codes stop working before the time that is named; the till renews them earlier.",
        ),
        Advice::FewCodesAnHour => (
            "few_codes_an_hour",
            "Few codes an hour are given to one address, which all tills of a store share: raise the limit.",
        ),
        Advice::NeedsDevicePage => {
            ("needs_device_page", "A page for the customer must be set up; none is to begin with.")
        }
        Advice::LettersAreTyped => {
            ("letters_are_typed", "The QR code holds no letters: customers type the code on their phone.")
        }
        Advice::PageHasTheAskedHost => (
            "page_has_the_asked_host",
            "The page for the customer has the host that the till has asked: an internal one cannot be opened by a phone.",
        ),
        Advice::NothingIsRevoked => {
            ("nothing_is_revoked", "Nothing can be revoked: access ends with the tokens' own time.")
        }
        Advice::AccessTokensLiveOn => (
            "access_tokens_live_on",
            "Access tokens cannot be revoked: let them live for a few minutes only.",
        ),
        Advice::RevokingTakesConsent => (
            "revoking_takes_consent",
            "Revoking also takes back the customer's consent, so that they are asked again at the next visit.",
        ),
        Advice::DenialMayBePolicy => (
            "denial_may_be_policy",
            "A \"no\" may come from a policy of the service and not from the customer.",
        ),
        Advice::PolicyMayForbidGrant => (
            "policy_may_forbid_grant",
            "Policies of the service often forbid the device grant as a whole: except the tills.",
        ),
        Advice::NotARetailersProvider => (
            "not_a_retailers_provider",
            "The service cannot hold a retailer's profile: put the retailer's own identity service before it.",
        ),
        Advice::NoIdToken => (
            "no_id_token",
            "No ID token comes in the device grant: who signed in is said by UserInfo alone, which is weaker.",
        ),
        Advice::EarlyPollsKillCodes => (
            "early_polls_kill_codes",
            "An asking too early kills the code: no proxy in between may repeat requests.",
        ),
        Advice::GrantNotDocumented => (
            "grant_not_documented",
            "No device grant was found in the documentation of this product: try another version or product.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_key_is_for_the_algorithms_of_its_kind_and_for_signatures_alone() {
        let p256 = json!({ "kty": "EC", "crv": "P-256" });
        assert!(is_for(&p256, "ES256") && !is_for(&p256, "ES384") && !is_for(&p256, "RS256"));
        let rsa = json!({ "kty": "RSA", "alg": "RS256", "use": "sig" });
        assert!(is_for(&rsa, "RS256") && !is_for(&rsa, "PS256"));
        for useless in [json!({ "kty": "RSA", "use": "enc" }), json!({ "kty": "oct" }), json!(7)] {
            assert!(!ALGORITHMS.iter().any(|algorithm| is_for(&useless, algorithm)), "{useless}");
        }
        assert_eq!(keys_line(&[json!({ "kty": "oct" })], 1).code, Code::JwksNoUsableKey);
        assert_eq!(algorithms_line(&[rsa], &["ES256"]).code, Code::AlgorithmsWithoutKey);
    }

    #[test]
    fn an_address_is_told_without_password_and_query() {
        let told = public("https://robin:word@id.example.com/realms/a?key=1#x").unwrap();
        assert_eq!(told, "https://id.example.com/realms/a");
    }

    #[test]
    fn the_documentation_has_the_sentence_of_every_note() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../docs/doctor.md");
        let text = std::fs::read_to_string(file).unwrap();
        for advice in Kind::ALL.into_iter().flat_map(|kind| kind.departures().advice) {
            let (name, sentence) = note(*advice);
            assert!(text.contains(&format!("| `{name}` | {sentence} |")), "docs/doctor.md lacks {name}");
        }
    }
}
