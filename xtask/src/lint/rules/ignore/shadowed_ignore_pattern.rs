use super::covering::Covering;
use super::files::{ignore_files, runs};
use crate::edit::Safety;
use crate::finding::Severity;
use crate::lint::rule::{Category, Check, Fixability, declare};
use crate::lint::{Diagnostics, Options, Surroundings};
use crate::source::whole_lines;

declare! {
    /// ## What it does
    /// Reports a pattern of an ignore file that decides nothing, because another one matches everything that it matches.
    ///
    /// ## Why it is bad
    /// The line looks as if it was needed: who removes the other one, or this one, is surprised.
    ///
    /// Two patterns are compared where no pattern of the other kind (`!`) stands between them.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM scratch
    /// COPY . /
    /// ```
    /// ```text path=.dockerignore
    /// **/.env
    /// apps/api/.env
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM scratch
    /// COPY . /
    /// ```
    /// ```text path=.dockerignore
    /// **/.env
    /// ```
    ///
    /// ## Fix safety
    /// Safe: what enters the build stays the same.
    pub(super) static RULE = Rule {
        code: "DX3303",
        name: "shadowed-ignore-pattern",
        aliases: &[],
        severity: Severity::Note,
        enabled: true,
        category: Category::Style,
        summary: "another pattern of the ignore file matches everything that this one does",
        fix: Fixability::Always(Safety::Safe),
        check: Check::Repository(check),
    };
}

fn check(surroundings: &Surroundings, _: &Options, diagnostics: &mut Diagnostics<'_>) {
    for file in ignore_files(surroundings) {
        let text = file.source.text();
        let patterns = file.patterns.patterns();
        let runs = runs(patterns);
        let mut start = 0;
        while start < patterns.len() {
            let end = start + runs[start..].partition_point(|run| *run == runs[start]);
            let mut covering = Covering::default();
            for (place, pattern) in patterns.iter().enumerate().take(end).skip(start) {
                covering.insert(pattern, place);
            }
            for (place, pattern) in patterns.iter().enumerate().take(end).skip(start) {
                let Some(other) = covering.find(pattern, place) else {
                    continue;
                };
                // Said by another rule.
                if patterns[other].text() == pattern.text() {
                    continue;
                }
                let (written, by) = (pattern.span(), patterns[other].span());
                let line = file.source.line_column(by.start).line;
                diagnostics
                    .report_in(
                        &file.source,
                        written,
                        format!(
                            "`{}` decides nothing: `{}` in line {line} matches all of it",
                            written.of(text),
                            by.of(text),
                        ),
                    )
                    .help("remove it")
                    .fix(
                        "remove the line",
                        [(whole_lines(text, written), String::new())],
                    );
            }
            start = end;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::Repository;

    fn found(ignore: &str) -> String {
        Repository::new("FROM scratch\nCOPY . /\n")
            .file(".dockerignore", ignore)
            .found(&RULE)
    }

    #[test]
    fn the_line_that_decides_is_named() {
        assert_eq!(
            found("apps/dist\n# all\n**/dist\n"),
            ".dockerignore:1:1 `apps/dist` decides nothing: `**/dist` in line 3 matches all of it"
        );
        assert!(found("*\nx/y\n!a\n").contains("`x/y` decides nothing: `*` in line 1"));
        assert!(found("*\n!a\n!a/b\n").contains("`!a/b` decides nothing: `!a` in line 2"));
    }

    #[test]
    fn what_an_exception_stands_between_is_left_alone() {
        for ignore in [
            "**/.env\n!apps/.env\napps/api/.env\n",
            "*\n!apps\n**/node_modules\napps/x\n",
            "a\na\n",
            "dist\n**/dist/x\n",
        ] {
            assert_eq!(found(ignore), "", "{ignore:?}");
        }
    }
}
