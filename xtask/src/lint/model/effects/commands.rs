//! What the commands of a `RUN` do to files.

use super::{Effects, Removed};
use crate::lint::model::{Known, Step, paths};
use crate::lint::packages;
use crate::shell::{Argument, Connector, Invocation};
use crate::source::Span;

/// Where package managers of a distribution put things.
const PACKAGE_FOLDERS: [&str; 8] = [
    "/bin", "/etc", "/lib", "/opt", "/sbin", "/usr", "/var", "/home",
];

/// Programs that write no files but those that their output is sent to.
const READERS: &[&str] = &[
    "[",
    "awk",
    "basename",
    "cat",
    "chgrp",
    "chmod",
    "chown",
    "command",
    "cut",
    "date",
    "dirname",
    "du",
    "echo",
    "egrep",
    "env",
    "exit",
    "export",
    "expr",
    "false",
    "find",
    "grep",
    "groupadd",
    "addgroup",
    "head",
    "id",
    "ls",
    "printf",
    "pwd",
    "read",
    "return",
    "seq",
    "set",
    "sha256sum",
    "sha512sum",
    "md5sum",
    "shift",
    "sleep",
    "sort",
    "stat",
    "tail",
    "test",
    "tr",
    "true",
    "ulimit",
    "umask",
    "uname",
    "unset",
    "wc",
    "which",
    "whoami",
    "local",
];

/// Follows the commands of a step in their order.
pub(super) fn run(step: Step<'_>, effects: &mut Effects) {
    let mut commands = Commands {
        step,
        folder: step.before().workdir().map(|found| found.value.to_owned()),
        effects,
    };
    for invocation in step.invocations() {
        commands.run(invocation);
    }
}

/// The commands of a `RUN`, one after the other.
struct Commands<'s, 'm> {
    step: Step<'m>,
    /// Where they run.
    folder: Known<String>,
    effects: &'s mut Effects,
}

impl<'m> Commands<'_, 'm> {
    fn path(&self, argument: &Argument) -> Known<String> {
        let text = match self.step.before().expand_argument(argument) {
            Known::Yes(text) if !text.contains(['*', '?', '[', '{', '~']) => text,
            _ => return Known::Unknown,
        };
        if text.starts_with('/') {
            return Known::Yes(paths::clean(&text));
        }
        self.folder
            .as_ref()
            .map(|folder| paths::clean(&format!("{folder}/{text}")))
    }

    fn below(&self, name: &str) -> Known<String> {
        self.folder
            .as_ref()
            .map(|folder| paths::clean(&format!("{folder}/{name}")))
    }

    fn run(&mut self, invocation: &'m Invocation) {
        // Behind `||`, in a branch or a loop it may not run at all.
        let certain = invocation.depth == 0 && !matches!(invocation.connector, Connector::Or);
        self.redirections(invocation);
        if let Some(installation) = packages::installed(invocation) {
            self.install(&installation, invocation.span);
            return;
        }
        match invocation.program.as_str() {
            "" => {}
            "cd" => {
                let target = invocation.words().next();
                self.folder = match target {
                    Some(target) if certain => self.path(target),
                    _ => Known::Unknown,
                };
            }
            "mkdir" => {
                for word in invocation.operands(&["-m"]) {
                    let path = self.path(word);
                    self.effects.create(path, certain, false, word.span);
                }
            }
            "touch" => {
                for word in invocation.operands(&["-d", "-r", "-t"]) {
                    let path = self.path(word);
                    self.effects.create(path, certain, false, word.span);
                }
            }
            "rm" | "rmdir" | "unlink" => self.remove(invocation, certain),
            "cp" | "mv" | "ln" | "install" => self.transfer(invocation, certain),
            "tar" | "unzip" => {
                let folder = invocation
                    .arguments
                    .iter()
                    .position(|a| matches!(a.text.as_str(), "-C" | "--directory" | "-d"))
                    .and_then(|at| invocation.arguments.get(at + 1));
                let path = folder.map_or_else(|| self.folder.clone(), |word| self.path(word));
                self.effects.create(path, false, true, invocation.span);
            }
            "curl" | "wget" => self.download(invocation, certain),
            "git" => self.git(invocation, certain),
            program if READERS.contains(&program) => {
                // `find -delete`, `find -exec`.
                self.effects.unknown |=
                    program == "find" && invocation.has_option(&["-delete", "-exec", "-execdir"]);
            }
            _ => self.effects.unknown = true,
        }
    }

    fn install(&mut self, installation: &packages::Installation<'_>, span: Span) {
        use packages::Manager;
        match installation.call.manager {
            Manager::Npm | Manager::Pnpm | Manager::Yarn | Manager::Bun => {
                if installation.call.has_option(&["-g", "--global"])
                    || installation.call.is("global add")
                {
                    self.effects
                        .create(Known::Yes("/usr/local".to_owned()), false, true, span);
                    return;
                }
                let modules = self.below("node_modules");
                self.effects.create(modules, false, true, span);
                for file in ["package.json", "package-lock.json", "yarn.lock"] {
                    let path = self.below(file);
                    self.effects.create(path, false, false, span);
                }
            }
            Manager::Apk
            | Manager::Apt
            | Manager::Dnf
            | Manager::Microdnf
            | Manager::Yum
            | Manager::Zypper => {
                for folder in PACKAGE_FOLDERS {
                    let path = Known::Yes(folder.to_owned());
                    self.effects.create(path, false, true, span);
                }
            }
            _ => self.effects.unknown = true,
        }
    }

    fn remove(&mut self, invocation: &Invocation, certain: bool) {
        for word in invocation.words() {
            match self.path(word) {
                Known::Yes(path) if certain => {
                    // What the same step wrote before is gone.
                    self.effects
                        .created
                        .retain(|created| !paths::is_within(&created.path, &path));
                    self.effects.removed.push(Removed {
                        path,
                        span: word.span,
                    });
                }
                // It may still be there; that something below a pattern goes is no loss of knowledge.
                Known::Yes(path) => {
                    self.effects
                        .create(Known::Yes(path), false, true, word.span);
                }
                Known::Unknown => self.effects.unknown = true,
            }
        }
    }

    fn transfer(&mut self, invocation: &Invocation, certain: bool) {
        let with_value = ["-t", "--target-directory", "-m", "-o", "-g", "-S"];
        let words: Vec<&Argument> = invocation.operands(&with_value).collect();
        let named = invocation
            .arguments
            .iter()
            .position(|a| matches!(a.text.as_str(), "-t" | "--target-directory"))
            .and_then(|at| invocation.arguments.get(at + 1));
        let (sources, target) = match (named, words.split_last()) {
            (Some(target), _) => (words.as_slice(), target),
            (None, Some((target, sources))) => (sources, *target),
            (None, None) => return,
        };
        if invocation.is("install") && invocation.has_option(&["-d"]) {
            for word in words {
                let path = self.path(word);
                self.effects.create(path, certain, false, word.span);
            }
            return;
        }
        let path = self.path(target);
        self.effects.create(path, certain, true, target.span);
        if invocation.is("mv") {
            for source in sources {
                match self.path(source) {
                    Known::Yes(path) if certain => self.effects.removed.push(Removed {
                        path,
                        span: source.span,
                    }),
                    _ => self.effects.unknown = true,
                }
            }
        }
    }

    fn download(&mut self, invocation: &Invocation, certain: bool) {
        let option = if invocation.is("curl") { "-o" } else { "-O" };
        let long = if invocation.is("curl") {
            "--output"
        } else {
            "--output-document"
        };
        let at = invocation.arguments.iter().position(|argument| {
            let text = argument.text.as_str();
            // `-fsSLo file`: the last letter of a group.
            text == long
                || !text.starts_with("--") && text.starts_with('-') && text.ends_with(&option[1..])
        });
        // `-qO-`: to the output.
        if invocation
            .options()
            .any(|word| word.text.ends_with(&format!("{}-", &option[1..])))
        {
            return;
        }
        match at.and_then(|at| invocation.arguments.get(at + 1)) {
            Some(word) if word.text == "-" => {}
            Some(word) => {
                let path = self.path(word);
                self.effects.create(path, certain, false, word.span);
            }
            None if invocation.is("wget") || invocation.has_option(&["-O", "--remote-name"]) => {
                let folder = self.folder.clone();
                self.effects.create(folder, false, true, invocation.span);
            }
            None => {}
        }
    }

    fn git(&mut self, invocation: &Invocation, certain: bool) {
        let with_value = ["-b", "--branch", "--depth", "-c", "-C", "-o", "--origin"];
        let mut words = invocation.operands(&with_value);
        if words.next().map(|word| word.text.as_str()) != Some("clone") {
            self.effects.unknown |= invocation.subcommand() != Some("config");
            return;
        }
        let Some(address) = words.next() else {
            return;
        };
        let (path, span) = if let Some(folder) = words.next() {
            (self.path(folder), folder.span)
        } else {
            let name = address.text.trim_end_matches('/').rsplit(['/', ':']).next();
            let name = name.unwrap_or_default().trim_end_matches(".git");
            let path = if address.literal {
                self.below(name)
            } else {
                Known::Unknown
            };
            (path, address.span)
        };
        self.effects.create(path, certain, true, span);
    }

    /// `> file` and `>> file`; where it is not sure what the word is, the file may be written.
    fn redirections(&mut self, invocation: &Invocation) {
        let text = invocation.span.of(self.step.stage.model.file.source.text());
        let mut words = text.split_whitespace();
        while let Some(word) = words.next() {
            let Some(at) = word.find('>') else {
                continue;
            };
            let rest = word[at..].trim_start_matches(['>', '|']);
            if rest.starts_with(['&', '(']) {
                continue;
            }
            let target = if rest.is_empty() {
                words.next().unwrap_or_default()
            } else {
                rest
            };
            let target = target.trim_matches(['"', '\'']).trim_end_matches(';');
            if target.starts_with("/dev/") || target.is_empty() {
                continue;
            }
            let path = match self.step.before().expand_shell(target) {
                Known::Yes(path) if path.starts_with('/') => Known::Yes(paths::clean(&path)),
                Known::Yes(path) => self.below(&path),
                Known::Unknown => Known::Unknown,
            };
            self.effects.create(path, false, false, invocation.span);
        }
    }
}
