use super::programs;
use crate::finding::Severity;
use crate::rule::Category;
use crate::scan::hardening::files::ending;
use crate::scan::hardening::findings::Findings;
use crate::scan::hardening::image::Image;
use crate::scan::hardening::rule::declare;
use crate::scan::hardening::start::{is_shell, shell_text};

declare! {
    /// ## What it does
    /// Reports shells in a production image that neither starts with one nor is probed by one.
    ///
    /// ## Why it is bad
    /// A flaw that runs one command runs any, once there is a shell. Most service images have one because their base does: this is a
    /// remark, for images that are to be as small as they can be.
    ///
    /// ## Example
    /// ```text image
    /// FROM x
    /// -rwxr-xr-x 0 0 bin/sh
    /// CMD ["/app/main"]
    /// ```
    ///
    /// ## Use instead
    /// ```text image
    /// FROM x
    /// -rwxr-xr-x 0 0 app/main
    /// CMD ["/app/main"]
    /// ```
    pub(super) static RULE = Rule {
        code: "DX5303",
        name: "shell-in-image",
        aliases: &[],
        severity: Severity::Style,
        category: Category::Security,
        summary: "a production image has a shell that it does not use",
    } by check;
}

fn check(image: &Image<'_>, findings: &mut Findings<'_>) {
    let words = &image.start.words;
    let starts_one = words
        .iter()
        .any(|word| is_shell(word) || ending(word) == "sh");
    let health = image.settings().healthcheck.as_ref();
    let probes_by_one = health.is_some_and(|health| {
        health.test.first().is_some_and(|kind| kind == "CMD-SHELL")
            || shell_text(health.test.get(1..).unwrap_or_default()).is_some()
    });
    if starts_one || probes_by_one {
        return;
    }
    programs::report(
        image,
        findings,
        |name| is_shell(name) || name == "busybox",
        "can run any command, and nothing here starts it",
        "build on an image without a shell (`scratch`, distroless), and debug with a container beside it",
    );
}

#[cfg(test)]
mod tests {
    use crate::scan::hardening::samples::found;

    #[test]
    fn who_uses_it_may_have_it() {
        let base = "FROM x\n-rwxr-xr-x 0 0 bin/busybox\nlrwxrwxrwx 0 0 bin/sh -> busybox\n";
        assert_ne!(found("DX5303", &format!("{base}CMD [\"/x\"]\n")), "");
        for text in [
            "CMD exec /x",
            "ENTRYPOINT [\"/docker-entrypoint.sh\"]",
            "HEALTHCHECK CMD x || exit 1",
        ] {
            assert_eq!(found("DX5303", &format!("{base}{text}\n")), "", "{text}");
        }
    }
}
