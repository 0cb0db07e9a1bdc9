//! How a customer got in, and what is left of it afterwards, in the terms of a screen.

use std::time::Duration;

use counter::state::{AccessLeft, Method, Proof};

use crate::view::{AccessLeftView, MethodView, ProofView};

impl From<&Proof> for ProofView {
    fn from(proof: &Proof) -> Self {
        Self { methods: proof.methods.iter().map(|method| (*method).into()).collect(), at: proof.at }
    }
}

impl From<Method> for MethodView {
    fn from(method: Method) -> Self {
        match method {
            Method::Passkey => Self::Passkey,
            Method::SecurityKey => Self::SecurityKey,
            Method::Biometrics => Self::Biometrics,
            Method::Password => Self::Password,
            Method::OneTimeCode => Self::OneTimeCode,
            Method::Phone => Self::Phone,
            Method::SmartCard => Self::SmartCard,
            Method::OtherService => Self::OtherService,
        }
    }
}

impl From<AccessLeft> for AccessLeftView {
    fn from(left: AccessLeft) -> Self {
        match left {
            AccessLeft::Queued => Self::Queued,
            AccessLeft::RunsOut { within } => Self::RunsOut { minutes: within.map(minutes) },
            AccessLeft::NotRevoked => Self::NotRevoked,
        }
    }
}

/// Rounded up: nobody is told that something is over before it is.
fn minutes(time: Duration) -> u32 {
    u32::try_from(time.as_secs().div_ceil(60)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_runs_out_is_said_to_run_out_no_sooner_than_it_does() {
        for (seconds, said) in [(1, 1), (60, 1), (61, 2), (3600, 60)] {
            assert_eq!(minutes(Duration::from_secs(seconds)), said);
        }
    }
}
