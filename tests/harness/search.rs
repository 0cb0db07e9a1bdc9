//! Looking for bytes where they must not be: in files and in the memory of processes.

use std::{
    collections::BTreeSet,
    fs::File,
    io::{BufRead, BufReader, Read, Seek, SeekFrom},
    path::{Path, PathBuf},
};

use anyhow::Result;

/// What was found where.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hit {
    /// File or process.
    pub place: String,
    /// The text.
    pub text: String,
}

/// The texts in UTF-8 and UTF-16, in either byte order.
struct Needles {
    encoded: Vec<(Vec<u8>, String)>,
    longest: usize,
}

impl Needles {
    fn new<T: AsRef<str>>(texts: &[T]) -> Needles {
        let mut encoded = Vec::new();
        for text in texts.iter().map(AsRef::as_ref).filter(|text| !text.is_empty()) {
            encoded.push((text.as_bytes().to_vec(), text.to_owned()));
            encoded.push((text.encode_utf16().flat_map(u16::to_le_bytes).collect(), text.to_owned()));
            encoded.push((text.encode_utf16().flat_map(u16::to_be_bytes).collect(), text.to_owned()));
        }
        let longest = encoded.iter().map(|(bytes, _)| bytes.len()).max().unwrap_or(0);
        Needles { encoded, longest }
    }

    fn find(&self, place: &str, bytes: &[u8], hits: &mut BTreeSet<Hit>) {
        for (needle, text) in &self.encoded {
            if contains(bytes, needle) {
                hits.insert(Hit { place: place.to_owned(), text: text.clone() });
            }
        }
    }
}

/// Searches every file below the folders, whatever its name.
pub fn in_files<T: AsRef<str>>(folders: &[&Path], texts: &[T]) -> Result<BTreeSet<Hit>> {
    let needles = Needles::new(texts);
    let mut hits = BTreeSet::new();
    for folder in folders {
        for file in files(folder)? {
            // Files may go while we look; a socket cannot be read.
            if let Ok(bytes) = std::fs::read(&file) {
                needles.find(&file.display().to_string(), &bytes, &mut hits);
            }
        }
    }
    Ok(hits)
}

/// Searches all that a process can write to: its heap and stacks.
pub fn in_memory<T: AsRef<str>>(process: u32, texts: &[T]) -> Result<BTreeSet<Hit>> {
    const BLOCK: usize = 8 << 20;
    let needles = Needles::new(texts);
    let mut hits = BTreeSet::new();
    let mut memory = File::open(format!("/proc/{process}/mem"))?;
    let mut block = vec![0; BLOCK];
    for (start, end) in writable(process)? {
        let mut at = start;
        while at < end {
            let want = usize::try_from(end - at).unwrap_or(BLOCK).min(BLOCK);
            memory.seek(SeekFrom::Start(at))?;
            // A page that cannot be read holds nothing of ours.
            let Ok(read) = memory.read(&mut block[..want]) else { break };
            if read == 0 {
                break;
            }
            needles.find(&format!("memory of {process}"), &block[..read], &mut hits);
            if at + read as u64 == end {
                break;
            }
            // The next block overlaps, so that nothing hides across the border.
            at += read.saturating_sub(needles.longest).max(1) as u64;
        }
    }
    Ok(hits)
}

/// All files below a folder.
pub fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        for entry in entries {
            let entry = entry?;
            let kind = entry.file_type()?;
            if kind.is_dir() {
                folders.push(entry.path());
            } else if kind.is_file() {
                found.push(entry.path());
            }
        }
    }
    found.sort();
    Ok(found)
}

fn writable(process: u32) -> Result<Vec<(u64, u64)>> {
    let mut ranges = Vec::new();
    for line in BufReader::new(File::open(format!("/proc/{process}/maps"))?).lines() {
        let line = line?;
        let mut fields = line.split_whitespace();
        let (Some(range), Some(rights)) = (fields.next(), fields.next()) else { continue };
        let Some((start, end)) = range.split_once('-') else { continue };
        if rights.starts_with("rw") {
            ranges.push((u64::from_str_radix(start, 16)?, u64::from_str_radix(end, 16)?));
        }
    }
    Ok(ranges)
}

fn contains(bytes: &[u8], needle: &[u8]) -> bool {
    let Some((&first, rest)) = needle.split_first() else { return false };
    let mut from = 0;
    while let Some(at) = bytes.get(from..).and_then(|tail| tail.iter().position(|&byte| byte == first)) {
        let next = from + at + 1;
        if bytes.get(next..next + rest.len()) == Some(rest) {
            return true;
        }
        from = next;
    }
    false
}
