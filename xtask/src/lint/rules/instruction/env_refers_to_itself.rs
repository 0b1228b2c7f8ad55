use foldhash::HashMap;

use crate::dockerfile::{InstructionKind, KeyValue, expand};
use crate::edit::Safety;
use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::variable_use::place_of;
use crate::source::{Span, line_ending};

declare! {
    /// ## What it does
    /// Reports an `ENV` one of whose values uses a variable that the same `ENV` sets, and that is not set before.
    ///
    /// A variable that has an earlier value is not reported: that value is what is used, and may be meant.
    ///
    /// ## Why it is bad
    /// All values are worked out before any of them is set. The variable is empty here, or has what the base image gave it.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM alpine:3.20
    /// ENV APP_HOME=/app APP_DATA=$APP_HOME/data
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM alpine:3.20
    /// ENV APP_HOME=/app
    /// ENV APP_DATA=$APP_HOME/data
    /// ```
    ///
    /// ## Fix safety
    /// Unsafe: the `ENV` becomes two, so that the value becomes what is written. There is a fix where the variable is set
    /// first and used later.
    ///
    /// ## References
    /// - <https://docs.docker.com/reference/dockerfile/#environment-replacement>
    pub(super) static RULE = Rule {
        code: "DL3044",
        name: "env-refers-to-itself",
        aliases: &[],
        severity: Severity::Error,
        enabled: true,
        category: Category::Correctness,
        summary: "an `ENV` uses a variable that it sets itself",
        fix: Fixability::Sometimes(Safety::Unsafe),
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    let file = &subject.model.file;
    for step in subject.model.steps() {
        let InstructionKind::Env(pairs) = step.kind() else {
            continue;
        };
        if pairs.len() < 2 || !pairs.iter().any(|pair| pair.value.value.contains('$')) {
            continue;
        }
        let names = pairs.iter().enumerate().rev();
        let by_name: HashMap<&str, usize> = names
            .map(|(index, pair)| (pair.key.value.as_str(), index))
            .collect();
        for (index, pair) in pairs
            .iter()
            .enumerate()
            .filter(|(_, pair)| pair.value.value.contains('$'))
        {
            for name in names_in(pair, file.escape) {
                let set_at = by_name.get(name.as_str()).copied();
                // `PATH=/opt/bin:$PATH` goes on from what is there, which every image has.
                let Some(set_at) = set_at.filter(|at| *at != index && name != "PATH") else {
                    continue;
                };
                if step.before().variable(&name).is_some() {
                    continue;
                }
                let found = diagnostics
                    .report(
                        place_of(&name, pair.value.span, file.source.text()),
                        format!("`{name}` is not yet what this `ENV` sets"),
                    )
                    .help("use an `ENV` of its own");
                if set_at < index && !step.is_onbuild() {
                    let gap = Span::new(pairs[index - 1].value.span.end, pair.key.span.start);
                    let keyword = &step.instruction().keyword.value;
                    let replacement = format!("{}{keyword} ", line_ending(file.source.text()));
                    found.unsafe_fix(
                        format!("set `{}` in an `ENV` of its own", pair.key.value),
                        [(gap, replacement)],
                    );
                }
            }
        }
    }
}

/// The variables that a value uses.
fn names_in(pair: &KeyValue, escape: char) -> Vec<String> {
    expand(&pair.value.value, escape, &|_| None)
        .map_or_else(|_| Vec::new(), |expanded| expanded.undefined)
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::{fixed, found};

    #[test]
    fn earlier_values_and_other_variables_are_fine() {
        for text in [
            "ENV A=1\nENV A=2 B=$A",
            "ARG A\nENV A=2 B=$A",
            "ENV A=$A:x B=1",
            "ENV PATH=/x:$PATH B=$PATH",
            "ENV A=1 B=\\$A",
            "ENV A=1 B='$A'",
            "ENV A=1 AB=2 B=$ABC",
        ] {
            assert_eq!(found(&RULE, &format!("FROM a:1\n{text}\n")), "", "{text}");
        }
    }

    #[test]
    fn the_use_gets_an_instruction_of_its_own() {
        assert_eq!(
            found(&RULE, "FROM a:1\nENV B=\"${A}x\" A=1\n"),
            "2:10 `A` is not yet what this `ENV` sets"
        );
        assert_eq!(
            fixed(&RULE, "FROM a:1\nenv A=1 \\\n    B=$A \\\n    C=$B\n"),
            "FROM a:1\nenv A=1\nenv B=$A\nenv C=$B\n"
        );
    }
}
