use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::layer::copies::from_stage;
use crate::lint::rules::layer::shipped::shipped;
use crate::lint::{Package, StageModel};

declare! {
    /// ## What it does
    /// Reports modules for Python (`py3-numpy`, `python3-requests`), PHP, Perl or Ruby that a package manager installs in a stage from
    /// which a shipped stage copies the interpreter or its folder, without the folder of these modules.
    ///
    /// ## Why it is bad
    /// The shipped image has the interpreter and part of what was installed beside it. An `import` of the rest fails in the container,
    /// or finds the module and not the libraries it loads.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM alpine:3.20 AS tools
    /// RUN apk add --no-cache python3 py3-numpy
    ///
    /// FROM alpine:3.20
    /// COPY --from=tools /usr/bin/python3 /usr/bin/python3
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM alpine:3.20
    /// RUN apk add --no-cache python3 py3-numpy
    /// ```
    pub(super) static RULE = Rule {
        code: "DX2105",
        name: "installed-but-not-shipped",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Correctness,
        summary: "packages a program needs at run time stay in a stage that is left behind",
        fix: Fixability::None,
        check: Check::Dockerfile(check),
    };
}

/// Packages that are modules of an interpreter: how their names start, and what the interpreter's file is called.
const MODULES: [(&str, &str); 6] = [
    ("py3-", "python3"),
    ("python3-", "python3"),
    ("php", "php"),
    ("perl-", "perl"),
    ("ruby-", "ruby"),
    ("lib-perl", "perl"),
];

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    let model = subject.model;
    let shipped = shipped(model);
    for from in model
        .stages()
        .filter(|stage| !shipped.contains(&stage.index))
    {
        let modules: Vec<&Package> = from
            .end()
            .installed()
            .into_iter()
            .filter(|installed| {
                installed
                    .stage
                    .is_some_and(|stage| std::ptr::eq(stage.model, model))
            })
            .map(|installed| installed.value)
            .filter(|package| interpreter(package).is_some())
            .collect();
        if modules.is_empty() {
            continue;
        }
        for stage in model
            .stages()
            .filter(|stage| shipped.contains(&stage.index))
        {
            check_stage(from, stage, &modules, diagnostics);
        }
    }
}

fn check_stage(
    from: StageModel<'_>,
    stage: StageModel<'_>,
    modules: &[&Package],
    diagnostics: &mut Diagnostics<'_>,
) {
    let taken: Vec<&str> = stage
        .steps()
        .filter_map(|step| Some((step, step.copy()?)))
        .filter(|(step, copy)| {
            from_stage(*step, copy).is_some_and(|source| source.index == from.index)
        })
        .flat_map(|(_, copy)| {
            copy.sources
                .iter()
                .map(|source| source.value.trim_end_matches('/'))
        })
        .collect();
    let present = stage.end().packages();
    for package in modules {
        let Some(interpreter) = interpreter(package) else {
            continue;
        };
        let takes_interpreter = taken.iter().any(|path| {
            path.rsplit_once('/').is_some_and(|(folder, name)| {
                folder.ends_with("bin") && name.starts_with(interpreter)
            })
        });
        let takes_all = taken.iter().any(|path| {
            matches!(*path, "" | "/usr" | "/usr/lib" | "/usr/share") || path.ends_with("-packages")
        });
        let installs_it = present
            .iter()
            .any(|other| other.name.value == package.name.value);
        if takes_interpreter && !takes_all && !installs_it {
            diagnostics
                .report(
                    package.name.span,
                    format!(
                        "`{}` does not reach the image, and `{interpreter}` does",
                        package.name.value
                    ),
                )
                .help("install it in the stage that is shipped");
        }
    }
}

fn interpreter(package: &Package) -> Option<&'static str> {
    let name = package.name.value.as_str();
    if name.ends_with("-dev")
        || name.ends_with("-pip")
        || name.ends_with("-venv")
        || !matches!(package.manager, "apk" | "apt")
    {
        return None;
    }
    MODULES
        .iter()
        .find(|(prefix, interpreter)| {
            name.starts_with(prefix) && name != *interpreter && name.contains('-')
        })
        .map(|(_, interpreter)| *interpreter)
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::found;

    #[test]
    fn modules_that_are_left_behind() {
        let stage = "FROM alpine:3.20 AS base\nRUN apk add --no-cache python3 python3-dev \\\n  py3-numpy\nFROM alpine:3.20\n";
        assert_eq!(
            found(
                &RULE,
                &format!(
                    "{stage}COPY --from=base /usr/lib/python3.11 /usr/lib/python3.11\nCOPY --from=base /usr/bin/python3 /usr/bin/python3\n"
                )
            ),
            "3:3 `py3-numpy` does not reach the image, and `python3` does"
        );
        for lines in [
            "COPY --from=base /app /app",
            "COPY --from=base /usr /usr",
            "RUN apk add py3-numpy\nCOPY --from=base /usr/bin/python3 /x/",
        ] {
            assert_eq!(found(&RULE, &format!("{stage}{lines}\n")), "", "{lines}");
        }
    }
}
