use crate::dockerfile::FileTransfer;
use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::Step;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::layer::copies::from_stage;

declare! {
    /// ## What it does
    /// Reports a `COPY --from` of an interpreter or tool that a package manager put into `/usr/bin` and that loads shared libraries,
    /// where none of the libraries is copied from there and the target does not install the package itself.
    ///
    /// ## Why it is bad
    /// The copy succeeds. The program then ends with "error while loading shared libraries", in the container.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM alpine:3.20 AS tools
    /// RUN apk add --no-cache python3
    ///
    /// FROM alpine:3.20
    /// COPY --from=tools /usr/bin/python3 /usr/bin/python3
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM alpine:3.20
    /// RUN apk add --no-cache python3
    /// ```
    pub(super) static RULE = Rule {
        code: "DX2104",
        name: "binary-copied-without-libraries",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Correctness,
        summary: "a program is copied without the libraries it loads",
        fix: Fixability::None,
        check: Check::Dockerfile(check),
    };
}

/// Programs whose packages bring shared libraries, and what the packages are called.
const PROGRAMS: [(&str, &[&str]); 14] = [
    ("curl", &["curl"]),
    ("ffmpeg", &["ffmpeg"]),
    ("git", &["git"]),
    ("java", &["jdk", "jre"]),
    ("node", &["nodejs"]),
    ("nginx", &["nginx"]),
    ("perl", &["perl"]),
    ("php", &["php"]),
    ("psql", &["postgresql"]),
    ("python", &["python"]),
    ("python3", &["python3"]),
    ("ruby", &["ruby"]),
    ("sqlite3", &["sqlite"]),
    ("wget", &["wget"]),
];

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    for step in subject.model.steps() {
        let Some(copy) = step.copy() else {
            continue;
        };
        let Some(from) = from_stage(step, copy) else {
            continue;
        };
        for source in &copy.sources {
            let Some((program, packages)) = program(&source.value) else {
                continue;
            };
            if copies_libraries(step, copy) || installs(step, packages) {
                continue;
            }
            // Only what a package manager installed is surely linked to shared libraries.
            let is_packaged = subject.model.stages().nth(from.index).is_some_and(|stage| {
                stage
                    .end()
                    .packages()
                    .iter()
                    .any(|package| is_of(&package.name.value, packages))
            });
            if is_packaged {
                diagnostics
                    .report(
                        source.span,
                        format!("`{program}` is copied without the shared libraries it loads"),
                    )
                    .help("install its package in this stage");
            }
        }
    }
}

fn program(path: &str) -> Option<(&'static str, &'static [&'static str])> {
    let (folder, name) = path.rsplit_once('/')?;
    if !matches!(folder, "/usr/bin" | "/bin" | "/usr/sbin" | "/sbin") {
        return None;
    }
    let name = name.split('.').next().unwrap_or(name);
    PROGRAMS
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(known, packages)| (*known, *packages))
}

/// Some instruction of the stage takes libraries from the same place.
fn copies_libraries(step: Step<'_>, copy: &FileTransfer) -> bool {
    let from = copy.flag("from").map(|from| &from.value);
    step.stage.steps().any(|other| {
        other.copy().is_some_and(|other| {
            other.flag("from").map(|from| &from.value) == from
                && other.sources.iter().any(|source| {
                    let path = source.value.trim_end_matches(['/', '*']);
                    matches!(
                        path,
                        "" | "/usr" | "/usr/lib" | "/lib" | "/usr/lib64" | "/lib64" | "/usr/local"
                    ) || path.contains(".so")
                        || path.contains("-linux-")
                })
        })
    })
}

fn installs(step: Step<'_>, packages: &[&str]) -> bool {
    let installed = step.stage.end().packages();
    installed
        .iter()
        .any(|package| is_of(&package.name.value, packages))
}

fn is_of(package: &str, names: &[&str]) -> bool {
    names.iter().any(|name| package.contains(name)) && !package.ends_with("-dev")
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::found;

    #[test]
    fn programs_of_packages_need_their_libraries() {
        let stage = "FROM alpine:3.20 AS base\nRUN apk add --no-cache python3 py3-numpy\nFROM alpine:3.20\n";
        assert_eq!(
            found(
                &RULE,
                &format!(
                    "{stage}COPY --from=base /usr/lib/python3.11 /usr/lib/python3.11\nCOPY --from=base /usr/bin/python3 /usr/bin/python3\n"
                )
            ),
            "5:18 `python3` is copied without the shared libraries it loads"
        );
        for lines in [
            "COPY --from=base /usr/bin/python3 /usr/bin/\nCOPY --from=base /usr/lib /usr/lib",
            "COPY --from=base /usr/lib/libpython3.12.so.1.0 /usr/lib/\nCOPY --from=base /usr/bin/python3 /usr/bin/",
            "RUN apk add python3\nCOPY --from=base /usr/bin/python3 /x/",
            "COPY --from=base /usr/local/bin/python3 /x/",
            "COPY --from=base /usr/bin/own /x/",
        ] {
            assert_eq!(found(&RULE, &format!("{stage}{lines}\n")), "", "{lines}");
        }
    }
}
