//! The memory of the till: the open one is asked, a file that nobody has open is read and left as it is.

use vault::{Examined, FileState, OpenError, Vault};

use crate::{Check, Code, Line, Memory, Verdict};

pub(crate) async fn look(memory: &Memory) -> Line {
    let mut line = match &memory.open {
        Some(vault) => look_into(vault).await,
        None => judge(Vault::examine(&memory.folder, &memory.keyring).await),
    };
    let unread = Vault::sealed_unread(&memory.folder);
    if 0 < unread && line.verdict() == Verdict::Ok {
        line.code = Code::DatabaseSealedUnread;
        line = line.with("files", unread);
    }
    line
}

async fn look_into(vault: &Vault) -> Line {
    let engine = vault.engine();
    let code = match vault.check().await {
        Ok(()) => Code::DatabaseGood,
        Err(vault::Error::Damaged) => Code::DatabaseDamaged,
        Err(_) => Code::DatabaseUnreadable,
    };
    Line::new(Check::Database, code)
        .with("sqlite", engine.sqlite_version.as_str())
        .with("sqlcipher", engine.cipher_version.as_str())
}

fn judge(examined: Result<Examined, OpenError>) -> Line {
    let line = |code| Line::new(Check::Database, code);
    match examined {
        Ok(Examined { engine, state }) => {
            let line = match state {
                FileState::None => line(Code::DatabaseNone),
                FileState::Unclean => line(Code::DatabaseUnclean),
                FileState::Sound { bytes } => line(Code::DatabaseGood).with("bytes", bytes),
            };
            line.with("sqlite", engine.sqlite_version).with("sqlcipher", engine.cipher_version)
        }
        Err(error) => line(match error {
            OpenError::InUse => Code::DatabaseInUse,
            OpenError::WrongKey => Code::DatabaseWrongKey,
            OpenError::KeyFile(_) => Code::DatabaseKeyFile,
            OpenError::Damaged => Code::DatabaseDamaged,
            OpenError::OtherVersion => Code::DatabaseNewer,
            OpenError::NotEncrypting => Code::DatabaseNotEncrypting,
            _ => Code::DatabaseUnreadable,
        }),
    }
}
