//! Checks of an image that is built: its configuration, its history, its files, and every layer with what is hidden in
//! it.
//!
//! A rule is one file below `hardening/rules/`: its doc comment is its page, its example is an image written down and a
//! test. A defect that the linter finds in the Dockerfile, too, has the linter's code ([`Shared`]), so that one
//! suppression keeps both quiet. What a layer of the base image brought is told as the base's, without a line of the
//! Dockerfile that stands on it.

pub mod dockle;
mod files;
mod findings;
mod history;
mod image;
mod rule;
mod rules;
#[cfg(test)]
mod samples;
mod start;
#[cfg(test)]
mod tests;
mod writers;

use crate::date::Date;
use crate::finding::Finding;
use crate::image::attribution::Origin;
use crate::image::config::ImageConfig;
use crate::image::filesystem::Filesystem;
use crate::image::inventory::Package;

use findings::Findings;
use image::Image;
pub use rule::{Identity, Rule, Shared};
pub use rules::{RULES, SHARED};

/// What an image is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Purpose {
    /// It runs a service: shells, compilers and package managers are more than it needs.
    #[default]
    Production,
    /// Somebody works in it, or other images are built from it.
    Development,
}

/// A secret that stands in a file of a layer, hidden or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundSecret {
    /// Which layer.
    pub layer: usize,
    /// Its path.
    pub path: String,
    /// The line, from 1.
    pub line: usize,
    /// What it is.
    pub rule: &'static crate::secrets::content::Rule,
    /// What may be shown of it.
    pub redacted: String,
}

/// An image, with what is known about it.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// As reports call it.
    pub name: &'a str,
    /// The reference it was asked for by, where it was one.
    pub reference: Option<&'a str>,
    /// What it is for.
    pub purpose: Purpose,
    /// What it says about itself.
    pub config: &'a ImageConfig,
    /// Its layers laid over each other.
    pub filesystem: &'a Filesystem,
    /// What is installed in it.
    pub packages: &'a [Package],
    /// What made each layer: [`crate::image::attribution::origins`].
    pub origins: &'a [Origin],
    /// What made each entry of its history: [`crate::image::attribution::steps`].
    pub steps: &'a [Origin],
    /// The secrets in its files.
    pub secrets: &'a [FoundSecret],
    /// The day that ages are counted to; without it, nothing is old.
    pub today: Option<Date>,
    /// An image is old after so many days.
    pub oldest_days: u32,
}

/// After so many days an image is old, unless somebody says otherwise.
pub const OLDEST_DAYS: u32 = 90;

/// What is wrong with an image, in the order of the rules. Severities are the rules' own: configuration, suppressions
/// and the baseline come later.
///
/// Findings have the properties `image`, `actor` (`own`, `base`, or `unknown` where nobody knows whose layer it is),
/// and, where a Dockerfile is known, `line`.
#[must_use]
pub fn findings(subject: &Subject<'_>) -> Vec<Finding> {
    let image = Image::of(subject);
    let mut findings = Findings::new(&image);
    for rule in RULES.iter().copied().flatten() {
        findings.enter(rule.identity());
        (rule.check)(&image, &mut findings);
    }
    for rule in SHARED.iter().copied().flatten() {
        findings.enter(rule.identity);
        (rule.check)(&image, &mut findings);
    }
    findings.finish()
}

/// All rules that only look at images.
pub fn rules() -> impl Iterator<Item = &'static Rule> {
    RULES.iter().copied().flatten().copied()
}

impl FoundSecret {
    /// The secrets of all layers of an image that was read for [`crate::image::layer::Detail::Inspected`].
    #[must_use]
    pub fn all(filesystem: &Filesystem) -> Vec<Self> {
        let layers = filesystem.layers().iter().enumerate();
        layers
            .flat_map(|(index, layer)| {
                layer.secrets().map(move |(at, secret)| {
                    let entry = &layer.entries()[at];
                    let path = [layer.folder(entry), layer.name(entry)].join(&b'/');
                    let path = String::from_utf8_lossy(&path);
                    Self {
                        layer: index,
                        path: path.trim_start_matches('/').to_owned(),
                        line: secret.start.line,
                        rule: secret.rule,
                        redacted: secret.redacted.clone(),
                    }
                })
            })
            .collect()
    }
}
