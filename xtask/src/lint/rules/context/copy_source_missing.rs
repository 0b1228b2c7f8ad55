use crate::dockerignore::Patterns;
use crate::finding::Severity;
use crate::lint::build_context::{BuildContext, CopySource, join};
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::{Diagnostics, Entry};
use crate::project::suggestion::nearest;
use crate::source::Source;

declare! {
    /// ## What it does
    /// Reports a source of `COPY` or `ADD` that is not in the build context.
    ///
    /// ## Why it is bad
    /// The build stops at this line, after it has done everything before it.
    ///
    /// Not reported: patterns (`yarn.lock*`), which may match nothing, unless the folder in front of their first wildcard
    /// is missing; and what a build makes outside of the image, such as `dist/` or what git ignores.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM scratch
    /// COPY apps/api-gatway /app
    /// ```
    /// ```text path=apps/api-gateway/main.js
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM scratch
    /// COPY apps/api-gateway /app
    /// ```
    /// ```text path=apps/api-gateway/main.js
    /// ```
    pub(super) static RULE = Rule {
        code: "DX3003",
        name: "copy-source-missing",
        aliases: &[],
        severity: Severity::Error,
        enabled: true,
        category: Category::Correctness,
        summary: "the source of a copy is not in the build context",
        fix: Fixability::None,
        check: Check::Dockerfile(check),
    };
}

/// Folders that are made by a build outside of the image.
const BUILT: &[&str] = &[
    "dist",
    "build",
    "target",
    "out",
    "output",
    "bin",
    "obj",
    "publish",
    "release",
    "artifacts",
    "node_modules",
    ".next",
    "_build",
    "coverage",
    "vendor",
    "generated",
];

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    if subject.copy_sources().is_empty() {
        return;
    }
    let Some(context) = subject.build_context() else {
        return;
    };
    if !is_certain(context, subject) {
        return;
    }
    let mut git_ignored = None;
    for (_, sources) in subject.copy_sources() {
        for source in sources {
            let Some(missing) = missing_part(context, source) else {
                continue;
            };
            if missing.split('/').any(|part| BUILT.contains(&part)) {
                continue;
            }
            let folder = subject.model.file.source.path().parent();
            let beside = folder.map(|folder| folder.join(&missing));
            if beside.is_some_and(|path| exists(subject, &path)) {
                continue;
            }
            let ignored = git_ignored.get_or_insert_with(|| git_ignored_patterns(context));
            if ignored.decide(camino::Utf8Path::new(&missing)).ignored {
                continue;
            }
            let near = near_name(context, &missing);
            let found = diagnostics.report(
                source.span,
                format!("`{missing}` is not in the build context"),
            );
            match near {
                Some(near) => found.help(format!("did you mean `{near}`?")),
                None => found.help(format!(
                    "paths start at the context, {}, not at the Dockerfile",
                    match context.root.as_str() {
                        "" => "the repository's root",
                        root => root,
                    }
                )),
            };
        }
    }
}

/// Whether the context is surely this folder: someone says so, something that is copied is there, or the Dockerfile lies in it beside
/// other files. A lone Dockerfile may be built from anywhere.
fn is_certain(context: &BuildContext<'_>, subject: &Subject<'_>) -> bool {
    let found = |source: &CopySource| !source.path.is_empty() && !context.find(source).is_empty();
    let dockerfile = subject.model.file.source.path();
    if subject.surroundings.states_context(dockerfile) {
        return true;
    }
    let is_inside = dockerfile.parent() == Some(&context.root);
    let is_other =
        |entry: &Entry| !entry.name.starts_with('.') && !entry.name.contains("ockerfile");
    subject
        .copy_sources()
        .iter()
        .flat_map(|(_, sources)| sources)
        .any(found)
        || (is_inside && context.entries("").iter().any(is_other))
}

fn exists(subject: &Subject<'_>, path: &camino::Utf8Path) -> bool {
    let files = subject.surroundings.files.as_deref();
    files.is_some_and(|files| files.kind(path).is_some())
}

/// The path that does not exist: the source, or of a pattern the folders before its first wildcard.
fn missing_part(context: &BuildContext<'_>, source: &CopySource) -> Option<String> {
    let path = if source.is_glob() {
        let plain = source.path.split('/');
        let plain = plain.take_while(|part| !part.contains(['*', '?', '[', '\\']));
        plain.collect::<Vec<_>>().join("/")
    } else {
        source.path.clone()
    };
    (!path.is_empty() && context.kind(&path).is_none()).then_some(path)
}

/// What git ignores, as far as the root's `.gitignore` says: a name without a slash means every folder there.
fn git_ignored_patterns(context: &BuildContext<'_>) -> Patterns {
    let text = context.read(".gitignore");
    let lines = text.as_ref().map_or("", |source| source.text()).lines();
    let lines = lines.map(|line| {
        let (sign, name) = match line.strip_prefix('!') {
            Some(name) => ("!", name),
            None => ("", line),
        };
        if name.is_empty() || name.starts_with('#') || name.trim_end_matches('/').contains('/') {
            line.to_owned()
        } else {
            format!("{sign}**/{name}")
        }
    });
    let text = lines.collect::<Vec<_>>().join("\n");
    Patterns::parse(&Source::new(".gitignore", text)).0
}

/// The path with its first missing part replaced by a name that is there and nearly the same.
fn near_name(context: &BuildContext<'_>, path: &str) -> Option<String> {
    let mut folder = String::new();
    let mut parts = path.split('/');
    while let Some(part) = parts.next() {
        let next = join(&folder, part);
        if context.kind(&next).is_some() {
            folder = next;
            continue;
        }
        let entries = context.entries(&folder);
        let near = nearest(part, entries.iter().map(|entry| entry.name.as_str()))?;
        let candidate = parts.fold(join(&folder, near), |path, part| join(&path, part));
        return context.kind(&candidate).is_some().then_some(candidate);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::Repository;

    fn found(instructions: &str) -> String {
        Repository::new(&format!("FROM scratch\n{instructions}\n"))
            .file("src/main.js", "")
            .file("package.json", "{}")
            .file(".gitignore", "*.jar\n/made\n")
            .found(&RULE)
    }

    #[test]
    fn what_is_not_there_is_reported() {
        assert_eq!(
            found("COPY package.json yarn.lock ./"),
            "2:19 `yarn.lock` is not in the build context"
        );
        assert_eq!(
            found("COPY lib/*.js /"),
            "2:6 `lib` is not in the build context"
        );
        assert_eq!(
            found("ADD ./nowhere/ /"),
            "2:5 `nowhere` is not in the build context"
        );
    }

    #[test]
    fn what_is_there_or_made_elsewhere_is_not() {
        for instruction in [
            "COPY . /",
            "COPY ./src/ /src/",
            "COPY /src/main.js /",
            "COPY ../src /",
            "COPY package.json yarn.lock* /",
            "COPY --from=x nowhere /",
            "COPY dist/app /",
            "COPY app.jar made /",
            "ADD https://example.com/nowhere /",
            "ADD git@github.com:a/b.git /",
            "COPY <<EOF /x\ntext\nEOF",
            "COPY $UNKNOWN/x /",
            "ARG APP\nCOPY apps/$APP /",
            "ONBUILD COPY nowhere /",
        ] {
            assert_eq!(found(instruction), "", "{instruction}");
        }
    }

    #[test]
    fn a_default_is_put_in() {
        assert_eq!(
            found("ARG APP=shop\nCOPY apps/${APP} /"),
            "3:6 `apps/shop` is not in the build context"
        );
    }

    #[test]
    fn a_lone_dockerfile_may_be_built_from_anywhere() {
        let text = "FROM scratch\nCOPY src /\n";
        assert_eq!(crate::lint::rules::tests::found(&RULE, text), "");
    }

    #[test]
    fn a_slip_is_recognized() {
        let repository =
            Repository::new("FROM scratch\nCOPY sr/main.js /\n").file("src/main.js", "");
        let finding = &repository.findings(&RULE)[0];
        assert_eq!(finding.help[..], ["did you mean `src/main.js`?"]);
    }
}
