//! What the machine must allow before a private engine can run, each with the command that allows it.

use std::fs::File;
use std::os::unix::fs::PermissionsExt;

use camino::{Utf8Path, Utf8PathBuf};

use crate::error::{Error, Result};

/// Something the private engine needs of the machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Precondition {
    /// What it is, in a few words.
    pub name: &'static str,
    /// Why it does not hold; `None` if it does.
    pub problem: Option<String>,
    /// The command that makes it hold.
    pub remedy: String,
}

/// Checks them all for the user who runs this.
#[must_use]
pub fn preconditions() -> Vec<Precondition> {
    let user = rustix::process::geteuid();
    let machine = Machine {
        root: "/".into(),
        user: user.as_raw(),
    };
    if user.is_root() {
        vec![
            machine.capabilities(),
            machine.tunnel(),
            machine.program("setsid", "util-linux"),
            machine.program("unshare", "util-linux"),
        ]
    } else {
        vec![
            machine.tunnel(),
            machine.program("setsid", "util-linux"),
            machine.setuid("newuidmap"),
            machine.setuid("newgidmap"),
            machine.identities("subuid", "--add-subuids"),
            machine.identities("subgid", "--add-subgids"),
            machine.user_namespaces(),
        ]
    }
}

/// # Errors
/// Names every precondition that does not hold, with its remedy.
pub(super) fn check() -> Result<()> {
    let broken: Vec<_> = preconditions()
        .into_iter()
        .filter_map(|one| Some((one.problem?, one.remedy)))
        .collect();
    if broken.is_empty() {
        return Ok(());
    }
    let (problems, mut remedies): (Vec<_>, Vec<_>) = broken.into_iter().unzip();
    // One command may put two things right; they stand side by side.
    remedies.dedup();
    let error = Error::missing("a private engine cannot run on this machine");
    let error = problems.into_iter().fold(error, Error::because);
    Err(remedies.into_iter().fold(error, Error::help))
}

struct Machine {
    root: Utf8PathBuf,
    user: u32,
}

impl Machine {
    /// Making namespaces and a network in them.
    fn capabilities(&self) -> Precondition {
        // CAP_NET_ADMIN and CAP_SYS_ADMIN.
        const NEEDED: u64 = 1 << 12 | 1 << 21;
        let held = self
            .read("proc/self/status")
            .lines()
            .find_map(|line| line.strip_prefix("CapEff:"))
            .and_then(|hex| u64::from_str_radix(hex.trim(), 16).ok())
            .unwrap_or_default();
        Precondition {
            name: "root's capabilities",
            problem: (held & NEEDED != NEEDED).then(|| {
                "root may not make namespaces here: an unprivileged container?".to_owned()
            }),
            remedy: "start the container with --privileged".to_owned(),
        }
    }

    /// slirp4netns makes the engine's network device with it.
    fn tunnel(&self) -> Precondition {
        let device = self.root.join("dev/net/tun");
        let problem = File::options()
            .read(true)
            .write(true)
            .open(&device)
            .err()
            .map(|error| format!("{device} cannot be opened: {error}"));
        let remedy = if device.exists() {
            "sudo chmod 0666 /dev/net/tun"
        } else {
            "sudo modprobe tun (or, in a container, start it with --device /dev/net/tun)"
        };
        Precondition {
            name: "/dev/net/tun",
            problem,
            remedy: remedy.to_owned(),
        }
    }

    fn program(&self, name: &'static str, package: &str) -> Precondition {
        Precondition {
            name,
            problem: self
                .find(name)
                .is_none()
                .then(|| format!("there is no `{name}`")),
            remedy: format!("sudo apt-get install {package}"),
        }
    }

    /// Programs that give a user a range of identities. The ones we could unpack would lack the setuid bit.
    fn setuid(&self, name: &'static str) -> Precondition {
        let problem = match self.find(name) {
            None => Some(format!("there is no `{name}`")),
            Some(path) => path
                .metadata()
                .is_ok_and(|metadata| metadata.permissions().mode() & 0o4000 == 0)
                .then(|| format!("{path} is not setuid root")),
        };
        Precondition {
            name,
            problem,
            remedy: "sudo apt-get install --reinstall uidmap".to_owned(),
        }
    }

    /// A range of 65,536 identities for the user.
    fn identities(&self, file: &'static str, option: &str) -> Precondition {
        let user = self.user.to_string();
        let passwd = self.read("etc/passwd");
        let name = passwd
            .lines()
            .filter_map(|line| line.split_once(':'))
            .find(|(_, rest)| rest.split(':').nth(1) == Some(&user))
            .map_or(user.as_str(), |(name, _)| name);
        let enough = self.read(&format!("etc/{file}")).lines().any(|line| {
            let words: Vec<&str> = line.trim().split(':').collect();
            matches!(words[..], [who, _, count]
                if (who == name || who == user) && count.parse().is_ok_and(|count: u64| count >= 65_536))
        });
        Precondition {
            name: file,
            problem: (!enough)
                .then(|| format!("/etc/{file} gives `{name}` no range of 65536 identities")),
            remedy: format!("sudo usermod {option} 100000-165535 {name}"),
        }
    }

    fn user_namespaces(&self) -> Precondition {
        let problem = |setting: &str, bad: &str| {
            (self.read(setting).trim() == bad).then(|| setting.replace('/', "."))
        };
        let found = problem("proc/sys/kernel/unprivileged_userns_clone", "0")
            .map(|setting| (setting, 1))
            .or_else(|| {
                problem("proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1")
                    .map(|setting| (setting, 0))
            })
            .or_else(|| {
                problem("proc/sys/user/max_user_namespaces", "0").map(|setting| (setting, 15_000))
            })
            .map(|(setting, good)| (setting.trim_start_matches("proc.sys.").to_owned(), good));
        Precondition {
            name: "user namespaces",
            problem: found
                .as_ref()
                .map(|(setting, _)| format!("`{setting}` keeps users from making namespaces")),
            remedy: found.map_or_else(String::new, |(setting, good)| {
                format!("sudo sysctl {setting}={good}")
            }),
        }
    }

    fn find(&self, name: &str) -> Option<Utf8PathBuf> {
        ["usr/local/bin", "usr/bin", "bin", "usr/sbin", "sbin"]
            .iter()
            .map(|directory| self.root.join(directory).join(name))
            .find(|path| path.is_file())
    }

    /// A file's text; none is as good as empty.
    fn read(&self, file: &str) -> String {
        std::fs::read_to_string(self.root.join(Utf8Path::new(file))).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn machine(files: &[(&str, &str)]) -> (tempfile::TempDir, Machine) {
        let directory = tempfile::tempdir().unwrap();
        let root = Utf8PathBuf::from_path_buf(directory.path().to_owned()).unwrap();
        for (name, text) in files {
            let file = root.join(name);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(file, text).unwrap();
        }
        (directory, Machine { root, user: 4242 })
    }

    #[test]
    fn identity_ranges_count_by_name_and_by_number() {
        let passwd = (
            "etc/passwd",
            "root:x:0:0::/root:/bin/sh\nanna:x:4242:4242::/home/anna:/bin/sh\n",
        );
        for (text, holds) in [
            ("anna:100000:65536\n", true),
            ("4242:100000:70000\n", true),
            ("anna:100000:1000\n", false),
            ("bert:100000:65536\n", false),
            ("", false),
        ] {
            let (_guard, machine) = machine(&[passwd, ("etc/subuid", text)]);
            let found = machine.identities("subuid", "--add-subuids");
            assert_eq!(found.problem.is_none(), holds, "{text}");
            assert_eq!(
                found.remedy,
                "sudo usermod --add-subuids 100000-165535 anna"
            );
        }
    }

    #[test]
    fn a_program_must_be_setuid() {
        let (_guard, machine) = machine(&[("usr/bin/newuidmap", "")]);
        assert!(
            machine
                .setuid("newuidmap")
                .problem
                .unwrap()
                .ends_with("is not setuid root")
        );
        assert_eq!(
            machine.setuid("newgidmap").problem.unwrap(),
            "there is no `newgidmap`"
        );
        let mode = std::fs::Permissions::from_mode(0o4755);
        std::fs::set_permissions(machine.root.join("usr/bin/newuidmap"), mode).unwrap();
        assert_eq!(machine.setuid("newuidmap").problem, None);
    }

    #[test]
    fn kernel_settings_that_forbid_namespaces_are_found() {
        let (_guard, free) = machine(&[]);
        assert_eq!(free.user_namespaces().problem, None);
        let (_guard, bound) = machine(&[(
            "proc/sys/kernel/apparmor_restrict_unprivileged_userns",
            "1\n",
        )]);
        assert_eq!(
            bound.user_namespaces().remedy,
            "sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0"
        );
    }

    #[test]
    fn an_unprivileged_container_is_recognized() {
        for (mask, holds) in [("000001fffeffffff", true), ("00000000a80425fb", false)] {
            let status = format!("Name:\tx\nCapEff:\t{mask}\n");
            let (_guard, machine) = machine(&[("proc/self/status", &status)]);
            assert_eq!(machine.capabilities().problem.is_none(), holds);
        }
        let (_guard, machine) = machine(&[]);
        assert!(machine.tunnel().remedy.contains("modprobe tun"));
    }
}
