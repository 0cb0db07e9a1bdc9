//! What can go wrong, sorted by what can be done about it. No variant carries a token, a code or a claim.

/// Why a sign-in, or a part of it, failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No answer, or one that says "later". Trying again may help.
    #[error("the provider cannot be reached")]
    Unreachable,
    /// The provider does not serve this till: a matter of set-up. Trying again does not help.
    #[error("the provider refuses this till: {0}")]
    Refused(Refusal),
    /// The answer came, but must not be believed.
    #[error("the provider's answer cannot be trusted: {0}")]
    NotTrusted(Distrust),
    /// The answer came, but makes no sense.
    #[error("the provider answered something unexpected: {0}")]
    Unexpected(&'static str),
    /// The till's own key, or its secret, cannot be used: a matter of set-up.
    #[error("the key of this till cannot be used: {0}")]
    Key(#[from] KeyError),
}

/// Why the till's own key is of no use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The operating system gave no randomness.
    #[error("it could not be made")]
    NotMade,
    /// What was kept is no key.
    #[error("what the keyring has is no key")]
    NotAKey,
    /// Something could not be signed, or not sent.
    #[error("it could not sign")]
    NotSigned,
    /// There is none.
    #[error("there is none")]
    Missing,
    /// The keyring does not give it.
    #[error("the keyring does not give it")]
    OutOfReach,
}

/// Why there is no client for requests: which part of the configuration is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NetworkError {
    /// The file of certificates cannot be read.
    #[error("the file of certificates cannot be read: {0}")]
    CaFile(std::io::ErrorKind),
    /// There is no certificate in the file, or one that is none.
    #[error("the file of certificates has no certificate that can be used")]
    NoCertificate,
    /// The address of the proxy is none.
    #[error("the proxy's address is not one like http://proxy.example.com:8080")]
    Proxy,
    /// Anything else.
    #[error("the client for requests cannot be made")]
    Client,
}

/// What the provider refuses.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The address has no discovery document.
    #[error("no discovery document at the issuer's address")]
    NoDiscovery,
    /// The metadata name no device authorization endpoint.
    #[error("the provider does not offer the device grant")]
    NoDeviceGrant,
    /// The provider wants the till to wait longer between two polls than its code works.
    #[error("the provider wants longer waits than its codes live")]
    IntervalTooLong,
    /// An error code of the provider, such as `unauthorized_client`.
    #[error("{0}")]
    Code(String),
}

/// Which check failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Distrust {
    /// An address without https that is not on this machine.
    #[error("an address without https")]
    NotHttps,
    /// The metadata are of another issuer.
    #[error("the metadata name another issuer")]
    Issuer,
    /// The page for the customer is at a foreign host.
    #[error("the page for the customer is at another host than the issuer")]
    VerificationHost,
    /// There is no ID token, and no `UserInfo` either.
    #[error("no ID token, and no UserInfo")]
    NoIdToken,
    /// The ID token is not one.
    #[error("the ID token cannot be read")]
    Malformed,
    /// Algorithm outside of the allow-list.
    #[error("the ID token is signed with an algorithm that is not allowed")]
    Algorithm,
    /// No such key, even after the keys were fetched again.
    #[error("the ID token is signed with an unknown key")]
    UnknownKey,
    /// The signature is wrong.
    #[error("the signature of the ID token is wrong")]
    Signature,
    /// `iss` is another.
    #[error("the ID token is of another issuer")]
    TokenIssuer,
    /// `aud` is not this till, or not this till alone.
    #[error("the ID token is for another audience")]
    Audience,
    /// `azp` is not this till, or is missing where it is needed.
    #[error("the ID token was issued to another party")]
    AuthorizedParty,
    /// `exp` has passed.
    #[error("the ID token has expired")]
    Expired,
    /// `iat` is in the future.
    #[error("the ID token is from the future")]
    FromTheFuture,
    /// `at_hash` does not fit the access token.
    #[error("the ID token belongs to another access token")]
    AccessTokenHash,
    /// `UserInfo` or the profile API speak of somebody else than the ID token.
    #[error("the profile is another person's")]
    Subject,
}

/// Why a refresh gave no tokens. A refresh token may be good once only, so it matters whether it left this machine.
#[derive(Debug, thiserror::Error)]
pub enum RefreshError {
    /// The request did not leave this machine: the token is as good as before.
    #[error("the refresh was never sent")]
    NeverSent,
    /// The request may have arrived: the token may be used up.
    #[error("the refresh was sent, but not answered")]
    NoAnswer {
        /// The provider documents that an old token works for a while, so it was sent once more.
        retried: bool,
    },
    /// The provider has said that it did not do it now: the token is as good as before.
    #[error("the provider asks to refresh later")]
    Later,
    /// The token is of no use any more.
    #[error("the refresh token is dead")]
    Dead,
    /// The provider does not serve this till: that says nothing of the token.
    #[error("the provider refused the refresh")]
    Refused,
}
