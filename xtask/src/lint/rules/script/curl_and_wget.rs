use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};

declare! {
    /// ## What it does
    /// Reports uses of `curl` and `wget` in one stage, from where the second of the two comes in: once for each `RUN`.
    ///
    /// ## Why it is bad
    /// They do the same. One of them has to be installed, kept up to date and carried along without need.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM debian:12
    /// RUN wget -q https://example.com/a
    /// RUN curl -fsSO https://example.com/b
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM debian:12
    /// RUN curl -fsSO https://example.com/a
    /// RUN curl -fsSO https://example.com/b
    /// ```
    pub(super) static RULE = Rule {
        code: "DL4001",
        name: "curl-and-wget",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Size,
        summary: "both `curl` and `wget` are used",
        fix: Fixability::None,
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    for stage in subject.model.stages() {
        let (mut curl, mut wget) = (false, false);
        let mut reported = None;
        let commands = stage
            .steps()
            .filter(|step| step.run().is_some())
            .flat_map(|step| step.invocations().iter().map(move |it| (step.index, it)));
        for (step, invocation) in commands {
            let other = match invocation.program.as_str() {
                "curl" => {
                    curl = true;
                    "wget"
                }
                "wget" => {
                    wget = true;
                    "curl"
                }
                _ => continue,
            };
            if curl && wget && reported != Some(step) {
                reported = Some(step);
                diagnostics
                    .report(
                        invocation.program_span,
                        format!(
                            "`{}` is used although `{other}` is used too",
                            invocation.program
                        ),
                    )
                    .help("use one of the two");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::found;

    #[test]
    fn one_of_them_is_fine() {
        for text in [
            "RUN curl a && curl b",
            "RUN apt-get install -y curl wget\nRUN wget -q a",
            "RUN curl a\nFROM debian:12\nRUN wget -q b",
            "RUN curl a\nCMD wget b",
        ] {
            assert_eq!(
                found(&RULE, &format!("FROM debian:12\n{text}\n")),
                "",
                "{text}"
            );
        }
    }

    #[test]
    fn each_run_from_the_second_on() {
        assert_eq!(
            found(
                &RULE,
                "FROM debian:12\nRUN curl a\nRUN wget -q a && curl b\nRUN curl c\n"
            ),
            "3:5 `wget` is used although `curl` is used too\n4:5 `curl` is used although `wget` is used too"
        );
    }
}
