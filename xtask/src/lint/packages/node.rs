//! `npm`, `yarn`, `pnpm`, `bun`.

use super::RequirementKind;
use super::grammar::{Grammar, Named, is_file, is_path, nothing_more};

pub(super) const NPM: Grammar = Grammar {
    verbs: &[
        &["install"],
        &["i"],
        &["in"],
        &["ins"],
        &["inst"],
        &["insta"],
        &["instal"],
        &["isnt"],
        &["isnta"],
        &["isntal"],
        &["isntall"],
        &["add"],
        &["ci"],
        &["clean-install"],
        &["ic"],
        &["install-clean"],
        &["isntall-clean"],
    ],
    value_options: &[
        "--access",
        "--auth-type",
        "--before",
        "--ca",
        "--cache",
        "--cafile",
        "--cpu",
        "--depth",
        "--fetch-retries",
        "--fetch-retry-factor",
        "--fetch-retry-maxtimeout",
        "--fetch-retry-mintimeout",
        "--fetch-timeout",
        "--globalconfig",
        "--https-proxy",
        "--include",
        "--install-strategy",
        "--libc",
        "--location",
        "--loglevel",
        "--logs-dir",
        "--logs-max",
        "--maxsockets",
        "--network-timeout",
        "--node-options",
        "--noproxy",
        "--omit",
        "--only",
        "--os",
        "--prefix",
        "--proxy",
        "--registry",
        "--save-prefix",
        "--scope",
        "--script-shell",
        "--tag",
        "--userconfig",
        "--workspace",
        "-C",
        "-w",
    ],
    value_letters: "",
    groups: false,
    read,
    finish: nothing_more,
};

pub(super) const YARN: Grammar = Grammar {
    verbs: &[&["install"], &["add"], &["global", "add"]],
    value_options: &[
        "--cache-folder",
        "--cwd",
        "--global-folder",
        "--https-proxy",
        "--link-folder",
        "--modules-folder",
        "--mutex",
        "--network-concurrency",
        "--network-timeout",
        "--otp",
        "--prefix",
        "--preferred-cache-folder",
        "--proxy",
        "--registry",
        "--use-yarnrc",
    ],
    value_letters: "",
    groups: false,
    read,
    finish: nothing_more,
};

pub(super) const PNPM: Grammar = Grammar {
    verbs: &[&["install"], &["i"], &["add"]],
    value_options: &[
        "--cpu",
        "--dir",
        "--fetch-retries",
        "--fetch-timeout",
        "--filter",
        "--filter-prod",
        "--global-bin-dir",
        "--global-dir",
        "--hoist-pattern",
        "--lockfile-dir",
        "--loglevel",
        "--modules-dir",
        "--network-concurrency",
        "--node-linker",
        "--os",
        "--package-import-method",
        "--prefix",
        "--registry",
        "--reporter",
        "--store-dir",
        "--virtual-store-dir",
        "-C",
        "-F",
    ],
    value_letters: "",
    groups: false,
    read,
    finish: nothing_more,
};

pub(super) const BUN: Grammar = Grammar {
    verbs: &[&["install"], &["i"], &["add"], &["a"]],
    value_options: &[
        "--backend",
        "--cache-dir",
        "--config",
        "--cwd",
        "--filter",
        "--omit",
        "--registry",
        "-c",
    ],
    value_letters: "",
    groups: false,
    read,
    finish: nothing_more,
};

/// `name@range`, `@scope/name@range`, a folder, an archive, an address, a repository.
fn read(text: &str) -> Option<Named> {
    if text.is_empty() {
        return None;
    }
    let is_archive = is_file(text, &[".tgz", ".tar.gz", ".tar"]);
    let is_web = text.starts_with("http://") || text.starts_with("https://");
    if is_web && !text.contains(".git") {
        return Some(Named::other(text, RequirementKind::Url));
    }
    let is_hosted = [
        "github:",
        "gitlab:",
        "bitbucket:",
        "gist:",
        "git+",
        "git:",
        "git@",
    ]
    .iter()
    .any(|start| text.starts_with(start));
    if is_web || is_hosted {
        return Some(Named::repository(text, text.find('#')));
    }
    if is_path(text) || is_archive || text.starts_with("file:") || text.starts_with("link:") {
        return Some(Named::other(text, RequirementKind::Path));
    }
    let scope = usize::from(text.starts_with('@'));
    let name_end = text[scope..].find('@').map(|at| at + scope);
    let name = &text[..name_end.unwrap_or(text.len())];
    if scope == 0 && name.matches('/').count() == 1 && !name.contains('$') {
        // `owner/repository` of GitHub.
        return Some(Named::repository(text, text.find('#')));
    }
    Some(Named::package(text, name_end))
}
