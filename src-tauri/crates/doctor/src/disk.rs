//! The data folder: whether it can be written, and how much room there is.

use std::{
    fs, io,
    io::Write as _,
    path::{Path, PathBuf},
    time::Duration,
};

use tokio::{task::spawn_blocking, time::timeout};

use crate::{Check, Code, Line};

/// A share on the network may hang.
const PATIENCE: Duration = Duration::from_secs(5);
/// So much is used up in a busy week, with logs and a database that grows.
const LOW: u64 = 500 << 20;
/// A log is as long as that before it is put aside.
const FULL: u64 = 20 << 20;

pub(crate) async fn look(folder: &Path) -> Line {
    let folder = folder.to_owned();
    let seen = timeout(PATIENCE, spawn_blocking(move || probe(&folder))).await;
    judge(match seen {
        Ok(Ok(seen)) => seen,
        Ok(Err(_)) | Err(_) => Err(io::ErrorKind::TimedOut),
    })
}

/// Writes a file that is gone at once, and says how much room is left.
fn probe(folder: &Path) -> Result<u64, io::ErrorKind> {
    let folder = existing(folder);
    let free = fs4::available_space(&folder).map_err(|error| error.kind())?;
    let written = tempfile::tempfile_in(&folder).and_then(|mut file| {
        file.write_all(&[0; 4096])?;
        file.sync_all()
    });
    written.map_err(|error| error.kind())?;
    Ok(free)
}

/// The folder, or what it will be made in at the first start.
fn existing(folder: &Path) -> PathBuf {
    let there = folder.ancestors().find(|folder| fs::symlink_metadata(folder).is_ok());
    there.filter(|there| !there.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_owned()
}

fn judge(seen: Result<u64, io::ErrorKind>) -> Line {
    let line = |code| Line::new(Check::Disk, code);
    match seen {
        Err(io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded) => line(Code::DiskFull),
        Err(_) => line(Code::DiskNotWritable),
        Ok(free) => {
            let code = match free {
                0..FULL => Code::DiskFull,
                FULL..LOW => Code::DiskLow,
                _ => Code::DiskGood,
            };
            line(code).with("free_megabytes", free >> 20)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disk_is_nearly_full_before_it_is_full() {
        for (seen, code) in [
            (Ok(1 << 40), Code::DiskGood),
            (Ok(100 << 20), Code::DiskLow),
            (Ok(1 << 20), Code::DiskFull),
            (Err(io::ErrorKind::StorageFull), Code::DiskFull),
            (Err(io::ErrorKind::PermissionDenied), Code::DiskNotWritable),
            (Err(io::ErrorKind::TimedOut), Code::DiskNotWritable),
        ] {
            assert_eq!(judge(seen).code, code, "{seen:?}");
        }
    }

    #[test]
    fn looking_leaves_nothing_behind_and_makes_no_folder() {
        let folder = tempfile::tempdir().unwrap();
        assert!(probe(&folder.path().join("not/yet")).is_ok());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
