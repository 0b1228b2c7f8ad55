use super::files::ignore_files;
use crate::finding::Severity;
use crate::lint::rule::{Category, Check, Fixability, declare};
use crate::lint::{Diagnostics, Options, Surroundings};

declare! {
    /// ## What it does
    /// Reports a line of an ignore file that the builder cannot read: a lone `!`, a `[` without its `]`, a `\` at the end,
    /// a line of more than 64 KiB.
    ///
    /// ## Why it is bad
    /// The builder refuses the whole build, not just the line.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM scratch
    /// COPY . /
    /// ```
    /// ```text path=.dockerignore
    /// [Dd]ist
    /// [bin
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM scratch
    /// COPY . /
    /// ```
    /// ```text path=.dockerignore
    /// [Dd]ist
    /// \[bin
    /// ```
    pub(super) static RULE = Rule {
        code: "DX3301",
        name: "ignore-syntax-error",
        aliases: &[],
        severity: Severity::Error,
        enabled: true,
        category: Category::Correctness,
        summary: "the builder cannot read a line of the ignore file",
        fix: Fixability::None,
        check: Check::Repository(check),
    };
}

fn check(surroundings: &Surroundings, _: &Options, diagnostics: &mut Diagnostics<'_>) {
    for file in ignore_files(surroundings) {
        for error in &file.errors {
            let written = error.span.of(file.source.text());
            let help = if written.ends_with('\\') {
                "blanks at the end of a line are no part of a pattern, whatever stands before them"
            } else if written.contains('[') {
                "write `\\[` for a bracket that is part of the name"
            } else {
                "mend the line or remove it"
            };
            diagnostics
                .report_in(&file.source, error.span, error.message.as_str())
                .help(help);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::Repository;

    #[test]
    fn every_line_that_stops_the_build_is_reported() {
        let found = Repository::new("FROM scratch\nCOPY . /\n")
            .file(".dockerignore", "# c\n!\na[b\nx\\ \nfine\n")
            .found(&RULE);
        let places: Vec<&str> = found
            .lines()
            .filter_map(|line| line.split(' ').next())
            .collect();
        assert_eq!(
            places,
            [
                ".dockerignore:2:1",
                ".dockerignore:3:1",
                ".dockerignore:4:1"
            ]
        );
    }
}
