use crate::dockerfile::expand;
use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::variable_use::each_expanded_text;
use crate::source::Spanned;

declare! {
    /// ## What it does
    /// Reports a text whose quotes or `${…}` are not closed, or that asks for an expansion that does not exist, wherever
    /// the builder replaces variables.
    ///
    /// ## Why it is bad
    /// The file can be parsed, and the build starts. It stops when it comes to that line.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM alpine:3.20
    /// WORKDIR /app/${NAME
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM alpine:3.20
    /// WORKDIR /app/${NAME}
    /// ```
    ///
    /// ## References
    /// - <https://docs.docker.com/reference/dockerfile/#environment-replacement>
    pub(super) static RULE = Rule {
        code: "DX1804",
        name: "broken-expansion",
        aliases: &[],
        severity: Severity::Error,
        enabled: true,
        category: Category::Correctness,
        summary: "quotes or `${…}` in an argument cannot be understood",
        fix: Fixability::None,
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    let file = &subject.model.file;
    let mut judge = |text: &Spanned<String>| {
        if memchr::memchr3(b'$', b'"', b'\'', text.value.as_bytes()).is_none() {
            return;
        }
        // Whatever the variables are: every one of them is set.
        if let Err(problem) = expand(&text.value, file.escape, &|_| Some("x".to_owned())) {
            diagnostics
                .report(
                    text.span,
                    format!("`{}` cannot be expanded: {problem}", text.value),
                )
                .help("close it, or escape what is meant as it is");
        }
    };
    file.global_args
        .iter()
        .filter_map(|argument| argument.default.as_ref())
        .for_each(&mut judge);
    for stage in &file.stages {
        stage
            .platform
            .iter()
            .chain([&stage.base])
            .for_each(&mut judge);
    }
    for step in subject.model.steps() {
        each_expanded_text(step.kind(), &mut judge);
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::found;

    #[test]
    fn what_can_be_expanded_is_fine() {
        for text in [
            "ENV A=\"$b${c:-\"d\"}\" E='${'",
            "RUN echo ${x",
            "LABEL a=\\\"",
            "ENV A ${B:?needed}",
            "EXPOSE ${P}/tcp",
        ] {
            let text = format!("FROM a:1\n{text}\n");
            assert_eq!(found(&RULE, &text), "", "{text}");
        }
    }

    #[test]
    fn what_is_open_is_reported_where_it_stands() {
        for (text, at) in [
            ("ARG A=\"x\nFROM a:1\n", "1:7 `\"x` cannot be expanded"),
            ("FROM a:${X\n", "1:6 `a:${X` cannot be expanded"),
            ("FROM a:1\nENV A=b C=${D\n", "2:11 `${D` cannot be expanded"),
            (
                "FROM a:1\nCOPY a ${b!c}\n",
                "2:8 `${b!c}` cannot be expanded",
            ),
        ] {
            assert!(found(&RULE, text).starts_with(at), "{}", found(&RULE, text));
        }
    }
}
