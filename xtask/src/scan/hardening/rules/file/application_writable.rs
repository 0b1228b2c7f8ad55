use crate::finding::Severity;
use crate::rule::Category;
use crate::scan::hardening::findings::Findings;
use crate::scan::hardening::image::Image;
use crate::scan::hardening::rule::declare;
use crate::scan::hardening::writers::{ANY_EXECUTES, may_write};

declare! {
    /// ## What it does
    /// Reports code that the container's own user may change: programs, scripts and libraries outside of the system's folders.
    ///
    /// ## Why it is bad
    /// Whoever gets the service to write a file changes what it runs next. Code is read and run; only data is written.
    ///
    /// ## Example
    /// ```text image
    /// COPY --chown=1000:1000 dist /app
    /// -rw-r--r-- 1000 1000 app/main.js
    /// USER 1000:1000
    /// ```
    ///
    /// ## Use instead
    /// ```text image
    /// COPY --chown=0:0 dist /app
    /// -rw-r--r-- 0 0 app/main.js
    /// USER 1000:1000
    /// ```
    pub(super) static RULE = Rule {
        code: "DX5005",
        name: "application-code-writable",
        aliases: &[],
        severity: Severity::Note,
        category: Category::Security,
        summary: "the container's user may change the code that it runs",
    } by check;
}

/// Endings of what is run without an executable bit.
const CODE: [&[u8]; 13] = [
    b"js", b"mjs", b"cjs", b"py", b"pyc", b"rb", b"php", b"jar", b"class", b"war", b"so", b"wasm",
    b"dll",
];

fn check(image: &Image<'_>, findings: &mut Findings<'_>) {
    let who = image.runs_as();
    let groups = image.grouped(image.files(), |seen| {
        if !may_write(&who, seen) {
            return false;
        }
        let name = image.subject.filesystem.name(seen.node);
        let ending = name.rsplit(|byte| *byte == b'.').next().unwrap_or_default();
        seen.entry.mode & ANY_EXECUTES != 0 || ending.len() < name.len() && CODE.contains(&ending)
    });
    findings.files(
        groups.iter(),
        |group| {
            format!(
                "{} code that the container's user may change",
                group.verb("is", "are")
            )
        },
        "let root own what is run: leave out `--chown`, and give the user a folder for data",
    );
}

#[cfg(test)]
mod tests {
    use crate::scan::hardening::samples::found;

    #[test]
    fn by_owner_group_or_anybody() {
        for (mode, owner, is_found) in [
            ("-rw-r--r--", "1000 7", true),
            ("-r--r--r--", "1000 7", true),
            ("-rw-rw-r--", "0 1000", true),
            ("-rw-r--rw-", "0 0", true),
            ("-rw-rw-r--", "0 0", false),
            ("-rw-r--r--", "0 1000", false),
        ] {
            let image = format!(
                "COPY a /\n{mode} {owner} app/a.js\n{mode} {owner} app/data.csv\nUSER 1000:1000\n"
            );
            let expected = if is_found {
                "1: `/app/a.js` is code that the container's user may change"
            } else {
                ""
            };
            assert_eq!(found("DX5005", &image), expected, "{mode} {owner}");
        }
    }

    #[test]
    fn root_may_change_everything() {
        assert_eq!(
            found("DX5005", "COPY a /\n-rwxrwxrwx 0 0 app/a\nUSER 0\n"),
            ""
        );
    }
}
