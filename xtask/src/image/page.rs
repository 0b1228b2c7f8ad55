//! What images consist of, as one HTML file: no other file, no network, no server.
//!
//! The overview is written out here, so that it is there without scripts; everything else the page's script makes from
//! the data that is embedded as JSON. Texts of images and Dockerfiles are foreign: here they pass [`escape`], there
//! they are only ever set as text. The content security policy names the page's own style and script by their digests,
//! so nothing else runs, even if something got through.

use std::collections::{BTreeMap, HashSet};

use serde::{Deserialize, Serialize};

use super::analysis::Analysis;
use super::history::History;

mod assets;
mod escape;
mod overview;

/// The frame, with `{{name}}` where a part goes.
const FRAME: &str = include_str!("page/page.html");

/// What a page shows.
#[derive(Clone, Copy, Debug)]
pub struct Page<'a> {
    /// The heading, such as the name of the project.
    pub title: &'a str,
    /// When it was made, as it is to be shown.
    pub generated: &'a str,
    /// The commit the images were built from, where there is one.
    pub commit: Option<&'a str>,
    /// The images, in the order in which they are shown.
    pub analyses: &'a [Analysis],
    /// The text of each Dockerfile, by the path that [`super::attribution::Origin::dockerfile`] names it by.
    pub dockerfiles: &'a BTreeMap<String, String>,
    /// What each image is held to, by [`Analysis::name`].
    pub budgets: &'a BTreeMap<String, Vec<BudgetLine>>,
    /// Earlier sizes, by [`Analysis::name`].
    pub history: &'a History,
}

/// A measure of an image and its limits.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct BudgetLine {
    /// `unpacked`, `compressed`, or another name; these two are drawn beside the measure.
    pub measure: String,
    /// The measure, in bytes.
    pub bytes: u64,
    /// More bytes break the budget.
    pub limit: u64,
    /// More bytes are worth a warning.
    pub soft_limit: Option<u64>,
}

impl BudgetLine {
    fn verdict(&self) -> Verdict {
        if self.bytes > self.limit {
            Verdict::Over
        } else if self.soft_limit.is_some_and(|soft| self.bytes > soft) {
            Verdict::Near
        } else {
            Verdict::Within
        }
    }
}

/// How a measure stands to its limits; the worst is the largest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Verdict {
    Within,
    Near,
    Over,
}

/// What the page's script reads.
#[derive(Serialize)]
struct Data<'a> {
    title: &'a str,
    images: Vec<Image<'a>>,
    dockerfiles: &'a BTreeMap<String, String>,
    budgets: &'a BTreeMap<String, Vec<BudgetLine>>,
    history: &'a History,
}

/// An image with the name it has in links.
#[derive(Serialize)]
struct Image<'a> {
    key: String,
    #[serde(flatten)]
    analysis: &'a Analysis,
}

/// The whole file.
#[must_use]
pub fn render(page: &Page<'_>) -> String {
    let keys = keys(page.analyses);
    let data = Data {
        title: page.title,
        images: keys
            .iter()
            .zip(page.analyses)
            .map(|(key, analysis)| Image {
                key: key.clone(),
                analysis,
            })
            .collect(),
        dockerfiles: page.dockerfiles,
        budgets: page.budgets,
        history: page.history,
    };
    let (style, script) = (assets::style(), assets::script());
    fill(FRAME, |name| match name {
        "policy" => assets::policy(&style, &script),
        "title" => escape::html(page.title),
        "generated" => escape::html(page.generated),
        "commit" => page.commit.map_or_else(String::new, |commit| {
            format!(" · commit <code>{}</code>", escape::html(commit))
        }),
        "style" => style.clone(),
        "overview" => overview::section(page, &keys),
        "data" => escape::json(&data),
        "script" => script.clone(),
        _ => String::new(),
    })
}

/// Replaces each `{{name}}` of `frame` once: what is put in is not looked at again.
fn fill(frame: &str, part: impl Fn(&str) -> String) -> String {
    let mut filled = String::new();
    let mut rest = frame;
    while let Some((before, name, after)) = rest.split_once("{{").and_then(|(before, after)| {
        let (name, after) = after.split_once("}}")?;
        Some((before, name, after))
    }) {
        filled.push_str(before);
        filled.push_str(&part(name));
        rest = after;
    }
    filled.push_str(rest);
    filled
}

/// The name of each image in links: its own, with the platform or a number where several share it.
fn keys(analyses: &[Analysis]) -> Vec<String> {
    let mut taken = HashSet::new();
    let shared = |name: &str| analyses.iter().filter(|a| a.name == name).count() > 1;
    analyses
        .iter()
        .map(|analysis| {
            let wanted = if shared(&analysis.name) {
                format!("{} ({})", analysis.name, analysis.platform)
            } else {
                analysis.name.clone()
            };
            let mut key = wanted.clone();
            let mut number = 2;
            while !taken.insert(key.clone()) {
                key = format!("{wanted} {number}");
                number += 1;
            }
            key
        })
        .collect()
}

#[cfg(test)]
mod tests;
