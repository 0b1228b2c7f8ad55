use crate::finding::Severity;
use crate::rule::Category;
use crate::scan::hardening::findings::Findings;
use crate::scan::hardening::image::Image;
use crate::scan::hardening::rule::declare;
use crate::scan::hardening::writers::{ANY_EXECUTES, SETGID, SETUID};

declare! {
    /// ## What it does
    /// Reports programs that run as their owner or group, whoever starts them (setuid, setgid).
    ///
    /// ## Why it is bad
    /// A flaw in one of them makes root of whoever broke into the container. A service needs none. `no-new-privileges` disarms them,
    /// where it is set.
    ///
    /// ## Example
    /// ```text image
    /// COPY passwd /usr/bin/
    /// -rwsr-xr-x 0 0 usr/bin/passwd
    /// ```
    ///
    /// ## Use instead
    /// ```text image
    /// COPY --chmod=0755 passwd /usr/bin/
    /// -rwxr-xr-x 0 0 usr/bin/passwd
    /// ```
    ///
    /// ## References
    /// - CIS Docker Benchmark 4.8
    pub(super) static RULE = Rule {
        code: "DX5002",
        name: "setuid-file",
        aliases: &["CIS-DI-0008"],
        severity: Severity::Note,
        category: Category::Security,
        summary: "a program runs as its owner or group, whoever starts it",
    } by check;
}

fn check(image: &Image<'_>, findings: &mut Findings<'_>) {
    let groups = image.grouped(image.files(), |seen| {
        let mode = seen.entry.mode;
        // On a file that nobody runs, setgid once meant mandatory locks, and means nothing.
        mode & SETUID != 0 || mode & SETGID != 0 && mode & ANY_EXECUTES != 0
    });
    findings.files(
        groups.iter(),
        |group| format!("{} setuid or setgid", group.verb("is", "are")),
        "remove the programs, or take the bits away where the files come from: `chmod a-s` in the same step",
    );
}

#[cfg(test)]
mod tests {
    use crate::scan::hardening::samples::found;

    #[test]
    fn the_last_layer_decides() {
        let before = "RUN make\n-rwsr-xr-x 0 0 bin/su\n-rwxr-sr-x 0 42 usr/bin/chage\n-rw-r-Sr-- 0 0 x\ndrwxr-sr-x 0 50 var/local\n";
        assert_eq!(
            found("DX5002", before),
            "1: `/bin/su`, `/usr/bin/chage` are setuid or setgid"
        );
        let after = format!(
            "{before}RUN chmod a-s\n-rwxr-xr-x 0 0 bin/su\n-rwxr-xr-x 0 42 usr/bin/chage\n"
        );
        assert_eq!(found("DX5002", &after), "");
    }

    #[test]
    fn what_the_base_brings_is_the_bases() {
        assert_eq!(
            found("DX5002", "FROM x\n-rwsr-xr-x 0 0 bin/su\n---\nCOPY a b\n"),
            "base: sample: the base image: `/bin/su` is setuid or setgid"
        );
    }
}
