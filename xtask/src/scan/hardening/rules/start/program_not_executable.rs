use crate::finding::Severity;
use crate::rule::Category;
use crate::scan::hardening::findings::Findings;
use crate::scan::hardening::image::Image;
use crate::scan::hardening::rule::declare;
use crate::scan::hardening::start::Program;
use crate::scan::hardening::writers::ANY_EXECUTES;

declare! {
    /// ## What it does
    /// Reports an image whose first program is a folder, or a file that its user may not run.
    ///
    /// ## Why it is bad
    /// No container starts: "permission denied".
    ///
    /// ## Example
    /// ```text image
    /// COPY start /
    /// -rw-r--r-- 0 0 start
    /// CMD ["/start"]
    /// ```
    ///
    /// ## Use instead
    /// ```text image
    /// COPY --chmod=0755 start /
    /// -rwxr-xr-x 0 0 start
    /// CMD ["/start"]
    /// ```
    pub(super) static RULE = Rule {
        code: "DX5406",
        name: "program-not-executable",
        aliases: &[],
        severity: Severity::Error,
        category: Category::Correctness,
        summary: "the program that the container starts cannot be run",
    } by check;
}

fn check(image: &Image<'_>, findings: &mut Findings<'_>) {
    let Program::At(node) = image.start.program else {
        return;
    };
    let program = &image.start.words[0];
    let Some(seen) = image.file(node) else {
        findings
            .setting(
                &["CMD", "ENTRYPOINT"],
                format!("the container starts `{program}`, which is no file"),
            )
            .help("name a program");
        return;
    };
    let who = image.runs_as();
    let entry = seen.entry;
    let bit = match (who.uid, who.gid) {
        // Root needs one of the three, or may not run it either.
        (Some(0) | None, _) => ANY_EXECUTES,
        (Some(uid), _) if uid == entry.uid => 0o100,
        (_, Some(gid)) if gid == entry.gid => 0o010,
        _ => 0o001,
    };
    if entry.mode & bit == 0 {
        findings
            .setting(
                &["CMD", "ENTRYPOINT"],
                format!(
                    "the container starts `{program}`, which its user may not run (mode {:04o})",
                    entry.mode
                ),
            )
            .help("`COPY --chmod=0755`, or `chmod` in the step that writes it");
    }
}

#[cfg(test)]
mod tests {
    use crate::scan::hardening::samples::found;

    #[test]
    fn by_owner_group_and_others() {
        for (mode, user, is_found) in [
            ("-rwx------", "0", false),
            ("-rwx------", "7:7", true),
            ("-rwxr-x---", "7:5", false),
            ("-rwxr-x---", "7:7", true),
            ("-rw-r-xr-x", "5:7", true),
            ("-rw-r--r--", "0", true),
        ] {
            let image = format!("COPY a /\n{mode} 5 5 start\nUSER {user}\nCMD [\"/start\"]\n");
            assert_eq!(
                !found("DX5406", &image).is_empty(),
                is_found,
                "{mode} {user}"
            );
        }
        assert_eq!(
            found("DX5406", "COPY a /\ndrwxr-xr-x 0 0 app\nCMD [\"/app\"]\n"),
            "3: the container starts `/app`, which is no file"
        );
    }
}
