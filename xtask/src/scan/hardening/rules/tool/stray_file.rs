use super::is_of_package;
use crate::finding::Severity;
use crate::rule::Category;
use crate::scan::hardening::files::ending;
use crate::scan::hardening::findings::Findings;
use crate::scan::hardening::image::Image;
use crate::scan::hardening::rule::declare;

declare! {
    /// ## What it does
    /// Reports files that belong to a repository or to a developer's machine: Dockerfiles, compose files, editors' folders, folders of
    /// cloud tools. Files of packages are not looked at, nor are logins, which have rules of their own.
    ///
    /// ## Why it is bad
    /// They show that the whole context was copied, and with it what nobody wanted to publish.
    ///
    /// ## Example
    /// ```text image
    /// COPY . /app
    /// -rw-r--r-- 0 0 app/Dockerfile
    /// -rw-r--r-- 0 0 app/.vscode/settings.json
    /// ```
    ///
    /// ## Use instead
    /// ```text image
    /// COPY dist /app
    /// -rw-r--r-- 0 0 app/main.js
    /// ```
    pub(super) static RULE = Rule {
        code: "DX5310",
        name: "stray-file",
        aliases: &["DKL-LI-0003"],
        severity: Severity::Note,
        category: Category::Security,
        summary: "a file of the repository or of a developer's machine is in the image",
    } by check;
}

const FOLDERS: [&str; 9] = [
    ".vscode",
    ".idea",
    ".azure",
    ".gcp",
    ".svn",
    ".hg",
    ".github",
    ".circleci",
    ".terraform",
];

fn check(image: &Image<'_>, findings: &mut Findings<'_>) {
    let groups = image.grouped(image.files(), |seen| {
        let path = image.path(seen.node);
        is_stray(&path) && !is_of_package(&path)
    });
    findings.files(
        groups.iter(),
        |group| {
            format!(
                "{} to a repository or to a developer's machine",
                group.verb("belongs", "belong")
            )
        },
        "list them in the ignore file, and copy only what the application runs",
    );
}

fn is_stray(path: &str) -> bool {
    let mut parts = path.split('/');
    let name = parts.next_back().unwrap_or_default();
    let lower = name.to_ascii_lowercase();
    let is_compose = (lower.starts_with("docker-compose") || lower.starts_with("compose."))
        && matches!(ending(&lower), "yml" | "yaml");
    let is_dockerfile =
        lower == "dockerfile" || lower.starts_with("dockerfile.") || lower.ends_with(".dockerfile");
    is_compose
        || is_dockerfile
        || matches!(
            lower.as_str(),
            ".dockerignore"
                | ".vimrc"
                | ".ds_store"
                | "vagrantfile"
                | "jenkinsfile"
                | ".gitlab-ci.yml"
                | ".travis.yml"
        )
        || parts.any(|folder| FOLDERS.contains(&folder))
}

#[cfg(test)]
mod tests {
    use crate::scan::hardening::samples::found;

    #[test]
    fn names_of_repositories_and_not_of_packages() {
        for path in [
            "app/compose.prod.yaml",
            "Dockerfile.dev",
            "app/.DS_Store",
            "srv/.idea/x.xml",
            "docker-compose.yml",
        ] {
            assert_ne!(
                found("DX5310", &format!("COPY . /\n-rw-r--r-- 0 0 {path}\n")),
                "",
                "{path}"
            );
        }
        for path in [
            "app/node_modules/x/Dockerfile",
            "usr/share/vim/.vimrc",
            "app/composer.json",
            "app/compose.js",
            "usr/lib/python3/site-packages/x/.github/y",
        ] {
            assert_eq!(
                found("DX5310", &format!("COPY . /\n-rw-r--r-- 0 0 {path}\n")),
                "",
                "{path}"
            );
        }
    }
}
