//! Who may write where.

use super::files::Seen;
use super::image::RunsAs;

/// Others may write.
pub(super) const OTHERS_WRITE: u16 = 0o002;
/// Only owners may remove what lies in the folder.
pub(super) const STICKY: u16 = 0o1000;
/// It runs as its owner.
pub(super) const SETUID: u16 = 0o4000;
/// It runs as its group.
pub(super) const SETGID: u16 = 0o2000;
/// Anybody may run it.
pub(super) const ANY_EXECUTES: u16 = 0o111;

/// Whether who the container runs as may change a file or folder. Root may change everything, and is not asked about.
pub(super) fn may_write(who: &RunsAs, seen: &Seen<'_>) -> bool {
    let entry = seen.entry;
    match who.uid {
        None | Some(0) => false,
        // An owner may give himself the right.
        Some(uid) if entry.uid == uid => true,
        _ if who.gid == Some(entry.gid) && entry.mode & 0o020 != 0 => true,
        _ => entry.mode & OTHERS_WRITE != 0,
    }
}
