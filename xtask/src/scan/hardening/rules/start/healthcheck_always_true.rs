use super::probe;
use crate::finding::Severity;
use crate::mapped_text::MappedText;
use crate::scan::hardening::findings::Findings;
use crate::scan::hardening::image::Image;
use crate::scan::hardening::start::shell_text;
use crate::scan::hardening::{Identity, Shared};
use crate::shell::{Connector, Invocation, parse};
use crate::source::Span;

/// The probe succeeds whatever the program does.
pub(super) static SHARED: Shared = Shared {
    identity: Identity {
        code: "DX1210",
        name: "healthcheck-always-true",
        aliases: &[],
        severity: Severity::Warning,
    },
    check,
};

fn check(image: &Image<'_>, findings: &mut Findings<'_>) {
    let Some(health) = probe(image) else {
        return;
    };
    let rest = health.test.get(1..).unwrap_or_default();
    let text = match (health.test[0].as_str(), rest) {
        ("CMD-SHELL", [text, ..]) => Some(text.as_str()),
        _ => shell_text(rest),
    };
    let is_true = match text {
        Some(text) => {
            let span = Span::new(0, text.len());
            let script = parse(&MappedText::contiguous(text.to_owned(), span));
            let invocations = script.invocations();
            let mut last = invocations.iter().filter(|it| it.depth == 0 && !it.nested);
            last.next_back()
                .is_some_and(|last| always_succeeds(last, invocations.len()))
        }
        None => {
            matches!(rest, [program, ..] if matches!(program.rsplit('/').next(), Some("true" | "echo")))
        }
    };
    if is_true {
        findings
            .setting(
                &["HEALTHCHECK"],
                "the probe succeeds whatever the program does",
            )
            .help("let the last command say whether the program answers: `|| exit 1`");
    }
}

/// Whether a script that ends with this succeeds, whatever came before.
fn always_succeeds(last: &Invocation, count: usize) -> bool {
    let is_true = match last.program.as_str() {
        "true" | ":" | "echo" => true,
        "exit" => last
            .arguments
            .first()
            .is_some_and(|status| status.text == "0"),
        _ => false,
    };
    // Behind `&&` it is only reached if what came before succeeded.
    is_true && (last.connector != Connector::And || count == 1)
}

#[cfg(test)]
mod tests {
    use crate::scan::hardening::samples::found;

    #[test]
    fn by_the_last_command() {
        for (probe, is_found) in [
            ("CMD curl -f x || true", true),
            ("CMD curl -f x || exit 0", true),
            ("CMD curl -f x; :", true),
            ("CMD true", true),
            ("CMD [\"true\"]", true),
            ("CMD [\"/bin/sh\", \"-c\", \"x || true\"]", true),
            ("CMD curl -f x || exit 1", false),
            ("CMD curl -f x && true", false),
            ("CMD [\"node\", \"probe.js\"]", false),
            ("NONE", false),
        ] {
            let found = found("DX1210", &format!("HEALTHCHECK {probe}\n"));
            assert_eq!(!found.is_empty(), is_found, "{probe}");
        }
    }
}
