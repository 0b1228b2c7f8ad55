use crate::finding::Severity;
use crate::mapped_text::MappedText;
use crate::scan::hardening::findings::Findings;
use crate::scan::hardening::image::Image;
use crate::scan::hardening::start::{shell_text, without_launchers};
use crate::scan::hardening::{Identity, Shared};
use crate::shell::parse;
use crate::source::Span;

/// The first process is a shell that waits for the program: shell form, or a last command without `exec`.
pub(super) static SHARED: Shared = Shared {
    identity: Identity {
        code: "DX1202",
        name: "shell-as-pid1",
        aliases: &[],
        severity: Severity::Warning,
    },
    check,
};

fn check(image: &Image<'_>, findings: &mut Findings<'_>) {
    let words = without_launchers(&image.start.words);
    let Some(text) = shell_text(words) else {
        return;
    };
    // Behind an init, the shell is not the first process, and the init hands signals on.
    if words.len() != image.start.words.len() {
        return;
    }
    let script = parse(&MappedText::contiguous(
        text.to_owned(),
        Span::new(0, text.len()),
    ));
    let invocations = script.invocations();
    let hands_over = invocations
        .iter()
        .rfind(|it| it.depth == 0)
        .is_some_and(|last| last.through.iter().any(|through| through == "exec"));
    if !hands_over {
        findings
            .setting(
                &["CMD", "ENTRYPOINT"],
                "the first process is a shell, which does not hand `SIGTERM` on",
            )
            .help("write the program as a JSON array, or put `exec` before it");
    }
}

#[cfg(test)]
mod tests {
    use crate::scan::hardening::samples::found;

    #[test]
    fn who_hands_over_is_fine() {
        for (text, is_found) in [
            ("CMD node main.js", true),
            ("CMD [\"sh\", \"-c\", \"a && node main.js\"]", true),
            ("CMD exec node main.js", false),
            ("CMD [\"sh\", \"-c\", \"a; exec node main.js\"]", false),
            ("CMD [\"node\", \"main.js\"]", false),
            (
                "ENTRYPOINT [\"dumb-init\", \"--\"]\nCMD [\"sh\", \"-c\", \"node main.js\"]",
                false,
            ),
        ] {
            assert_eq!(
                !found("DX1202", &format!("{text}\n")).is_empty(),
                is_found,
                "{text}"
            );
        }
    }
}
