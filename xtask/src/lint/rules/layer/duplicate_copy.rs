use foldhash::HashSet;

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
        if stage.steps().filter(|step| step.copy().is_some()).count() < 2 {
            continue;
        }
        let mut seen: HashSet<Copied<'_>> = HashSet::default();
        for step in stage.steps().filter(|step| !step.is_onbuild()) {
            // A script may have changed or moved what was there.
            if step.run().is_some() {
                seen.clear();
            }
            let Some(copy) = step.copy() else {
                continue;
            };
            let repeats = Copied::of(step, copy).is_some_and(|copied| !seen.insert(copied));
            if repeats && copy.heredocs.is_empty() {
                diagnostics
                    .report(
                        step.instruction().span,
                        "the same files are copied to the same place above",
                    )
                    .help("take one of the two away, or correct it");
            }
        }
    }
}

/// What a `COPY` does, as far as two of them do the same.
#[derive(PartialEq, Eq, Hash)]
struct Copied<'m> {
    sources: Vec<&'m str>,
    flags: [Option<&'m str>; 4],
    into_folder: bool,
    destination: String,
}

impl<'m> Copied<'m> {
    /// `None` where it is not known.
    fn of(step: Step<'m>, copy: &'m FileTransfer) -> Option<Self> {
        if copy.sources.iter().any(|source| source.value.contains('$')) {
            return None;
        }
        let Known::Yes(destination) = step.before().resolve(&copy.destination.value) else {
            return None;
        };
        let flag = |name: &str| copy.flag(name).map(|value| value.value.as_str());
        Some(Self {
            sources: copy.sources.iter().map(|it| it.value.as_str()).collect(),
            flags: ["from", "chown", "chmod", "exclude"].map(flag),
            into_folder: copy.destination.value.ends_with('/'),
            destination,
        })
    }
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
