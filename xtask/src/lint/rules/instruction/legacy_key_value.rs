use crate::dockerfile::{InstructionKind, KeyValue};
use crate::edit::Safety;
use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::source::Span;

declare! {
    /// ## What it does
    /// Reports `ENV name value` and `LABEL name value` without an equals sign.
    ///
    /// ## Why it is bad
    /// All the rest of the line is the value: `ENV ONE TWO=THREE` sets `ONE` to `TWO=THREE`. Only one name can be set at
    /// a time. The form is deprecated.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM alpine:3.20
    /// ENV GREETING hello world
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM alpine:3.20
    /// ENV GREETING="hello world"
    /// ```
    ///
    /// ## Fix safety
    /// Safe: name and value stay the same. A value that goes over several lines has no fix.
    ///
    /// ## References
    /// - <https://docs.docker.com/reference/build-checks/legacy-key-value-format/>
    pub(super) static RULE = Rule {
        code: "LegacyKeyValueFormat",
        name: "legacy-key-value",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Style,
        summary: "`ENV` or `LABEL` without an equals sign",
        fix: Fixability::Sometimes(Safety::Safe),
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    let file = &subject.model.file;
    let text = file.source.text();
    for step in subject.model.steps() {
        let (InstructionKind::Env(pairs) | InstructionKind::Label(pairs)) = step.kind() else {
            continue;
        };
        let [pair] = pairs.as_slice() else { continue };
        let gap = Span::new(pair.key.span.end, pair.value.span.start);
        if gap.of(text).starts_with('=') || gap.of(text).is_empty() {
            continue;
        }
        let keyword = &step.instruction().keyword.value;
        let found = diagnostics
            .report(
                Span::new(pair.key.span.start, pair.value.span.end),
                format!("this {keyword} has no equals sign"),
            )
            .help(format!("write `{}=…`", pair.key.value));
        let is_plain = !pair.key.value.contains(['"', '\'', file.escape]);
        let as_written = pair.value.span.of(text) == pair.value.value
            && pair.key.span.of(text) == pair.key.value;
        if let Some(value) = as_one_word(pair, file.escape)
            && is_plain
            && as_written
        {
            let place = Span::new(gap.start, pair.value.span.end);
            found.fix("write an equals sign", [(place, format!("={value}"))]);
        }
    }
}

/// The value, written so that blanks in it do not end it; `None` if a quote in it is not closed.
fn as_one_word(pair: &KeyValue, escape: char) -> Option<String> {
    let value = &pair.value.value;
    let is_special = |c: char| c == '"' || c == '\'' || c == escape;
    if !value.contains(is_special) {
        return Some(if value.contains(char::is_whitespace) {
            format!("\"{value}\"")
        } else {
            value.clone()
        });
    }
    // Quotes and escapes go on meaning what they mean; only blanks outside of them need help.
    let mut word = String::new();
    let mut quote = None;
    let mut characters = value.chars();
    while let Some(c) = characters.next() {
        match quote {
            None if c.is_whitespace() => word.push(escape),
            None if c == '"' || c == '\'' => quote = Some(c),
            Some(open) if c == open => quote = None,
            _ => {}
        }
        word.push(c);
        if c == escape && quote != Some('\'') {
            word.extend(characters.next());
        }
    }
    quote.is_none().then_some(word)
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::{fixed, found};

    #[test]
    fn pairs_are_fine() {
        for text in [
            "ENV A=b",
            "ENV A=",
            "ENV A=b C=d",
            "LABEL \"a b\"=c",
            "ENV A=b \\\n  C=d",
        ] {
            assert_eq!(found(&RULE, &format!("FROM a:1\n{text}\n")), "", "{text}");
        }
        assert_eq!(
            found(&RULE, "FROM a:1\nENV A b=c\n"),
            "2:5 this ENV has no equals sign"
        );
    }

    #[test]
    fn the_value_stays_what_it_is() {
        for (text, expected) in [
            ("ENV A b", "ENV A=b"),
            ("env A   $b  c", "env A=\"$b  c\""),
            ("LABEL a \"b c\"", "LABEL a=\"b c\""),
            ("ENV A b \"c d\" 'e f'", "ENV A=b\\ \"c d\"\\ 'e f'"),
            ("ENV A b\\ c d", "ENV A=b\\ c\\ d"),
            ("ONBUILD ENV A b", "ONBUILD ENV A=b"),
            ("ENV A \\\n  b", "ENV A=b"),
            ("ENV A b \\\n  c", "ENV A b \\\n  c"),
            ("ENV A\"b c ; d", "ENV A\"b c ; d"),
            ("ENV A it's", "ENV A it's"),
        ] {
            assert_eq!(
                fixed(&RULE, &format!("FROM a:1\n{text}\n")),
                format!("FROM a:1\n{expected}\n")
            );
        }
    }
}
