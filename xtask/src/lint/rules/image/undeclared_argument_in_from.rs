use crate::dockerfile::{PLATFORM_ARGS, expand};
use crate::edit::Safety;
use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::variable_use::{place_of, renamed};
use crate::project::suggestion::nearest;

declare! {
    /// ## What it does
    /// Reports a variable in a `FROM`, in the image as in `--platform`, that no `ARG` before the first `FROM` declares.
    ///
    /// ## Why it is bad
    /// Only those `ARG`s count for `FROM`, wherever else the name may be declared. An undeclared one is empty, even if
    /// the build passes a value, so that the base becomes another image or none at all.
    ///
    /// ## Example
    /// ```dockerfile
    /// ARG NODE_VERSION=22
    /// FROM node:${NODE_VERSON}-alpine
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// ARG NODE_VERSION=22
    /// FROM node:${NODE_VERSION}-alpine
    /// ```
    ///
    /// ## Fix safety
    /// Unsafe: the nearest name that is declared is written; whether it is meant only the author knows. There is no
    /// fix without such a name.
    ///
    /// ## References
    /// - <https://docs.docker.com/reference/build-checks/undefined-arg-in-from/>
    pub(super) static RULE = Rule {
        code: "UndefinedArgInFrom",
        name: "undeclared-argument-in-from",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Correctness,
        summary: "`FROM` uses an argument that no `ARG` before it declares",
        fix: Fixability::Sometimes(Safety::Unsafe),
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    let file = &subject.model.file;
    let declared = |name: &str| {
        PLATFORM_ARGS.contains(&name)
            || file
                .global_args
                .iter()
                .any(|argument| argument.name.value == name)
    };
    let mut count = 0;
    for stage in &file.stages {
        for text in stage.platform.iter().chain([&stage.base]) {
            if !text.value.contains('$') {
                continue;
            }
            let lookup = |name: &str| declared(name).then(|| "x".to_owned());
            let Ok(expanded) = expand(&text.value, file.escape, &lookup) else {
                continue;
            };
            for name in expanded.undefined {
                let place = place_of(&name, text.span, file.source.text());
                let found = diagnostics.report(
                    place,
                    format!("no `ARG` before the first `FROM` declares `{name}`"),
                );
                // Beyond a few hundred, nobody wants to be helped one by one.
                count += 1;
                let considered = if count < 500 {
                    file.global_args.as_slice()
                } else {
                    &[]
                };
                let names = considered
                    .iter()
                    .map(|argument| argument.name.value.as_str());
                let near = nearest(&name, names.chain(PLATFORM_ARGS)).and_then(|near| {
                    Some((near, renamed(&name, place, near, file.source.text())?))
                });
                match near {
                    Some((near, fix)) => found
                        .help(format!("did you mean `{near}`?"))
                        .unsafe_fix(format!("write `{near}`"), fix),
                    None => found.help(format!("declare `ARG {name}` before the first `FROM`")),
                };
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::{fixed, found};

    #[test]
    fn declared_and_predefined_arguments_are_fine() {
        for text in [
            "ARG A\nFROM $A\n",
            "ARG A=1\nARG B=$A\nFROM x:$B\n",
            "FROM --platform=$BUILDPLATFORM x:$TARGETARCH\n",
            "FROM x:\\$A\n",
        ] {
            assert_eq!(found(&RULE, text), "", "{text}");
        }
    }

    #[test]
    fn an_argument_of_a_stage_does_not_count() {
        assert_eq!(
            found(&RULE, "FROM a:1\nARG V=1\nFROM --platform=$P x:${V}-y\n"),
            "3:18 no `ARG` before the first `FROM` declares `P`\n3:24 no `ARG` before the first `FROM` declares `V`"
        );
        assert_eq!(
            fixed(&RULE, "ARG VERSION=1\nFROM x:$VERSOIN AS y\n"),
            "ARG VERSION=1\nFROM x:$VERSION AS y\n"
        );
        // What is no name cannot be meant, nor a name that is written in two lines.
        for text in [
            "ARG VERSION_?RG\nFROM x:$VERSION_ARG\n",
            "ARG VERSION=1\nFROM x:$VERS\\\nOIN\n",
        ] {
            assert_ne!(found(&RULE, text), "");
            assert_eq!(fixed(&RULE, text), text);
        }
    }
}
