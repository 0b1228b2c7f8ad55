use super::exposed_ports::{container_part, exposed_words, range, values};
use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};

declare! {
    /// ## What it does
    /// Reports an `EXPOSE` of what is no port: above 65535, no number, a range that goes backwards, or a protocol other
    /// than tcp, udp and sctp. Variables are replaced where they are known.
    ///
    /// ## Why it is bad
    /// The build stops there.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM alpine:3.20
    /// EXPOSE 80000
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM alpine:3.20
    /// EXPOSE 8000
    /// ```
    ///
    /// ## References
    /// - <https://docs.docker.com/reference/dockerfile/#expose>
    pub(super) static RULE = Rule {
        code: "DL3011",
        name: "invalid-port",
        aliases: &[],
        severity: Severity::Error,
        enabled: true,
        category: Category::Correctness,
        summary: "what is exposed is no port",
        fix: Fixability::None,
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    for (step, word) in exposed_words(subject.model) {
        for value in values(step, word) {
            let (ports, protocol) = container_part(&value);
            let is_protocol = |name: &str| {
                ["tcp", "udp", "sctp"]
                    .iter()
                    .any(|known| name.eq_ignore_ascii_case(known))
            };
            let problem = match (range(ports), protocol) {
                (Err(problem), _) => problem,
                (Ok(_), Some(protocol)) if !is_protocol(protocol) => {
                    format!("`{protocol}` is no protocol")
                }
                _ => continue,
            };
            diagnostics
                .report(word.span, format!("`{value}` is no port: {problem}"))
                .help(
                    "expose a number up to 65535, with tcp, udp or sctp behind a slash if need be",
                );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::found;

    #[test]
    fn ports_in_every_form_are_fine() {
        for word in [
            "80",
            "80/tcp",
            "53/UDP",
            "8000-8010",
            "\"80\"",
            "127.0.0.1:80:80",
            "$UNKNOWN_PORT",
            "65535/sctp",
        ] {
            assert_eq!(
                found(&RULE, &format!("FROM a:1\nEXPOSE {word}\n")),
                "",
                "{word}"
            );
        }
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (word, problem) in [
            ("65536", "65536 is above 65535"),
            ("http", "`http` is no number"),
            ("80,443", "`80,443` is no number"),
            ("9-8", "9 is above 8"),
            ("80/http", "`http` is no protocol"),
        ] {
            assert_eq!(
                found(&RULE, &format!("FROM a:1\nEXPOSE 1 {word}\n")),
                format!("2:10 `{word}` is no port: {problem}")
            );
        }
        assert_eq!(
            found(&RULE, "FROM scratch\nARG P=70000\nEXPOSE $P\n"),
            "3:8 `70000` is no port: 70000 is above 65535"
        );
    }
}
