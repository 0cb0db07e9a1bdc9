//! Looking for bytes where they must not be: in files and in the memory of processes.

use std::{
    collections::BTreeSet,
    fs::File,
    io::{BufRead, BufReader, ErrorKind, Read, Seek, SeekFrom},
    path::{Path, PathBuf},
};

use anyhow::Result;
use memchr::memmem::Finder;

/// Bytes of a page of memory.
const PAGE: u64 = 4096;
/// How much is searched at once.
const BLOCK: u64 = 8 << 20;

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
    encoded: Vec<(Finder<'static>, String)>,
    longest: usize,
}

impl Needles {
    fn new<T: AsRef<str>>(texts: &[T]) -> Needles {
        let mut encoded = Vec::new();
        for text in texts.iter().map(AsRef::as_ref).filter(|text| !text.is_empty()) {
            let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
            let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
            for bytes in [text.as_bytes(), &little, &big] {
                encoded.push((Finder::new(bytes).into_owned(), text.to_owned()));
            }
        }
        let longest = encoded.iter().map(|(needle, _)| needle.needle().len()).max().unwrap_or(0);
        Needles { encoded, longest }
    }

    fn find(&self, place: &str, bytes: &[u8], hits: &mut BTreeSet<Hit>) {
        for (needle, text) in &self.encoded {
            if needle.find(bytes).is_some() {
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
            match std::fs::read(&file) {
                Ok(bytes) => needles.find(&file.display().to_string(), &bytes, &mut hits),
                Err(error) => may_have_gone(error)?,
            }
        }
    }
    Ok(hits)
}

/// Searches all that a process can write to: its heap and stacks. Pages that were never touched are left out, of which
/// a webview has tens of gigabytes.
pub fn in_memory<T: AsRef<str>>(process: u32, texts: &[T]) -> Result<BTreeSet<Hit>> {
    let needles = Needles::new(texts);
    let mut hits = BTreeSet::new();
    let place = format!("memory of {process}");
    let mut memory = File::open(format!("/proc/{process}/mem"))?;
    let mut pages = File::open(format!("/proc/{process}/pagemap"))?;
    for (start, end) in writable(process)? {
        let mut seen = Vec::new();
        for (from, to) in touched(&mut pages, start, end)? {
            // Runs of touched pages are searched one by one, with the end of the one before where they meet.
            let mut block = vec![0; usize::try_from(to - from)?];
            memory.seek(SeekFrom::Start(from))?;
            // A page that went in the meantime holds nothing of ours.
            if memory.read_exact(&mut block).is_err() {
                continue;
            }
            seen.append(&mut block);
            needles.find(&place, &seen, &mut hits);
            seen.drain(..seen.len().saturating_sub(needles.longest));
        }
    }
    Ok(hits)
}

/// Runs of pages that are in memory or in the swap, in blocks of at most [`BLOCK`].
fn touched(pages: &mut File, start: u64, end: u64) -> Result<Vec<(u64, u64)>> {
    const ENTRY: u64 = 8;
    const PRESENT_OR_SWAPPED: u8 = 0b1100_0000;
    let mut entries = vec![0; usize::try_from((end - start) / PAGE * ENTRY)?];
    pages.seek(SeekFrom::Start(start / PAGE * ENTRY))?;
    // The kernel has no entries for what is beyond its map.
    if pages.read_exact(&mut entries).is_err() {
        return Ok(Vec::new());
    }
    let mut runs: Vec<(u64, u64)> = Vec::new();
    let last_bytes = entries.iter().skip(7).step_by(8);
    for (at, flags) in (start..end).step_by(usize::try_from(PAGE)?).zip(last_bytes) {
        if flags & PRESENT_OR_SWAPPED == 0 {
            continue;
        }
        match runs.last_mut() {
            Some((from, to)) if *to == at && at - *from < BLOCK => *to = at + PAGE,
            _ => runs.push((at, at + PAGE)),
        }
    }
    Ok(runs)
}

/// Files go while we look. Any other reason for not reading one would make a search that finds nothing worth nothing.
fn may_have_gone(error: std::io::Error) -> Result<()> {
    if error.kind() == ErrorKind::NotFound { Ok(()) } else { Err(error.into()) }
}

/// All files below a folder.
pub fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries = match std::fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) => {
                may_have_gone(error)?;
                continue;
            }
        };
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
