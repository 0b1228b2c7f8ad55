use foldhash::HashMap;

use crate::dockerfile::{Dockerfile, InstructionKind, PLATFORM_ARGS, expand};
use crate::edit::Safety;
use crate::finding::Severity;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::variable_use::{each_expanded_text, place_of, renamed};
use crate::lint::{Diagnostics, Step};
use crate::project::suggestion::nearest;
use crate::source::Spanned;

declare! {
    /// ## What it does
    /// Reports a variable that nothing sets: no `ARG` or `ENV` of the file, and not the base image. Every instruction in
    /// which the builder replaces variables is looked at, `EXPOSE` too, unlike in `BuildKit`.
    ///
    /// Nothing is reported where the base image is not known, since it may set the variable, and where the variable has a
    /// default of its own (`${NAME:-default}`). One that another stage declares, and the platform's own, are the matter of
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
    let mut count = 0;
    let mut elsewhere = None;
    for step in subject.model.steps() {
        // A trigger runs in a stage that is not known here.
        if step.is_onbuild() {
            continue;
        }
        each_expanded_text(step.kind(), &mut |text| {
            if !text.value.contains('$') {
                return;
            }
            for name in undefined(step, text) {
                let elsewhere = elsewhere.get_or_insert_with(|| declarations(&subject.model.file));
                let is_of_other =
                    |at: &Vec<Option<usize>>| at.iter().any(|at| *at != Some(step.stage.index));
                if elsewhere.get(name.as_str()).is_some_and(is_of_other) {
                    continue;
                }
                count += 1;
                report(step, text, &name, count, diagnostics);
            }
        });
    }
}

/// The variables of a text that are surely not set.
fn undefined(step: Step<'_>, text: &Spanned<String>) -> Vec<String> {
    let before = step.before();
    if !before.base_is_known() {
        return Vec::new();
    }
    let lookup = |name: &str| before.variable(name).is_some().then(|| "x".to_owned());
    let Ok(expanded) = expand(&text.value, step.stage.model.file.escape, &lookup) else {
        return Vec::new();
    };
    let mut undefined = expanded.undefined;
    // What the same `ENV` sets is the matter of `env-refers-to-itself`.
    let is_set_beside = |name: &str| match step.kind() {
        InstructionKind::Env(pairs) => pairs
            .iter()
            .any(|pair| pair.key.value == name && pair.value.span != text.span),
        _ => false,
    };
    undefined.retain(|name| {
        let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        is_name
            && !PLATFORM_ARGS.contains(&name.as_str())
            && !has_default(&text.value, name)
            && !is_set_beside(name)
    });
    undefined
}

fn report(
    step: Step<'_>,
    text: &Spanned<String>,
    name: &str,
    count: usize,
    diagnostics: &mut Diagnostics<'_>,
) {
    let file = step.stage.model.file.source.text();
    let place = place_of(name, text.span, file);
    let found = diagnostics.report(place, format!("nothing sets `{name}`"));
    // Beyond a few hundred, nobody wants to be helped one by one.
    let variables = if count < 500 {
        step.before().variables()
    } else {
        Vec::new()
    };
    let names = variables.iter().map(|variable| variable.name.as_str());
    let near =
        nearest(name, names).and_then(|near| Some((near, renamed(name, place, near, file)?)));
    match near {
        Some((near, fix)) => found
            .help(format!("did you mean `{near}`?"))
            .unsafe_fix(format!("write `{near}`"), fix),
        None => found.help(format!("declare `ARG {name}` or `ENV {name}=…` above")),
    };
}

/// `${NAME:-default}` and the like: the author knows that it may not be set.
fn has_default(text: &str, name: &str) -> bool {
    text.match_indices("${").any(|(at, open)| {
        let rest = text[at + open.len()..].strip_prefix(name);
        rest.is_some_and(|rest| rest.starts_with([':', '-', '+', '?']))
    })
}

/// The stages that declare each argument, two of them at most; `None` is the global scope.
fn declarations(file: &Dockerfile) -> HashMap<&str, Vec<Option<usize>>> {
    let mut declared: HashMap<&str, Vec<Option<usize>>> = HashMap::default();
    for argument in &file.global_args {
        declared.insert(&argument.name.value, vec![None]);
    }
    for stage in &file.stages {
        for instruction in &stage.instructions {
            let InstructionKind::Arg(arguments) = &instruction.kind else {
                continue;
            };
            for argument in arguments {
                let stages = declared.entry(&argument.name.value).or_default();
                if stages.len() < 2 && stages.last() != Some(&Some(stage.index)) {
                    stages.push(Some(stage.index));
                }
            }
        }
    }
    declared
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
            "FROM scratch\nLABEL arch=$TARGETARCH\n",
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
            ("ENV ZZ=$ZZ:x", 9),
            ("USER $ZZ\nARG ZZ=1", 7),
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
