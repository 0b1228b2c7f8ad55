use crate::dockerfile::{CommandLine, FileTransfer, InstructionKind};
use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::{EntryKind, Known, Moment, Parent, StageModel, Step};
use crate::source::Spanned;
use camino::Utf8PathBuf;

declare! {
    /// ## What it does
    /// Reports a `CMD` or `ENTRYPOINT` that gives `node` or `python` a script which no copy can have brought: the copies that could have
    /// come from the build context, where the file does not exist. It is also reported if another Dockerfile of the repository that
    /// starts from this one takes the script of that name out of a folder further below.
    ///
    /// Where a `RUN` or another stage may have written the file, nothing is known and nothing is reported.
    ///
    /// ## Why it is bad
    /// The build succeeds; the container ends at once with "Cannot find module".
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM node:20-alpine
    /// WORKDIR /app
    /// COPY src ./src
    /// CMD ["node", "src/main.js"]
    /// ```
    ///
    /// ```text path=src/server.js
    /// listen()
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM node:20-alpine
    /// WORKDIR /app
    /// COPY src ./src
    /// CMD ["node", "src/server.js"]
    /// ```
    ///
    /// ```text path=src/server.js
    /// listen()
    /// ```
    pub(super) static RULE = Rule {
        code: "DX1207",
        name: "command-not-produced",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Correctness,
        summary: "the script that the container starts is not in the image",
        fix: Fixability::None,
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    for stage in subject.model.stages() {
        let last = stage.steps().rfind(|step| {
            !step.is_onbuild()
                && matches!(
                    step.kind(),
                    InstructionKind::Cmd(_) | InstructionKind::Entrypoint(_)
                )
        });
        let Some((step, script)) = last.and_then(|step| Some((step, script(step.kind())?))) else {
            continue;
        };
        let Known::Yes(path) = step.after().resolve(&script.value) else {
            continue;
        };
        if let Some(found) = elsewhere(subject, stage, &path) {
            diagnostics
                .report(
                    script.span,
                    format!("`{}` is not where it is built: {} takes it from `{}`", script.value, found.dockerfile, found.folder),
                )
                .help("name the script that the build writes, or leave the command to the images that start from this one");
        } else if surely_missing(subject, stage.end(), &path) {
            diagnostics
                .report(
                    script.span,
                    format!("nothing brings `{path}` into the image"),
                )
                .help("copy it, or correct the path");
        }
    }
}

/// The first operand of an interpreter in exec form.
fn script(kind: &InstructionKind) -> Option<&Spanned<String>> {
    let (InstructionKind::Cmd(CommandLine::Exec(words))
    | InstructionKind::Entrypoint(CommandLine::Exec(words))) = kind
    else {
        return None;
    };
    let at = words
        .iter()
        .position(|word| matches!(word.value.as_str(), "node" | "python" | "python3"))?;
    let script = words.get(at + 1)?;
    let is_script = [".js", ".mjs", ".cjs", ".py"]
        .iter()
        .any(|ending| script.value.ends_with(ending));
    (is_script && !script.value.contains('$')).then_some(script)
}

/// Where another Dockerfile finds the script.
struct Evidence<'a> {
    dockerfile: &'a str,
    folder: &'a str,
}

/// A stage of another file that descends from this stage copies a folder below the script's and starts the script there.
fn elsewhere<'a>(
    subject: &'a Subject<'_>,
    stage: StageModel<'_>,
    path: &str,
) -> Option<Evidence<'a>> {
    let (folder, name) = path.rsplit_once('/')?;
    let this = subject.model.file.source.path();
    subject.surroundings.dockerfiles.values().find_map(|other| {
        let descends = other.parents.iter().any(|parent| {
            matches!(parent, Parent::Own { model, stage: index } if model.file.source.path() == this && *index == stage.index)
        });
        let last = other.final_stage().filter(|_| descends)?;
        let starts_it = last.steps().any(|step| script(step.kind()).is_some_and(|script| script.value.rsplit('/').next() == Some(name)));
        if !starts_it {
            return None;
        }
        let copies = last.steps().filter_map(Step::copy).filter(|copy| copy.flag("from").is_some());
        let source = copies.flat_map(|copy| &copy.sources).find(|source| {
            source.value.strip_prefix(folder).is_some_and(|rest| rest.len() > 1 && rest.starts_with('/'))
        })?;
        Some(Evidence {
            dockerfile: other.file.source.path().as_str(),
            folder: &source.value,
        })
    })
}

/// Everything that can have written below the path's folders is known, and did not.
fn surely_missing(subject: &Subject<'_>, end: Moment<'_>, path: &str) -> bool {
    let mut stage = end.stage;
    let mut is_covered = false;
    loop {
        for step in stage.steps() {
            match step.kind() {
                InstructionKind::Run(_)
                | InstructionKind::Volume(_)
                | InstructionKind::Add(_)
                | InstructionKind::Onbuild(_) => return false,
                InstructionKind::Copy(copy) => match may_bring(subject, step, copy, path) {
                    Some(false) => is_covered = true,
                    Some(true) | None => return false,
                },
                _ => {}
            }
        }
        match stage.parent() {
            Parent::Stage(parent) if *parent < stage.index => {
                match subject.model.stages().nth(*parent) {
                    Some(next) => stage = next,
                    None => return false,
                }
            }
            Parent::Scratch => return is_covered,
            Parent::Image(image) => return is_covered && image.known,
            _ => return false,
        }
    }
}

/// Whether a copy brings the file. `None`: that is not known.
fn may_bring(
    subject: &Subject<'_>,
    step: Step<'_>,
    copy: &FileTransfer,
    path: &str,
) -> Option<bool> {
    let Known::Yes(target) = step.before().resolve(&copy.destination.value) else {
        return None;
    };
    let Some(inside) = path.strip_prefix(target.trim_end_matches('/')) else {
        return Some(false);
    };
    let files = subject.surroundings.files.as_ref()?;
    let is_odd = copy.flag("from").is_some()
        || copy.flags.iter().any(|flag| flag.name.value == "parents")
        || !copy.heredocs.is_empty();
    if is_odd {
        return None;
    }
    let context = subject
        .surroundings
        .context(subject.model.file.source.path());
    for source in &copy.sources {
        let name = source.value.trim_start_matches("./").trim_matches('/');
        if name.contains(['*', '?', '[', '$', '\\']) || name.starts_with("..") {
            return None;
        }
        let source = if name.is_empty() || name == "." {
            context.to_owned()
        } else {
            context.join(name)
        };
        let brought: Utf8PathBuf = match files.kind(&source)? {
            EntryKind::Folder => source.join(inside.trim_start_matches('/')),
            EntryKind::File => {
                let is_it =
                    inside.is_empty() || inside.trim_start_matches('/') == source.file_name()?;
                if is_it {
                    return Some(true);
                }
                continue;
            }
            _ => return None,
        };
        if files.kind(&brought).is_some() {
            return Some(true);
        }
    }
    Some(false)
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::Repository;

    #[test]
    fn files_that_no_copy_brings() {
        let found = |lines: &str| {
            Repository::new(&format!("FROM node:20-alpine\nWORKDIR /app\n{lines}\n"))
                .file("src/server.js", "")
                .file("index.js", "")
                .found(&RULE)
        };
        assert_eq!(
            found("COPY src ./\nCMD [\"node\", \"src/server.js\"]"),
            "4:14 nothing brings `/app/src/server.js` into the image"
        );
        for lines in [
            "COPY src ./src\nCMD [\"node\", \"src/server.js\"]",
            "COPY . .\nENTRYPOINT [\"node\", \"index.js\"]",
            "COPY index.js ./\nCMD [\"node\", \"index.js\"]",
            "COPY index.js main.js\nCMD [\"node\", \"main.js\"]",
            "COPY src ./\nRUN npm run build\nCMD [\"node\", \"dist/main.js\"]",
            "COPY --from=build /dist ./dist\nCMD [\"node\", \"dist/main.js\"]",
            "COPY s*c ./\nCMD [\"node\", \"a.js\"]",
            "CMD [\"node\", \"a.js\"]",
            "COPY src ./src\nCMD [\"node\", \"--version\"]",
        ] {
            assert_eq!(found(lines), "", "{lines}");
        }
    }
}
