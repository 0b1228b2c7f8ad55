//! Which paths of the image a step writes and removes, as far as its text says.

mod commands;

use crate::dockerfile::{FileTransfer, InstructionKind};
use crate::lint::model::{Known, Moment, Step, paths};
use crate::source::Span;
use crate::text_search::last_part;

/// What a step does to the files of its image.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Effects {
    /// Paths it writes.
    pub created: Vec<Created>,
    /// Paths it removes, with all below them; those that it writes again are in [`Effects::created`], too.
    pub removed: Vec<Removed>,
    /// It may write and remove anything else.
    pub unknown: bool,
}

/// A path that is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Created {
    /// Absolute, clean.
    pub path: String,
    /// It is there afterwards; otherwise it may be.
    pub certain: bool,
    /// There may be anything below it.
    pub is_tree: bool,
    /// The word that says so.
    pub span: Span,
}

/// A path that is removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Removed {
    /// Absolute, clean.
    pub path: String,
    /// The word that says so.
    pub span: Span,
}

/// Folders that every image with a distribution has.
const SYSTEM_FOLDERS: [&str; 14] = [
    "/",
    "/bin",
    "/dev",
    "/etc",
    "/home",
    "/lib",
    "/proc",
    "/root",
    "/sbin",
    "/sys",
    "/tmp",
    "/usr",
    "/usr/local",
    "/var",
];

impl<'m> Step<'m> {
    /// What it does to the files of its image.
    #[must_use]
    pub fn effects(self) -> &'m Effects {
        let effects = self.stage.facts().effects.get_or_init(|| {
            self.stage
                .steps()
                .map(|step| {
                    if step.is_onbuild() {
                        Effects::default()
                    } else {
                        effects(step)
                    }
                })
                .collect()
        });
        &effects[self.index]
    }
}

impl<'m> Moment<'m> {
    /// Whether something stands at an absolute path. Unknown if it may come with the base image, with what is copied,
    /// or from a command whose doings are not known.
    #[must_use]
    pub fn may_exist(self, path: &str) -> Known<bool> {
        let path = paths::clean(path);
        let mut may_be_there = false;
        for at in self.lineage() {
            let steps: Vec<Step<'m>> = at.stage.steps().take(at.step).collect();
            for step in steps.into_iter().rev() {
                match step.effects().tells(&path) {
                    Told::Nothing => {}
                    Told::MayBe => may_be_there = true,
                    Told::Is => return Known::Yes(true),
                    Told::IsNot if may_be_there => return Known::Unknown,
                    Told::IsNot => return Known::Yes(false),
                }
            }
            // What its parent triggers is not followed.
            may_be_there |= at
                .stage
                .base()
                .is_some_and(|base| base.steps().any(Step::is_onbuild));
        }
        match self.base_image() {
            None if path == "/" => Known::Yes(true),
            None if may_be_there => Known::Unknown,
            None => Known::Yes(false),
            Some(image) if image.known && SYSTEM_FOLDERS.contains(&path.as_str()) => {
                Known::Yes(true)
            }
            Some(_) => Known::Unknown,
        }
    }
}

/// What a step says about one path.
enum Told {
    Nothing,
    MayBe,
    Is,
    IsNot,
}

impl Effects {
    fn tells(&self, path: &str) -> Told {
        let mut may_be = self.unknown;
        for created in &self.created {
            if paths::is_within(&created.path, path) {
                if created.certain {
                    return Told::Is;
                }
                may_be = true;
            } else if created.is_tree && paths::is_within(path, &created.path) {
                may_be = true;
            }
        }
        let is_removed = self
            .removed
            .iter()
            .any(|removed| paths::is_within(path, &removed.path));
        match (is_removed, may_be) {
            (true, false) => Told::IsNot,
            (_, true) => Told::MayBe,
            (false, false) => Told::Nothing,
        }
    }

    pub(super) fn create(&mut self, path: Known<String>, certain: bool, is_tree: bool, span: Span) {
        match path {
            Known::Yes(path) => self.created.push(Created {
                path,
                certain,
                is_tree,
                span,
            }),
            Known::Unknown => self.unknown = true,
        }
    }
}

fn effects(step: Step<'_>) -> Effects {
    let mut effects = Effects::default();
    match step.kind() {
        InstructionKind::Copy(transfer) | InstructionKind::Add(transfer) => {
            transferred(step, transfer, &mut effects);
        }
        InstructionKind::Workdir(path) => {
            let folder = step.after().workdir().map(|found| found.value.to_owned());
            effects.create(folder, true, false, path.span);
        }
        InstructionKind::Run(run) => {
            // A script in another language, or text that could not be read.
            effects.unknown |= run
                .heredocs
                .iter()
                .any(|heredoc| heredoc.content.value.starts_with("#!"))
                || step
                    .scripts()
                    .iter()
                    .any(|script| !script.errors.is_empty());
            commands::run(step, &mut effects);
        }
        _ => {}
    }
    effects
}

fn transferred(step: Step<'_>, transfer: &FileTransfer, effects: &mut Effects) {
    let written = &transfer.destination;
    let Known::Yes(destination) = step.before().resolve(&written.value) else {
        effects.unknown = true;
        return;
    };
    let text = written.value.trim_matches(['"', '\'']);
    let is_folder = text.ends_with(['/', '.']) || transfer.sources.len() > 1;
    if is_folder {
        effects.create(Known::Yes(destination.clone()), true, false, written.span);
    }
    for source in &transfer.sources {
        let text = source.value.trim_end_matches('/');
        let name = last_part(text);
        let is_plain = !text.contains(['*', '?', '[', '$', '"', '\'', '<']);
        let looks_like_file =
            name.trim_start_matches('.').contains('.') && !source.value.ends_with('/');
        let is_archive = [".tar", ".tar.gz", ".tgz", ".tar.xz", ".tar.bz2", ".tar.zst"]
            .iter()
            .any(|suffix| name.ends_with(suffix));
        if is_plain && looks_like_file && !is_archive && is_folder {
            // A folder can have a dot in its name: what is copied from it stands below.
            let path = paths::clean(&format!("{destination}/{name}"));
            effects.create(Known::Yes(path), false, true, source.span);
        } else {
            effects.create(Known::Yes(destination.clone()), true, true, source.span);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use crate::dockerfile::parse;
    use crate::lint::{Known, Model};
    use crate::source::Source;

    /// What the last step does: `+` for what is surely there, `?` for what may be, `-` for what is gone, `…` for
    /// trees, `*` for anything.
    fn effects(lines: &str) -> String {
        let file = parse(&Source::new(
            "Dockerfile",
            format!("FROM scratch\nARG V=v\nWORKDIR /w\n{lines}\n"),
        ));
        assert_eq!(file.errors, []);
        let model = Model::new(file, BTreeMap::new(), &|_| None);
        let effects = model.steps().last().unwrap().effects();
        let mut shown: Vec<String> = effects
            .created
            .iter()
            .map(|created| {
                let mark = if created.certain { '+' } else { '?' };
                let tree = if created.is_tree { "…" } else { "" };
                format!("{mark}{}{tree}", created.path)
            })
            .collect();
        shown.extend(
            effects
                .removed
                .iter()
                .map(|removed| format!("-{}", removed.path)),
        );
        if effects.unknown {
            shown.push("*".to_owned());
        }
        shown.join(" ")
    }

    #[test]
    fn what_commands_write_and_remove() {
        for (lines, expected) in [
            ("COPY package.json ./", "+/w ?/w/package.json…"),
            ("COPY src dist/", "+/w/dist +/w/dist…"),
            ("COPY a.txt /b", "+/b…"),
            ("WORKDIR x", "+/w/x"),
            ("RUN mkdir -p a/b /c/$V && touch d", "+/w/a/b +/c/v +/w/d"),
            ("RUN mkdir a && rm -r a", "-/w/a"),
            ("RUN cd /x && mkdir y", "+/x/y"),
            ("RUN test -d x || mkdir x", "?/w/x"),
            ("RUN mv a b", "+/w/b… -/w/a"),
            ("RUN cp a /usr/bin/", "+/usr/bin…"),
            ("RUN tar -xzf x.tgz -C /opt", "?/opt…"),
            ("RUN curl -fsSLo /tmp/x https://x", "+/tmp/x"),
            ("RUN curl https://x | tar xz", "?/w…"),
            ("RUN wget -qO- https://x", ""),
            ("RUN git clone https://h/o/name.git", "+/w/name…"),
            ("RUN echo a > /etc/x; echo b >>y", "?/etc/x ?/w/y"),
            ("RUN echo a 2>&1 >/dev/null", ""),
            ("RUN chmod +x a && ls", ""),
            ("RUN make", "*"),
            ("RUN rm -rf $UNKNOWN", "*"),
            (
                "RUN npm ci",
                "?/w/node_modules… ?/w/package.json ?/w/package-lock.json ?/w/yarn.lock",
            ),
        ] {
            assert_eq!(effects(lines), expected, "{lines}");
        }
    }

    #[test]
    fn a_path_may_exist() {
        let text = "FROM scratch AS base\nWORKDIR /app\nRUN mkdir -p /data/x\nCOPY dist /app/dist\nRUN rm -rf /data\nFROM base\n";
        let model = Model::new(
            parse(&Source::new("Dockerfile", text)),
            BTreeMap::new(),
            &|_| None,
        );
        let moment = model.final_stage().unwrap().end();
        for (path, expected) in [
            ("/app", Known::Yes(true)),
            ("/app/dist", Known::Yes(true)),
            ("/app/dist/main.js", Known::Unknown),
            ("/app/other", Known::Yes(false)),
            ("/data/x", Known::Yes(false)),
            ("/none", Known::Yes(false)),
            ("/", Known::Yes(true)),
        ] {
            assert_eq!(moment.may_exist(path), expected, "{path}");
        }
        let before = model
            .stages()
            .next()
            .unwrap()
            .steps()
            .last()
            .unwrap()
            .before();
        assert_eq!(before.may_exist("/data/x/../x"), Known::Yes(true));
        let outside = "FROM node:20-alpine\nRUN mkdir /a\n";
        let model = Model::new(
            parse(&Source::new("Dockerfile", outside)),
            BTreeMap::new(),
            &|_| None,
        );
        let moment = model.final_stage().unwrap().end();
        assert_eq!(moment.may_exist("/etc"), Known::Yes(true));
        assert_eq!(moment.may_exist("/a"), Known::Yes(true));
        assert_eq!(moment.may_exist("/b"), Known::Unknown);
    }
}
