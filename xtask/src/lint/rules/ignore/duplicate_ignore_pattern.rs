use foldhash::HashMap;

use super::files::{ignore_files, runs};
use crate::edit::Safety;
use crate::finding::Severity;
use crate::lint::rule::{Category, Check, Fixability, declare};
use crate::lint::{Diagnostics, Options, Surroundings};
use crate::source::whole_lines;

declare! {
    /// ## What it does
    /// Reports a pattern that stands in an ignore file twice.
    ///
    /// ## Why it is bad
    /// Who changes one of them believes to have changed it.
    ///
    /// `dist`, `dist/`, `./dist` and `/dist` are the same pattern: all of them mean the root's.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM scratch
    /// COPY . /
    /// ```
    /// ```text path=.dockerignore
    /// dist
    /// coverage
    /// /dist/
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM scratch
    /// COPY . /
    /// ```
    /// ```text path=.dockerignore
    /// dist
    /// coverage
    /// ```
    ///
    /// ## Fix safety
    /// Safe: the later line goes, where no pattern of the other kind (`!`) stands between the two. Otherwise the order
    /// counts, and there is no fix.
    pub(super) static RULE = Rule {
        code: "DX3302",
        name: "duplicate-ignore-pattern",
        aliases: &[],
        severity: Severity::Note,
        enabled: true,
        category: Category::Style,
        summary: "a pattern stands in the ignore file twice",
        fix: Fixability::Sometimes(Safety::Safe),
        check: Check::Repository(check),
    };
}

fn check(surroundings: &Surroundings, _: &Options, diagnostics: &mut Diagnostics<'_>) {
    for file in ignore_files(surroundings) {
        let text = file.source.text();
        let patterns = file.patterns.patterns();
        let runs = runs(patterns);
        let mut seen: HashMap<(&str, bool), usize> = HashMap::default();
        for (index, pattern) in patterns.iter().enumerate() {
            let key = (pattern.text(), pattern.is_exception());
            let Some(first) = seen.insert(key, index) else {
                continue;
            };
            let (written, other) = (pattern.span(), patterns[first].span());
            let line = file.source.line_column(other.start).line;
            let same = if written.of(text) == other.of(text) {
                String::new()
            } else {
                format!(" as `{}`", other.of(text))
            };
            let found = diagnostics.report_in(
                &file.source,
                written,
                format!("`{}` stands in line {line} already{same}", written.of(text)),
            );
            if runs[first] == runs[index] {
                found.help("remove one of them").fix(
                    "remove the line",
                    [(whole_lines(text, written), String::new())],
                );
            } else {
                found.help(
                    "patterns of the other kind stand between the two: keep the one that is meant",
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::Repository;

    #[test]
    fn the_same_in_other_words_is_the_same() {
        let repository = Repository::new("FROM scratch\nCOPY . /\n")
            .file(".dockerignore", "a\n!a\n./a/\n!b\n!b\na/b\n");
        assert_eq!(
            repository.found(&RULE),
            ".dockerignore:3:1 `./a/` stands in line 1 already as `a`\n\
             .dockerignore:5:1 `!b` stands in line 4 already"
        );
        let fixes: Vec<bool> = repository
            .findings(&RULE)
            .iter()
            .map(|finding| finding.fix.is_some())
            .collect();
        assert_eq!(fixes, [false, true]);
    }
}
