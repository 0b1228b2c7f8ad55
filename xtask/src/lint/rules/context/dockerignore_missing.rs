use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};

declare! {
    /// ## What it does
    /// Reports a `COPY` or `ADD` of the whole build context where no ignore file says what is not part of it.
    ///
    /// ## Why it is bad
    /// The history in `.git`, `node_modules` of another platform and local settings end up in the image, and every
    /// change to any of them makes the step run again.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM scratch
    /// COPY . /app
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM scratch
    /// COPY . /app
    /// ```
    /// ```text path=.dockerignore
    /// .git
    /// **/node_modules
    /// ```
    ///
    /// ## References
    /// - <https://docs.docker.com/build/concepts/context/#dockerignore-files>
    pub(super) static RULE = Rule {
        code: "DX3004",
        name: "dockerignore-missing",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Cache,
        summary: "the whole context is copied and no ignore file limits it",
        fix: Fixability::None,
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    let Some(source) = subject
        .copy_sources()
        .iter()
        .flat_map(|(_, sources)| sources)
        .find(|source| source.path.is_empty())
    else {
        return;
    };
    let Some(context) = subject.build_context() else {
        return;
    };
    if context.ignore.is_some() {
        return;
    }
    // The folder of the Dockerfile may be the context after all, and has one.
    let dockerfile = subject.model.file.source.path();
    let beside = dockerfile.with_file_name(".dockerignore");
    let files = subject.surroundings.files.as_deref();
    if files.is_some_and(|files| files.kind(&beside).is_some()) {
        return;
    }
    diagnostics
        .report(
            source.span,
            "the whole build context is copied and there is no `.dockerignore`",
        )
        .help(format!(
            "write what is no part of the build into `{}`",
            context.root.join(".dockerignore")
        ));
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::{Repository, found};

    #[test]
    fn one_finding_at_the_first_copy() {
        let text = "FROM scratch\nCOPY src /\nADD ./ /\nCOPY . /\n";
        assert_eq!(
            found(&RULE, text),
            "3:5 the whole build context is copied and there is no `.dockerignore`"
        );
    }

    #[test]
    fn a_part_or_an_ignore_file_is_fine() {
        assert_eq!(found(&RULE, "FROM scratch\nCOPY src /\n"), "");
        assert_eq!(found(&RULE, "FROM scratch\nCOPY --from=x . /\n"), "");
        for path in [".dockerignore", "Dockerfile.dockerignore"] {
            let repository = Repository::new("FROM scratch\nCOPY . /\n").file(path, "");
            assert_eq!(repository.found(&RULE), "", "{path}");
        }
    }
}
