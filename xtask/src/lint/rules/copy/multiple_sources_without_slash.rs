use crate::edit::Safety;
use crate::finding::Severity;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::{Diagnostics, Known};
use crate::source::Span;

declare! {
    /// ## What it does
    /// Reports a `COPY` or `ADD` of several sources whose destination does not end in `/`.
    ///
    /// `.` and `..` are folders, and not reported. Neither is a destination that ends in a variable nobody knows.
    ///
    /// ## Why it is bad
    /// Without the slash the destination is a file: older builders refuse it, `BuildKit` writes one source over the
    /// other, and only the last is left.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM node:22.11.0
    /// COPY package.json package-lock.json /app
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM node:22.11.0
    /// COPY package.json package-lock.json /app/
    /// ```
    ///
    /// ## Fix safety
    /// Unsafe: the files come to lie in the folder, which is not what the file says today.
    ///
    /// ## References
    /// - <https://docs.docker.com/reference/dockerfile/#copy>
    pub(super) static RULE = Rule {
        code: "DL3021",
        name: "multiple-sources-without-slash",
        aliases: &[],
        severity: Severity::Error,
        enabled: true,
        category: Category::Correctness,
        summary: "several sources are copied to what is no folder",
        fix: Fixability::Sometimes(Safety::Unsafe),
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    let text = subject.model.file.source.text();
    for step in subject.model.steps() {
        let Some(transfer) = step.copy().or_else(|| step.add()) else {
            continue;
        };
        if transfer.sources.len() < 2 || is_folder(&transfer.destination.value) {
            continue;
        }
        let destination = &transfer.destination;
        if destination.value.contains('$') {
            match step.before().expand(&destination.value) {
                Known::Yes(value) if !is_folder(&value) => {}
                _ => continue,
            }
        }
        let found = diagnostics
            .report(
                destination.span,
                format!(
                    "{} sources go to `{}`",
                    transfer.sources.len(),
                    destination.value
                ),
            )
            .help("end the destination with `/`");
        if let Some(end) = end_of(destination.span, text) {
            found.unsafe_fix("add `/`", [(Span::new(end, end), "/".to_owned())]);
        }
    }
}

fn is_folder(path: &str) -> bool {
    let path = unquoted(path).unwrap_or(path);
    path.ends_with(['/', '\\'])
        || path == "."
        || path == ".."
        || path.ends_with("/.")
        || path.ends_with("/..")
}

/// What stands between the quotes that a word begins and ends with.
fn unquoted(word: &str) -> Option<&str> {
    ['"', '\'']
        .into_iter()
        .find_map(|quote| word.strip_prefix(quote)?.strip_suffix(quote))
}

/// Behind a path's last character, before a quote; `None` if quotes stand elsewhere and a slash may be part of them, or
/// where the slash would become the name of a heredoc.
fn end_of(path: Span, text: &str) -> Option<usize> {
    let written = path.of(text);
    let (inner, end) = match unquoted(written) {
        Some(inner) => (inner, path.end - 1),
        None => (written, path.end),
    };
    (!inner.ends_with(['"', '\'']) && !inner.contains("<<")).then_some(end)
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::{fixed, found};

    #[test]
    fn folders_and_single_sources_are_fine() {
        for text in [
            "COPY a /b",
            "COPY a b ./",
            "COPY a b .",
            "COPY a b /x/..",
            "COPY [\"a\", \"b\", \"/c/\"]",
            "COPY a b C:\\\\x\\\\",
            "COPY a b \"/c/\"",
            "COPY a b '/c/'",
        ] {
            assert_eq!(found(&RULE, &format!("FROM a:1\n{text}\n")), "", "{text}");
        }
    }

    #[test]
    fn the_slash_goes_before_a_quote() {
        assert_eq!(
            found(&RULE, "FROM a:1\nCOPY a b* \\\n  /c\n"),
            "3:3 2 sources go to `/c`"
        );
        assert_eq!(
            fixed(
                &RULE,
                "FROM a:1\nADD [\"a\", \"b\", \"/c\"]\nONBUILD COPY a b c\n"
            ),
            "FROM a:1\nADD [\"a\", \"b\", \"/c/\"]\nONBUILD COPY a b c/\n"
        );
        assert_eq!(
            fixed(&RULE, "FROM a:1\nCOPY a b '/c'\n"),
            "FROM a:1\nCOPY a b '/c/'\n"
        );
        let odd = "FROM a:1\nCOPY a b /c'\n";
        assert_ne!(found(&RULE, odd), "");
        assert_eq!(fixed(&RULE, odd), odd);
        // `<</` would begin a heredoc that nobody ends.
        for odd in ["FROM a:1\nCOPY a b <<\n", "FROM a:1\nCOPY a b 3<<-\n"] {
            assert_ne!(found(&RULE, odd), "");
            assert_eq!(fixed(&RULE, odd), odd);
        }
    }
}
