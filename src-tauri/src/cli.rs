//! The command line.

use std::path::PathBuf;

use clap::{Parser, Subcommand};

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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Subcommand)]
pub enum Command {
    /// Say what is wrong with the configuration, if anything.
    Check,
    /// Print the public key of this till, for the provider to register; it is made where there is none.
    ClientKey,
    /// Read the secret of this till from standard input, and keep it in the keyring.
    ClientSecret,
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
    fn what_the_till_is_known_by_can_be_set_up() {
        for (word, command) in [("client-key", Command::ClientKey), ("client-secret", Command::ClientSecret)]
        {
            assert_eq!(Cli::try_parse_from(["countersign", word]).unwrap().command, Some(command));
        }
    }

    #[test]
    fn an_unknown_word_is_refused() {
        assert!(Cli::try_parse_from(["countersign", "chekc"]).is_err());
    }
}
