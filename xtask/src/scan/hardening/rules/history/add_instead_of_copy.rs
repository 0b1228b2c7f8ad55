use super::{added, is_repository, is_url, own};
use crate::finding::Severity;
use crate::image::attribution::Evidence;
use crate::scan::hardening::findings::Findings;
use crate::scan::hardening::image::Image;
use crate::scan::hardening::{Identity, Shared};

/// `ADD` of plain files in the own instructions.
pub(super) static SHARED: Shared = Shared {
    identity: Identity {
        code: "DL3020",
        name: "add-instead-of-copy",
        aliases: &["CIS-DI-0009"],
        severity: Severity::Warning,
    },
    check,
};

/// Endings of archives that `ADD` unpacks.
const ARCHIVES: [&str; 9] = [
    ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz", ".tar.zst", ".gz",
];

fn check(image: &Image<'_>, findings: &mut Findings<'_>) {
    for step in own(image) {
        let origin = image.subject.steps.get(step.index);
        // What comes first in an image that nobody knows more of is a distribution's file system.
        if step.index == 0
            && origin.is_none_or(|origin| {
                matches!(origin.evidence, Evidence::History | Evidence::Unknown)
            })
        {
            continue;
        }
        let is_plain = |source: &&str| {
            !is_url(source)
                && !is_repository(source)
                && !ARCHIVES.iter().any(|ending| source.ends_with(ending))
                // The older builder wrote a digest, and nobody knows of what.
                && !source.starts_with("file:")
                && !source.starts_with("multi:")
                && !source.starts_with("dir:")
        };
        for source in added(step).iter().filter(|source| is_plain(source)) {
            findings
                .step(
                    step.index,
                    format!("`ADD` copies `{source}`, for which `COPY` is meant"),
                )
                .help("write `COPY`");
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::scan::hardening::samples::found;

    #[test]
    fn archives_and_repositories_are_for_add() {
        assert_eq!(
            found("DL3020", "ADD app /app\n"),
            "1: `ADD` copies `app`, for which `COPY` is meant"
        );
        for text in [
            "ADD rootfs.tar.xz /",
            "ADD https://example.com/x /x",
            "ADD git@github.com:a/b.git /b",
            "ADD https://github.com/a/b.git#main /b",
            "COPY app /app",
            "FROM x\nADD a /\n---\nUSER 1",
        ] {
            assert_eq!(found("DL3020", &format!("{text}\n")), "", "{text}");
        }
    }
}
