use super::replaced::report_replaced;
use crate::dockerfile::InstructionKind;
use crate::edit::Safety;
use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};

declare! {
    /// ## What it does
    /// Reports a `CMD` that a later one of the same stage replaces.
    ///
    /// ## Why it is bad
    /// An image has one command. The one above never starts, though the file reads as if both did.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM alpine:3.20
    /// CMD ["server", "--debug"]
    /// CMD ["server"]
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM alpine:3.20
    /// CMD ["server"]
    /// ```
    ///
    /// ## Fix safety
    /// Safe: what had no effect is removed.
    ///
    /// ## References
    /// - <https://docs.docker.com/reference/build-checks/multiple-instructions-disallowed/>
    pub(super) static RULE = Rule {
        code: "DL4003",
        name: "cmd-replaced",
        aliases: &["MultipleInstructionsDisallowed"],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Correctness,
        summary: "a later `CMD` of the stage replaces this one",
        fix: Fixability::Always(Safety::Safe),
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    report_replaced(subject, diagnostics, |kind| {
        matches!(kind, InstructionKind::Cmd(_))
    });
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::{fixed, found};

    #[test]
    fn each_stage_has_its_own() {
        let text = "FROM a:1 AS b\nCMD CMD a\nFROM b\nONBUILD CMD CMD x\nCMD CMD b\n";
        assert_eq!(found(&RULE, text), "");
    }

    #[test]
    fn all_but_the_last_go() {
        let text = "FROM a:1\nCMD CMD a \\\n  b\n# why\nCMD CMD b\nUSER 1\ncmd CMD c\n";
        assert_eq!(
            found(&RULE, text),
            "2:1 this `CMD` has no effect: line 5 replaces it\n5:1 this `CMD` has no effect: line 7 replaces it"
        );
        assert_eq!(fixed(&RULE, text), "FROM a:1\n# why\nUSER 1\ncmd CMD c\n");
    }
}
