use crate::dockerfile::{Dockerfile, InstructionKind, expand};
use crate::edit::Safety;
use crate::finding::Severity;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::variable_use::{each_expanded_text, place_of};
use crate::lint::{Diagnostics, Step};
use crate::project::suggestion::nearest;
use crate::source::Spanned;

declare! {
    /// ## What it does
    /// Reports a variable that nothing sets: no `ARG` or `ENV` of the file, and not the base image. Every instruction in
    /// which the builder replaces variables is looked at, `EXPOSE` too, unlike in `BuildKit`.
    ///
    /// Nothing is reported where the base image is not known, since it may set the variable, and where the variable
    /// has a default of its own (`${NAME:-default}`). One that another stage declares is the matter of
    /// `arg-out-of-stage`.
    ///
    /// ## Why it is bad
    /// The variable is replaced by nothing, without a word. What is left is another path, another port, an empty value.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM scratch
    /// ARG VERSION=1.0
    /// LABEL version=$VERSOIN
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM scratch
    /// ARG VERSION=1.0
    /// LABEL version=$VERSION
    /// ```
    ///
    /// ## Fix safety
    /// Unsafe: the nearest name that is declared is written. There is no fix without such a name.
    ///
    /// ## References
    /// - <https://docs.docker.com/reference/build-checks/undefined-var/>
    pub(super) static RULE = Rule {
        code: "UndefinedVar",
        name: "undefined-variable",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Correctness,
        summary: "a variable is used that nothing sets",
        fix: Fixability::Sometimes(Safety::Unsafe),
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    for step in subject.model.steps() {
        // A trigger runs in a stage that is not known here.
        if step.is_onbuild() {
            continue;
        }
        each_expanded_text(step.kind(), &mut |text| {
            if text.value.contains('$') {
                judge(step, text, diagnostics);
            }
        });
    }
}

fn judge(step: Step<'_>, text: &Spanned<String>, diagnostics: &mut Diagnostics<'_>) {
    let before = step.before();
    let file = &step.stage.model.file;
    let lookup = |name: &str| before.variable(name).is_some().then(|| "x".to_owned());
    let Ok(expanded) = expand(&text.value, file.escape, &lookup) else {
        return;
    };
    for name in expanded.undefined {
        let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        if !is_name
            || !before.base_is_known()
            || is_declared_elsewhere(file, &name)
            || has_default(&text.value, &name)
        {
            continue;
        }
        let place = place_of(&name, text.span, file.source.text());
        let found = diagnostics.report(place, format!("nothing sets `{name}`"));
        let variables = before.variables();
        match nearest(
            &name,
            variables.iter().map(|variable| variable.name.as_str()),
        ) {
            Some(near) => found
                .help(format!("did you mean `{near}`?"))
                .unsafe_fix(format!("write `{near}`"), [(place, near.to_owned())]),
            None => found.help(format!("declare `ARG {name}` or `ENV {name}=…` above")),
        };
    }
}

/// `${NAME:-default}` and the like: the author knows that it may not be set.
fn has_default(text: &str, name: &str) -> bool {
    text.match_indices("${").any(|(at, open)| {
        let rest = text[at + open.len()..].strip_prefix(name);
        rest.is_some_and(|rest| rest.starts_with([':', '-', '+', '?']))
    })
}

/// In the global scope, or anywhere in a stage: further down, or in another one.
fn is_declared_elsewhere(file: &Dockerfile, name: &str) -> bool {
    let is_global = file
        .global_args
        .iter()
        .any(|argument| argument.name.value == name);
    let mut instructions = file.stages.iter().flat_map(|stage| &stage.instructions);
    is_global
        || instructions.any(|instruction| match &instruction.kind {
            InstructionKind::Arg(declarations) => declarations
                .iter()
                .any(|argument| argument.name.value == name),
            InstructionKind::Env(pairs) => pairs.iter().any(|pair| pair.key.value == name),
            _ => false,
        })
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::{fixed, found};

    #[test]
    fn what_may_be_set_is_fine() {
        for text in [
            "FROM scratch\nARG A\nENV B=$A C=$B\n",
            "FROM scratch\nENV PATH=/x:$PATH\n",
            "FROM registry.example.com/unknown:1\nENV A=$B\n",
            "FROM scratch\nWORKDIR ${A:-/x}/${B-y}${C:+z}\n",
            "FROM scratch\nRUN echo $A\nCMD echo $B\n",
            "FROM scratch\nENV A='$B' C=\\$D\n",
            "FROM scratch AS a\nARG P=1\nFROM scratch\nEXPOSE $P\n",
            "FROM scratch\nONBUILD WORKDIR $A\n",
            "FROM scratch\nENV A=$HTTP_PROXY\n",
        ] {
            assert_eq!(found(&RULE, text), "", "{text}");
        }
    }

    #[test]
    fn every_expanding_instruction_is_looked_at() {
        for (instruction, column) in [
            ("EXPOSE 1 $ZZ", 11),
            ("COPY --chown=$ZZ a b", 15),
            ("VOLUME [\"/x/$ZZ\"]", 14),
            ("STOPSIGNAL ${ZZ}", 14),
            ("USER a:$ZZ", 9),
            ("ENV A=b C=\"x$ZZ\"", 14),
        ] {
            assert_eq!(
                found(&RULE, &format!("FROM scratch\n{instruction}\n")),
                format!("2:{column} nothing sets `ZZ`"),
                "{instruction}"
            );
        }
        assert_eq!(
            fixed(
                &RULE,
                "FROM scratch\nARG APP_PORT=1\nEXPOSE ${APP_PROT}/tcp\n"
            ),
            "FROM scratch\nARG APP_PORT=1\nEXPOSE ${APP_PORT}/tcp\n"
        );
    }
}
