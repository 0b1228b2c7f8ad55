use std::collections::BTreeMap;

use crate::dockerfile::{PLATFORM_ARGS, expand};
use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::project::ImageName;

declare! {
    /// ## What it does
    /// Reports a `FROM` that names no image when no build argument is passed: it is empty, or what results is no name of
    /// an image.
    ///
    /// An argument that the project's own build always passes is not reported, unlike in `BuildKit`.
    ///
    /// ## Why it is bad
    /// A plain `docker build` fails, as does every tool that looks at the file without knowing the arguments: an editor,
    /// a scanner, an update robot.
    ///
    /// ## Example
    /// ```dockerfile
    /// ARG TAG
    /// FROM alpine:${TAG}
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// ARG TAG=3.20
    /// FROM alpine:${TAG}
    /// ```
    ///
    /// ## References
    /// - <https://docs.docker.com/reference/build-checks/invalid-default-arg-in-from/>
    pub(super) static RULE = Rule {
        code: "InvalidDefaultArgInFrom",
        name: "invalid-default-in-from",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Correctness,
        summary: "with the defaults of its arguments `FROM` names no image",
        fix: Fixability::None,
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    let file = &subject.model.file;
    let stages = file.stages.iter();
    let bases: Vec<&str> = stages
        .map(|stage| stage.base.value.as_str())
        .filter(|base| base.contains('$'))
        .collect();
    if bases.is_empty() {
        return;
    }
    // Hardly any is asked for.
    let defaults = file.global_args.iter();
    let defaults = defaults.filter_map(|argument| Some(argument.default.as_ref()?.value.as_str()));
    let texts: Vec<&str> = bases.into_iter().chain(defaults).collect();
    let mut arguments: BTreeMap<String, String> = PLATFORM_ARGS
        .iter()
        .filter(|name| texts.iter().any(|text| text.contains(**name)))
        .map(|name| ((*name).to_owned(), "x".to_owned()))
        .collect();
    arguments.extend((*subject.model.arguments).clone());
    let globals = file.global_scope(&arguments).values;
    for stage in &file.stages {
        let base = &stage.base;
        if !base.value.contains('$') {
            continue;
        }
        let Ok(expanded) = expand(&base.value, file.escape, &|name| globals.get(name).cloned())
        else {
            continue;
        };
        let declared = |name: &String| {
            file.global_args
                .iter()
                .any(|argument| argument.name.value == *name)
        };
        // What nobody declared is another rule's matter.
        if !expanded.undefined.iter().all(declared) || expanded.value == "scratch" {
            continue;
        }
        let result = expanded.value;
        if ImageName::parse(&result).is_some() {
            continue;
        }
        let message = if result.is_empty() {
            format!("`{}` is empty unless a build passes a value", base.value)
        } else {
            format!(
                "`{}` is `{result}` unless a build passes a value, which is no image",
                base.value
            )
        };
        let found = diagnostics.report(base.span, message);
        match expanded.undefined.first() {
            Some(name) => found.help(format!("give `ARG {name}` a default")),
            None => found.help("make the default the name of an image"),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::found;

    #[test]
    fn defaults_that_name_an_image_are_fine() {
        for text in [
            "ARG I=a\nFROM $I\n",
            "ARG T\nFROM a:${T:-1}\n",
            "ARG S=scratch\nFROM $S\n",
            "FROM a-$TARGETARCH\n",
            "FROM $UNDECLARED\n",
        ] {
            assert_eq!(found(&RULE, text), "", "{text}");
        }
    }

    #[test]
    fn what_results_is_shown() {
        assert_eq!(
            found(&RULE, "ARG I\nFROM $I AS b\n"),
            "2:6 `$I` is empty unless a build passes a value"
        );
        assert_eq!(
            found(&RULE, "ARG T=\nFROM a:${T}\n"),
            "2:6 `a:${T}` is `a:` unless a build passes a value, which is no image"
        );
    }
}
