use crate::dockerfile::FileTransfer;
use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::{Known, Step};
use crate::text_search::last_part;

declare! {
    /// ## What it does
    /// Reports a `COPY` of one file to a path that a later `COPY` of the same stage overwrites, with no `RUN` in between that could have
    /// used it.
    ///
    /// ## Why it is bad
    /// The first file is in a layer that nobody ever sees. It is a leftover, or the two paths were meant to differ.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM alpine:3.20
    /// COPY development.conf /etc/app.conf
    /// COPY production.conf /etc/app.conf
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM alpine:3.20
    /// COPY production.conf /etc/app.conf
    /// ```
    pub(super) static RULE = Rule {
        code: "DX2107",
        name: "copy-hidden-by-later-copy",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Size,
        summary: "a copied file is overwritten by the next copy",
        fix: Fixability::None,
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    for stage in subject.model.stages() {
        let mut earlier: Vec<(Step<'_>, String, &str)> = Vec::new();
        for step in stage.steps().filter(|step| !step.is_onbuild()) {
            if step.run().is_some() {
                earlier.clear();
            }
            let Some((path, source)) = step.copy().and_then(|copy| file(step, copy)) else {
                continue;
            };
            let hidden = earlier
                .iter()
                .find(|(_, other, other_source)| *other == path && *other_source != source);
            if let Some((first, ..)) = hidden {
                diagnostics
                    .report(
                        first.instruction().span,
                        format!("a later `COPY` overwrites `{path}`"),
                    )
                    .help("take this copy away, or give the two files different names");
            }
            earlier.retain(|(_, other, _)| *other != path);
            earlier.push((step, path, source));
        }
    }
}

/// A copy of one file to a path that is no folder.
fn file<'m>(step: Step<'m>, copy: &'m FileTransfer) -> Option<(String, &'m str)> {
    let [source] = copy.sources.as_slice() else {
        return None;
    };
    let destination = &copy.destination.value;
    let name = last_part(&source.value);
    let target_name = last_part(destination);
    // With an extension on both sides both are surely files.
    let is_file = |name: &str| {
        name.trim_start_matches('.').contains('.') && !name.contains(['*', '?', '[', '$'])
    };
    if !is_file(name) || !is_file(target_name) {
        return None;
    }
    match step.before().resolve(destination) {
        Known::Yes(path) => Some((path, source.value.as_str())),
        Known::Unknown => None,
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::found;

    #[test]
    fn only_files_that_nothing_could_use() {
        assert_eq!(
            found(
                &RULE,
                "FROM scratch\nCOPY a.conf /x.conf\nCOPY b.conf /x.conf\n"
            ),
            "2:1 a later `COPY` overwrites `/x.conf`"
        );
        for lines in [
            "COPY a.conf /x.conf\nRUN use\nCOPY b.conf /x.conf",
            "COPY a.conf /etc\nCOPY b.conf /etc",
            "COPY a /x.d\nCOPY b /x.d",
            "COPY a.conf /x.conf\nCOPY b.conf /y.conf",
        ] {
            assert_eq!(
                found(&RULE, &format!("FROM scratch\n{lines}\n")),
                "",
                "{lines}"
            );
        }
    }
}
