use crate::dockerfile::InstructionKind;
use crate::edit::Safety;
use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::Model;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::mentions::mentions;
use crate::lint::rules::variable::well_known::meant_by;
use crate::source::Spanned;

declare! {
    /// ## What it does
    /// Reports an `ENV` or `ARG` whose name differs from a well-known variable by underscores or by one letter, and that nothing
    /// in the file reads.
    ///
    /// ## Why it is bad
    /// Nobody reads it: `PYTHON_PATH` does not make Python find anything, `DEBIAN_FRONTENT` keeps no dialog away.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM alpine:3.20
    /// ENV PYTHON_PATH=/srv/lib
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM alpine:3.20
    /// ENV PYTHONPATH=/srv/lib
    /// ```
    ///
    /// ## Fix safety
    /// Unsafe: the name is corrected. A program of yours may read the present one.
    pub(super) static RULE = Rule {
        code: "DX1105",
        name: "misspelled-variable",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Correctness,
        summary: "a variable is almost called as one that programs read",
        fix: Fixability::Always(Safety::Unsafe),
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    for step in subject.model.steps() {
        match step.kind() {
            InstructionKind::Env(pairs) => {
                for pair in pairs {
                    check_name(subject.model, &pair.key, diagnostics);
                }
            }
            InstructionKind::Arg(declarations) => {
                for declaration in declarations {
                    check_name(subject.model, &declaration.name, diagnostics);
                }
            }
            _ => {}
        }
    }
}

fn check_name(model: &Model, name: &Spanned<String>, diagnostics: &mut Diagnostics<'_>) {
    let Some(meant) = meant_by(&name.value) else {
        return;
    };
    let text = model.file.source.text();
    if mentions(&text[..name.span.start], &name.value)
        || mentions(&text[name.span.end..], &name.value)
    {
        return;
    }
    diagnostics
        .report(name.span, format!("nothing reads `{}`", name.value))
        .help(format!("the well-known variable is called `{meant}`"))
        .unsafe_fix(format!("write `{meant}`"), [(name.span, meant.to_owned())]);
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::{fixed, found};

    #[test]
    fn slips_are_corrected() {
        let text = "FROM x\nENV PORT=1 \\\n  PYTHON_PATH=/usr/lib/python3.11\n";
        assert_eq!(found(&RULE, text), "3:3 nothing reads `PYTHON_PATH`");
        assert!(fixed(&RULE, text).ends_with("  PYTHONPATH=/usr/lib/python3.11\n"));
    }

    #[test]
    fn names_that_are_read_or_right_are_fine() {
        for text in [
            "FROM x\nENV PYTHON_PATH=/a\nENV PYTHONPATH=$PYTHON_PATH\n",
            "FROM x\nENV NODE_ENV=production\n",
            "FROM x\nENV NODE_EVN_X=production\n",
            "FROM x\nENV JAVA8_HOME=/a GOROOT=/b\n",
        ] {
            assert_eq!(found(&RULE, text), "", "{text}");
        }
    }
}
