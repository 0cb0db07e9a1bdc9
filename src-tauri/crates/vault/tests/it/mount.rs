//! Lets the kernel use a [`Disk`] as a file system (FUSE), so that a whole program can run on it.
#![expect(clippy::cast_possible_truncation, reason = "files of a test fit into memory")]

use std::{
    ffi::OsStr,
    io,
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use fuser::{
    BackgroundSession, BsdFileFlags, Config, Errno, FileAttr, FileHandle, FileType, Filesystem, FopenFlags,
    Generation, INodeNo, LockOwner, MountOption, OpenFlags, RenameFlags, ReplyAttr, ReplyCreate, ReplyData,
    ReplyDirectory, ReplyEmpty, ReplyEntry, ReplyWrite, Request, TimeOrNow, WriteFlags,
};

use crate::disk::{About, Disk, Failed};

/// The kernel keeps nothing in mind for longer than this: each question comes here.
const FRESH: Duration = Duration::ZERO;

/// A disk in use.
pub(crate) struct Mounted {
    disk: Arc<Mutex<Disk>>,
    session: BackgroundSession,
}

impl Mounted {
    /// An error where this machine lets nobody mount.
    pub(crate) fn at(folder: &Path, disk: Disk) -> io::Result<Mounted> {
        let disk = Arc::new(Mutex::new(disk));
        let mut config = Config::default();
        config.mount_options = vec![MountOption::FSName("a-disk-that-fails".to_owned())];
        let session = fuser::spawn_mount(Server(Arc::clone(&disk)), folder, &config)?;
        Ok(Mounted { disk, session })
    }

    /// Takes the disk out. Nobody may use it any more.
    pub(crate) fn take(self) -> Disk {
        // The kernel may have hung up before the server heard of it.
        if let Err(error) = self.session.umount_and_join() {
            assert_eq!(error.kind(), io::ErrorKind::ConnectionAborted, "{error}");
        }
        let disk = Arc::into_inner(self.disk).expect("the server has ended");
        disk.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Server(Arc<Mutex<Disk>>);

impl Server {
    fn disk(&self) -> MutexGuard<'_, Disk> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn errno(failed: Failed) -> Errno {
    match failed {
        Failed::Device => Errno::EIO,
        Failed::Full => Errno::ENOSPC,
        Failed::Name => Errno::ENOENT,
    }
}

fn attributes(about: About) -> FileAttr {
    let (kind, perm) =
        if about.is_folder { (FileType::Directory, 0o700) } else { (FileType::RegularFile, 0o600) };
    FileAttr {
        ino: INodeNo(about.node),
        size: about.length,
        blocks: about.length.div_ceil(512),
        atime: UNIX_EPOCH,
        mtime: UNIX_EPOCH,
        ctime: UNIX_EPOCH,
        crtime: UNIX_EPOCH,
        kind,
        perm,
        nlink: 1,
        uid: rustix::process::getuid().as_raw(),
        gid: rustix::process::getgid().as_raw(),
        rdev: 0,
        blksize: 4096,
        flags: 0,
    }
}

fn name(name: &OsStr) -> &str {
    name.to_str().unwrap_or_default()
}

fn empty(done: Result<(), Failed>, reply: ReplyEmpty) {
    match done {
        Ok(()) => reply.ok(),
        Err(failed) => reply.error(errno(failed)),
    }
}

impl Filesystem for Server {
    fn lookup(&self, _: &Request, parent: INodeNo, wanted: &OsStr, reply: ReplyEntry) {
        match self.disk().find(parent.0, name(wanted)) {
            Some(about) => reply.entry(&FRESH, &attributes(about), Generation(0)),
            None => reply.error(Errno::ENOENT),
        }
    }

    fn getattr(&self, _: &Request, node: INodeNo, _: Option<FileHandle>, reply: ReplyAttr) {
        match self.disk().about(node.0) {
            Some(about) => reply.attr(&FRESH, &attributes(about)),
            None => reply.error(Errno::ENOENT),
        }
    }

    fn setattr(
        &self,
        _: &Request,
        node: INodeNo,
        _: Option<u32>,
        _: Option<u32>,
        _: Option<u32>,
        length: Option<u64>,
        _: Option<TimeOrNow>,
        _: Option<TimeOrNow>,
        _: Option<SystemTime>,
        _: Option<FileHandle>,
        _: Option<SystemTime>,
        _: Option<SystemTime>,
        _: Option<SystemTime>,
        _: Option<BsdFileFlags>,
        reply: ReplyAttr,
    ) {
        let mut disk = self.disk();
        if let Some(length) = length
            && let Err(failed) = disk.set_length(node.0, length as usize)
        {
            return reply.error(errno(failed));
        }
        match disk.about(node.0) {
            Some(about) => reply.attr(&FRESH, &attributes(about)),
            None => reply.error(Errno::ENOENT),
        }
    }

    fn mkdir(&self, _: &Request, parent: INodeNo, made: &OsStr, _: u32, _: u32, reply: ReplyEntry) {
        match self.disk().make(parent.0, name(made), true) {
            Ok(about) => reply.entry(&FRESH, &attributes(about), Generation(0)),
            Err(failed) => reply.error(errno(failed)),
        }
    }

    fn create(&self, _: &Request, parent: INodeNo, made: &OsStr, _: u32, _: u32, _: i32, reply: ReplyCreate) {
        match self.disk().make(parent.0, name(made), false) {
            Ok(about) => {
                let attributes = attributes(about);
                reply.created(&FRESH, &attributes, Generation(0), FileHandle(0), FopenFlags::empty());
            }
            Err(failed) => reply.error(errno(failed)),
        }
    }

    fn unlink(&self, _: &Request, parent: INodeNo, removed: &OsStr, reply: ReplyEmpty) {
        empty(self.disk().remove(parent.0, name(removed)), reply);
    }

    fn rmdir(&self, _: &Request, parent: INodeNo, removed: &OsStr, reply: ReplyEmpty) {
        empty(self.disk().remove(parent.0, name(removed)), reply);
    }

    fn rename(
        &self,
        _: &Request,
        parent: INodeNo,
        from: &OsStr,
        new_parent: INodeNo,
        to: &OsStr,
        _: RenameFlags,
        reply: ReplyEmpty,
    ) {
        empty(self.disk().rename((parent.0, name(from)), (new_parent.0, name(to))), reply);
    }

    fn read(
        &self,
        _: &Request,
        node: INodeNo,
        _: FileHandle,
        offset: u64,
        size: u32,
        _: OpenFlags,
        _: Option<LockOwner>,
        reply: ReplyData,
    ) {
        reply.data(self.disk().read(node.0, offset as usize, size as usize));
    }

    fn write(
        &self,
        _: &Request,
        node: INodeNo,
        _: FileHandle,
        offset: u64,
        data: &[u8],
        _: WriteFlags,
        _: OpenFlags,
        _: Option<LockOwner>,
        reply: ReplyWrite,
    ) {
        match self.disk().write(node.0, offset as usize, data) {
            Ok(()) => reply.written(data.len() as u32),
            Err(failed) => reply.error(errno(failed)),
        }
    }

    fn flush(&self, _: &Request, _: INodeNo, _: FileHandle, _: LockOwner, reply: ReplyEmpty) {
        reply.ok();
    }

    fn fsync(&self, _: &Request, node: INodeNo, _: FileHandle, _: bool, reply: ReplyEmpty) {
        empty(self.disk().sync(node.0), reply);
    }

    fn fsyncdir(&self, _: &Request, node: INodeNo, _: FileHandle, _: bool, reply: ReplyEmpty) {
        empty(self.disk().sync(node.0), reply);
    }

    fn readdir(&self, _: &Request, node: INodeNo, _: FileHandle, offset: u64, mut reply: ReplyDirectory) {
        for (n, (name, about)) in self.disk().names(node.0).into_iter().enumerate().skip(offset as usize) {
            let kind = if about.is_folder { FileType::Directory } else { FileType::RegularFile };
            if reply.add(INodeNo(about.node), n as u64 + 1, kind, name) {
                break;
            }
        }
        reply.ok();
    }
}
