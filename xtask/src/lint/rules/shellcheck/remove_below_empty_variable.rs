use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::shellcheck::scripts::each_node;
use crate::lint::{Known, Step};
use crate::shell::{Node, Word, WordPart, WordPartKind};

declare! {
    /// ## What it does
    /// Reports `rm -r "$x/…"` where an empty variable makes it `/`, `/usr` or the like. Variables that the build
    /// gives a value are fine.
    ///
    /// ## Why it is bad
    /// If the variable is empty, the system itself is removed.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM debian:12
    /// ARG DIR
    /// RUN rm -rf "$DIR"/*
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM debian:12
    /// ARG DIR
    /// RUN rm -rf "${DIR:?}"/*
    /// ```
    ///
    /// ## References
    /// - <https://www.shellcheck.net/wiki/SC2115>
    pub(super) static RULE = Rule {
        code: "SC2115",
        name: "remove-below-empty-variable",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Correctness,
        summary: "`rm -r` of a path that is the root if a variable is empty",
        fix: Fixability::None,
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    each_node(subject, |step, node| {
        let Node::Command(command, _) = node else {
            return;
        };
        let Some(simple) = command.simple() else {
            return;
        };
        if simple.name().as_deref() != Some("rm") {
            return;
        }
        let recursive = simple
            .words
            .iter()
            .skip(1)
            .filter_map(Word::literal)
            .any(|text| {
                text == "--recursive"
                    || (text.starts_with('-')
                        && !text.starts_with("--")
                        && text.contains(['r', 'R']))
            });
        if !recursive {
            return;
        }
        for word in &simple.words[1..] {
            let mut path = String::new();
            let mut variables = 0;
            flatten(&word.parts, step, &mut path, &mut variables);
            if variables > 0 && is_vital(&path) {
                diagnostics
                    .report(
                        word.span,
                        format!("this is `{path}` if the variable is empty"),
                    )
                    .help("write `${name:?}`, which fails if it is empty");
            }
        }
    });
}

/// The path if every variable is empty that may be.
fn flatten(parts: &[WordPart], step: Step<'_>, path: &mut String, variables: &mut usize) {
    for part in parts {
        match &part.kind {
            WordPartKind::Literal(text) | WordPartKind::SingleQuoted(text) => path.push_str(text),
            WordPartKind::DoubleQuoted(parts) => flatten(parts, step, path, variables),
            WordPartKind::Escaped(c) => path.push(*c),
            WordPartKind::Parameter {
                name, operation, ..
            } => {
                let is_set = operation.as_deref().is_some_and(|rest| rest.starts_with([':', '?', '-', '=']))
                    || step.before().variable(name).is_some_and(
                        |variable| matches!(&variable.value, Known::Yes(Some(value)) if !value.is_empty()),
                    );
                if is_set {
                    path.push('x');
                } else {
                    *variables += 1;
                }
            }
            WordPartKind::CommandSubstitution { .. } => *variables += 1,
            _ => path.push('x'),
        }
    }
}

/// The root, or a folder of the system.
fn is_vital(path: &str) -> bool {
    let folder = path
        .trim_end_matches('*')
        .trim_end_matches('/')
        .trim_end_matches('*')
        .trim_end_matches('/');
    !path.is_empty()
        && matches!(
            folder,
            "" | "/bin"
                | "/boot"
                | "/dev"
                | "/etc"
                | "/home"
                | "/lib"
                | "/lib64"
                | "/media"
                | "/mnt"
                | "/usr"
                | "/usr/bin"
                | "/usr/local"
                | "/usr/share"
                | "/var"
        )
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::found;

    #[test]
    fn what_is_reported_and_what_is_not() {
        for (script, expected) in [
            ("rm -rf $x/* \"$y/\"", "2:12 2:17"),
            ("rm -rf \"$x\" $x/foo ${x:?}/* /var/lib/$x; rm -f $x/*", ""),
            ("rm -r /$x $(y)/usr", "2:11 2:15"),
        ] {
            let places: Vec<String> = found(&RULE, &format!("FROM debian:12\nRUN {script}\n"))
                .lines()
                .filter_map(|line| Some(line.split_once(' ')?.0.to_owned()))
                .collect();
            assert_eq!(places.join(" "), expected, "{script}");
        }
    }
}
