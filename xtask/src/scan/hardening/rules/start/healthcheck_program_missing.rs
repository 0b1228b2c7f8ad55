use super::probe;
use crate::finding::Severity;
use crate::mapped_text::MappedText;
use crate::scan::hardening::findings::Findings;
use crate::scan::hardening::image::Image;
use crate::scan::hardening::start::{Program, find, is_shell, shell_text};
use crate::scan::hardening::{Identity, Shared};
use crate::shell::parse;
use crate::source::Span;

/// The probe's program, or its shell, is not in the image.
pub(super) static SHARED: Shared = Shared {
    identity: Identity {
        code: "DX1203",
        name: "healthcheck-program-missing",
        aliases: &[],
        severity: Severity::Error,
    },
    check,
};

/// What shells do themselves.
const BUILTINS: [&str; 24] = [
    ".", ":", "[", "break", "cd", "command", "continue", "echo", "eval", "exec", "exit", "export",
    "false", "kill", "local", "printf", "read", "return", "set", "shift", "test", "trap", "true",
    "wait",
];

fn check(image: &Image<'_>, findings: &mut Findings<'_>) {
    let Some(health) = probe(image) else {
        return;
    };
    let rest = health.test.get(1..).unwrap_or_default();
    let (program, text) = match (health.test[0].as_str(), rest) {
        ("CMD-SHELL", [text, ..]) => ("/bin/sh", Some(text.as_str())),
        (_, [program, ..]) => (program.as_str(), shell_text(rest)),
        _ => return,
    };
    let is_missing = |program: &str| {
        find(program, image.settings(), image.subject.filesystem) == Program::Missing
    };
    let mut missing: Vec<String> = Vec::new();
    if is_missing(program) {
        missing.push(program.to_owned());
    } else if let Some(text) = text {
        let script = parse(&MappedText::contiguous(
            text.to_owned(),
            Span::new(0, text.len()),
        ));
        // A function of its own name would look missing.
        let invocations = script
            .invocations()
            .into_iter()
            .filter(|it| !it.program.is_empty() && !it.nested);
        for it in invocations {
            let is_builtin = BUILTINS.contains(&&*it.program);
            if !is_builtin
                && !missing.iter().any(|known| *known == it.program)
                && is_missing(&it.program)
                && !is_path(&it.program)
            {
                missing.push(it.program.into());
            }
        }
    }
    for program in missing {
        let why = if is_shell(&program) && health.test[0] == "CMD-SHELL" {
            format!("the probe needs the shell `{program}`, which is not in the image")
        } else {
            format!(
                "the probe runs `{program}`, which is not in the image: the container is never healthy"
            )
        };
        findings
            .setting(&["HEALTHCHECK"], why)
            .help("probe with a program that is there, in exec form: `HEALTHCHECK CMD [\"/app/main\", \"--probe\"]`");
    }
}

/// An invocation's program has lost its folder: a path cannot be looked up by it.
fn is_path(program: &str) -> bool {
    program.contains('/')
}

#[cfg(test)]
mod tests {
    use crate::scan::hardening::samples::found;

    #[test]
    fn programs_of_scripts_and_the_shell_itself() {
        let shell = "FROM x\n-rwxr-xr-x 0 0 bin/sh\n-rwxr-xr-x 0 0 usr/bin/wget\n";
        for (image, probe, expected) in [
            (shell, "CMD wget -q x || exit 1", ""),
            (
                shell,
                "CMD curl -f x || exit 1",
                "4: the probe runs `curl`, which is not in the image: the container is never healthy",
            ),
            (
                shell,
                "CMD [\"/app/probe\"]",
                "4: the probe runs `/app/probe`, which is not in the image: the container is never healthy",
            ),
            (
                "COPY a b\n-rwxr-xr-x 0 0 b\n",
                "CMD /b",
                "3: the probe needs the shell `/bin/sh`, which is not in the image",
            ),
            (shell, "CMD [\"wget\", \"x\"]", ""),
            (shell, "NONE", ""),
        ] {
            assert_eq!(
                found("DX1203", &format!("{image}HEALTHCHECK {probe}\n")),
                expected,
                "{probe}"
            );
        }
    }
}
