use crate::finding::Severity;
use crate::rule::Category;
use crate::scan::hardening::findings::Findings;
use crate::scan::hardening::image::Image;
use crate::scan::hardening::rule::declare;
use crate::scan::hardening::start::path_folders;
use crate::scan::hardening::writers::{OTHERS_WRITE, STICKY, may_write};

declare! {
    /// ## What it does
    /// Reports folders of `PATH` that the container's user, or everybody, may write to, and parts of `PATH` that are no absolute path.
    ///
    /// ## Why it is bad
    /// Who puts a `node` there is run in its place.
    ///
    /// ## Example
    /// ```text image
    /// ENV PATH=/app/bin:/usr/bin
    /// RUN install -d -o 1000 /app/bin
    /// drwxr-xr-x 1000 1000 app/bin
    /// drwxr-xr-x 0 0 usr/bin
    /// USER 1000:1000
    /// ```
    ///
    /// ## Use instead
    /// ```text image
    /// ENV PATH=/app/bin:/usr/bin
    /// RUN install -d /app/bin
    /// drwxr-xr-x 0 0 app/bin
    /// drwxr-xr-x 0 0 usr/bin
    /// USER 1000:1000
    /// ```
    pub(super) static RULE = Rule {
        code: "DX5006",
        name: "path-folder-writable",
        aliases: &[],
        severity: Severity::Warning,
        category: Category::Security,
        summary: "a folder of `PATH` can be written to",
    } by check;
}

fn check(image: &Image<'_>, findings: &mut Findings<'_>) {
    let who = image.runs_as();
    let mut seen_nodes = Vec::new();
    for folder in path_folders(image.settings()) {
        let node = image.subject.filesystem.resolve(folder.as_bytes());
        let Some(seen) = node.and_then(|node| image.folder(node)) else {
            continue;
        };
        // `/bin` is `/usr/bin` on most systems.
        if seen_nodes.contains(&seen.node) {
            continue;
        }
        seen_nodes.push(seen.node);
        let by_all = seen.entry.mode & OTHERS_WRITE != 0 && seen.entry.mode & STICKY == 0;
        if by_all || may_write(&who, &seen) {
            let by = if by_all {
                "everybody"
            } else {
                "the container's user"
            };
            findings
                .layer(
                    seen.layer,
                    format!("{by} may write to `{folder}`, which is in `PATH`"),
                )
                .help("let root own it, mode 0755, or take it out of `PATH`")
                .property("paths", vec![folder]);
        }
    }
    let path = image.variable("PATH").unwrap_or_default();
    if path.split(':').any(|folder| !folder.starts_with('/')) && image.variable("PATH").is_some() {
        findings
            .setting(
                &["ENV"],
                "`PATH` has a part that is no absolute path: the current folder is searched",
            )
            .help("name absolute folders only");
    }
}

#[cfg(test)]
mod tests {
    use crate::scan::hardening::samples::found;

    #[test]
    fn the_current_folder_is_searched() {
        for (path, is_found) in [
            (".:/bin", true),
            ("/bin:", true),
            ("", true),
            ("/bin", false),
        ] {
            let found = found("DX5006", &format!("ENV PATH={path}\n"));
            assert_eq!(!found.is_empty(), is_found, "{path}");
        }
        assert_eq!(found("DX5006", "USER 7\n"), "");
    }

    #[test]
    fn links_are_followed_and_counted_once() {
        let image = "ENV PATH=/bin:/usr/bin\nRUN x\nlrwxrwxrwx 0 0 bin -> usr/bin\ndrwxrwxrwx 0 0 usr/bin\n";
        assert_eq!(
            found("DX5006", image),
            "2: everybody may write to `/bin`, which is in `PATH`"
        );
        let sticky = image.replace("drwxrwxrwx", "drwxrwxrwt");
        assert_eq!(found("DX5006", &sticky), "");
    }
}
