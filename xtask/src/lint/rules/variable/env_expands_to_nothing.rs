use crate::dockerfile::{InstructionKind, KeyValue};
use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::Step;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::declarations::{elsewhere, may_come_with_base};
use crate::lint::rules::references::references;

declare! {
    /// ## What it does
    /// Reports an `ENV` whose value consists of variables only, none of which is declared where it stands.
    ///
    /// ## Why it is bad
    /// The image then has the variable, with an empty value. Programs treat that unlike a variable that is missing: a server asked
    /// to listen on port "" takes any free port.
    ///
    /// An `ARG` without a default counts as declared: its value comes with the build.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM alpine:3.20
    /// ENV PORT=${SERVICE_PORT}
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM alpine:3.20
    /// ARG SERVICE_PORT=8080
    /// ENV PORT=${SERVICE_PORT}
    /// ```
    pub(super) static RULE = Rule {
        code: "DX1103",
        name: "env-expands-to-nothing",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Correctness,
        summary: "the value of an `ENV` expands to nothing",
        fix: Fixability::None,
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    for step in subject.model.steps() {
        let InstructionKind::Env(pairs) = step.kind() else {
            continue;
        };
        if step.is_onbuild() {
            continue;
        }
        for pair in pairs {
            check_pair(step, pair, diagnostics);
        }
    }
}

fn check_pair(step: Step<'_>, pair: &KeyValue, diagnostics: &mut Diagnostics<'_>) {
    let value = pair.value.value.trim_matches('"');
    if !value.starts_with('$') {
        return;
    }
    let read = references(value, step.stage.model.file.escape);
    let moment = step.before();
    let mut end = 0;
    for reference in &read {
        let is_declared = moment.variable(reference.name).is_some();
        if reference.range.start != end || reference.has_alternative() || is_declared {
            return;
        }
        // Without any declaration the base image may set it.
        let may_be_set = may_come_with_base(step.stage, reference.name)
            || elsewhere(step.stage, reference.name).is_none();
        if !moment.base_is_known() && may_be_set {
            return;
        }
        end = reference.range.end;
    }
    if read.is_empty() || end != value.len() {
        return;
    }
    let names: Vec<String> = read.iter().map(|r| format!("`{}`", r.name)).collect();
    let verb = if names.len() == 1 { "is" } else { "are" };
    diagnostics
        .report(
            pair.value.span,
            format!(
                "`{}` is set to nothing: {} {verb} not declared here",
                pair.key.value,
                names.join(" and ")
            ),
        )
        .help("declare it with `ARG` in this stage, or write the value");
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::found;

    #[test]
    fn a_value_that_is_nothing() {
        assert_eq!(
            found(
                &RULE,
                "FROM x AS a\nARG SERVICE_PORT=1\nFROM x\nENV A=b PORT=\"${SERVICE_PORT}\"\n"
            ),
            "4:14 `PORT` is set to nothing: `SERVICE_PORT` is not declared here"
        );
    }

    #[test]
    fn values_that_may_be_something_are_fine() {
        for text in [
            "FROM alpine:3.20\nARG V\nENV V=$V\n",
            "FROM alpine:3.20\nENV A=$B-x\n",
            "FROM alpine:3.20\nENV A=${B:-x}\n",
            "FROM example.com/x\nENV A=$B\n",
            "FROM alpine:3.20\nENV A=\n",
            "ARG V=2\nFROM example.com/x:$V\nENV V=$V\n",
            "FROM alpine:3.20\nENV A='$B'\n",
            "FROM alpine:3.20\nENV A=$PATH\n",
        ] {
            assert_eq!(found(&RULE, text), "", "{text}");
        }
    }
}
