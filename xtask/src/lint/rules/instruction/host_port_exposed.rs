use super::exposed_ports::{container_part, exposed_words, values};
use crate::edit::Safety;
use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};

declare! {
    /// ## What it does
    /// Reports an `EXPOSE` with an address or a port of the host, as in `127.0.0.1:80:8080`.
    ///
    /// ## Why it is bad
    /// An image cannot decide about the host. The builder ignores that part and is going to refuse it; who wrote it
    /// believes that the port is published.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM alpine:3.20
    /// EXPOSE 127.0.0.1:80:8080
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM alpine:3.20
    /// EXPOSE 8080
    /// ```
    ///
    /// ## Fix safety
    /// Safe: what the builder ignores is removed. A word with variables has no fix.
    ///
    /// ## References
    /// - <https://docs.docker.com/reference/build-checks/expose-invalid-format/>
    pub(super) static RULE = Rule {
        code: "ExposeInvalidFormat",
        name: "host-port-exposed",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Correctness,
        summary: "`EXPOSE` names an address or a port of the host",
        fix: Fixability::Sometimes(Safety::Safe),
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    for (step, word) in exposed_words(subject.model) {
        let Some(value) = values(step, word)
            .into_iter()
            .find(|value| value.contains(':'))
        else {
            continue;
        };
        let (ports, protocol) = container_part(&value);
        let exposed = match protocol {
            Some(protocol) => format!("{ports}/{protocol}"),
            None => ports.to_owned(),
        };
        let found = diagnostics
            .report(
                word.span,
                format!("`{value}` names what is on the host, which is ignored"),
            )
            .help(format!(
                "expose `{exposed}`, and publish it with `docker run --publish`"
            ));
        if !word.value.contains('$') && !ports.is_empty() {
            found.fix(format!("write `{exposed}`"), [(word.span, exposed)]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::{fixed, found};

    #[test]
    fn what_is_in_the_container_stays() {
        assert_eq!(
            found(&RULE, "FROM a:1\nEXPOSE 80 ${P:-80}/tcp 8000-8001/udp\n"),
            ""
        );
        assert_eq!(
            found(&RULE, "FROM a:1\nEXPOSE 1 80:8080\n"),
            "2:10 `80:8080` names what is on the host, which is ignored"
        );
        assert_eq!(
            fixed(
                &RULE,
                "FROM a:1\nEXPOSE [::1]:80:81/udp 5000-5001:6000-6001 7\n"
            ),
            "FROM a:1\nEXPOSE 81/udp 6000-6001 7\n"
        );
    }
}
