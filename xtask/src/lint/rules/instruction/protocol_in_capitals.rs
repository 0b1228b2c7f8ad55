use super::exposed_ports::exposed_words;
use crate::edit::Safety;
use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::source::Span;

declare! {
    /// ## What it does
    /// Reports a protocol in capital letters in `EXPOSE`, as in `80/TCP`.
    ///
    /// ## Why it is bad
    /// Protocols are written in lower case everywhere else: in the image, in `docker run`, in Compose files. Who searches
    /// for `80/tcp` does not find it.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM alpine:3.20
    /// EXPOSE 80/TCP
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM alpine:3.20
    /// EXPOSE 80/tcp
    /// ```
    ///
    /// ## Fix safety
    /// Safe: the builder writes it in lower case, too.
    ///
    /// ## References
    /// - <https://docs.docker.com/reference/build-checks/expose-proto-casing/>
    pub(super) static RULE = Rule {
        code: "ExposeProtoCasing",
        name: "protocol-in-capitals",
        aliases: &[],
        severity: Severity::Style,
        enabled: true,
        category: Category::Style,
        summary: "the protocol of an exposed port is in capital letters",
        fix: Fixability::Always(Safety::Safe),
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    let text = subject.model.file.source.text();
    for (_, word) in exposed_words(subject.model) {
        let written = word.span.of(text);
        let Some((ports, protocol)) = written.rsplit_once('/') else {
            continue;
        };
        let protocol = protocol.trim_end_matches(['"', '\'']);
        let lower = protocol.to_ascii_lowercase();
        if lower == protocol || !["tcp", "udp", "sctp"].contains(&lower.as_str()) {
            continue;
        }
        let start = word.span.start + ports.len() + 1;
        let place = Span::new(start, start + protocol.len());
        diagnostics
            .report(place, format!("`{protocol}` is written in capital letters"))
            .help(format!("write `{lower}`"))
            .fix(format!("write `{lower}`"), [(place, lower)]);
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::{fixed, found};

    #[test]
    fn only_the_protocol_is_meant() {
        assert_eq!(
            found(
                &RULE,
                "FROM a:1\nEXPOSE 80 53/udp $PORT ${P:-80}/tcp 80/HTTP\n"
            ),
            ""
        );
        assert_eq!(
            found(&RULE, "FROM a:1\nEXPOSE 1 80/Tcp\n"),
            "2:13 `Tcp` is written in capital letters"
        );
        assert_eq!(
            fixed(&RULE, "FROM a:1\nEXPOSE \"80/TCP\" \\\n  $PORT/UDP 1/tcp\n"),
            "FROM a:1\nEXPOSE \"80/tcp\" \\\n  $PORT/udp 1/tcp\n"
        );
    }
}
