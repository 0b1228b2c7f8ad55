use crate::finding::Severity;
use crate::rule::Category;
use crate::scan::hardening::findings::Findings;
use crate::scan::hardening::image::Image;
use crate::scan::hardening::rule::declare;

declare! {
    /// ## What it does
    /// Reports `STOPSIGNAL KILL` and `STOPSIGNAL STOP`, in every spelling.
    ///
    /// ## Why it is bad
    /// No program can catch them: requests are cut off, and files are left half written. `STOP` ends nothing at all.
    ///
    /// ## Example
    /// ```text image
    /// STOPSIGNAL SIGKILL
    /// ```
    ///
    /// ## Use instead
    /// ```text image
    /// STOPSIGNAL SIGTERM
    /// ```
    pub(super) static RULE = Rule {
        code: "DX5405",
        name: "stop-signal-kill",
        aliases: &[],
        severity: Severity::Warning,
        category: Category::Correctness,
        summary: "the signal that stops a container cannot be caught",
    } by check;
}

fn check(image: &Image<'_>, findings: &mut Findings<'_>) {
    let Some(signal) = image.settings().stop_signal.as_deref() else {
        return;
    };
    let upper = signal.trim().to_ascii_uppercase();
    let name = upper.strip_prefix("SIG").unwrap_or(&upper);
    // Numbers of Linux: signal(7).
    if matches!(name, "KILL" | "STOP" | "9" | "19") {
        findings
            .setting(
                &["STOPSIGNAL"],
                format!("no program can catch `{signal}`, which stops the container"),
            )
            .help("stop with SIGTERM, or with what the program takes as the wish to end");
    }
}

#[cfg(test)]
mod tests {
    use crate::scan::hardening::samples::found;

    #[test]
    fn in_every_spelling() {
        for signal in ["KILL", "SIGKILL", "sigkill", "9", "STOP"] {
            assert_ne!(
                found("DX5405", &format!("STOPSIGNAL {signal}\n")),
                "",
                "{signal}"
            );
        }
        for signal in ["TERM", "SIGQUIT", "15", "SIGRTMIN+3"] {
            assert_eq!(
                found("DX5405", &format!("STOPSIGNAL {signal}\n")),
                "",
                "{signal}"
            );
        }
    }
}
