//! The values of the plan's variables for one run.

use std::collections::BTreeMap;

use super::plan::{Plan, secret_variable};

/// What to do with the shared build cache.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CacheUse {
    /// Nothing; the classic image store cannot export a cache.
    #[default]
    None,
    /// Read it.
    Read,
    /// Read and fill it.
    Write,
}

/// What a run sets. What is `None` or empty keeps the default, or what the user's environment says.
#[derive(Clone, Debug, Default)]
pub struct Inputs {
    /// The tags of every image.
    pub tags: Vec<String>,
    /// The version label.
    pub version: Option<String>,
    /// The commit.
    pub vcs_ref: Option<String>,
    /// When, as RFC 3339 has it.
    pub build_date: Option<String>,
    /// For which platforms; empty for the builder's own.
    pub platforms: Vec<String>,
    /// What the builder runs on.
    pub build_platforms: Vec<String>,
    /// Whether it is a release.
    pub release: bool,
    /// What to do with the shared cache.
    pub cache: CacheUse,
    /// Build arguments; the plan must have been made with the same.
    pub arguments: BTreeMap<String, String>,
    /// Where each secret is, by id: a file, or the variable that holds it.
    pub secrets: BTreeMap<String, String>,
}

impl Inputs {
    /// The environment variables for bake, sorted by name.
    #[must_use]
    pub fn variables(&self, plan: &Plan) -> BTreeMap<String, String> {
        let prefix = plan.variable_prefix();
        let mut variables = BTreeMap::new();
        let mut set = |name: &str, value: &str| {
            if !value.is_empty() {
                variables.insert(format!("{prefix}_{name}"), value.to_owned());
            }
        };
        set("TAG", &self.tags.join(","));
        set("VERSION", self.version.as_deref().unwrap_or_default());
        set("VCS_REF", self.vcs_ref.as_deref().unwrap_or_default());
        set("BUILD_DATE", self.build_date.as_deref().unwrap_or_default());
        set("PLATFORMS", &self.platforms.join(","));
        set("BUILD_PLATFORMS", &self.build_platforms.join(","));
        set("RELEASE", if self.release { "1" } else { "" });
        set(
            "CACHE",
            match self.cache {
                CacheUse::None => "",
                CacheUse::Read => "read",
                CacheUse::Write => "write",
            },
        );
        for (id, place) in &self.secrets {
            set(&secret_variable(id), place);
        }
        for (name, value) in &self.arguments {
            // An empty build argument is a value too.
            variables.insert(format!("{prefix}_ARG_{name}"), value.clone());
        }
        variables
    }
}
