//! What each edit is foretold to cost.

use std::collections::BTreeMap;

use camino::Utf8PathBuf;

use super::gathered::{Gathered, Recipes, commit_arguments};
use crate::caching::{Advice, Class, Edit, Forecast, World, advise, forecast};
use crate::context::Builds;
use crate::error::{Error, Result};
use crate::project::volatile::COMMIT_ARGUMENTS;

/// The mark of edits that nobody makes.
const MARK: &str = "0";

/// An edit with what it costs.
pub(super) struct Foretold {
    pub(super) edit: Edit,
    pub(super) forecast: Forecast,
    pub(super) advice: Vec<Advice>,
    /// The recipes after it.
    pub(super) recipes: Option<Recipes>,
}

/// Foretells all edits.
///
/// # Errors
/// A file cannot be read.
pub(super) fn foretell(gathered: &Gathered) -> Result<Vec<Foretold>> {
    let edits = gathered.edits.iter();
    edits.map(|edit| foretold(gathered, edit)).collect()
}

fn foretold(gathered: &Gathered, edit: &Edit) -> Result<Foretold> {
    let now = &gathered.looked.contexts.recipes;
    let (before, after) = states(gathered, edit)?;
    let views = gathered.views();
    let named = gathered.named_views();
    let builds = |recipes| Builds {
        recipes,
        views: &views,
        named: &named,
    };
    let none = BTreeMap::new();
    let world = World {
        before: builds(before.as_ref().unwrap_or(now)),
        after: builds(after.as_ref().unwrap_or(now)),
        targets: &gathered.targets,
        tree: &gathered.looked.contexts.tree,
        admissions: &none,
        everything: &[],
    };
    let changes = edit.changes();
    let found = forecast(&world, &changes);
    let advice = advise(&world, &changes, &found, &COMMIT_ARGUMENTS);
    Ok(Foretold {
        edit: edit.clone(),
        forecast: found,
        advice,
        recipes: after,
    })
}

/// The recipes before and after an edit; `None` where they are those of now.
fn states(gathered: &Gathered, edit: &Edit) -> Result<(Option<Recipes>, Option<Recipes>)> {
    let none = BTreeMap::new();
    let with = |texts: &BTreeMap<Utf8PathBuf, Option<String>>, arguments| {
        Some(gathered.recipes(texts, &arguments))
    };
    Ok(match edit.class {
        Class::Commit => (
            with(&none, commit_arguments("before")),
            with(&none, commit_arguments("after")),
        ),
        Class::Argument => {
            let name = &edit.subject;
            let value = gathered.project.manifest.build.args.get(name);
            let other = format!("{}-other", value.map_or("", String::as_str));
            let arguments = BTreeMap::from([(name.clone(), other)]);
            (with(&none, BTreeMap::new()), with(&none, arguments))
        }
        Class::Comment | Class::Label | Class::Instruction => {
            let mut texts = BTreeMap::new();
            for file in &edit.files {
                let path = gathered.project.root.join(&file.path);
                let bytes = std::fs::read(&path).map_err(|error| {
                    Error::usage(format!("failed to read {}", file.path)).because(error)
                })?;
                let text = String::from_utf8_lossy(&file.touch.apply(&bytes, MARK)).into_owned();
                texts.insert(file.path.clone(), Some(text));
            }
            (with(&none, BTreeMap::new()), with(&texts, BTreeMap::new()))
        }
        _ => (None, None),
    })
}
