//! Why a container does not end when it is asked to.

use super::process_status::ProcessStatus;

/// A process with the words it was started with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Started {
    /// What the kernel says of it.
    pub status: ProcessStatus,
    /// Its command line, which it may have changed.
    pub words: Vec<String>,
}

impl Started {
    fn program(&self) -> &str {
        let first = self.words.first().map_or("", String::as_str);
        let name = first.rsplit('/').next().unwrap_or_default();
        if name.is_empty() {
            &self.status.name
        } else {
            name
        }
    }

    /// A shell that was given its script as an argument: what the shell form of `CMD` starts.
    fn is_shell_form(&self) -> bool {
        let shells = ["sh", "ash", "bash", "dash", "busybox"];
        shells.contains(&self.program())
            && self.words.iter().skip(1).take(2).any(|word| word == "-c")
    }

    /// The package manager that runs a script, if it is one. npm puts its name into its title.
    fn package_manager(&self) -> Option<&'static str> {
        let managers = ["npm", "yarn", "pnpm"];
        managers.into_iter().find(|manager| {
            self.program() == *manager
                || self.words.first().is_some_and(|first| {
                    first
                        .strip_prefix(manager)
                        .is_some_and(|rest| rest.starts_with(' '))
                })
                || self.words.get(1).is_some_and(|script| {
                    let file = script.rsplit('/').next().unwrap_or_default();
                    file == *manager
                        || file
                            .strip_suffix(".js")
                            .or_else(|| file.strip_suffix(".cjs"))
                            .is_some_and(|stem| {
                                stem == *manager || stem == format!("{manager}-cli")
                            })
                })
        })
    }
}

/// Whether SIGTERM to the first process will end the container in an orderly way, as far as signal masks tell: it
/// handles the signal, and where it is an init that only passes it on, its child does.
#[must_use]
pub fn predicts_handling(processes: &[Started]) -> bool {
    let Some(first) = first(processes) else {
        return false;
    };
    if !first.status.handles_sigterm() {
        return false;
    }
    // An init waits for signals with all of them blocked.
    let passes_on = first.status.blocked_signals.count_ones() > 30;
    let mut children = processes
        .iter()
        .filter(|one| one.status.parent == first.status.pid);
    !passes_on
        || children
            .next()
            .is_none_or(|child| child.status.handles_sigterm())
}

/// Why SIGTERM does not end the container, in a clause; `None` where nothing in particular is to be seen.
#[must_use]
pub fn cause(processes: &[Started]) -> Option<String> {
    let first = first(processes)?;
    let has_children = processes
        .iter()
        .any(|one| one.status.parent == first.status.pid);
    if let Some(manager) = first.package_manager() {
        return Some(format!(
            "PID 1 is {manager}, which does not pass the signal on in time: start the program itself"
        ));
    }
    if first.is_shell_form() && has_children {
        return Some(format!(
            "PID 1 is a shell (`{} -c`), which does not pass the signal on: write CMD in its exec form, or `exec` in \
             the script",
            first.program()
        ));
    }
    if !first.status.handles_sigterm() {
        return Some(format!(
            "PID 1 (`{}`) has no handler for SIGTERM, and the kernel takes no default action for PID 1: handle the \
             signal, or put an init first",
            first.program()
        ));
    }
    None
}

/// PID 1 of the container.
fn first(processes: &[Started]) -> Option<&Started> {
    processes.iter().find(|one| one.status.inner_pid == 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn process(pid: u32, parent: u32, words: &[&str], caught: u64, blocked: u64) -> Started {
        Started {
            status: ProcessStatus {
                name: "x".to_owned(),
                pid: pid + 1000,
                parent: parent + 1000,
                inner_pid: pid,
                caught_signals: caught,
                blocked_signals: blocked,
                ..ProcessStatus::default()
            },
            words: words.iter().map(|word| (*word).to_owned()).collect(),
        }
    }

    const TERM: u64 = 0x4000;

    #[test]
    fn an_init_passes_on_what_its_child_handles() {
        let init = process(1, 0, &["dumb-init", "--", "node"], 0, u64::MAX);
        let node = process(7, 1, &["node", "main.js"], TERM, 0);
        assert!(predicts_handling(&[init.clone(), node]));
        assert!(!predicts_handling(&[init, process(7, 1, &["sleep"], 0, 0)]));
        assert!(predicts_handling(&[process(1, 0, &["node"], TERM, 0)]));
        assert!(!predicts_handling(&[process(1, 0, &["node"], 2, 0)]));
        assert!(!predicts_handling(&[]));
    }

    #[test]
    fn the_cause_is_named() {
        let child = process(7, 1, &["node", "main.js"], TERM, 0);
        let cases: [(&[&str], &str); 5] = [
            (
                &["/bin/sh", "-c", "node main.js; true"],
                "PID 1 is a shell (`sh -c`)",
            ),
            (&["npm start"], "PID 1 is npm"),
            (&["node", "/usr/local/bin/npm", "start"], "PID 1 is npm"),
            (&["node", "/opt/yarn/bin/yarn.js"], "PID 1 is yarn"),
            (&["/app/service"], "PID 1 (`service`) has no handler"),
        ];
        for (words, expected) in cases {
            let cause = cause(&[process(1, 0, words, 2, 0), child.clone()]).unwrap();
            assert!(cause.starts_with(expected), "{cause}");
        }
        assert_eq!(cause(&[process(1, 0, &["/app/service"], TERM, 0)]), None);
    }
}
