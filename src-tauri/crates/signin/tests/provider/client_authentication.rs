//! How a till says who it is, and that a token is its own: what a provider gets to see at each endpoint.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use signin::{ClientAuthentication, Error, KeyError, Kind, PollAnswer, Provider, ProviderConfig, TillKey};
use url::Url;
use wiremock::ResponseTemplate;

use crate::stand::{
    ACCESS_TOKEN, CLIENT, REFRESH_TOKEN, Stand, discover, error_answer, field, json_answer, now, tokens,
};

const SECRET: &str = "s3cr+t /:%";

/// Asks for a code, polls, refreshes and ends: every request that a till makes in its own name.
async fn ask_everywhere(stand: &Stand, provider: &Provider) {
    let code = stand.code(provider).await;
    stand.answers("POST", "/token", error_answer(400, "authorization_pending")).await;
    stand.answers("POST", "/revoke", ResponseTemplate::new(200)).await;
    provider.poll(&code).await;
    drop(provider.refresh(&SecretString::from(REFRESH_TOKEN)).await);
    provider.end(&tokens(None)).await;
}

async fn with(stand: &Stand, client_authentication: ClientAuthentication, kind: Option<Kind>) -> Provider {
    discover(ProviderConfig { client_authentication, kind, ..stand.config() }).await.unwrap()
}

/// A token in two readable parts, after its signature was checked.
fn opened(token: &str, key: &TillKey) -> (Value, Value) {
    let part = |text: &str| URL_SAFE_NO_PAD.decode(text).unwrap();
    let (input, signature) = token.rsplit_once('.').unwrap();
    let jwk = key.public_jwk();
    let mut point = vec![4];
    point.extend(part(jwk["x"].as_str().unwrap()));
    point.extend(part(jwk["y"].as_str().unwrap()));
    let public = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point);
    public.verify(input.as_bytes(), &part(signature)).unwrap();
    let (header, claims) = input.split_once('.').unwrap();
    (serde_json::from_slice(&part(header)).unwrap(), serde_json::from_slice(&part(claims)).unwrap())
}

#[tokio::test]
async fn a_secret_in_the_form_goes_to_every_endpoint() {
    let stand = Stand::start().await;
    let provider = with(&stand, ClientAuthentication::SecretPost(SECRET.into()), None).await;
    ask_everywhere(&stand, &provider).await;
    for at in ["/device", "/token", "/revoke"] {
        for form in stand.forms(at).await {
            assert_eq!(field(&form, "client_secret"), Some(SECRET), "{at}");
            assert_eq!(field(&form, "client_id"), Some(CLIENT), "{at}");
        }
        assert!(stand.requests(at).await[0].headers.get("authorization").is_none());
    }
}

#[tokio::test]
async fn a_secret_in_the_header_is_written_as_in_a_form() {
    let stand = Stand::start().await;
    let provider = with(&stand, ClientAuthentication::SecretBasic(SECRET.into()), None).await;
    ask_everywhere(&stand, &provider).await;
    for at in ["/device", "/token", "/revoke"] {
        let requests = stand.requests(at).await;
        // till-northquay-1:s3cr%2Bt+%2F%3A%25
        let expected = "Basic dGlsbC1ub3J0aHF1YXktMTpzM2NyJTJCdCslMkYlM0ElMjU=";
        assert_eq!(requests[0].headers["authorization"], expected, "{at}");
        assert_eq!(field(&stand.last_form(at).await, "client_secret"), None, "{at}");
    }
}

#[tokio::test]
async fn a_secret_does_not_go_where_a_provider_does_not_want_it() {
    for (kind, to_device, to_token) in
        [(Kind::Google, false, true), (Kind::Auth0, false, false), (Kind::Keycloak, true, true)]
    {
        let stand = Stand::start().await;
        let secret = ClientAuthentication::SecretPost(SECRET.into());
        let provider = with(&stand, secret, Some(kind)).await;
        ask_everywhere(&stand, &provider).await;
        let has = async |at| field(&stand.last_form(at).await, "client_secret").is_some();
        assert_eq!((has("/device").await, has("/token").await), (to_device, to_token), "{kind:?}");
        assert_eq!(has("/revoke").await, to_token, "{kind:?}");
    }
}

#[tokio::test]
async fn a_till_with_a_key_of_its_own_signs_who_it_is_each_time_anew() {
    for (kind, audience) in [(None, ""), (Some(Kind::Okta), "/token")] {
        let stand = Stand::start().await;
        let key = TillKey::generate().unwrap();
        let provider = with(&stand, ClientAuthentication::PrivateKeyJwt(key.clone()), kind).await;
        ask_everywhere(&stand, &provider).await;
        let mut names = Vec::new();
        for at in ["/device", "/token", "/revoke"] {
            for form in stand.forms(at).await {
                let kind = field(&form, "client_assertion_type");
                assert_eq!(kind, Some("urn:ietf:params:oauth:client-assertion-type:jwt-bearer"), "{at}");
                let (header, claims) = opened(field(&form, "client_assertion").unwrap(), &key);
                assert_eq!((&header["alg"], &header["kid"]), (&json!("ES256"), &key.public_jwk()["kid"]));
                assert_eq!((&claims["iss"], &claims["sub"]), (&json!(CLIENT), &json!(CLIENT)));
                assert_eq!(claims["aud"], json!(format!("{}{audience}", stand.server.uri())), "{at}");
                let life = claims["exp"].as_i64().unwrap() - now().timestamp();
                assert!((1..=300).contains(&life), "{life} seconds");
                names.push(claims["jti"].as_str().unwrap().to_owned());
            }
        }
        assert_eq!(names.len(), 5);
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), 5, "a name was used twice");
    }
}

/// A provider that binds tokens, and a till with a key.
async fn binding() -> (Stand, Provider, TillKey) {
    let stand = Stand::with(|metadata| {
        metadata["dpop_signing_alg_values_supported"] = json!(["RS256", "ES256"]);
    })
    .await;
    let key = TillKey::generate().unwrap();
    let provider = stand.provider().await.with_proof_key(key.clone());
    (stand, provider, key)
}

fn granted(token_type: &str) -> ResponseTemplate {
    json_answer(
        200,
        &json!({ "access_token": ACCESS_TOKEN, "token_type": token_type, "refresh_token": REFRESH_TOKEN }),
    )
}

#[tokio::test]
async fn tokens_are_bound_to_the_till_where_the_provider_binds_them() {
    let (stand, provider, key) = binding().await;
    let code = stand.code(&provider).await;
    stand.answers("POST", "/token", granted("DPoP")).await;
    let PollAnswer::Granted(tokens) = provider.poll(&code).await else { panic!("no tokens") };
    assert!(tokens.bound);
    assert!(provider.refresh(&SecretString::from(REFRESH_TOKEN)).await.unwrap().bound);

    let requests = stand.requests("/token").await;
    assert_eq!(requests.len(), 2);
    for request in requests {
        let (header, claims) = opened(request.headers["dpop"].to_str().unwrap(), &key);
        assert_eq!((&header["typ"], &header["alg"]), (&json!("dpop+jwt"), &json!("ES256")));
        let (sent, whole) = (header["jwk"].as_object().unwrap(), key.public_jwk());
        // In which order a map has its names is up to whoever else is built with it.
        let mut names: Vec<_> = sent.keys().collect();
        names.sort();
        assert_eq!(names, ["crv", "kty", "x", "y"]);
        assert!(sent.iter().all(|(name, value)| whole[name] == *value));
        assert_eq!((&claims["htm"], &claims["iat"]), (&json!("POST"), &json!(now().timestamp())));
        assert_eq!(claims["htu"], json!(format!("{}/token", stand.server.uri())));
        assert!(claims.get("ath").is_none() && claims.get("nonce").is_none());
    }
    assert!(stand.requests("/device").await[0].headers.get("dpop").is_none());
}

#[tokio::test]
async fn a_proof_for_the_profile_api_is_of_one_request_and_one_token() {
    let (_stand, provider, key) = binding().await;
    let url = Url::parse("https://api.example.com/v1/me?x=1#y").unwrap();
    let token = SecretString::from(ACCESS_TOKEN);
    let proof = provider.proof("PATCH", &url, &token, Some("n-1")).unwrap();
    let (_, claims) = opened(proof.expose_secret(), &key);
    assert_eq!((&claims["htm"], &claims["htu"]), (&json!("PATCH"), &json!("https://api.example.com/v1/me")));
    let hash = ring::digest::digest(&ring::digest::SHA256, ACCESS_TOKEN.as_bytes());
    assert_eq!(claims["ath"], json!(URL_SAFE_NO_PAD.encode(hash)));
    assert_eq!(claims["nonce"], json!("n-1"));

    let without = Stand::start().await.provider().await.proof("GET", &url, &token, None);
    assert!(matches!(without, Err(Error::Key(KeyError::Missing))), "{without:?}");
}

#[tokio::test]
async fn a_provider_that_wants_its_nonce_in_the_proof_is_asked_once_more() {
    let (stand, provider, key) = binding().await;
    let code = stand.code(&provider).await;
    let wants = |nonce: &str| error_answer(400, "use_dpop_nonce").insert_header("dpop-nonce", nonce);
    stand.answers_once("POST", "/token", wants("first")).await;
    stand.answers_once("POST", "/token", granted("DPoP").insert_header("dpop-nonce", "second")).await;
    assert!(matches!(provider.poll(&code).await, PollAnswer::Granted(_)));
    // What it says beside the tokens is for the next time.
    stand.answers("POST", "/token", granted("DPoP")).await;
    provider.refresh(&SecretString::from(REFRESH_TOKEN)).await.unwrap();
    let requests = stand.requests("/token").await;
    let nonces: Vec<Value> = requests
        .iter()
        .map(|request| opened(request.headers["dpop"].to_str().unwrap(), &key).1["nonce"].clone())
        .collect();
    assert_eq!(nonces, [Value::Null, json!("first"), json!("second")]);
}

#[tokio::test]
async fn a_provider_that_is_never_content_with_a_nonce_is_not_asked_for_ever() {
    let (stand, provider, _) = binding().await;
    let code = stand.code(&provider).await;
    for nonce in ["a", "b", "c", "d"] {
        let wants = error_answer(400, "use_dpop_nonce").insert_header("dpop-nonce", nonce);
        stand.answers_once("POST", "/token", wants).await;
    }
    assert!(matches!(provider.poll(&code).await, PollAnswer::Refused));
    assert_eq!(stand.requests_to("/token").await, 2);
}

#[tokio::test]
async fn a_token_that_is_not_bound_is_taken_from_a_provider_that_could_bind_it() {
    let (stand, provider, _) = binding().await;
    let code = stand.code(&provider).await;
    stand.answers("POST", "/token", granted("Bearer")).await;
    let PollAnswer::Granted(tokens) = provider.poll(&code).await else { panic!("no tokens") };
    assert!(!tokens.bound);
}

#[tokio::test]
async fn a_till_without_a_key_or_a_provider_without_binding_proves_nothing() {
    let (stand, _, _) = binding().await;
    let keyless = stand.provider().await;
    let code = stand.code(&keyless).await;
    stand.answers("POST", "/token", granted("DPoP")).await;
    assert!(matches!(keyless.poll(&code).await, PollAnswer::Refused), "nobody could use such a token");
    assert!(stand.requests("/token").await[0].headers.get("dpop").is_none());

    let plain =
        Stand::with(|metadata| metadata["dpop_signing_alg_values_supported"] = json!(["PS256"])).await;
    let provider = plain.provider().await.with_proof_key(TillKey::generate().unwrap());
    let code = plain.code(&provider).await;
    plain.answers("POST", "/token", error_answer(400, "authorization_pending")).await;
    provider.poll(&code).await;
    assert!(plain.requests("/token").await[0].headers.get("dpop").is_none());
}
