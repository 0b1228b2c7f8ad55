use crate::finding::Severity;
use crate::scan::hardening::findings::Findings;
use crate::scan::hardening::image::Image;
use crate::scan::hardening::writers::{OTHERS_WRITE, STICKY};
use crate::scan::hardening::{Identity, Shared};

/// Everyone may write to a file, or to a folder without the sticky bit.
pub(super) static SHARED: Shared = Shared {
    identity: Identity {
        code: "DX1006",
        name: "world-writable",
        aliases: &[],
        severity: Severity::Warning,
    },
    check,
};

/// Folders whose files nobody keeps: engines mount their own there.
const MOUNTED: [&str; 3] = ["dev/", "proc/", "sys/"];

fn check(image: &Image<'_>, findings: &mut Findings<'_>) {
    let files = image.grouped(image.files(), |seen| seen.entry.mode & OTHERS_WRITE != 0);
    findings.files(
        files.iter().filter(|group| !is_mounted(&group.paths)),
        |group| format!("{} writable by everyone", group.verb("is", "are")),
        "`COPY --chmod=…`, or `chmod o-w` in the step that writes them",
    );
    let folders = image.grouped(image.folders(), |seen| {
        seen.entry.mode & OTHERS_WRITE != 0 && seen.entry.mode & STICKY == 0
    });
    findings.files(
        folders.iter(),
        |group| {
            format!(
                "{} that everyone may write to",
                group.verb("is a folder", "are folders")
            )
        },
        "give the folder to the user who writes there, or set the sticky bit: mode 1777",
    );
}

fn is_mounted(paths: &[String]) -> bool {
    paths
        .iter()
        .all(|path| MOUNTED.iter().any(|folder| path[1..].starts_with(folder)))
}

#[cfg(test)]
mod tests {
    use crate::scan::hardening::samples::found;

    #[test]
    fn files_and_folders_without_the_sticky_bit() {
        let image = "COPY a /\ndrwxrwxrwt 0 0 tmp\ndrwxrwxrwx 0 0 data\n-rw-rw-rw- 0 0 data/x\n-rwxr-xr-x 0 0 bin/a\nlrwxrwxrwx 0 0 b -> a\n";
        assert_eq!(
            found("DX1006", image),
            "1: `/data/x` is writable by everyone\n1: `/data` is a folder that everyone may write to"
        );
        let mended = format!("{image}RUN chmod\ndrwxr-xr-x 0 0 data\n-rw-r--r-- 0 0 data/x\n");
        assert_eq!(found("DX1006", &mended), "");
    }
}
