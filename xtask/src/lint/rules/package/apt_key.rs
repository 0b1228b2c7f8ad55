use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::commands::unix_commands_of;

declare! {
    /// ## What it does
    /// Reports `apt-key`, other than `apt-key list` and the like, which change nothing.
    ///
    /// ## Why it is bad
    /// A key that it adds is trusted for every repository, not only for the one it belongs to. Debian 13 and Ubuntu
    /// 24.10 no longer have
    /// the program. A key in a file of its own, named by `signed-by=`, is trusted for one repository.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM debian:12
    /// RUN curl -fsSL https://example.com/key.asc | apt-key add -
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM debian:12
    /// ADD https://example.com/key.asc /etc/apt/keyrings/example.asc
    /// RUN echo 'deb [signed-by=/etc/apt/keyrings/example.asc] https://example.com/apt stable main' > /etc/apt/sources.list.d/example.list
    /// ```
    pub(super) static RULE = Rule {
        code: "DX2015",
        name: "apt-key",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Security,
        summary: "`apt-key` is gone from current releases",
        fix: Fixability::None,
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    for (_, invocation) in unix_commands_of(subject.model, &["apt-key"]) {
        let changes = matches!(
            invocation.subcommand(),
            Some("add" | "adv" | "del" | "net-update" | "update")
        );
        if changes {
            diagnostics
                .report(
                    invocation.program_span,
                    "`apt-key` trusts a key for every repository",
                )
                .help("put the key below `/etc/apt/keyrings` and name it with `signed-by=`");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::found;

    #[test]
    fn only_what_changes_something() {
        for run in [
            "apt-key list",
            "echo apt-key add",
            "gpg --dearmor -o /etc/apt/keyrings/a.gpg a.asc",
        ] {
            assert_eq!(
                found(&RULE, &format!("FROM debian:12\nRUN {run}\n")),
                "",
                "{run}"
            );
        }
        assert_eq!(
            found(
                &RULE,
                "FROM debian:12\nRUN sudo apt-key adv --keyserver x --recv-keys y\n"
            ),
            "2:10 `apt-key` trusts a key for every repository"
        );
    }
}
