//! What is known about an image from outside.

use std::cell::LazyCell;
use std::collections::BTreeMap;

use foldhash::HashSet;

use crate::dockerfile::{Base, Dockerfile, StageGraph};
use crate::lint::model::variables::Globals;
use crate::lint::model::{Known, Parent, Resolve, base_images};

/// What is known about an image from outside.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BaseFacts {
    /// The reference, expanded; empty if it could not be.
    pub reference: String,
    /// The image is in our table: what its configuration says is known.
    pub known: bool,
    /// `alpine` and `3.20`; an empty release is one that the tag does not tell.
    pub distribution: Option<(String, String)>,
    /// `USER`, if it is not root.
    pub user: Option<&'static str>,
    /// `WORKDIR`; `/` unless the image sets another.
    pub workdir: Option<&'static str>,
    /// The variables it sets, with the values that are known; `PATH` apart.
    pub environment: Vec<(&'static str, Option<String>)>,
    /// `ENTRYPOINT` is set.
    pub entrypoint: Option<&'static [&'static str]>,
    /// Users and groups: (name, number, is a group).
    pub accounts: Vec<(&'static str, u32, bool)>,
    /// Names that some releases have.
    pub some_accounts: &'static [&'static str],
    /// There are no others.
    pub all_accounts: bool,
    /// The shell, if it is not `/bin/sh -c`.
    pub shell: Option<&'static [&'static str]>,
    /// Programs that are surely there.
    pub programs: Vec<&'static str>,
    /// Programs that are surely not.
    pub missing_programs: Vec<&'static str>,
}

impl BaseFacts {
    /// What is known about an image, by its reference.
    #[must_use]
    pub fn of(reference: &str) -> Self {
        Self {
            reference: reference.to_owned(),
            ..base_images::facts(reference)
        }
    }

    /// The package manager of its distribution.
    #[must_use]
    pub fn package_manager(&self) -> Option<&'static str> {
        match self.distribution.as_ref()?.0.as_str() {
            "alpine" => Some("apk"),
            "debian" | "ubuntu" => Some("apt"),
            "fedora" | "rockylinux" | "almalinux" | "centos" | "amazonlinux" | "oraclelinux"
            | "ubi" => Some("dnf"),
            _ => None,
        }
    }

    /// Whether a user or group is there, by name or number.
    #[must_use]
    pub fn has_account(&self, name: &str, is_group: bool) -> Known<bool> {
        let number = name.parse::<u32>().ok();
        let found = self
            .accounts
            .iter()
            .any(|&(known, id, group)| group == is_group && (known == name || Some(id) == number));
        // Larger variants have accounts of system services.
        let may_be = self.some_accounts.contains(&name)
            || name.starts_with("systemd")
            || number.is_some_and(|number| number < 1000 || self.some_accounts.contains(&"ubuntu"));
        match (found, self.all_accounts && !may_be) {
            (true, _) => Known::Yes(true),
            (false, true) => Known::Yes(false),
            (false, false) => Known::Unknown,
        }
    }

    /// Whether a program is there.
    #[must_use]
    pub fn has_program(&self, program: &str) -> Known<bool> {
        if self.programs.contains(&program) {
            Known::Yes(true)
        } else if self.missing_programs.contains(&program) {
            Known::Yes(false)
        } else {
            Known::Unknown
        }
    }
}

/// The images from outside that stages may start from, by stage; those whose name is not known left out.
pub(in crate::lint) fn external_bases(
    file: &Dockerfile,
    arguments: &BTreeMap<String, String>,
) -> Vec<(usize, String)> {
    let globals = LazyCell::new(|| Globals::new(file, arguments));
    let mut earlier: HashSet<String> = HashSet::default();
    let mut bases = Vec::new();
    for stage in &file.stages {
        let base = &stage.base.value;
        let expanded = if base.contains(['$', '"', '\'', file.escape]) {
            globals.expand(base, file.escape)
        } else {
            Known::Yes(base.clone())
        };
        if let Known::Yes(reference) = expanded
            && reference != "scratch"
            && !earlier.contains(&reference.to_lowercase())
        {
            bases.push((stage.index, reference));
        }
        earlier.extend(stage.name.as_ref().map(|name| name.value.to_lowercase()));
    }
    bases
}

/// What each stage starts from.
pub(super) fn parents(
    file: &Dockerfile,
    graph: &StageGraph,
    globals: &Globals,
    resolve: Resolve<'_>,
) -> Vec<Parent> {
    file.stages
        .iter()
        .map(|stage| match graph.bases[stage.index] {
            Base::Scratch => Parent::Scratch,
            Base::Stage(index) => Parent::Stage(index),
            Base::Image => {
                // Without the platform's arguments the graph reads them as empty.
                let Known::Yes(reference) = globals.expand(&stage.base.value, file.escape) else {
                    let marked = globals.expand_marked(&stage.base.value, file.escape);
                    return Parent::Image(Box::new(base_images::facts(&marked)));
                };
                match resolve(&reference) {
                    Some((model, stage)) if stage < model.file.stages.len() => {
                        Parent::Own { model, stage }
                    }
                    _ => Parent::Image(Box::new(BaseFacts::of(&reference))),
                }
            }
        })
        .collect()
}
