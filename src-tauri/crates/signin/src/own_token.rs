//! What the till is given for itself (RFC 6749, section 4.4): a token that speaks for the till and its store, and for no
//! customer. Only for a till that says who it is with more than its name, at a provider that offers it.

use crate::{
    ClientAuthentication, Error, Tokens,
    provider::Provider,
    requests::Endpoint,
    token_answer::{self, Said},
    transport::ORDINARY,
};

/// The scope of such a token.
pub(crate) const SCOPE: &str = "store";
/// How it is asked for.
pub(crate) const GRANT: &str = "client_credentials";

pub(crate) fn is_offered(provider: &Provider) -> bool {
    let says_who = !matches!(provider.authentication(Endpoint::Token), ClientAuthentication::None);
    says_who && provider.metadata().store_tokens
}

pub(crate) async fn ask(provider: &Provider) -> Result<Tokens, Error> {
    let form = [("grant_type", GRANT), ("scope", SCOPE)];
    let address = &provider.metadata().token_endpoint;
    let reply =
        provider.post(Endpoint::Token, address, &form, ORDINARY).await.map_err(|_| Error::Unreachable)?;
    match token_answer::read(&reply, provider.proves(Endpoint::Token)) {
        Said::Tokens(tokens) => Ok(tokens),
        said @ Said::Error(_) => Err(token_answer::refusal(&reply, said)),
        // Of whoever stands before the provider: nothing follows from it.
        Said::Neither | Said::Nothing => {
            Err(Error::Unexpected("an answer that is neither a token nor a refusal"))
        }
    }
}
