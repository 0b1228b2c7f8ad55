use crate::dockerfile::FileTransfer;
use crate::edit::Safety;
use crate::finding::Severity;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::lines::cased;
use crate::lint::{Diagnostics, Known, Step};

/// What `ADD` unpacks, by its name.
const ARCHIVES: [&str; 20] = [
    ".tar", ".tar.gz", ".tgz", ".tpz", ".gz", ".tar.bz2", ".tbz", ".tbz2", ".tb2", ".bz2",
    ".tar.xz", ".txz", ".xz", ".tlz", ".lzma", ".lz", ".z", ".tz", ".zst", ".tzst",
];

/// Names of variables that hold a platform or a part of one, whoever sets them.
const PLATFORM_PARTS: [&str; 8] = [
    "arch",
    "goarch",
    "goos",
    "os",
    "targetarch",
    "targetos",
    "targetvariant",
    "buildarch",
];

declare! {
    /// ## What it does
    /// Reports an `ADD` that copies nothing but plain files and folders from the build context.
    ///
    /// URLs and git repositories (`git@…` too, unlike in hadolint), archives that `ADD` unpacks, and sources in variables
    /// are what `ADD` is for, or may be.
    ///
    /// ## Why it is bad
    /// `ADD` fetches and unpacks. Who reads it has to find out whether one of that is meant, and a file that turns out to
    /// be an archive is unpacked without notice. `COPY` copies.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM python:3.12.7
    /// ADD requirements.txt /app/
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM python:3.12.7
    /// COPY requirements.txt /app/
    /// ```
    ///
    /// ## Fix safety
    /// Safe: the name of the instruction is replaced. No source has a name that `ADD` would unpack.
    ///
    /// ## References
    /// - <https://docs.docker.com/build/building/best-practices/#add-or-copy>
    pub(super) static RULE = Rule {
        code: "DL3020",
        name: "add-instead-of-copy",
        aliases: &["CIS-DI-0009"],
        severity: Severity::Error,
        enabled: true,
        category: Category::Style,
        summary: "`ADD` copies plain files",
        fix: Fixability::Always(Safety::Safe),
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    for step in subject.model.steps() {
        let Some(add) = step.add() else { continue };
        if !add
            .sources
            .iter()
            .all(|source| is_plain(step, &source.value))
            || has_flag_of_its_own(add)
        {
            continue;
        }
        let keyword = &step.instruction().keyword;
        let copy = cased("COPY", &keyword.value);
        diagnostics
            .report(
                keyword.span,
                format!(
                    "`{}` is copied, not fetched or unpacked",
                    add.sources[0].value
                ),
            )
            .help("use `COPY`")
            .fix("use `COPY`", [(keyword.span, copy)]);
    }
}

fn has_flag_of_its_own(add: &FileTransfer) -> bool {
    let own = ["checksum", "keep-git-dir", "unpack"];
    add.flags
        .iter()
        .any(|flag| own.contains(&flag.name.value.as_str()))
}

/// Neither fetched nor unpacked, whatever the variables in it are, as far as they are not known.
fn is_plain(step: Step<'_>, source: &str) -> bool {
    if source.contains('$')
        && !source.starts_with("<<")
        && let Known::Yes(value) = step.before().expand(source)
    {
        return is_plain_name(&value);
    }
    is_plain_name(source)
}

/// Neither fetched nor unpacked, whatever matches it.
fn is_plain_name(source: &str) -> bool {
    let source = source.trim_matches(['"', '\'']);
    let lower = source.to_ascii_lowercase();
    if lower.contains("://")
        || lower.starts_with("git@")
        || lower.strip_suffix(".git").is_some()
        || lower.contains(".git#")
    {
        return false;
    }
    // `<<NAME` is a file that stands in the Dockerfile, and its name may have a `$`.
    if lower.starts_with("<<") {
        return true;
    }
    // A variable in front may hold a URL, one at the end the name of an archive.
    let end = lower.rsplit('.').next().unwrap_or_default();
    if source.starts_with('$') || end.contains('$') && !ends_with_platform(end) {
        return false;
    }
    let tail = lower
        .rsplit(['*', '?', ']', '/'])
        .next()
        .unwrap_or_default();
    let open_ended = lower.ends_with(['*', '?', ']']);
    !open_ended && !ARCHIVES.iter().any(|archive| tail.ends_with(archive))
}

/// The last variable, with nothing behind it, says by its name that it holds a platform or a part of one.
fn ends_with_platform(end: &str) -> bool {
    let Some((_, variable)) = end.rsplit_once('$') else {
        return false;
    };
    let name = match variable.strip_prefix('{') {
        Some(braced) => braced.strip_suffix('}').unwrap_or_default(),
        None => variable,
    };
    PLATFORM_PARTS.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::{fixed, found};

    #[test]
    fn what_only_add_can_do_is_fine() {
        for sources in [
            "https://example.com/x",
            "git@github.com:a/b.git",
            "git@github.com:a/b",
            "https://github.com/a/b.git#v1",
            "rootfs.tar.xz",
            "\"rootfs.TAR\"",
            "*.tgz",
            "layer*",
            "$SRC",
            "$URL/a.json",
            "bin/a-$SUFFIX",
            "bin/a-${ARCH}$SUFFIX",
            "$ARCH",
            "a.$EXTENSION",
            "a.txt b.tar",
            "--checksum=sha256:ab a",
            "--unpack=true a",
        ] {
            assert_eq!(
                found(&RULE, &format!("FROM a:1\nADD {sources} /x/\n")),
                "",
                "{sources}"
            );
        }
    }

    #[test]
    fn variables_that_cannot_matter_do_not() {
        for text in [
            "ADD bin/a-${ARCH}.exe /x/",
            "ADD bin/a-${ARCH} /x/",
            "ADD a-linux-$TARGETARCH /x/",
            "ARG NAME=a.json\nADD $NAME /x/",
        ] {
            assert_ne!(
                found(&RULE, &format!("FROM scratch\n{text}\n")),
                "",
                "{text}"
            );
        }
        assert_eq!(
            found(
                &RULE,
                "FROM scratch\nARG URL=https://example.com/\nADD ${URL}a.json /x/\n"
            ),
            ""
        );
    }

    #[test]
    fn the_keyword_keeps_its_case_and_place() {
        assert_eq!(
            found(&RULE, "FROM a:1\nADD . /x\n"),
            "2:1 `.` is copied, not fetched or unpacked"
        );
        assert_eq!(
            fixed(
                &RULE,
                "FROM a:1\nadd --chown=1:1 a*.json \\\n  b /x/\nONBUILD ADD <<E /f\n$x\nE\n"
            ),
            "FROM a:1\ncopy --chown=1:1 a*.json \\\n  b /x/\nONBUILD COPY <<E /f\n$x\nE\n"
        );
    }
}
