//! `yum`, `dnf`, `microdnf`, `zypper`.

use super::grammar::{Grammar, Named, is_file, is_path};
use super::{Call, Requirement, RequirementKind};
use crate::text_search::Part;

/// What only an address holds.
static SCHEME_END: Part = Part::new("://");

pub(super) const DNF: Grammar = Grammar {
    verbs: &[
        &["install"],
        &["install-n"],
        &["install-na"],
        &["install-nevra"],
        &["localinstall"],
        &["reinstall"],
        &["groupinstall"],
        &["group", "install"],
        &["module", "install"],
    ],
    value_options: &[
        "--advisory",
        "--comment",
        "--config",
        "--debuglevel",
        "--destdir",
        "--disableplugin",
        "--disablerepo",
        "--downloaddir",
        "--enableplugin",
        "--enablerepo",
        "--errorlevel",
        "--exclude",
        "--excludepkgs",
        "--forcearch",
        "--installroot",
        "--releasever",
        "--repo",
        "--repofrompath",
        "--repoid",
        "--rpmverbosity",
        "--setopt",
    ],
    value_letters: "cdexR",
    groups: true,
    read: read_dnf,
    finish: finish_dnf,
};

pub(super) const ZYPPER: Grammar = Grammar {
    verbs: &[&["install"], &["in"]],
    value_options: &[
        "--cache-dir",
        "--capability",
        "--config",
        "--from",
        "--installroot",
        "--name",
        "--non-interactive-include-reboot-patches",
        "--pkg-cache-dir",
        "--plus-content",
        "--plus-repo",
        "--raw-cache-dir",
        "--releasever",
        "--repo",
        "--reposd-dir",
        "--root",
        "--solv-cache-dir",
        "--type",
    ],
    value_letters: "tcCDRpr",
    groups: true,
    read: read_zypper,
    finish: finish_zypper,
};

fn other(text: &str) -> Option<Named> {
    let kind = if SCHEME_END.is_in(text) {
        RequirementKind::Url
    } else if is_path(text) || is_file(text, &[".rpm"]) {
        RequirementKind::Path
    } else if text.starts_with('@') {
        RequirementKind::Group
    } else {
        return None;
    };
    Some(Named::other(text, kind))
}

/// Where a version is asked for.
fn comparison(text: &str) -> Option<usize> {
    text.bytes()
        .position(|byte| matches!(byte, b'=' | b'<' | b'>'))
}

/// `name-version[-release]`: the version starts with a digit.
fn read_dnf(text: &str) -> Option<Named> {
    if text.is_empty() || text.starts_with('-') {
        return None;
    }
    Some(other(text).unwrap_or_else(|| {
        let bytes = text.as_bytes();
        let dash = (1..bytes.len()).find(|&at| {
            let next = bytes.get(at + 1);
            // A version that only the shell knows: `name-$VERSION`, `name-${VERSION}`.
            bytes[at] == b'-' && next.is_some_and(|b| b.is_ascii_digit() || *b == b'$')
        });
        Named::package(text, dash.or_else(|| comparison(text)))
    }))
}

fn finish_dnf<'i>(call: &Call<'i>, packages: &mut Vec<Requirement<'i>>) {
    if call.is_any(&["groupinstall", "group install"]) {
        groups(packages);
    }
    if call.is("module install") {
        for module in packages {
            module.pinned = module.name.value.contains(':');
        }
    }
}

fn read_zypper(text: &str) -> Option<Named> {
    // `-name`, `!name` and `~name` remove a package.
    if text.is_empty() || text.starts_with(['-', '!', '~']) {
        return None;
    }
    Some(other(text).unwrap_or_else(|| Named::package(text, comparison(text))))
}

fn finish_zypper<'i>(call: &Call<'i>, packages: &mut Vec<Requirement<'i>>) {
    let kind = call.option_value(&["--type", "-t"]);
    if kind.is_some_and(|kind| kind != "package") {
        groups(packages);
    }
}

fn groups(packages: &mut [Requirement<'_>]) {
    for package in packages {
        package.kind = RequirementKind::Group;
        package.pinned = true;
    }
}
