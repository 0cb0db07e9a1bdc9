//! The command line.

use std::path::PathBuf;

use clap::{Parser, Subcommand};

use crate::maintenance::{AuditCommand, VaultCommand};

/// The app that a store associate has open at the till.
#[derive(Debug, Parser)]
#[command(name = "countersign", version, about)]
pub struct Cli {
    /// The configuration; by default what `COUNTERSIGN_CONFIG` says, or countersign/countersign.toml in the user's
    /// configuration folder. A file that is named here must be there; at the other places the first run writes it.
    #[arg(long, value_name = "FILE", global = true)]
    pub config: Option<PathBuf>,

    /// Where this till keeps its database and its logs; one program at a time.
    #[arg(long, env = "COUNTERSIGN_DATA", value_name = "FOLDER", global = true)]
    pub data: Option<PathBuf>,

    /// What to do instead of opening the windows.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What to do instead of opening the windows.
#[derive(Clone, Debug, PartialEq, Eq, Subcommand)]
pub enum Command {
    /// Say what is wrong with the configuration, if anything.
    Check,
    /// Say why this till cannot sign anybody in: from the configuration over network and identity service to the scanner.
    Doctor {
        /// For programs: one JSON object (docs/doctor.md).
        #[arg(long)]
        json: bool,
    },
    /// Print the public key of this till, for the provider to register; it is made where there is none.
    ClientKey,
    /// Read the secret of this till from standard input, and keep it in the keyring.
    ClientSecret,
    /// Look after what this till remembers, while the app does not run.
    #[command(subcommand)]
    Vault(VaultCommand),
    /// Look at who saw whom at this till, while the app does not run.
    #[command(subcommand)]
    Audit(AuditCommand),
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_file_can_be_checked() {
        let cli = Cli::try_parse_from(["countersign", "check", "--config", "a.toml"]).unwrap();
        assert_eq!((cli.command, cli.config), (Some(Command::Check), Some(PathBuf::from("a.toml"))));
    }

    #[test]
    fn the_doctor_is_asked_by_people_and_by_programs() {
        for (words, json) in
            [(vec!["countersign", "doctor"], false), (vec!["countersign", "doctor", "--json"], true)]
        {
            assert_eq!(Cli::try_parse_from(words).unwrap().command, Some(Command::Doctor { json }));
        }
    }

    #[test]
    fn what_the_till_is_known_by_can_be_set_up() {
        for (word, command) in [("client-key", Command::ClientKey), ("client-secret", Command::ClientSecret)]
        {
            assert_eq!(Cli::try_parse_from(["countersign", word]).unwrap().command, Some(command));
        }
    }

    #[test]
    fn who_exports_or_erases_a_customer_says_whom_and_who_asks() {
        for word in ["export", "erase"] {
            let all = ["countersign", "vault", word, "--customer", "MRM-1", "--by", "DPO"];
            assert!(Cli::try_parse_from(all).is_ok());
            assert!(Cli::try_parse_from(&all[..5]).is_err() && Cli::try_parse_from(&all[..3]).is_err());
        }
    }

    #[test]
    fn a_head_that_is_none_is_refused() {
        let head = format!("12:{}", "ab".repeat(32));
        assert!(Cli::try_parse_from(["countersign", "audit", "verify", "--head", &head]).is_ok());
        for head in ["12", "12:ab", "x:00", ""] {
            assert!(
                Cli::try_parse_from(["countersign", "audit", "verify", "--head", head]).is_err(),
                "{head}"
            );
        }
    }

    #[test]
    fn an_unknown_word_is_refused() {
        assert!(Cli::try_parse_from(["countersign", "chekc"]).is_err());
    }
}
