//! The processes of a container, as the kernel of this machine tells them.

use std::collections::BTreeSet;
use std::io::Read as _;

use rustix::process::{Pid, Signal, kill_process};

use super::Container;
use crate::error::Result;
use crate::trial::process_status::{MAX_BYTES, ProcessStatus};
use crate::trial::signals::Started;

impl Container<'_> {
    /// All processes of it, the first one first; `None` where they are not on this machine, or hidden from this user.
    /// One that ends in between is left out.
    ///
    /// # Errors
    /// The engine cannot be asked.
    pub fn processes(&self) -> Result<Option<Vec<Started>>> {
        let first = self.state()?.pid;
        Ok(of(self.id(), first))
    }
}

/// As [`Container::processes`], where the pid of the first process is known.
#[must_use]
pub fn of(container: &str, first: u32) -> Option<Vec<Started>> {
    // A number of another machine, or of another namespace, is another process here.
    if first == 0 || !is_of(first, container) {
        return None;
    }
    let mut all: Vec<ProcessStatus> = Vec::new();
    for entry in std::fs::read_dir("/proc").ok()?.flatten() {
        let pid = entry
            .file_name()
            .to_str()
            .and_then(|name| name.parse().ok());
        if let Some(pid) = pid {
            all.extend(status(pid));
        }
    }
    let mut members: BTreeSet<u32> = all
        .iter()
        .map(|one| one.pid)
        .filter(|pid| is_of(*pid, container))
        .collect();
    // A zombie has left its control group, but not its parent.
    let orphans = all
        .iter()
        .filter(|one| one.is_zombie() && members.contains(&one.parent));
    members.extend(orphans.map(|one| one.pid).collect::<Vec<_>>());
    let mut processes: Vec<Started> = all
        .into_iter()
        .filter(|one| members.contains(&one.pid))
        .map(|status| Started {
            words: words(status.pid),
            status,
        })
        .collect();
    processes.sort_by_key(|one| (one.status.pid != first, one.status.pid));
    Some(processes)
}

/// Processes that do not run until the value is dropped.
pub struct Frozen(Vec<Pid>);

impl Frozen {
    /// Stops them all; `None` where that is not allowed.
    #[must_use]
    pub fn new(processes: &[Started]) -> Option<Self> {
        let mut frozen = Self(Vec::new());
        for process in processes.iter().filter(|one| !one.status.is_zombie()) {
            let pid = Pid::from_raw(i32::try_from(process.status.pid).ok()?)?;
            match kill_process(pid, Signal::STOP) {
                Ok(()) => frozen.0.push(pid),
                // It ended by itself.
                Err(rustix::io::Errno::SRCH) => {}
                Err(_) => return None,
            }
        }
        Some(frozen)
    }
}

impl Drop for Frozen {
    fn drop(&mut self) {
        for pid in &self.0 {
            // What is gone needs nothing.
            let _ = kill_process(*pid, Signal::CONT);
        }
    }
}

/// Whether a process is one of a container: its control group has the container's id, in every layout.
fn is_of(pid: u32, container: &str) -> bool {
    read(&format!("/proc/{pid}/cgroup")).is_some_and(|groups| groups.contains(container))
}

fn status(pid: u32) -> Option<ProcessStatus> {
    ProcessStatus::parse(&read(&format!("/proc/{pid}/status"))?).ok()
}

fn words(pid: u32) -> Vec<String> {
    let text = read(&format!("/proc/{pid}/cmdline")).unwrap_or_default();
    let words = text.trim_end_matches('\0').split('\0').map(str::to_owned);
    words.filter(|word| !word.is_empty()).collect()
}

fn read(file: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let file = std::fs::File::open(file).ok()?;
    file.take(MAX_BYTES).read_to_end(&mut bytes).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processes_of_another_machine_are_not_mistaken_for_ours() {
        let id = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
        assert_eq!(of(id, std::process::id()), None);
        assert_eq!(of(id, 0), None);
    }
}
