use std::collections::{BTreeMap, BTreeSet};

use camino::Utf8PathBuf;

use crate::dockerignore::Pattern;
use crate::edit::Safety;
use crate::finding::Severity;
use crate::lint::build_context::{BuildContext, copy_sources};
use crate::lint::rule::{Category, Check, Fixability, declare};
use crate::lint::{Diagnostics, Options, Surroundings};
use crate::source::Span;

declare! {
    /// ## What it does
    /// Reports a pattern of an ignore file that matches in the context's root only, while files of that name lie
    /// deeper in a folder that a Dockerfile copies.
    ///
    /// ## Why it is bad
    /// In a `.gitignore` `node_modules` means any folder of that name. In a `.dockerignore` it means the one in the
    /// root: those of `apps/web/` enter the build, and with them whatever `.env*` or `*.log` was meant to keep out.
    ///
    /// A pattern that starts with `/` or holds a `/` says that it means one place, and is not reported; nor is a plain
    /// word such as `docs` or `lib`, which may well mean the root.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM scratch
    /// COPY apps /apps
    /// ```
    /// ```text path=.dockerignore
    /// node_modules
    /// ```
    /// ```text path=apps/web/node_modules/left-pad/index.js
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM scratch
    /// COPY apps /apps
    /// ```
    /// ```text path=.dockerignore
    /// **/node_modules
    /// ```
    /// ```text path=apps/web/node_modules/left-pad/index.js
    /// ```
    ///
    /// ## Fix safety
    /// Unsafe: more files are left out than before, and a build could need one of them. The fix is in the ignore file.
    ///
    /// ## References
    /// - <https://docs.docker.com/build/concepts/context/#dockerignore-files>
    pub(super) static RULE = Rule {
        code: "DX3001",
        name: "root-only-ignore-pattern",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Correctness,
        summary: "an ignore pattern matches in the root only and its like enters the build from below",
        fix: Fixability::Always(Safety::Unsafe),
        check: Check::Repository(check),
    };
}

/// Folders that tools make; other plain words may mean the root's on purpose.
const GENERATED: &[&str] = &[
    "node_modules",
    "bower_components",
    "coverage",
    "dist",
    "logs",
    "tmp",
    "temp",
    "target",
    "__pycache__",
    "venv",
];

struct IgnoreFile<'s> {
    context: BuildContext<'s>,
    /// What the Dockerfiles that it counts for copy.
    copied: BTreeSet<String>,
}

fn check(surroundings: &Surroundings, _: &Options, diagnostics: &mut Diagnostics<'_>) {
    let mut ignore_files: BTreeMap<Utf8PathBuf, IgnoreFile<'_>> = BTreeMap::new();
    for model in surroundings.dockerfiles.values() {
        let Some(context) = BuildContext::of(model, surroundings) else {
            return;
        };
        let Some(ignore) = &context.ignore else {
            continue;
        };
        let path = ignore.source.path().to_owned();
        let file = ignore_files.entry(path).or_insert_with(|| IgnoreFile {
            context,
            copied: BTreeSet::new(),
        });
        for source in model.steps().flat_map(copy_sources) {
            file.copied.extend(file.context.find(&source));
        }
    }
    for file in ignore_files.values() {
        report(file, diagnostics);
    }
}

fn report(file: &IgnoreFile<'_>, diagnostics: &mut Diagnostics<'_>) {
    let Some(ignore) = &file.context.ignore else {
        return;
    };
    let text = ignore.source.text();
    let suspects: Vec<&Pattern> = ignore
        .patterns
        .patterns()
        .iter()
        .filter(|pattern| is_suspect(pattern, text))
        .collect();
    if suspects.is_empty() {
        return;
    }
    let exceptions: Vec<&Pattern> = ignore
        .patterns
        .patterns()
        .iter()
        .filter(|pattern| pattern.is_exception() && !pattern.text().contains('/'))
        .collect();
    // By suspect: the first path that gets through, and how many do.
    let mut through: Vec<(String, usize)> = vec![(String::new(), 0); suspects.len()];
    let mut seen = BTreeSet::new();
    let above = |path: &str| {
        let mut parents = camino::Utf8Path::new(path).ancestors().skip(1);
        parents.any(|parent| file.copied.contains(parent.as_str()))
    };
    for start in file.copied.iter().filter(|start| !above(start)) {
        file.context.walk(start, &mut |entry| {
            if entry.decision.ignored
                || entry.name() == ".git"
                || !seen.insert(entry.path.to_owned())
            {
                return entry.name() != ".git";
            }
            let name = entry.name();
            if !entry.path.contains('/') || exceptions.iter().any(|pattern| pattern.matches(name)) {
                return true;
            }
            let mut is_through = false;
            for (pattern, (first, count)) in suspects.iter().zip(&mut through) {
                if pattern.matches(name) {
                    is_through = true;
                    *count += 1;
                    if first.is_empty() {
                        entry.path.clone_into(first);
                    }
                }
            }
            !is_through
        });
    }
    for (pattern, (first, count)) in suspects.iter().zip(through) {
        if count == 0 {
            continue;
        }
        let more = match count {
            1 => String::new(),
            2 => " and one more like it".to_owned(),
            _ => format!(" and {} more like it", count - 1),
        };
        let written = pattern.span().of(text);
        let at = pattern.span().start;
        diagnostics
            .report_in(
                &ignore.source,
                pattern.span(),
                format!("`{written}` matches in the context's root only; `{first}`{more} enters the build"),
            )
            .help("start it with `**/` to match in every folder")
            .unsafe_fix(
                format!("write `**/{written}`"),
                [(Span::new(at, at), "**/".to_owned())],
            );
    }
}

fn is_suspect(pattern: &Pattern, text: &str) -> bool {
    if pattern.is_exception() || !pattern.is_anchored() || pattern.text().contains('/') {
        return false;
    }
    let written = pattern.span().of(text);
    let says_root = written.starts_with(['/', '.']) && written.get(..2).is_some_and(|s| s == "./")
        || written.starts_with('/');
    // `*` alone and its like leave out everything below as well.
    let has_name = pattern.text().contains(|c: char| c.is_alphanumeric());
    let is_specific = !pattern.is_literal()
        || pattern.text().contains('.')
        || GENERATED.contains(&pattern.text());
    !says_root && has_name && is_specific
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::Repository;

    fn found(ignore: &str, files: &[&str]) -> String {
        let repository =
            Repository::new("FROM scratch\nCOPY apps /apps\n").file(".dockerignore", ignore);
        files
            .iter()
            .fold(repository, |repository, file| repository.file(file, ""))
            .found(&RULE)
    }

    #[test]
    fn what_gets_through_is_named_and_counted() {
        let files = [
            "apps/a/.env",
            "apps/b/.env.local",
            "apps/b/x.log",
            "libs/.env",
        ];
        assert_eq!(
            found(".env*\n*.log\n", &files),
            ".dockerignore:1:1 `.env*` matches in the context's root only; `apps/a/.env` and one more like it enters the build\n\
             .dockerignore:2:1 `*.log` matches in the context's root only; `apps/b/x.log` enters the build"
        );
        assert!(found("  logs/\n", &["apps/logs/x"]).starts_with(".dockerignore:1:3 `logs/`"));
    }

    #[test]
    fn what_is_meant_or_harmless_is_not_reported() {
        for (ignore, file) in [
            ("**/.env\n", "apps/.env"),
            ("/.env\n", "apps/.env"),
            ("./.env\n", "apps/.env"),
            ("apps/.env\n", "apps/b/.env"),
            ("lib\n", "apps/lib/x"),
            (".env\n**/.env\n", "apps/.env"),
            (".env*\n!.env.example\n", "apps/.env.example"),
            (".env\n", "libs/.env"),
            ("*\n!apps\n", "apps/x"),
            ("!.env\n", "apps/.env"),
            (
                "node_modules\napps/*/node_modules\n",
                "apps/a/node_modules/x",
            ),
        ] {
            assert_eq!(found(ignore, &[file]), "", "{ignore:?} {file}");
        }
    }

    #[test]
    fn the_fix_is_in_the_ignore_file() {
        let repository = Repository::new("FROM scratch\nCOPY . /\n")
            .file(".dockerignore", "a/b\n  *.log\n")
            .file("x/y.log", "");
        let findings = repository.findings(&RULE);
        let fix = findings[0].fix.as_ref().unwrap();
        assert_eq!(fix.edits[0].source.path(), ".dockerignore");
        assert_eq!(
            (fix.edits[0].span.start, fix.edits[0].replacement.as_str()),
            (6, "**/")
        );
    }
}
