use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::secret::shapes::keys;
use crate::source::Span;

declare! {
    /// ## What it does
    /// Reports texts in instructions that are keys by their shape: access keys of AWS and Google, tokens of GitHub, GitLab, npm, Slack and
    /// others, private keys, JSON web tokens, and passwords in URLs.
    ///
    /// ## Why it is bad
    /// It is in the repository and in the history of every image that is built. Take the key as leaked and revoke it; taking it out of
    /// the file does not take it out of either.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM alpine:3.20
    /// RUN git clone https://ci:k3yboard-c4t@git.example.com/app.git
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM alpine:3.20
    /// RUN --mount=type=secret,id=netrc,target=/root/.netrc git clone https://git.example.com/app.git
    /// ```
    pub(super) static RULE = Rule {
        code: "DX1302",
        name: "secret-literal",
        aliases: &["CIS-DI-0010"],
        severity: Severity::Error,
        enabled: true,
        category: Category::Security,
        summary: "a key or password is written into the Dockerfile",
        fix: Fixability::None,
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    let file = &subject.model.file;
    let text = file.source.text();
    // What looks like a key in a part of the text looks like one in the whole, and hardly any file has one.
    if keys(text).is_empty() {
        return;
    }
    let globals = file
        .global_args
        .iter()
        .filter_map(|argument| argument.default.as_ref())
        .map(|default| default.span);
    let written = subject.model.steps().map(|step| step.written().span);
    for span in globals.chain(written) {
        for (range, what) in keys(span.of(text)) {
            let place = Span::new(span.start + range.start, span.start + range.end);
            diagnostics
                .report(place, format!("{what} is written into the file"))
                .help("revoke it, and mount its successor with `RUN --mount=type=secret`");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::found;

    #[test]
    fn the_key_alone_is_marked() {
        assert_eq!(
            found(
                &RULE,
                "ARG U=https://a:b1c2@x.y/\nFROM a\nENV A=1 K=AKIAIOSFODNN7EXAMPLE\n# AKIAIOSFODNN7EXAMPLE\n"
            ),
            "1:17 a password in a URL is written into the file\n3:11 an access key of AWS is written into the file"
        );
        assert_eq!(
            found(
                &RULE,
                "FROM a\nRUN curl https://$USER:$TOKEN@example.com/ && echo a@b:c\n"
            ),
            ""
        );
    }
}
