use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::build_context::join;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};

declare! {
    /// ## What it does
    /// Reports a `COPY` or `ADD` of a folder that takes `.git` along, past an ignore file that does not name it.
    ///
    /// ## Why it is bad
    /// The image carries the whole history, with everything that was ever committed and removed again, and the step runs
    /// again after every commit, fetch and checkout.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM scratch
    /// COPY . /app
    /// ```
    /// ```text path=.dockerignore
    /// *.md
    /// ```
    /// ```text path=.git/HEAD
    /// ref: refs/heads/main
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM scratch
    /// COPY . /app
    /// ```
    /// ```text path=.dockerignore
    /// *.md
    /// .git
    /// ```
    /// ```text path=.git/HEAD
    /// ref: refs/heads/main
    /// ```
    pub(super) static RULE = Rule {
        code: "DX3006",
        name: "git-folder-copied",
        aliases: &["DKL-LI-0003"],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Cache,
        summary: "a copy takes the `.git` folder along",
        fix: Fixability::None,
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    for (step, sources) in subject.copy_sources() {
        // Who copies `.git` by name wants it.
        for source in sources {
            if source.is_glob() {
                continue;
            }
            let Some(context) = subject.build_context() else {
                return;
            };
            // Without an ignore file there is more to say than this.
            if context.ignore.is_none() {
                return;
            }
            let git = join(&source.path, ".git");
            if source.path.rsplit('/').next() == Some(".git")
                || context.kind(&git).is_none()
                || context.decide(&git).ignored
                || step_excludes(*step, ".git")
            {
                continue;
            }
            diagnostics
                .report(source.span, format!("`{git}` enters the image"))
                .help("add `.git` to the ignore file");
        }
    }
}

/// `COPY --exclude=.git`.
fn step_excludes(step: crate::lint::Step<'_>, name: &str) -> bool {
    let transfer = step.copy().or_else(|| step.add());
    transfer.is_some_and(|transfer| {
        transfer.flags.iter().any(|flag| {
            let value = flag.value.as_ref().map(|value| value.value.as_str());
            flag.name.value == "exclude" && value.is_some_and(|value| value.contains(name))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::Repository;

    fn found(ignore: &str, instruction: &str) -> String {
        Repository::new(&format!("FROM scratch\n{instruction}\n"))
            .file(".dockerignore", ignore)
            .file(".git/HEAD", "")
            .file("src/a", "")
            .found(&RULE)
    }

    #[test]
    fn only_what_takes_it_along_is_reported() {
        assert_eq!(found("", "COPY ./ /"), "2:6 `.git` enters the image");
        for (ignore, instruction) in [
            (".git\n", "COPY . /"),
            (".g*\n", "COPY . /"),
            ("", "COPY src /"),
            ("", "COPY .git /"),
            ("", "COPY --exclude=.git . /"),
        ] {
            assert_eq!(found(ignore, instruction), "", "{ignore:?} {instruction}");
        }
    }
}
