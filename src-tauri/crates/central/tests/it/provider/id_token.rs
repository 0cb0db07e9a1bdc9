//! ID tokens, checked by a client's library against the published keys.

use std::collections::BTreeSet;

use openidconnect::{
    AccessToken, AdditionalClaims, AsyncHttpClient, ClientId, EmptyExtraTokenFields, HttpRequest,
    HttpResponse, IdTokenFields, IdTokenVerifier, IssuerUrl, Nonce, OAuth2TokenResponse, ProviderMetadata,
    StandardTokenResponse, TokenResponse,
    core::{
        CoreGenderClaim, CoreJsonWebKey, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm,
        CoreProviderMetadata, CoreTokenType,
    },
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::world::{AMELIE, TILL, World};

#[derive(Clone, Debug, Deserialize, Serialize)]
struct Extra {
    countersign_check: Option<String>,
    countersign_remember_until: Option<i64>,
}

impl AdditionalClaims for Extra {}

type Fields = IdTokenFields<
    Extra,
    EmptyExtraTokenFields,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJwsSigningAlgorithm,
>;
type Tokens = StandardTokenResponse<Fields, CoreTokenType>;

async fn discover(world: &World) -> CoreProviderMetadata {
    let issuer = IssuerUrl::new(world.server.url().as_str().trim_end_matches('/').to_owned()).unwrap();
    let http = world.http.clone();
    let send = |request: HttpRequest| {
        let http = http.clone();
        async move {
            let answer = http.execute(request.try_into()?).await?;
            let mut response = HttpResponse::new(Vec::new());
            *response.status_mut() = answer.status();
            *response.headers_mut() = answer.headers().clone();
            *response.body_mut() = answer.bytes().await?.to_vec();
            Ok::<_, reqwest::Error>(response)
        }
    };
    discover_with(issuer, &send).await
}

async fn discover_with<'c, C: AsyncHttpClient<'c>>(issuer: IssuerUrl, http: &'c C) -> CoreProviderMetadata {
    ProviderMetadata::discover_async(issuer, http).await.unwrap_or_else(|error| panic!("{error:?}"))
}

fn verifier(
    metadata: &CoreProviderMetadata,
    client: &str,
    world: &World,
) -> IdTokenVerifier<'static, CoreJsonWebKey> {
    let clock = world.clock.clone();
    IdTokenVerifier::new_public_client(
        ClientId::new(client.to_owned()),
        metadata.issuer().clone(),
        metadata.jwks().clone(),
    )
    .set_allowed_algs([CoreJwsSigningAlgorithm::EdDsa])
    .set_time_fn(move || central::Clock::now(clock.as_ref()))
}

fn no_nonce(nonce: Option<&Nonce>) -> Result<(), String> {
    nonce.map_or(Ok(()), |_| Err("a nonce that nobody has sent".to_owned()))
}

fn kids(metadata: &CoreProviderMetadata) -> BTreeSet<String> {
    let keys = serde_json::to_value(metadata.jwks()).unwrap();
    keys["keys"].as_array().unwrap().iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_client_finds_everything_and_the_id_token_passes_its_checks() {
    let world = World::start().await;
    let metadata = discover(&world).await;
    assert_eq!(kids(&metadata).len(), 2, "the key that signs, and the next one");

    let phone = world.phone_of(AMELIE).await;
    world.pass(20);
    let code = world.code("openid profile").await;
    let page = phone.open(&code.address).await;
    let done = phone.decide(&page, "yes", "store").await;
    let tokens: Tokens = serde_json::from_value(world.poll(&code).await.1).unwrap();
    let id_token = tokens.id_token().unwrap();
    let verifier = verifier(&metadata, TILL, &world);
    let claims = id_token.claims(&verifier, no_nonce).unwrap();

    assert_eq!(claims.given_name().unwrap().get(None).unwrap().as_str(), "Amélie");
    assert_eq!(claims.locale().unwrap().as_str(), "fr-FR");
    assert_eq!(claims.email(), None, "it was not asked for");
    let now = central::Clock::now(world.clock.as_ref());
    assert_eq!((now - claims.auth_time().unwrap()).num_seconds(), 20);
    let extra = claims.additional_claims();
    assert_eq!(extra.countersign_check.as_deref(), Some(done.check()));
    let until = extra.countersign_remember_until.unwrap();
    assert_eq!((until - now.timestamp()) / 86_400, 365);
    let hash = claims.access_token_hash().unwrap();
    let algorithm = id_token.signing_alg().unwrap();
    let computed = openidconnect::AccessTokenHash::from_token(
        tokens.access_token(),
        algorithm,
        id_token.signing_key(&verifier).unwrap(),
    );
    assert_eq!(&computed.unwrap(), hash);
    let other = openidconnect::AccessTokenHash::from_token(
        &AccessToken::new("another".to_owned()),
        algorithm,
        id_token.signing_key(&verifier).unwrap(),
    );
    assert_ne!(&other.unwrap(), hash);
}

#[tokio::test]
async fn just_this_visit_says_no_date() {
    let world = World::start().await;
    let answer = world.tokens(&world.phone_of(AMELIE).await, "openid", "visit").await;
    let tokens: Tokens = serde_json::from_value(answer).unwrap();
    let metadata = discover(&world).await;
    let claims = tokens.id_token().unwrap().claims(&verifier(&metadata, TILL, &world), no_nonce).unwrap();
    assert_eq!(claims.additional_claims().countersign_remember_until, None);
}

#[tokio::test]
async fn an_id_token_is_for_one_client_and_for_ten_minutes() {
    let world = World::start().await;
    let answer = world.tokens(&world.phone_of(AMELIE).await, "openid", "visit").await;
    let tokens: Tokens = serde_json::from_value(answer).unwrap();
    let metadata = discover(&world).await;
    let id_token = tokens.id_token().unwrap();
    assert!(id_token.claims(&verifier(&metadata, "till-northquay-2", &world), no_nonce).is_err());
    world.pass(601);
    assert!(id_token.claims(&verifier(&metadata, TILL, &world), no_nonce).is_err());
}

#[tokio::test]
async fn keys_rotate_and_the_next_one_was_known_before() {
    let mut world = World::start().await;
    let answer = world.tokens(&world.phone_of(AMELIE).await, "openid", "visit").await;
    let before = discover(&world).await;
    let old = key_of(&answer);
    world.pass(90 * 86_400);
    world.restart().await;

    let answer = world.tokens(&world.phone_of(AMELIE).await, "openid", "visit").await;
    let new = key_of(&answer);
    assert_ne!(new, old);
    assert!(kids(&before).contains(&new), "clients have known it for as long as the old one has signed");
    assert!(kids(&discover(&world).await).contains(&old), "tokens of the old key can still be checked");
    let tokens: Tokens = serde_json::from_value(answer).unwrap();
    tokens.id_token().unwrap().claims(&verifier(&before, TILL, &world), no_nonce).unwrap();

    world.pass(3 * 86_400);
    world.restart().await;
    let last = kids(&discover(&world).await);
    assert_eq!((last.len(), last.contains(&old)), (2, false));
}

/// The key that signed an answer's ID token.
fn key_of(answer: &Value) -> String {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    let header = answer["id_token"].as_str().unwrap().split('.').next().unwrap();
    let header: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).unwrap()).unwrap();
    assert_eq!(header["alg"], "EdDSA");
    header["kid"].as_str().unwrap().to_owned()
}
