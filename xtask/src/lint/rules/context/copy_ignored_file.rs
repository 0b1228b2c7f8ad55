use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::build_context::BuildContext;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};

declare! {
    /// ## What it does
    /// Reports a source of `COPY` or `ADD` that the ignore file leaves out of the build context.
    ///
    /// ## Why it is bad
    /// The file lies in the folder and yet the build does not find it, or copies a folder that is empty.
    ///
    /// The finding stands at the copy, and points to the line of the ignore file, too.
    ///
    /// Unlike `BuildKit`, this rule carries out exceptions: with `*` and `!src` a `COPY src` is fine, and so is a folder
    /// of which something comes back.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM scratch
    /// COPY secret.txt /
    /// ```
    /// ```text path=.dockerignore
    /// *.txt
    /// ```
    /// ```text path=secret.txt
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM scratch
    /// COPY secret.txt /
    /// ```
    /// ```text path=.dockerignore
    /// *.txt
    /// !secret.txt
    /// ```
    /// ```text path=secret.txt
    /// ```
    ///
    /// ## References
    /// - <https://docs.docker.com/reference/build-checks/copy-ignored-file/>
    pub(super) static RULE = Rule {
        code: "CopyIgnoredFile",
        name: "copy-ignored-file",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Correctness,
        summary: "the ignore file leaves out what is copied",
        fix: Fixability::None,
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    for (_, sources) in subject.copy_sources() {
        for source in sources {
            if source.path.is_empty() {
                continue;
            }
            let Some(context) = subject.build_context() else {
                return;
            };
            let Some(ignore) = &context.ignore else {
                return;
            };
            let found = context.find(source);
            // What is not there yet may be made before the build: its name is judged.
            let names = if found.is_empty() && !source.is_glob() {
                vec![source.path.clone()]
            } else {
                found
            };
            if names.is_empty() || names.iter().any(|path| enters(context, path)) {
                continue;
            }
            let Some(pattern) = context.decide(&names[0]).pattern else {
                continue;
            };
            let pattern = ignore.patterns.patterns()[pattern].span();
            let line = ignore.source.line_column(pattern.start).line;
            diagnostics
                .report(
                    source.span,
                    format!(
                        "`{}` is left out of the build by `{}` ({}:{line})",
                        source.path,
                        pattern.of(ignore.source.text()),
                        ignore.source.path(),
                    ),
                )
                .related(
                    &ignore.source,
                    pattern,
                    format!("this pattern leaves out `{}`", source.path),
                )
                .help(format!("add `!{}` behind that pattern", source.path));
        }
    }
}

/// Whether a path, or anything below it, enters the build.
fn enters(context: &BuildContext<'_>, path: &str) -> bool {
    if !context.decide(path).ignored {
        return true;
    }
    let mut enters = false;
    context.walk(path, &mut |entry| {
        enters |= !entry.decision.ignored;
        !enters
    });
    enters
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::Repository;

    fn found(ignore: &str, instruction: &str) -> String {
        Repository::new(&format!("FROM scratch\n{instruction}\n"))
            .file(".dockerignore", ignore)
            .file("src/a.js", "")
            .file("src/b/c.js", "")
            .file("x.md", "")
            .found(&RULE)
    }

    #[test]
    fn the_pattern_is_named() {
        assert_eq!(
            found("# c\n*.md\n", "COPY x.md /"),
            "2:6 `x.md` is left out of the build by `*.md` (.dockerignore:2)"
        );
        assert!(found("src\n", "COPY ./src/ /").contains("`src` is left out"));
        assert!(found("src\n", "COPY src/*.js /").contains("`src/*.js`"));
    }

    #[test]
    fn the_line_of_the_ignore_file_is_pointed_to() {
        let findings = Repository::new("FROM scratch\nCOPY x.md /\n")
            .file(".dockerignore", "# c\n*.md\n")
            .file("x.md", "")
            .findings(&RULE);
        let [finding] = findings.as_slice() else {
            panic!("{findings:?}")
        };
        let [related] = finding.details().related.as_slice() else {
            panic!("{finding:?}")
        };
        let at = &related.location;
        assert_eq!(at.source.path(), ".dockerignore");
        assert_eq!(at.source.line_column(at.span.start).line, 2);
        assert_eq!(related.message, "this pattern leaves out `x.md`");
    }

    #[test]
    fn exceptions_are_carried_out() {
        for (ignore, instruction) in [
            ("*\n!src\n", "COPY src /"),
            ("*\n!src\n", "COPY src/a.js /"),
            ("src\n!src/b\n", "COPY src /"),
            ("**/*.md\n", "COPY src x.m[a] /"),
            ("src\n", "COPY --from=x src /"),
            ("src\n", "COPY . /"),
            ("docs\n", "COPY docs* /"),
        ] {
            assert_eq!(found(ignore, instruction), "", "{ignore:?} {instruction}");
        }
    }

    #[test]
    fn the_file_named_for_the_dockerfile_counts() {
        let repository = Repository::new("FROM scratch\nCOPY x.md /\n")
            .file(".dockerignore", "*.md\n")
            .file("Dockerfile.dockerignore", "")
            .file("x.md", "");
        assert_eq!(repository.found(&RULE), "");
    }
}
