use foldhash::HashMap;

use crate::finding::Severity;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::{Diagnostics, StageModel};
use crate::shell::Invocation;
use crate::source::Spanned;

/// What `ADD` unpacks and `tar` is asked to.
const ARCHIVES: [&str; 12] = [
    ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz", ".tbz2", ".tb2", ".tar.xz", ".txz", ".tar.zst",
    ".tzst", ".tar.z",
];

declare! {
    /// ## What it does
    /// Reports a `COPY` of a tar archive from the build context that a later `RUN` of the stage unpacks with `tar`.
    ///
    /// ## Why it is bad
    /// The archive stays in the layer that copied it, beside the layer with its content, even if the `RUN` removes it.
    /// `ADD` unpacks it on the way, and needs no `tar` in the image.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM debian:12.7
    /// COPY rootfs.tar.gz /tmp/
    /// RUN tar -xzf /tmp/rootfs.tar.gz -C /opt
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM debian:12.7
    /// ADD rootfs.tar.gz /opt/
    /// ```
    ///
    /// ## References
    /// - <https://docs.docker.com/build/building/best-practices/#add-or-copy>
    pub(super) static RULE = Rule {
        code: "DL3010",
        name: "archive-copied-then-extracted",
        aliases: &[],
        severity: Severity::Note,
        enabled: true,
        category: Category::Size,
        summary: "an archive is copied first and unpacked later",
        fix: Fixability::None,
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    for stage in subject.model.stages() {
        let mut extracted = None;
        for step in stage.steps() {
            let Some(copy) = step.copy() else { continue };
            // What another stage holds can only be copied.
            if copy.flag("from").is_some() || step.is_onbuild() {
                continue;
            }
            for source in &copy.sources {
                let Some(name) = archive_name(source) else {
                    continue;
                };
                let target = copy.destination.value.as_str();
                // A destination that is no folder is the archive's new name.
                let copied = if copy.sources.len() == 1 && is_archive(target) {
                    base_name(target)
                } else {
                    name
                };
                let extracted = extracted.get_or_insert_with(|| extracted_in(stage));
                let later = extracted
                    .get(copied)
                    .and_then(|at| at.iter().find(|(index, _)| *index > step.index));
                if let Some((_, line)) = later {
                    diagnostics
                        .report(
                            source.span,
                            format!("`{name}` is unpacked by the `RUN` in line {line}"),
                        )
                        .help("let `ADD` unpack it");
                }
            }
        }
    }
}

fn archive_name(source: &Spanned<String>) -> Option<&str> {
    let name = base_name(&source.value);
    let is_fixed = !name.contains(['*', '?', '[', '$']) && !source.value.starts_with("<<");
    (is_fixed && is_archive(name)).then_some(name)
}

fn base_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

fn is_archive(path: &str) -> bool {
    let lower = path.to_ascii_lowercase();
    ARCHIVES.iter().any(|archive| lower.ends_with(archive))
}

/// What the `RUN`s of a stage unpack, by name: the step, and the line of the command.
fn extracted_in(stage: StageModel<'_>) -> HashMap<&str, Vec<(usize, usize)>> {
    let mut extracted: HashMap<&str, Vec<(usize, usize)>> = HashMap::default();
    for step in stage.steps() {
        for unpacking in step
            .invocations()
            .iter()
            .filter(|invocation| unpacks(invocation))
        {
            let line = stage
                .model
                .file
                .source
                .line_column(unpacking.span.start)
                .line;
            for argument in &unpacking.arguments {
                extracted
                    .entry(base_name(&argument.text))
                    .or_default()
                    .push((step.index, line));
            }
        }
    }
    extracted
}

fn unpacks(invocation: &Invocation) -> bool {
    if !invocation.is_any(&["tar", "bsdtar", "gtar"]) {
        return false;
    }
    // `tar xzf a`: the first word may hold the letters without a dash.
    let letters = invocation
        .arguments
        .first()
        .filter(|first| !first.is_option());
    invocation.has_option(&["-x", "--extract", "--get"])
        || letters
            .is_some_and(|letters| letters.text.contains('x') && !letters.text.contains(['.', '/']))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::found;

    #[test]
    fn what_add_could_not_do_is_fine() {
        for text in [
            "FROM a:1\nCOPY x.tar.gz /x.tar.gz\nRUN tar -tzf /x.tar.gz\n",
            "FROM a:1\nCOPY x.zip /\nRUN unzip /x.zip\n",
            "FROM a:1 AS b\nFROM c:1\nCOPY --from=b /x.tar /\nRUN tar xf /x.tar\n",
            "FROM a:1\nRUN tar xf /x.tar\nCOPY x.tar /\n",
            "FROM a:1\nCOPY x.tar /\nRUN tar xf /y.tar\n",
        ] {
            assert_eq!(found(&RULE, text), "", "{text}");
        }
    }

    #[test]
    fn the_archive_is_followed_through_its_new_name() {
        assert_eq!(
            found(
                &RULE,
                "FROM a:1\nCOPY a/x.tgz /tmp/y.tgz\nRUN cd / \\\n && tar xzf tmp/y.tgz\n"
            ),
            "2:6 `x.tgz` is unpacked by the `RUN` in line 4"
        );
        assert_eq!(
            found(
                &RULE,
                "FROM a:1\nCOPY x.tar b.txt /tmp/\nRUN tar --extract --file /tmp/x.tar\n"
            ),
            "2:6 `x.tar` is unpacked by the `RUN` in line 3"
        );
    }
}
