//! Where profiles come from: asked without a token, it must answer that it wants one.

use directory::{Discovered, Kind};
use http::{Request, StatusCode};
use signin::Provider;

use crate::{Check, Code, Configuration, Line, network::STEP, watching::Answer};

/// Asks without a token.
pub(crate) async fn look(configuration: &Configuration, provider: &Provider) -> Line {
    let found = Discovered {
        issuer: configuration.provider.issuer.clone(),
        profile_api: provider.profile_api().cloned(),
        user_info: provider.user_info().cloned(),
    };
    if configuration.profile.kind(&found) == Kind::IdToken {
        return Line::new(Check::Profile, Code::ProfileInToken);
    }
    let Some(address) = configuration.profile.guarded(&found) else {
        return Line::new(Check::Profile, Code::ProfileNone);
    };
    let line = |code| Line::new(Check::Profile, code).with_some("host", address.host_str());
    let Ok(request) = Request::get(address.as_str()).body(Vec::new()) else {
        return line(Code::ProfileUnreachable);
    };
    match configuration.transport.send(request, STEP).await {
        Ok(reply) => {
            let answer = Answer::of(&reply);
            line(judge(&answer)).with("status", answer.status.as_u16())
        }
        Err(_) => line(Code::ProfileUnreachable),
    }
}

fn judge(answer: &Answer) -> Code {
    match answer.status {
        // RFC 6750, section 3: 401; some say 400 or 403 where there is no token at all.
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::BAD_REQUEST => Code::ProfileGuarded,
        StatusCode::NOT_FOUND | StatusCode::GONE => Code::ProfileMissing,
        status if status.is_success() && answer.is_json => Code::ProfileOpen,
        status if status.is_success() || status.is_redirection() => Code::ProfileNotApi,
        _ if answer.says_later() => Code::ProfileUnreachable,
        _ => Code::ProfileOdd,
    }
}
