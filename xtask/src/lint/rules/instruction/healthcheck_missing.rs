use crate::dockerfile::InstructionKind;
use crate::finding::Severity;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::{Diagnostics, Known};

declare! {
    /// ## What it does
    /// Reports a last stage that has no `HEALTHCHECK`, neither itself nor from what it starts from, as far as that is
    /// known. It is off unless it is asked for, as it is in hadolint.
    ///
    /// ## Why it is bad
    /// Without one, Docker, Compose and Swarm take a container for healthy as long as its process exists. Kubernetes has
    /// probes of its own and ignores it.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM nginx:1.27.2
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM nginx:1.27.2
    /// HEALTHCHECK CMD ["curl", "--fail", "--silent", "http://localhost/"]
    /// ```
    pub(super) static RULE = Rule {
        code: "DL3057",
        name: "healthcheck-missing",
        aliases: &["CIS-DI-0006"],
        severity: Severity::Note,
        enabled: false,
        category: Category::Correctness,
        summary: "the image has no `HEALTHCHECK`",
        fix: Fixability::None,
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    let Some(last) = subject.model.final_stage() else {
        return;
    };
    // Hardly an image brings one along: one that is not known is taken to have none.
    let own = last
        .steps()
        .any(|step| matches!(step.written().kind, InstructionKind::Healthcheck(_)));
    if !own && !matches!(last.end().healthcheck(), Known::Yes(Some(_))) {
        diagnostics
            .report(last.stage().base.span, "the image has no `HEALTHCHECK`")
            .help("add one, or `HEALTHCHECK NONE` where there is nothing to check");
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::found;

    #[test]
    fn the_last_stage_counts_with_all_it_inherits() {
        for text in [
            "FROM a:1\nHEALTHCHECK CMD x\n",
            "FROM a:1\nHEALTHCHECK NONE\n",
            "FROM a:1 AS b\nHEALTHCHECK CMD x\nFROM b\n",
        ] {
            assert_eq!(found(&RULE, text), "", "{text}");
        }
        assert_eq!(
            found(&RULE, "FROM a:1 AS b\nHEALTHCHECK CMD x\nFROM c:1\n"),
            "3:6 the image has no `HEALTHCHECK`"
        );
    }
}
