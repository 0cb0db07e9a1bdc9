//! The certificate of a server: shown whatever it is, and judged afterwards. Over a connection that was made in this way
//! nothing is said but a request for a public page.

use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, ServerName, UnixTime},
};
use x509_parser::{certificate::X509Certificate, prelude::FromDer as _};

use crate::{Check, Code, Line};

/// Renewing takes somebody's time.
const SOON: i64 = 14;
/// Products that open the encryption, by what their certificates say.
const INSPECTORS: [&str; 18] = [
    "zscaler",
    "fortinet",
    "fortigate",
    "palo alto",
    "blue coat",
    "bluecoat",
    "symantec web security",
    "forcepoint",
    "websense",
    "sophos",
    "barracuda",
    "netskope",
    "skyhigh",
    "cisco umbrella",
    "check point",
    "watchguard",
    "squid",
    "mitmproxy",
];

/// Lets every certificate pass, and remembers it with what the till's own verifier says of it.
#[derive(Debug)]
pub(crate) struct Onlooker {
    /// None where the machine knows no authority.
    judge: Option<Arc<dyn ServerCertVerifier>>,
    crypto: Arc<CryptoProvider>,
    now: UnixTime,
    seen: Mutex<Option<Seen>>,
}

/// A certificate that a server has shown.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    chain: Vec<CertificateDer<'static>>,
    refused: Option<Error>,
}

impl Onlooker {
    pub(crate) fn new(judge: Option<Arc<dyn ServerCertVerifier>>, now: DateTime<Utc>) -> Arc<Self> {
        let seconds = u64::try_from(now.timestamp()).unwrap_or_default();
        Arc::new(Self {
            judge,
            crypto: Arc::new(rustls::crypto::ring::default_provider()),
            now: UnixTime::since_unix_epoch(std::time::Duration::from_secs(seconds)),
            seen: Mutex::default(),
        })
    }

    /// For one connection.
    pub(crate) fn config(self: &Arc<Self>) -> Result<ClientConfig, Error> {
        let mut config = ClientConfig::builder_with_provider(Arc::clone(&self.crypto))
            .with_safe_default_protocol_versions()?
            .dangerous()
            .with_custom_certificate_verifier(Arc::clone(self) as Arc<dyn ServerCertVerifier>)
            .with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(config)
    }

    pub(crate) fn seen(&self) -> Option<Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl ServerCertVerifier for Onlooker {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let refused = match &self.judge {
            Some(judge) => judge
                .verify_server_cert(end_entity, intermediates, server_name, ocsp_response, self.now)
                .err(),
            None => Some(CertificateError::UnknownIssuer.into()),
        };
        let chain = std::iter::once(end_entity)
            .chain(intermediates)
            .map(|certificate| certificate.clone().into_owned())
            .collect();
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = Some(Seen { chain, refused });
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, cert, dss, &self.crypto.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, cert, dss, &self.crypto.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.crypto.signature_verification_algorithms.supported_schemes()
    }
}

/// Judges what a server has shown. A proxy that answers with an unknown authority's certificate opens the encryption.
pub(crate) fn judge(seen: &Seen, now: DateTime<Utc>, through_proxy: bool) -> Line {
    let chain: Vec<X509Certificate<'_>> = seen
        .chain
        .iter()
        .filter_map(|certificate| X509Certificate::from_der(certificate).ok())
        .map(|(_, certificate)| certificate)
        .collect();
    let days_left = chain
        .iter()
        .filter_map(|certificate| DateTime::from_timestamp(certificate.validity().not_after.timestamp(), 0))
        .map(|end| end.signed_duration_since(now).num_days())
        .min();
    let issued_by = chain.first().map(issuer);
    let code = match &seen.refused {
        None if days_left.is_some_and(|days| days < SOON) => Code::TlsExpiresSoon,
        None => Code::TlsTrusted,
        Some(Error::InvalidCertificate(why)) => match why {
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => Code::TlsExpired,
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                Code::TlsNotYetValid
            }
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                Code::TlsWrongHost
            }
            CertificateError::UnknownIssuer
                if through_proxy || issued_by.as_deref().is_some_and(is_inspector) =>
            {
                Code::TlsIntercepted
            }
            CertificateError::UnknownIssuer => Code::TlsUnknownCa,
            _ => Code::TlsBadCertificate,
        },
        Some(_) => Code::TlsBadCertificate,
    };
    let names = chain.first().map(names).unwrap_or_default();
    Line::new(Check::Tls, code)
        .with_some("days_left", days_left)
        .with_some("issued_by", issued_by)
        .with_some("names", (code == Code::TlsWrongHost).then_some(names))
}

/// Who has issued it: the organisation, or the name of the certificate of the authority.
fn issuer(certificate: &X509Certificate<'_>) -> String {
    let issuer = certificate.issuer();
    let text = issuer
        .iter_organization()
        .chain(issuer.iter_common_name())
        .find_map(|attribute| attribute.as_str().ok().map(str::trim).filter(|text| !text.is_empty()));
    text.unwrap_or("unnamed").to_owned()
}

fn is_inspector(issued_by: &str) -> bool {
    let issued_by = issued_by.to_lowercase();
    INSPECTORS.iter().any(|product| issued_by.contains(product))
}

/// The hosts that it is for.
fn names(certificate: &X509Certificate<'_>) -> String {
    use x509_parser::extensions::GeneralName;
    let Ok(Some(extension)) = certificate.subject_alternative_name() else { return String::new() };
    let names: Vec<_> = extension
        .value
        .general_names
        .iter()
        .filter_map(|name| match name {
            GeneralName::DNSName(name) => Some(*name),
            _ => None,
        })
        .collect();
    names.join(" ")
}
