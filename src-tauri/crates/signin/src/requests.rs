//! Requests to the provider: who asks, with which proof, and the one case in which one is sent again.

use base64::{Engine, engine::general_purpose::STANDARD};
use http::{
    HeaderMap, HeaderValue, Method, Request, StatusCode,
    header::{AUTHORIZATION, CONTENT_TYPE},
};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use std::time::Duration;
use url::{Url, form_urlencoded};

use crate::{
    ClientAuthentication, Error, KeyError, TillKey,
    provider::Provider,
    providers::{AssertionAudience, SecretGoes},
    till_key::{self, ALGORITHM},
    token_answer::{self, Said},
    transport::{Failure, ORDINARY, Reply},
};

const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// How long an assertion is good for, in seconds: as long as a request may take, and the clocks' difference.
const ASSERTION_LIFE: i64 = 120;
const NONCE: &str = "dpop-nonce";

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Endpoint {
    Device,
    Token,
    /// Revocation or log-out.
    End,
}

impl Provider {
    /// Sends a form in the name of this till. A token request is sent again in one case: the provider has refused it for
    /// want of its own nonce in the proof (RFC 9449, section 8), so it has done nothing yet.
    pub(crate) async fn post(
        &self,
        endpoint: Endpoint,
        address: &Url,
        form: &[(&str, &str)],
        limit: Duration,
    ) -> Result<Reply, Failure> {
        let reply = self.post_once(endpoint, address, form, limit).await?;
        let is_new = self.take_nonce(&reply.headers);
        if is_new && self.proves(endpoint) && wants_nonce(&reply) {
            let again = self.post_once(endpoint, address, form, limit).await?;
            self.take_nonce(&again.headers);
            return Ok(again);
        }
        Ok(reply)
    }

    /// Whether requests to this endpoint carry a proof of the till's key.
    pub(crate) fn proves(&self, endpoint: Endpoint) -> bool {
        endpoint == Endpoint::Token && self.proof_key().is_some()
    }

    async fn post_once(
        &self,
        endpoint: Endpoint,
        address: &Url,
        form: &[(&str, &str)],
        limit: Duration,
    ) -> Result<Reply, Failure> {
        let request = self.form_request(endpoint, address, form).map_err(|error| {
            tracing::error!(%error, "a request cannot be made");
            Failure::NeverSent
        })?;
        self.transport().send(request, limit).await
    }

    fn form_request(
        &self,
        endpoint: Endpoint,
        address: &Url,
        form: &[(&str, &str)],
    ) -> Result<Request<Vec<u8>>, KeyError> {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
        let mut body = form_urlencoded::Serializer::new(String::new());
        body.extend_pairs(form);
        body.append_pair("client_id", self.client_id());
        match self.authentication(endpoint) {
            ClientAuthentication::None => {}
            ClientAuthentication::SecretBasic(secret) => {
                headers.insert(AUTHORIZATION, basic(self.client_id(), secret)?);
            }
            ClientAuthentication::SecretPost(secret) => {
                body.append_pair("client_secret", secret.expose_secret());
            }
            ClientAuthentication::PrivateKeyJwt(key) => {
                body.append_pair("client_assertion_type", ASSERTION_TYPE);
                body.append_pair("client_assertion", self.assertion(key)?.expose_secret());
            }
        }
        if let (true, Some(key)) = (self.proves(endpoint), self.proof_key()) {
            let proof = self.dpop_proof(key, &Method::POST, address, None, self.nonce().as_deref())?;
            headers.insert("dpop", sensitive(proof.expose_secret())?);
        }
        request(Method::POST, address, headers, body.finish().into_bytes())
    }

    /// Not every provider wants to be told a secret wherever it could be told.
    pub(crate) fn authentication(&self, endpoint: Endpoint) -> &ClientAuthentication {
        let configured = &self.config().client_authentication;
        match (self.departures().secret_goes, endpoint) {
            (SecretGoes::Everywhere, _) | (SecretGoes::NotToDevice, Endpoint::Token | Endpoint::End) => {
                configured
            }
            (SecretGoes::Nowhere, _) | (SecretGoes::NotToDevice, Endpoint::Device) => {
                &ClientAuthentication::None
            }
        }
    }

    /// RFC 7523, section 3.
    fn assertion(&self, key: &TillKey) -> Result<SecretString, KeyError> {
        let now = self.now().timestamp();
        let audience = match self.departures().assertion_audience {
            AssertionAudience::Issuer => self.metadata().issuer.as_str(),
            AssertionAudience::TokenEndpoint => self.metadata().token_endpoint.as_str(),
        };
        let header = json!({ "alg": ALGORITHM, "typ": "JWT", "kid": key.thumbprint() });
        let claims = json!({
            "iss": self.client_id(),
            "sub": self.client_id(),
            "aud": audience,
            "jti": till_key::unique()?,
            "iat": now,
            "exp": now + ASSERTION_LIFE,
        });
        key.sign(&header, &claims)
    }

    /// A proof that this till holds the key (RFC 9449, section 4.2).
    fn dpop_proof(
        &self,
        key: &TillKey,
        method: &Method,
        address: &Url,
        access_token: Option<&SecretString>,
        nonce: Option<&str>,
    ) -> Result<SecretString, KeyError> {
        let mut address = address.clone();
        address.set_query(None);
        address.set_fragment(None);
        let header = json!({ "typ": "dpop+jwt", "alg": ALGORITHM, "jwk": key.bare_jwk() });
        let mut claims = json!({
            "jti": till_key::unique()?,
            "htm": method.as_str(),
            "htu": address.as_str(),
            "iat": self.now().timestamp(),
        });
        if let Some(token) = access_token {
            claims["ath"] = till_key::hash(token.expose_secret().as_bytes()).into();
        }
        if let Some(nonce) = nonce {
            claims["nonce"] = nonce.into();
        }
        key.sign(&header, &claims)
    }

    /// A proof for a request to an API with an access token that is bound to this till ([`crate::Tokens::bound`]):
    /// the value of the header `DPoP`, beside `Authorization: DPoP <access token>` (RFC 9449, section 7.1). `nonce` is
    /// what that API has asked for in its own header `DPoP-Nonce`.
    ///
    /// # Errors
    /// Where no key is configured.
    pub fn proof(
        &self,
        method: &str,
        url: &Url,
        access_token: &SecretString,
        nonce: Option<&str>,
    ) -> Result<SecretString, Error> {
        let key = self.proof_key().ok_or(Error::Key(KeyError::Missing))?;
        let method = Method::from_bytes(method.as_bytes()).map_err(|_| Error::Key(KeyError::NotSigned))?;
        Ok(self.dpop_proof(key, &method, url, Some(access_token), nonce)?)
    }

    /// Asks an endpoint of the provider itself with a customer's access token.
    pub(crate) async fn get_with_token(
        &self,
        address: &Url,
        access_token: &SecretString,
        bound: bool,
    ) -> Result<Reply, Failure> {
        let mut nonce = None;
        loop {
            let request = self
                .token_request(address, access_token, bound, nonce.as_deref())
                .map_err(|_| Failure::NeverSent)?;
            let reply = self.transport().send(request, ORDINARY).await?;
            let wanted = nonce_of(&reply.headers);
            if !bound || nonce.is_some() || reply.status != StatusCode::UNAUTHORIZED || wanted.is_none() {
                return Ok(reply);
            }
            nonce = wanted;
        }
    }

    fn token_request(
        &self,
        address: &Url,
        access_token: &SecretString,
        bound: bool,
        nonce: Option<&str>,
    ) -> Result<Request<Vec<u8>>, Error> {
        let mut headers = HeaderMap::new();
        let scheme = if bound { "DPoP" } else { "Bearer" };
        headers.insert(AUTHORIZATION, sensitive(&format!("{scheme} {}", access_token.expose_secret()))?);
        if bound {
            let proof = self.proof("GET", address, access_token, nonce)?;
            headers.insert("dpop", sensitive(proof.expose_secret())?);
        }
        Ok(request(Method::GET, address, headers, Vec::new())?)
    }

    /// Takes up a nonce; whether it is another than before.
    fn take_nonce(&self, headers: &HeaderMap) -> bool {
        let Some(nonce) = nonce_of(headers) else { return false };
        self.set_nonce(nonce)
    }
}

fn nonce_of(headers: &HeaderMap) -> Option<String> {
    headers.get(NONCE)?.to_str().ok().map(str::to_owned)
}

fn wants_nonce(reply: &Reply) -> bool {
    matches!(token_answer::read(reply, true), Said::Error(error) if error.code == "use_dpop_nonce")
}

/// RFC 6749, section 2.3.1: both are written as in a form first.
fn basic(client_id: &str, secret: &SecretString) -> Result<HeaderValue, KeyError> {
    let form = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let pair = format!("{}:{}", form(client_id), form(secret.expose_secret()));
    sensitive(&format!("Basic {}", STANDARD.encode(pair)))
}

/// A header that no library shows.
fn sensitive(text: &str) -> Result<HeaderValue, KeyError> {
    let mut value = HeaderValue::from_str(text).map_err(|_| KeyError::NotSigned)?;
    value.set_sensitive(true);
    Ok(value)
}

fn request(
    method: Method,
    address: &Url,
    headers: HeaderMap,
    body: Vec<u8>,
) -> Result<Request<Vec<u8>>, KeyError> {
    let mut request = Request::builder()
        .method(method)
        .uri(address.as_str())
        .body(body)
        .map_err(|_| KeyError::NotSigned)?;
    *request.headers_mut() = headers;
    Ok(request)
}
