//! What no build context should hold: the table, and what of it a context lets through.

/// A kind of file that seldom belongs into a build.
#[derive(Debug)]
pub struct Category {
    /// In kebab case: `environment-files`.
    pub name: &'static str,
    /// For a sentence: "environment files".
    pub title: &'static str,
    /// Why it matters, as a clause: "they hold passwords".
    pub why: &'static str,
    /// How bad it is if they enter.
    pub weight: Weight,
    /// How to leave them out.
    pub entries: &'static [Entry],
}

/// How bad it is if files of a category enter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// A build may well want them; they make it run again for nothing.
    Taste,
    /// Bytes that no build wants, or that break it (modules of another platform).
    Waste,
    /// Secrets get out.
    Secret,
}

/// A pattern of a [`Category`].
#[derive(Debug)]
pub struct Entry {
    /// In the ignore file's language.
    pub pattern: &'static str,
    /// A path that it is there for, from any folder.
    pub sample: &'static str,
    /// When an ignore file has to have it.
    pub demand: Demand,
}

/// When an ignore file has to have a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Demand {
    /// Always: somebody's machine has such files sooner or later.
    Always,
    /// Always, but for the context's root alone: tools make it nowhere else.
    AtRoot,
    /// Where a file of one of these names lies in the context: its tools make such files.
    With(&'static [&'static str]),
    /// When such a file lies there.
    IfThere,
    /// When a file of at least so many bytes lies there.
    IfLarge(u64),
}

use Demand::{Always, AtRoot, IfLarge, IfThere, With};

const fn entry(pattern: &'static str, sample: &'static str, demand: Demand) -> Entry {
    Entry {
        pattern,
        sample,
        demand,
    }
}

const NODE: Demand = With(&["package.json"]);
const PYTHON: Demand = With(&["pyproject.toml", "requirements.txt", "setup.py", "Pipfile"]);
const RUST: Demand = With(&["Cargo.toml"]);
const JAVA: Demand = With(&["pom.xml"]);
const GRADLE: Demand = With(&["build.gradle", "build.gradle.kts"]);

/// One mebibyte: media below it are a web site's own.
const LARGE: Demand = IfLarge(1024 * 1024);

/// Every category with patterns, the worst first. Where a path belongs to several, the first one counts.
pub static CATEGORIES: &[Category] = &[
    Category {
        name: "version-control",
        title: "version control",
        why: "the history holds whatever was ever committed, and changes with every commit",
        weight: Weight::Secret,
        entries: &[
            entry("**/.git", ".git/config", AtRoot),
            entry("**/.hg", ".hg/x", IfThere),
            entry("**/.svn", ".svn/x", IfThere),
        ],
    },
    Category {
        name: "environment-files",
        title: "environment files",
        why: "they hold the passwords of somebody's machine, or of production",
        weight: Weight::Secret,
        entries: &[
            entry("**/.env", ".env", Always),
            entry("**/.env.*", ".env.production", Always),
            entry("**/.envrc", ".envrc", IfThere),
        ],
    },
    Category {
        name: "keys-and-credentials",
        title: "keys and credentials",
        why: "whoever has the image has them",
        weight: Weight::Secret,
        entries: &[
            entry("**/*.pem", "server.pem", Always),
            entry("**/*.key", "server.key", Always),
            entry("**/.npmrc", ".npmrc", NODE),
            entry("**/*.p12", "server.p12", IfThere),
            entry("**/*.pfx", "server.pfx", IfThere),
            entry("**/*.jks", "server.jks", IfThere),
            entry("**/*.keystore", "server.keystore", IfThere),
            entry("**/*.kdbx", "passwords.kdbx", IfThere),
            entry("**/*.ppk", "server.ppk", IfThere),
            entry("**/id_rsa", "id_rsa", IfThere),
            entry("**/id_dsa", "id_dsa", IfThere),
            entry("**/id_ecdsa", "id_ecdsa", IfThere),
            entry("**/id_ed25519", "id_ed25519", IfThere),
            entry("**/.ssh", ".ssh/id_ed25519", IfThere),
            entry("**/.aws", ".aws/credentials", IfThere),
            entry("**/.azure", ".azure/x", IfThere),
            entry("**/.kube", ".kube/config", IfThere),
            entry("**/.docker", ".docker/config.json", IfThere),
            entry("**/.gnupg", ".gnupg/x", IfThere),
            entry("**/.netrc", ".netrc", IfThere),
            entry("**/.pypirc", ".pypirc", IfThere),
            entry("**/.pgpass", ".pgpass", IfThere),
            entry("**/.htpasswd", ".htpasswd", IfThere),
            entry("**/.git-credentials", ".git-credentials", IfThere),
            entry("**/.vault-token", ".vault-token", IfThere),
            entry("**/credentials.json", "credentials.json", IfThere),
            entry("**/service-account*.json", "service-account.json", IfThere),
            entry("**/*.tfstate", "terraform.tfstate", IfThere),
            entry("**/*.tfstate.*", "terraform.tfstate.backup", IfThere),
            entry("**/*.tfvars", "terraform.tfvars", IfThere),
            entry("**/*.ovpn", "office.ovpn", IfThere),
        ],
    },
    Category {
        name: "dependencies",
        title: "installed dependencies",
        why: "they are large, made for another platform, and hide what the image should install",
        weight: Weight::Waste,
        entries: &[
            entry("**/node_modules", "node_modules/x/index.js", NODE),
            entry("**/bower_components", "bower_components/x", IfThere),
            entry("**/jspm_packages", "jspm_packages/x", IfThere),
            entry("**/.yarn/cache", ".yarn/cache/x.zip", IfThere),
            entry("**/.venv", ".venv/bin/python", PYTHON),
            entry("**/venv", "venv/bin/python", IfThere),
        ],
    },
    Category {
        name: "build-output",
        title: "build output",
        why: "what was built on a machine hides what the image should build, or is taken for it",
        weight: Weight::Waste,
        entries: &[
            entry("**/dist", "dist/main.js", NODE),
            entry(
                "**/*.tsbuildinfo",
                "tsconfig.tsbuildinfo",
                With(&["tsconfig.json"]),
            ),
            entry("**/target", "target/debug/x", RUST),
            entry("**/target", "target/classes/x", JAVA),
            entry("**/.next", ".next/x", IfThere),
            entry("**/.nuxt", ".nuxt/x", IfThere),
            entry("**/.output", ".output/x", IfThere),
            entry("**/.svelte-kit", ".svelte-kit/x", IfThere),
            entry("**/storybook-static", "storybook-static/x", IfThere),
            entry("**/*.egg-info", "x.egg-info/PKG-INFO", IfThere),
        ],
    },
    Category {
        name: "logs",
        title: "logs",
        why: "they tell of requests and users, and change with every run",
        weight: Weight::Waste,
        entries: &[
            entry("**/*.log", "npm-debug.log", Always),
            entry("**/*.log.*", "server.log.1", IfThere),
            entry("**/*.pid", "server.pid", IfThere),
            entry("**/core.[0-9]*", "core.123", IfThere),
        ],
    },
    Category {
        name: "caches",
        title: "caches",
        why: "they change with every command, and steps run again",
        weight: Weight::Waste,
        entries: &[
            entry("**/.cache", ".cache/x", Always),
            entry("**/.nx", ".nx/cache/x", With(&["nx.json"])),
            entry("**/.turbo", ".turbo/x", With(&["turbo.json"])),
            entry("**/.parcel-cache", ".parcel-cache/x", IfThere),
            entry("**/.eslintcache", ".eslintcache", IfThere),
            entry("**/.stylelintcache", ".stylelintcache", IfThere),
            entry("**/.sass-cache", ".sass-cache/x", IfThere),
            entry("**/.pnpm-store", ".pnpm-store/x", IfThere),
            entry("**/__pycache__", "__pycache__/x.pyc", PYTHON),
            entry("**/*.pyc", "x.pyc", IfThere),
            entry("**/.pytest_cache", ".pytest_cache/x", IfThere),
            entry("**/.mypy_cache", ".mypy_cache/x", IfThere),
            entry("**/.ruff_cache", ".ruff_cache/x", IfThere),
            entry("**/.tox", ".tox/x", IfThere),
            entry("**/.gradle", ".gradle/x", GRADLE),
            entry("**/.terraform", ".terraform/x", IfThere),
        ],
    },
    Category {
        name: "editors",
        title: "settings of editors",
        why: "they differ from machine to machine, and steps run again",
        weight: Weight::Waste,
        entries: &[
            entry("**/.idea", ".idea/workspace.xml", Always),
            entry("**/.vscode", ".vscode/settings.json", Always),
            entry("**/.vs", ".vs/x", IfThere),
            entry("**/.zed", ".zed/settings.json", IfThere),
            entry("**/.fleet", ".fleet/settings.json", IfThere),
            entry("**/*.swp", ".main.ts.swp", IfThere),
            entry("**/*~", "main.ts~", IfThere),
        ],
    },
    Category {
        name: "os-files",
        title: "files of the operating system",
        why: "they come and go with every look into a folder, and steps run again",
        weight: Weight::Waste,
        entries: &[
            entry("**/.DS_Store", ".DS_Store", Always),
            entry("**/Thumbs.db", "Thumbs.db", IfThere),
            entry("**/desktop.ini", "desktop.ini", IfThere),
        ],
    },
    Category {
        name: "media",
        title: "large media and archives",
        why: "they are sent with every build",
        weight: Weight::Waste,
        entries: &[
            entry("**/*.mp4", "demo.mp4", LARGE),
            entry("**/*.mov", "demo.mov", LARGE),
            entry("**/*.mkv", "demo.mkv", LARGE),
            entry("**/*.avi", "demo.avi", LARGE),
            entry("**/*.webm", "demo.webm", LARGE),
            entry("**/*.wav", "demo.wav", LARGE),
            entry("**/*.psd", "logo.psd", LARGE),
            entry("**/*.iso", "disk.iso", LARGE),
            entry("**/*.dmg", "app.dmg", LARGE),
            entry("**/*.zip", "backup.zip", LARGE),
            entry("**/*.tar", "image.tar", LARGE),
            entry("**/*.tar.gz", "backup.tar.gz", LARGE),
            entry("**/*.tgz", "backup.tgz", LARGE),
            entry("**/*.7z", "backup.7z", LARGE),
        ],
    },
    Category {
        name: "container-files",
        title: "Dockerfiles and their like",
        why: "the builder reads them by itself, and editing them makes the steps run again that copy them",
        weight: Weight::Taste,
        entries: &[
            entry("**/Dockerfile*", "Dockerfile", IfThere),
            entry("**/*.Dockerfile", "api.Dockerfile", IfThere),
            entry("**/.dockerignore", ".dockerignore", IfThere),
            entry("**/*.dockerignore", "Dockerfile.dockerignore", IfThere),
            entry("**/docker-compose*", "docker-compose.yml", IfThere),
            entry("**/compose.yaml", "compose.yaml", IfThere),
            entry("**/compose.yml", "compose.yml", IfThere),
            entry("**/compose.*.yaml", "compose.dev.yaml", IfThere),
            entry("**/compose.*.yml", "compose.dev.yml", IfThere),
            entry("**/docker-bake.*", "docker-bake.hcl", IfThere),
            entry(
                "**/.devcontainer",
                ".devcontainer/devcontainer.json",
                IfThere,
            ),
        ],
    },
    Category {
        name: "ci",
        title: "CI configuration",
        why: "no build reads it, and editing it makes the steps run again that copy it",
        weight: Weight::Taste,
        entries: &[
            entry("**/.github", ".github/workflows/ci.yml", IfThere),
            entry("**/.gitlab-ci.yml", ".gitlab-ci.yml", IfThere),
            entry("**/.gitlab", ".gitlab/x.yml", IfThere),
            entry("**/.circleci", ".circleci/config.yml", IfThere),
            entry("**/.buildkite", ".buildkite/pipeline.yml", IfThere),
            entry("**/.travis.yml", ".travis.yml", IfThere),
            entry("**/azure-pipelines.yml", "azure-pipelines.yml", IfThere),
            entry(
                "**/bitbucket-pipelines.yml",
                "bitbucket-pipelines.yml",
                IfThere,
            ),
            entry("**/Jenkinsfile", "Jenkinsfile", IfThere),
        ],
    },
    Category {
        name: "tests",
        title: "tests",
        why: "an image does not run them, and editing them makes its steps run again",
        weight: Weight::Taste,
        entries: &[
            entry("**/*.test.*", "src/main.test.ts", IfThere),
            entry("**/*.spec.*", "src/main.spec.ts", IfThere),
            entry("**/__tests__", "__tests__/main.ts", IfThere),
            entry("**/__snapshots__", "__snapshots__/main.snap", IfThere),
            entry("**/test", "test/main.ts", IfThere),
            entry("**/tests", "tests/main.ts", IfThere),
            entry("**/e2e", "e2e/main.ts", IfThere),
            entry("**/cypress", "cypress/main.ts", IfThere),
            entry(
                "**/playwright-report",
                "playwright-report/index.html",
                IfThere,
            ),
            entry("**/.nyc_output", ".nyc_output/x.json", IfThere),
            entry("**/coverage", "coverage/lcov.info", NODE),
        ],
    },
    Category {
        name: "docs",
        title: "documentation",
        why: "editing it makes the steps run again that copy it",
        weight: Weight::Taste,
        entries: &[
            entry("**/*.md", "README.md", IfThere),
            entry("**/*.adoc", "README.adoc", IfThere),
            entry("docs", "docs/index.html", IfThere),
            entry("**/LICENSE", "LICENSE", IfThere),
            entry("**/CODEOWNERS", "CODEOWNERS", IfThere),
        ],
    },
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use camino::Utf8Path;

    use super::*;
    use crate::dockerignore::Patterns;
    use crate::source::Source;

    #[test]
    fn every_sample_is_left_out_by_its_pattern_at_any_depth() {
        for entry in CATEGORIES.iter().flat_map(|category| category.entries) {
            let (patterns, errors) = Patterns::parse(&Source::new("x", entry.pattern));
            assert_eq!(errors, [], "{}", entry.pattern);
            let ignored = |path: &str| patterns.decide(Utf8Path::new(path)).ignored;
            assert!(ignored(entry.sample), "{}", entry.pattern);
            if entry.pattern.starts_with("**/") {
                assert!(
                    ignored(&format!("a/b/{}", entry.sample)),
                    "{}",
                    entry.pattern
                );
            }
            assert!(!ignored("a/main.ts"), "{}", entry.pattern);
        }
    }

    #[test]
    fn names_are_unique() {
        let names: BTreeSet<&str> = CATEGORIES.iter().map(|category| category.name).collect();
        assert_eq!(names.len(), CATEGORIES.len());
    }
}
