//! A disk that can lose its power: what was written and not synced may be there afterwards, in part, or not at all.
//!
//! The model is that of POSIX and nothing kinder. Data is safe after `fsync` of its file, a name after `fsync` of its
//! folder. Of what was not synced any part may have reached the disk, in pieces of a sector, and names in the order in
//! which they changed. The rules are here, over plain data; `mount.rs` lets the kernel use them.
#![expect(clippy::cast_possible_truncation, reason = "files of a test fit into memory")]

use std::{
    collections::{BTreeMap, HashMap},
    fs,
    path::Path,
};

use rand::{Rng, RngExt};

/// What a disk writes as a whole or not at all.
const SECTOR: usize = 512;
/// The folder that everything is in.
pub(crate) const ROOT: u64 = 1;

/// What goes wrong, counted in changes of the disk: writes, syncs, names made and removed.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Fault {
    /// At this change the power fails: it and everything after it fails.
    PowerCut { at: u64 },
    /// These changes fail, those after them do not.
    Errors { from: u64, until: u64 },
    /// From this change on no file may grow, until so many have failed for it.
    Full { from: u64, failures: u64 },
}

/// Why a change was not made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failed {
    /// An error of the device.
    Device,
    /// No space.
    Full,
    /// No such name, or one too many.
    Name,
}

/// A file: what a reader sees, and how it differs from what is safe.
#[derive(Debug, Default)]
struct File {
    seen: Vec<u8>,
    safe: Vec<u8>,
    pending: Vec<Change>,
}

#[derive(Debug)]
enum Change {
    Bytes { at: usize, bytes: Vec<u8> },
    Length(usize),
}

/// A folder: its names as they are seen, as they are safe, and all states in between.
#[derive(Debug, Default)]
struct Folder {
    seen: BTreeMap<String, u64>,
    /// The safe one first.
    since: Vec<BTreeMap<String, u64>>,
}

#[derive(Debug)]
enum Node {
    File(File),
    Folder(Folder),
}

/// What there is to know of a file or folder.
#[derive(Clone, Copy, Debug)]
pub(crate) struct About {
    pub(crate) node: u64,
    pub(crate) length: u64,
    pub(crate) is_folder: bool,
}

/// The disk.
#[derive(Debug)]
pub(crate) struct Disk {
    nodes: HashMap<u64, Node>,
    last: u64,
    fault: Option<Fault>,
    changes: u64,
    failures: u64,
}

impl Disk {
    /// A disk with a copy of everything in a folder of another, all of it safe.
    pub(crate) fn copy_of(folder: &Path, fault: Option<Fault>) -> Disk {
        let mut disk = Disk { nodes: HashMap::new(), last: ROOT, fault, changes: 0, failures: 0 };
        let root = disk.copied(folder);
        disk.nodes.insert(ROOT, Node::Folder(root));
        disk
    }

    fn copied(&mut self, folder: &Path) -> Folder {
        let mut names = BTreeMap::new();
        for entry in fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            let node = if entry.file_type().unwrap().is_dir() {
                Node::Folder(self.copied(&entry.path()))
            } else {
                let bytes = fs::read(entry.path()).unwrap();
                Node::File(File { seen: bytes.clone(), safe: bytes, pending: Vec::new() })
            };
            names.insert(entry.file_name().into_string().unwrap(), self.add(node));
        }
        Folder { seen: names.clone(), since: vec![names] }
    }

    fn add(&mut self, node: Node) -> u64 {
        self.last += 1;
        self.nodes.insert(self.last, node);
        self.last
    }

    /// How many of them were refused.
    pub(crate) fn failures(&self) -> u64 {
        self.failures
    }

    pub(crate) fn about(&self, node: u64) -> Option<About> {
        let (length, is_folder) = match self.nodes.get(&node)? {
            Node::File(file) => (file.seen.len() as u64, false),
            Node::Folder(_) => (0, true),
        };
        Some(About { node, length, is_folder })
    }

    pub(crate) fn find(&self, folder: u64, name: &str) -> Option<About> {
        let Some(Node::Folder(folder)) = self.nodes.get(&folder) else { return None };
        self.about(*folder.seen.get(name)?)
    }

    pub(crate) fn names(&self, folder: u64) -> Vec<(String, About)> {
        let Some(Node::Folder(folder)) = self.nodes.get(&folder) else { return Vec::new() };
        folder.seen.iter().filter_map(|(name, node)| Some((name.clone(), self.about(*node)?))).collect()
    }

    pub(crate) fn read(&self, node: u64, at: usize, length: usize) -> &[u8] {
        match self.nodes.get(&node) {
            Some(Node::File(file)) => {
                let end = (at + length).min(file.seen.len());
                file.seen.get(at..end).unwrap_or_default()
            }
            _ => &[],
        }
    }

    pub(crate) fn make(&mut self, folder: u64, name: &str, is_folder: bool) -> Result<About, Failed> {
        self.may_change(true)?;
        let fresh = if is_folder { Node::Folder(Folder::default()) } else { Node::File(File::default()) };
        let node = self.add(fresh);
        self.rename_in(folder, |names| names.insert(name.to_owned(), node).is_none())?;
        self.about(node).ok_or(Failed::Name)
    }

    pub(crate) fn remove(&mut self, folder: u64, name: &str) -> Result<(), Failed> {
        self.may_change(false)?;
        self.rename_in(folder, |names| names.remove(name).is_some())
    }

    pub(crate) fn rename(&mut self, from: (u64, &str), to: (u64, &str)) -> Result<(), Failed> {
        self.may_change(false)?;
        let node = self.find(from.0, from.1).ok_or(Failed::Name)?.node;
        if from.0 == to.0 {
            return self.rename_in(from.0, |names| {
                names.remove(from.1);
                names.insert(to.1.to_owned(), node);
                true
            });
        }
        self.rename_in(to.0, |names| {
            names.insert(to.1.to_owned(), node);
            true
        })?;
        self.rename_in(from.0, |names| names.remove(from.1).is_some())
    }

    fn rename_in(
        &mut self,
        folder: u64,
        change: impl FnOnce(&mut BTreeMap<String, u64>) -> bool,
    ) -> Result<(), Failed> {
        let Some(Node::Folder(folder)) = self.nodes.get_mut(&folder) else { return Err(Failed::Name) };
        if folder.since.is_empty() {
            folder.since.push(folder.seen.clone());
        }
        if !change(&mut folder.seen) {
            return Err(Failed::Name);
        }
        folder.since.push(folder.seen.clone());
        Ok(())
    }

    pub(crate) fn write(&mut self, node: u64, at: usize, bytes: &[u8]) -> Result<(), Failed> {
        let grows = self.about(node).is_some_and(|about| (about.length as usize) < at + bytes.len());
        self.may_change(grows)?;
        let Some(Node::File(file)) = self.nodes.get_mut(&node) else { return Err(Failed::Name) };
        put(&mut file.seen, at, bytes);
        file.pending.push(Change::Bytes { at, bytes: bytes.to_owned() });
        Ok(())
    }

    pub(crate) fn set_length(&mut self, node: u64, length: usize) -> Result<(), Failed> {
        let grows = self.about(node).is_some_and(|about| (about.length as usize) < length);
        self.may_change(grows)?;
        let Some(Node::File(file)) = self.nodes.get_mut(&node) else { return Err(Failed::Name) };
        file.seen.resize(length, 0);
        file.pending.push(Change::Length(length));
        Ok(())
    }

    pub(crate) fn sync(&mut self, node: u64) -> Result<(), Failed> {
        self.may_change(false)?;
        match self.nodes.get_mut(&node) {
            Some(Node::File(file)) => {
                file.safe.clone_from(&file.seen);
                file.pending.clear();
            }
            Some(Node::Folder(folder)) => folder.since = vec![folder.seen.clone()],
            None => return Err(Failed::Name),
        }
        Ok(())
    }

    fn may_change(&mut self, grows: bool) -> Result<(), Failed> {
        self.changes += 1;
        let failed = match self.fault {
            Some(Fault::PowerCut { at }) if at <= self.changes => Failed::Device,
            Some(Fault::Errors { from, until }) if (from..until).contains(&self.changes) => Failed::Device,
            Some(Fault::Full { from, failures })
                if grows && from <= self.changes && self.failures < failures =>
            {
                Failed::Full
            }
            _ => return Ok(()),
        };
        self.failures += 1;
        Err(failed)
    }

    /// What is on the disk when the power comes back, written into an empty folder of another disk.
    pub(crate) fn after_power_cut(&self, chance: &mut impl Rng, folder: &Path) {
        // From "nothing arrived" to "everything did": disks differ.
        let arrives = [0.0, 0.1, 0.5, 0.9, 1.0][chance.random_range(0..5)];
        self.restore(ROOT, folder, chance, arrives);
    }

    /// What a reader sees now, written into an empty folder of another disk: the program ended, the machine did not.
    pub(crate) fn as_seen(&self, folder: &Path) {
        self.copy_to(ROOT, folder);
    }

    fn copy_to(&self, node: u64, folder: &Path) {
        for (name, about) in self.names(node) {
            let path = folder.join(name);
            if about.is_folder {
                fs::create_dir(&path).unwrap();
                self.copy_to(about.node, &path);
            } else {
                fs::write(path, self.read(about.node, 0, about.length as usize)).unwrap();
            }
        }
    }

    fn restore(&self, node: u64, folder: &Path, chance: &mut impl Rng, arrives: f64) {
        let Some(Node::Folder(names)) = self.nodes.get(&node) else { return };
        let states = names.since.len();
        let names = match states {
            0 => &names.seen,
            _ => &names.since[chance.random_range(0..states)],
        };
        for (name, node) in names {
            let path = folder.join(name);
            match self.nodes.get(node) {
                Some(Node::File(file)) => fs::write(path, file.after_power_cut(chance, arrives)).unwrap(),
                Some(Node::Folder(_)) => {
                    fs::create_dir(&path).unwrap();
                    self.restore(*node, &path, chance, arrives);
                }
                None => {}
            }
        }
    }
}

impl File {
    fn after_power_cut(&self, chance: &mut impl Rng, arrives: f64) -> Vec<u8> {
        let mut bytes = self.safe.clone();
        for change in &self.pending {
            match change {
                Change::Length(length) if chance.random_bool(arrives) => bytes.resize(*length, 0),
                Change::Length(_) => {}
                Change::Bytes { at, bytes: written } => {
                    let mut from = 0;
                    while from < written.len() {
                        // Up to the next border of a sector.
                        let until = written.len().min(from + SECTOR - (at + from) % SECTOR);
                        if chance.random_bool(arrives) {
                            put(&mut bytes, at + from, &written[from..until]);
                        }
                        from = until;
                    }
                }
            }
        }
        bytes
    }
}

fn put(bytes: &mut Vec<u8>, at: usize, written: &[u8]) {
    if bytes.len() < at + written.len() {
        bytes.resize(at + written.len(), 0);
    }
    bytes[at..at + written.len()].copy_from_slice(written);
}

#[cfg(test)]
mod tests {
    use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng};

    use super::*;

    fn contents(disk: &Disk, seed: u64) -> Option<Vec<u8>> {
        let folder = tempfile::tempdir().unwrap();
        disk.after_power_cut(&mut ChaCha8Rng::seed_from_u64(seed), folder.path());
        fs::read(folder.path().join("a")).ok()
    }

    fn empty() -> Disk {
        Disk::copy_of(tempfile::tempdir().unwrap().path(), None)
    }

    #[test]
    fn what_was_synced_is_there_and_what_was_not_may_be() {
        let mut disk = empty();
        let file = disk.make(ROOT, "a", false).unwrap().node;
        disk.write(file, 0, b"safe").unwrap();
        disk.sync(file).unwrap();
        assert!((0..20).any(|seed| contents(&disk, seed).is_none()), "the name was not synced");
        disk.sync(ROOT).unwrap();
        assert!((0..20).all(|seed| contents(&disk, seed).unwrap() == b"safe"));
        disk.write(file, 0, b"lost").unwrap();
        let found: Vec<_> = (0..20).map(|seed| contents(&disk, seed).unwrap()).collect();
        assert!(found.iter().any(|bytes| bytes == b"safe") && found.iter().any(|bytes| bytes == b"lost"));
    }

    #[test]
    fn a_long_write_may_arrive_in_part() {
        let mut disk = empty();
        let file = disk.make(ROOT, "a", false).unwrap().node;
        disk.sync(ROOT).unwrap();
        disk.write(file, 0, &[1; 10 * SECTOR]).unwrap();
        let torn = |bytes: &Vec<u8>| bytes.contains(&0) && bytes.contains(&1);
        assert!((0..20).filter_map(|seed| contents(&disk, seed)).any(|bytes| torn(&bytes)));
    }

    #[test]
    fn after_a_power_cut_nothing_changes_any_more() {
        let mut disk = Disk { fault: Some(Fault::PowerCut { at: 3 }), ..empty() };
        let file = disk.make(ROOT, "a", false).unwrap().node;
        disk.sync(ROOT).unwrap();
        assert_eq!(disk.write(file, 0, b"late"), Err(Failed::Device));
        assert_eq!(disk.sync(file), Err(Failed::Device));
        assert!((0..20).all(|seed| contents(&disk, seed).unwrap().is_empty()));
    }
}
