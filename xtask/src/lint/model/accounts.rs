//! Users and groups that a `RUN` makes or takes away, with the tools of busybox, Debian and shadow.

use crate::dockerfile::InstructionKind;
use crate::lint::model::facts::Fact;
use crate::lint::model::knowledge::Account;
use crate::lint::model::paths::PROGRAM_FOLDERS;
use crate::lint::model::{Known, Moment, Step};
use crate::shell::{Argument, Invocation};
use crate::source::Span;
use crate::text_search::{Part, around_last_slash};

/// Where accounts are written down.
static FILES: [Part; 2] = [Part::new("/etc/passwd"), Part::new("/etc/group")];

/// What a `RUN` does to users and groups.
pub(super) fn changes(moment: Moment<'_>, step: Step<'_>, leave: &mut dyn FnMut(Span, Fact)) {
    for invocation in step.invocations() {
        let reading = Reading { moment, invocation };
        reading.changes(leave);
        if reading.is_opaque(step) {
            leave(invocation.span, Fact::AccountsMayGrow);
            leave(invocation.span, Fact::ProgramsMayGrow);
        }
    }
    if let InstructionKind::Run(run) = step.kind() {
        let text = step
            .instruction()
            .span
            .of(step.stage.model.file.source.text());
        // `echo 'app:x:1000:…' >> /etc/passwd`, `sed -i … /etc/group`.
        if FILES.iter().any(|file| file.is_in(text)) {
            written_lines(text, step.instruction().span, leave);
        }
        // Scripts that another interpreter runs.
        if run
            .heredocs
            .iter()
            .any(|h| h.content.value.starts_with("#!"))
        {
            leave(step.instruction().span, Fact::AccountsMayGrow);
            leave(step.instruction().span, Fact::ProgramsMayGrow);
        }
    }
}

/// Lines in the form of `/etc/passwd` and `/etc/group` that are written somewhere in a text.
fn written_lines(text: &str, span: Span, leave: &mut dyn FnMut(Span, Fact)) {
    // Who only reads those files changes nothing; who writes them may change anything.
    let writes = text.contains('>') || text.contains("tee ") || text.contains("sed -i");
    if !writes {
        return;
    }
    let separators = |c: char| c.is_whitespace() || matches!(c, '\'' | '"' | '\\');
    for word in text.split(separators) {
        let fields: Vec<&str> = word.split(':').collect();
        let is_group = match fields.len() {
            7 => false,
            4 => true,
            _ => continue,
        };
        let (Some(name), Some(id)) = (fields.first(), fields.get(2)) else {
            continue;
        };
        if let Ok(id) = id.parse::<u32>()
            && is_name(name)
        {
            let account = Account {
                name: (*name).to_owned(),
                id: Some(id),
                is_group,
                span: Some(span),
            };
            leave(span, Fact::Account(account));
        }
    }
    leave(span, Fact::AccountsMayGrow);
}

fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'))
}

/// How a tool reads its options.
struct Tool {
    /// Letters that take a value.
    letters: &'static str,
    /// Long options that take one.
    long: &'static [&'static str],
}

/// `adduser` and `addgroup` of busybox and Debian.
const ADD: Tool = Tool {
    letters: "hgsGuk",
    long: &[
        "--home",
        "--gecos",
        "--comment",
        "--shell",
        "--ingroup",
        "--uid",
        "--gid",
        "--firstuid",
        "--lastuid",
        "--firstgid",
        "--lastgid",
        "--conf",
        "--skel",
    ],
};

/// `useradd` and `usermod`.
const USERADD: Tool = Tool {
    letters: "bcdefgGkKpsuRPZl",
    long: &[
        "--base-dir",
        "--comment",
        "--home-dir",
        "--home",
        "--expiredate",
        "--inactive",
        "--gid",
        "--groups",
        "--skel",
        "--key",
        "--password",
        "--shell",
        "--uid",
        "--root",
        "--prefix",
        "--selinux-user",
        "--login",
    ],
};

/// `groupadd` and `groupmod`.
const GROUPADD: Tool = Tool {
    letters: "gKpRPUn",
    long: &[
        "--gid",
        "--key",
        "--password",
        "--root",
        "--prefix",
        "--users",
        "--new-name",
    ],
};

struct Reading<'m> {
    moment: Moment<'m>,
    invocation: &'m Invocation,
}

/// Options with their values, and the rest.
#[derive(Default)]
struct Line<'i> {
    options: Vec<(String, Option<&'i Argument>, &'i str)>,
    words: Vec<&'i Argument>,
}

impl<'i> Line<'i> {
    fn read(arguments: &'i [Argument], tool: &Tool) -> Self {
        let mut line = Self::default();
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            let text = argument.text.as_str();
            if text == "--" {
                line.words.extend(rest.by_ref());
            } else if let Some(long) = text.strip_prefix("--") {
                let (name, value) = match long.split_once('=') {
                    Some((name, value)) => (format!("--{name}"), Some(value)),
                    None => (text.to_owned(), None),
                };
                match value {
                    Some(value) => line.options.push((name, Some(argument), value)),
                    None if tool.long.contains(&text) => {
                        let next = rest.next();
                        line.options
                            .push((name, next, next.map_or("", |a| &a.text)));
                    }
                    None => line.options.push((name, None, "")),
                }
            } else if argument.is_option() {
                line.letters(argument, tool, &mut rest);
            } else {
                line.words.push(argument);
            }
        }
        line
    }

    /// `-rm`, `-u 1000`, `-u1000`, `-DHu 1000`.
    fn letters(
        &mut self,
        argument: &'i Argument,
        tool: &Tool,
        rest: &mut std::slice::Iter<'i, Argument>,
    ) {
        let text = &argument.text[1..];
        for (at, letter) in text.char_indices() {
            let name = format!("-{letter}");
            if !tool.letters.contains(letter) {
                self.options.push((name, None, ""));
                continue;
            }
            let attached = &text[at + letter.len_utf8()..];
            if attached.is_empty() {
                let next = rest.next();
                self.options
                    .push((name, next, next.map_or("", |a| &a.text)));
            } else {
                self.options.push((name, Some(argument), attached));
            }
            return;
        }
    }

    fn has(&self, names: &[&str]) -> bool {
        self.options
            .iter()
            .any(|(name, _, _)| names.contains(&name.as_str()))
    }

    fn value(&self, names: &[&str]) -> Option<&'i str> {
        self.options
            .iter()
            .rev()
            .find(|(name, argument, _)| argument.is_some() && names.contains(&name.as_str()))
            .map(|(_, _, value)| *value)
    }
}

impl Reading<'_> {
    fn changes(&self, leave: &mut dyn FnMut(Span, Fact)) {
        let arguments = &self.invocation.arguments;
        match self.invocation.program.as_str() {
            "adduser" => {
                if self.is_useradd() {
                    self.useradd(leave);
                } else {
                    self.adduser(leave);
                }
            }
            "useradd" => self.useradd(leave),
            "addgroup" => {
                let line = Line::read(arguments, &ADD);
                // Of two words the first joins the second.
                if let [name] = line.words.as_slice() {
                    self.account(name, line.value(&["-g", "--gid"]), true, leave);
                }
            }
            "groupadd" => {
                let line = Line::read(arguments, &GROUPADD);
                if let [name] = line.words.as_slice() {
                    self.account(name, line.value(&["-g", "--gid"]), true, leave);
                }
            }
            "usermod" => self.modify(&USERADD, &["-l", "--login"], &["-u", "--uid"], false, leave),
            "groupmod" => {
                self.modify(
                    &GROUPADD,
                    &["-n", "--new-name"],
                    &["-g", "--gid"],
                    true,
                    leave,
                );
            }
            "deluser" | "userdel" => self.remove(false, leave),
            "delgroup" | "groupdel" => self.remove(true, leave),
            "newusers" | "vipw" | "vigr" => leave(self.invocation.span, Fact::AccountsMayGrow),
            _ => {}
        }
    }

    /// On Fedora and its kin `adduser` is `useradd`. Elsewhere it is told by its options.
    fn is_useradd(&self) -> bool {
        match self.moment.distribution() {
            Some(("alpine" | "busybox" | "debian" | "ubuntu", _)) => false,
            Some((
                "fedora" | "centos" | "rockylinux" | "almalinux" | "amazonlinux" | "ubi"
                | "oraclelinux" | "opensuse",
                _,
            )) => true,
            _ => {
                let line = Line::read(&self.invocation.arguments, &USERADD);
                line.has(&[
                    "-m",
                    "-r",
                    "-d",
                    "-c",
                    "-M",
                    "-N",
                    "-U",
                    "-l",
                    "-o",
                    "--create-home",
                ])
            }
        }
    }

    fn useradd(&self, leave: &mut dyn FnMut(Span, Fact)) {
        let line = Line::read(&self.invocation.arguments, &USERADD);
        // `useradd -D` shows or sets defaults.
        let [name] = line.words.as_slice() else {
            return;
        };
        if line.has(&["-D", "--defaults"]) {
            return;
        }
        let id = line.value(&["-u", "--uid"]);
        self.account(name, id, false, leave);
        if !line.has(&["-g", "--gid", "-N", "--no-user-group"]) {
            self.account(name, id, true, leave);
        }
    }

    fn adduser(&self, leave: &mut dyn FnMut(Span, Fact)) {
        let line = Line::read(&self.invocation.arguments, &ADD);
        let [name] = line.words.as_slice() else {
            return;
        };
        let id = line.value(&["-u", "--uid"]);
        let makes_group = line.has(&["--group"]);
        // Debian's `adduser --group name` alone makes a group.
        if makes_group && !line.has(&["--system", "-S"]) {
            self.account(name, line.value(&["--gid"]), true, leave);
            return;
        }
        self.account(name, id, false, leave);
        // A system user goes into `nogroup`.
        let has_other = line.has(&["-G", "--ingroup", "--gid", "-S", "--system"]);
        if makes_group || !has_other {
            self.account(name, id, true, leave);
        }
    }

    fn modify(
        &self,
        tool: &Tool,
        new_name: &[&str],
        new_id: &[&str],
        is_group: bool,
        leave: &mut dyn FnMut(Span, Fact),
    ) {
        let line = Line::read(&self.invocation.arguments, tool);
        let [name] = line.words.as_slice() else {
            return;
        };
        let (named, id) = (line.value(new_name), line.value(new_id));
        if named.is_none() && id.is_none() {
            return;
        }
        let Known::Yes(old) = self.moment.expand_argument(name) else {
            leave(name.span, Fact::AccountsMayGrow);
            return;
        };
        let new = named.map_or(Known::Yes(old.clone()), |new| self.moment.expand_shell(new));
        leave(
            name.span,
            Fact::AccountRemoved {
                name: old,
                is_group,
            },
        );
        self.made(new, name.span, id, is_group, leave);
    }

    fn remove(&self, is_group: bool, leave: &mut dyn FnMut(Span, Fact)) {
        let line = Line::read(&self.invocation.arguments, &ADD);
        // Of two words the first leaves the second.
        let [name] = line.words.as_slice() else {
            return;
        };
        match self.moment.expand_argument(name) {
            Known::Yes(removed) => {
                if !is_group {
                    // The group of the same name goes too, if nobody else is in it: nobody can tell.
                    leave(name.span, Fact::AccountsMayGrow);
                }
                leave(
                    name.span,
                    Fact::AccountRemoved {
                        name: removed,
                        is_group,
                    },
                );
            }
            Known::Unknown => leave(name.span, Fact::AccountsReplaced),
        }
    }

    fn account(
        &self,
        name: &Argument,
        id: Option<&str>,
        is_group: bool,
        leave: &mut dyn FnMut(Span, Fact),
    ) {
        let known = self.moment.expand_argument(name);
        self.made(known, name.span, id, is_group, leave);
    }

    fn made(
        &self,
        name: Known<String>,
        span: Span,
        id: Option<&str>,
        is_group: bool,
        leave: &mut dyn FnMut(Span, Fact),
    ) {
        let Known::Yes(name) = name else {
            leave(span, Fact::AccountsMayGrow);
            return;
        };
        let id = id.and_then(|id| self.moment.expand_shell(id).yes()?.parse().ok());
        leave(
            span,
            Fact::Account(Account {
                name,
                id,
                is_group,
                span: Some(span),
            }),
        );
    }

    /// It runs something that nobody can read here.
    fn is_opaque(&self, step: Step<'_>) -> bool {
        let invocation = self.invocation;
        let program = invocation.program.as_str();
        if program.is_empty() {
            // Assignments alone start nothing.
            return invocation.program_span.start < invocation.program_span.end;
        }
        let written = invocation
            .program_span
            .of(step.stage.model.file.source.text())
            .trim_matches(['"', '\'']);
        if let Some((folder, _)) = around_last_slash(written)
            && !PROGRAM_FOLDERS.contains(&folder)
        {
            return true;
        }
        match program {
            "." | "source" | "eval" | "ansible-playbook" | "puppet" | "chef-client"
            | "salt-call" | "chroot" => true,
            "sh" | "ash" | "bash" | "dash" | "ksh" | "zsh" => {
                // `sh -c` is read; a file or a pipe is not.
                let reads_text = invocation
                    .options()
                    .any(|option| !option.text.starts_with("--") && option.text.contains('c'));
                !reads_text
            }
            _ => [".sh", ".bash", ".py", ".pl", ".run"]
                .iter()
                .any(|suffix| program.ends_with(suffix)),
        }
    }
}
