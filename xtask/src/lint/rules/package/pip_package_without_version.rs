use super::unpinned::{self, Wording};
use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::packages::{Installation, Manager};
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};

declare! {
    /// ## What it does
    /// Reports a `pip install` that names packages or repositories without a version. Files, folders and addresses are not
    /// reported, nor is anything beside a requirements or constraints file (`-r`, `-c`), which may hold the versions.
    ///
    /// ## Why it is bad
    /// The newest release of the day is installed, and its own dependencies with it: a build that works today breaks
    /// tomorrow without any change of the file.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM python:3.12
    /// RUN pip install --no-cache-dir flask
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM python:3.12
    /// RUN pip install --no-cache-dir flask==3.0.3
    /// ```
    pub(super) static RULE = Rule {
        code: "DL3013",
        name: "pip-package-without-version",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Reproducibility,
        summary: "`pip install` names a package without a version",
        fix: Fixability::None,
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    let wording = Wording {
        managers: &[Manager::Pip],
        help: "write `name==version`, or install from a requirements file",
    };
    unpinned::report(subject.model, diagnostics, wording, has_file);
}

/// The versions may stand in a file.
fn has_file(installation: &Installation<'_>) -> bool {
    installation
        .call
        .has_option(&["-r", "--requirement", "-c", "--constraint"])
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::found;

    #[test]
    fn what_has_a_version_or_needs_none() {
        for run in [
            "pip install a==1 'b>=2' 'c~=1' d@git+https://e/f@v1 'g<2'",
            "pip install -r requirements.txt a",
            "pip install -c constraints.txt a",
            "pip install . ./a '.[dev]' /b c.whl dist/*.whl https://x/y.zip -e .",
            "pip install git+https://github.com/a/b@v1",
            "pip install --timeout 60 --global-option x a==1",
            "pip download a",
            "pip install",
        ] {
            assert_eq!(
                found(&RULE, &format!("FROM python:3.12\nRUN {run}\n")),
                "",
                "{run}"
            );
        }
    }

    #[test]
    fn what_has_no_version() {
        for (run, expected) in [
            ("pip3 install --upgrade pip", "`pip` has no version"),
            ("python3 -m pip install a b==1", "`a` has no version"),
            ("/venv/bin/pip install 'a[x]'", "`a` has no version"),
            (
                "pip install git+https://a/b.git",
                "`git+https://a/b.git` has no version",
            ),
        ] {
            let text = found(&RULE, &format!("FROM python:3.12\nRUN {run}\n"));
            assert!(text.ends_with(expected), "{run}: {text}");
        }
    }
}
