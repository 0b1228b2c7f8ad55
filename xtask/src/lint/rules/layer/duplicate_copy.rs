use crate::dockerfile::FileTransfer;
use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::{Known, Step};

declare! {
    /// ## What it does
    /// Reports a `COPY` that brings the same sources to the same destination as an earlier one of its stage.
    ///
    /// ## Why it is bad
    /// The second one either stores the files again or changes nothing; mostly one of the two was meant to be something else.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM alpine:3.20
    /// COPY config.json /etc/app/
    /// COPY server /srv/
    /// COPY config.json /etc/app/
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM alpine:3.20
    /// COPY config.json /etc/app/
    /// COPY server /srv/
    /// ```
    pub(super) static RULE = Rule {
        code: "DX2106",
        name: "duplicate-copy",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Size,
        summary: "the same files are copied to the same place twice",
        fix: Fixability::None,
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    for stage in subject.model.stages() {
        let mut seen: Vec<(Step<'_>, &FileTransfer)> = Vec::new();
        for step in stage.steps().filter(|step| !step.is_onbuild()) {
            // A script may have changed or moved what was there.
            if step.run().is_some() {
                seen.clear();
            }
            let Some(copy) = step.copy() else {
                continue;
            };
            let repeats = seen
                .iter()
                .any(|(before, other)| is_same((*before, other), (step, copy)));
            if repeats && copy.heredocs.is_empty() {
                diagnostics
                    .report(
                        step.instruction().span,
                        "the same files are copied to the same place above",
                    )
                    .help("take one of the two away, or correct it");
            }
            seen.push((step, copy));
        }
    }
}

fn is_same((before, a): (Step<'_>, &FileTransfer), (step, b): (Step<'_>, &FileTransfer)) -> bool {
    let flag = |copy: &FileTransfer, name: &str| copy.flag(name).map(|value| value.value.clone());
    let resolve = |step: Step<'_>, path: &str| match step.before().resolve(path) {
        Known::Yes(path) => Some(path),
        Known::Unknown => None,
    };
    let same_sources = a.sources.len() == b.sources.len()
        && a.sources
            .iter()
            .zip(&b.sources)
            .all(|(x, y)| x.value == y.value && !x.value.contains('$'));
    same_sources
        && ["from", "chown", "chmod", "exclude"]
            .iter()
            .all(|name| flag(a, name) == flag(b, name))
        && a.destination.value.ends_with('/') == b.destination.value.ends_with('/')
        && resolve(before, &a.destination.value)
            .is_some_and(|path| resolve(step, &b.destination.value) == Some(path))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::found;

    #[test]
    fn only_real_repetitions() {
        assert_eq!(
            found(
                &RULE,
                "FROM scratch\nWORKDIR /a\nCOPY x y ./\nCOPY x y /a/\n"
            ),
            "4:1 the same files are copied to the same place above"
        );
        for lines in [
            "COPY x /a\nCOPY x /b",
            "WORKDIR /a\nCOPY x .\nWORKDIR /b\nCOPY x .",
            "COPY x /a\nRUN rm /a\nCOPY x /a",
            "COPY x /a\nCOPY --from=b x /a",
            "COPY package.json ./\nCOPY . .",
        ] {
            assert_eq!(
                found(&RULE, &format!("FROM scratch\n{lines}\n")),
                "",
                "{lines}"
            );
        }
    }
}
