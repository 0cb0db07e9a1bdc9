//! A till that is well but for what a test breaks.

use std::{path::Path, sync::Arc};

use chrono::Utc;
use doctor::{Code, Configuration, Memory, Report, Screen, Screens, Till, Verdict, examine};
use signin::{Network, ProviderConfig, http_client, server_verifier};
use tempfile::TempDir;
use url::Url;
use vault::Keyring;

/// A scanner, as the kernel lists it.
const SCANNER: &str = "I: Bus=0003 Vendor=05e0 Product=1200 Version=0110\n\
    N: Name=\"Symbol Technologies Barcode Scanner\"\nH: Handlers=sysrq kbd event9\n";

/// A till and its folder.
pub(crate) struct Set {
    pub(crate) folder: TempDir,
    pub(crate) till: Till,
}

/// A till that asks this issuer, by these means.
pub(crate) fn set_up(issuer: &str, ca_file: Option<&Path>, proxy: Option<Url>) -> Set {
    let folder = tempfile::tempdir().unwrap();
    let issuer = Url::parse(issuer).unwrap();
    let network = Network { issuer: &issuer, ca_file, proxy: proxy.as_ref() };
    let configuration = Configuration {
        transport: Arc::new(http_client(&network).unwrap()),
        verifier: server_verifier(ca_file).unwrap(),
        provider: ProviderConfig::new(issuer, "till-northquay-1"),
        credentials: Ok(()),
        proxy,
        profile: directory::SourceConfig::default(),
    };
    let devices = folder.path().join("devices");
    std::fs::write(&devices, SCANNER).unwrap();
    let till = Till {
        configuration: Ok(Some(configuration)),
        data: folder.path().to_owned(),
        memory: Memory { folder: folder.path().join("vault"), keyring: Keyring::in_memory(), open: None },
        screens: Screens::Known(vec![Screen { width: 1920, height: 1080 }]),
        devices,
        patience: Till::PATIENCE,
        clock: Arc::new(Utc::now),
    };
    Set { folder, till }
}

/// A till that asks a service on this machine.
pub(crate) fn at(issuer: &str) -> Set {
    set_up(issuer, None, None)
}

impl Set {
    pub(crate) async fn report(&self) -> Report {
        let report = examine(&self.till, &|_| {}).await;
        assert!(report.lines().is_sorted_by(|a, b| a.check < b.check), "a line is there twice: {report}");
        report
    }

    /// What the doctor names first.
    pub(crate) async fn finds(&self, code: Code) -> Report {
        let report = self.report().await;
        let first = report.first().map(|line| line.code);
        assert_eq!(first, Some(code), "{report}");
        let expected = if code.verdict() == Verdict::Failed { 2 } else { 1 };
        assert_eq!(report.exit_code(), expected, "{report}");
        assert_eq!(report.lines().len(), doctor::Check::ALL.len(), "every check has a line: {report}");
        report
    }
}
