use crate::dockerfile::Dockerfile;
use crate::edit::Safety;
use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::source::Span;

declare! {
    /// ## What it does
    /// Reports instructions that are not written in the case that most of the file's instructions have, and those like
    /// `Run` that are of both.
    ///
    /// ## Why it is bad
    /// Instructions are told from their arguments by their look. One in another case is easily overlooked.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM alpine:3.20
    /// WORKDIR /app
    /// run apk add --no-cache curl
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM alpine:3.20
    /// WORKDIR /app
    /// RUN apk add --no-cache curl
    /// ```
    ///
    /// ## Fix safety
    /// Safe: the case of an instruction means nothing.
    ///
    /// ## References
    /// - <https://docs.docker.com/reference/build-checks/consistent-instruction-casing/>
    pub(super) static RULE = Rule {
        code: "ConsistentInstructionCasing",
        name: "inconsistent-instruction-casing",
        aliases: &[],
        severity: Severity::Style,
        enabled: true,
        category: Category::Style,
        summary: "an instruction is not written in the case of the others",
        fix: Fixability::Sometimes(Safety::Safe),
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    let file = &subject.model.file;
    let text = file.source.text();
    let is_upper = |word: &str| !word.bytes().any(|byte| byte.is_ascii_lowercase());
    let is_lower = |word: &str| !word.bytes().any(|byte| byte.is_ascii_uppercase());
    let (mut all, mut upper, mut lower) = (0_usize, 0_usize, 0_usize);
    each_keyword(file, &mut |span| {
        all += 1;
        upper += usize::from(is_upper(span.of(text)));
        lower += usize::from(is_lower(span.of(text)));
    });
    let lower_wins = lower > upper;
    if upper.max(lower) == all {
        return;
    }
    each_keyword(file, &mut |span| {
        let written = span.of(text);
        if if lower_wins {
            is_lower(written)
        } else {
            is_upper(written)
        } {
            return;
        }
        let wanted = if lower_wins {
            written.to_ascii_lowercase()
        } else {
            written.to_ascii_uppercase()
        };
        let found = diagnostics
            .report(
                span,
                format!(
                    "`{written}` stands among instructions in {} case",
                    if lower_wins { "lower" } else { "upper" }
                ),
            )
            .help(format!("write `{wanted}`"));
        if written.bytes().all(|byte| byte.is_ascii_alphabetic()) {
            found.fix(format!("write `{wanted}`"), [(span, wanted)]);
        }
    });
}

/// The place of every instruction's name, by kind and not in order.
fn each_keyword(file: &Dockerfile, see: &mut dyn FnMut(Span)) {
    let text = file.source.text();
    let mut last = None;
    for argument in &file.global_args {
        // One ARG can declare several names.
        let before = &text[..argument.name.span.start];
        let before = before.trim_end_matches(|c: char| c.is_whitespace() || c == file.escape);
        if let Some(start) = before.len().checked_sub("ARG".len())
            && before
                .get(start..)
                .is_some_and(|word| word.eq_ignore_ascii_case("ARG"))
            && last != Some(start)
        {
            last = Some(start);
            see(Span::new(start, before.len()));
        }
    }
    for stage in &file.stages {
        let from = Span::new(stage.span.start, stage.span.start + "FROM".len());
        if from.of(text).eq_ignore_ascii_case("FROM") {
            see(from);
        }
        for instruction in &stage.instructions {
            see(instruction.keyword.span);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::{fixed, found};

    #[test]
    fn one_case_throughout_is_fine() {
        for text in [
            "from a:1\nrun x\n",
            "ARG A=1 arg=2\nFROM a:1 as b\nONBUILD run x\nHEALTHCHECK cmd x\n",
        ] {
            assert_eq!(found(&RULE, text), "", "{text}");
        }
    }

    #[test]
    fn the_majority_decides_and_capitals_win_a_draw() {
        assert_eq!(
            fixed(&RULE, "ARG a\nfrom a:1\nRun x\ncopy a b\nuser 1\n"),
            "arg a\nfrom a:1\nrun x\ncopy a b\nuser 1\n"
        );
        assert_eq!(
            found(&RULE, "FROM a:1\nrun x\n"),
            "2:1 `run` stands among instructions in upper case"
        );
    }
}
