//! What `/proc/<pid>/status` says of a process (proc(5)).

use crate::error::{Error, Result};

/// The number of SIGTERM on every architecture of Linux (signal(7)).
const SIGTERM: u32 = 15;

/// One process.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProcessStatus {
    /// Its name, at most 15 bytes.
    pub name: String,
    /// `R`, `S`, `Z`, ….
    pub state: char,
    /// In the pid namespace of the reader.
    pub pid: u32,
    /// Its parent; 0 where that is outside of the namespace.
    pub parent: u32,
    /// Real, effective, saved, file system.
    pub user_ids: [u32; 4],
    /// Real, effective, saved, file system.
    pub group_ids: [u32; 4],
    /// Its pid in its own, innermost, namespace.
    pub inner_pid: u32,
    /// Whether it and its children can gain no privileges; `None` on kernels that do not tell.
    pub no_new_privileges: Option<bool>,
    /// The capabilities in force.
    pub effective_capabilities: u64,
    /// Signals with a handler.
    pub caught_signals: u64,
    /// Signals that are blocked: an init that waits for them in `sigwait` has them here.
    pub blocked_signals: u64,
    /// Signals that are ignored.
    pub ignored_signals: u64,
    /// Resident bytes, shared ones included; 0 for zombies.
    pub resident_bytes: u64,
    /// Resident bytes that are its own: neither files nor shared.
    pub own_bytes: u64,
}

/// Most bytes of a file that are read: the kernel writes some 1500.
pub const MAX_BYTES: u64 = 64 * 1024;

impl ProcessStatus {
    /// Reads the text of the file.
    ///
    /// # Errors
    /// A field that every kernel writes is missing or no number.
    pub fn parse(text: &str) -> Result<Self> {
        let field = |name: &str| {
            text.lines()
                .find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))
                .map(str::trim)
        };
        let broken = |name: &str| {
            Error::failed(format!(
                "`{name}` is missing in what the kernel tells of a process"
            ))
        };
        let number = |name: &str| -> Result<u32> {
            let value = field(name).and_then(|value| value.parse().ok());
            value.ok_or_else(|| broken(name))
        };
        let ids = |name: &str| -> Result<[u32; 4]> {
            let words = field(name).unwrap_or_default().split_whitespace();
            let ids: Vec<u32> = words.filter_map(|word| word.parse().ok()).collect();
            <[u32; 4]>::try_from(ids).map_err(|_| broken(name))
        };
        let mask = |name: &str| -> Result<u64> {
            field(name)
                .and_then(|value| u64::from_str_radix(value, 16).ok())
                .ok_or_else(|| broken(name))
        };
        // Zombies and kernel threads have no memory, and none of these fields.
        let bytes = |name: &str| {
            let kibibytes =
                field(name).and_then(|value| value.strip_suffix("kB")?.trim().parse().ok());
            kibibytes.map_or(0_u64, |kibibytes: u64| kibibytes.saturating_mul(1024))
        };
        let pid = number("Pid")?;
        Ok(Self {
            name: field("Name").ok_or_else(|| broken("Name"))?.to_owned(),
            state: field("State")
                .and_then(|s| s.chars().next())
                .ok_or_else(|| broken("State"))?,
            pid,
            parent: number("PPid")?,
            user_ids: ids("Uid")?,
            group_ids: ids("Gid")?,
            inner_pid: field("NSpid")
                .and_then(|pids| pids.split_whitespace().next_back()?.parse().ok())
                .unwrap_or(pid),
            no_new_privileges: field("NoNewPrivs").map(|value| value == "1"),
            effective_capabilities: mask("CapEff")?,
            caught_signals: mask("SigCgt")?,
            blocked_signals: mask("SigBlk")?,
            ignored_signals: mask("SigIgn")?,
            resident_bytes: bytes("VmRSS"),
            own_bytes: bytes("RssAnon"),
        })
    }

    /// Whether it has ended and nobody waited for it.
    #[must_use]
    pub const fn is_zombie(&self) -> bool {
        self.state == 'Z'
    }

    /// Whether one of its user or group ids is 0.
    #[must_use]
    pub fn is_root(&self) -> bool {
        self.user_ids.contains(&0) || self.group_ids.contains(&0)
    }

    /// Whether SIGTERM reaches code of its own: a handler, or `sigwait`.
    #[must_use]
    pub const fn handles_sigterm(&self) -> bool {
        let bit = 1 << (SIGTERM - 1);
        (self.caught_signals | self.blocked_signals) & bit != 0 && self.ignored_signals & bit == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NODE: &str = "Name:\tnode\nUmask:\t0022\nState:\tS (sleeping)\nTgid:\t4242\nPid:\t4242\nPPid:\t4200\n\
        Uid:\t1001\t1001\t1001\t1001\nGid:\t1001\t1001\t1001\t1001\nNSpid:\t4242\t7\nVmRSS:\t   46080 kB\n\
        RssAnon:\t   10240 kB\nSigBlk:\t0000000000000000\nSigIgn:\t0000000001001000\nSigCgt:\t0000000188004602\n\
        CapEff:\t0000000000000000\nNoNewPrivs:\t1\n";

    #[test]
    fn a_process_is_read_as_the_kernel_writes_it() {
        let status = ProcessStatus::parse(NODE).unwrap();
        assert_eq!((status.name.as_str(), status.state), ("node", 'S'));
        assert_eq!(
            (status.pid, status.parent, status.inner_pid),
            (4242, 4200, 7)
        );
        assert_eq!(status.user_ids, [1001; 4]);
        assert_eq!(status.no_new_privileges, Some(true));
        assert_eq!(
            (status.resident_bytes, status.own_bytes),
            (47_185_920, 10_485_760)
        );
        assert!(!status.is_root() && !status.is_zombie() && status.handles_sigterm());
    }

    #[test]
    fn a_saved_id_of_root_is_root_and_a_blocked_signal_is_handled() {
        let status =
            ProcessStatus::parse(&NODE.replace("Gid:\t1001\t1001\t1001", "Gid:\t1001\t1001\t0"))
                .unwrap();
        assert!(status.is_root());
        let cases = [
            (
                "SigCgt:\t0000000188004602",
                "SigCgt:\t0000000188000602",
                false,
            ),
            (
                "SigBlk:\t0000000000000000",
                "SigBlk:\t0000000000004000",
                true,
            ),
            (
                "SigIgn:\t0000000001001000",
                "SigIgn:\t0000000000004000",
                false,
            ),
        ];
        for (from, to, handles) in cases {
            let status = ProcessStatus::parse(&NODE.replace(from, to)).unwrap();
            assert_eq!(status.handles_sigterm(), handles, "{to}");
        }
    }

    #[test]
    fn what_is_missing_is_named() {
        let error = ProcessStatus::parse(&NODE.replace("Uid:\t1001", "Uid:\tx")).unwrap_err();
        assert!(error.message().contains("`Uid`"), "{error}");
        assert!(ProcessStatus::parse("").is_err());
    }
}
