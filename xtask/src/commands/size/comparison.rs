//! `docker-size diff`: two images next to each other.

use super::arguments::DiffArguments;
use super::looked::Looked;
use crate::cli::Common;
use crate::commands::images::LookedAt;
use crate::commands::json::json;
use crate::commands::lint::tell_errors;
use crate::environment::Environment;
use crate::error::{Error, Exit, Result};
use crate::image::composition::Composition;
use crate::image::difference::{self, COMMENT_BYTES, Comparison};
use crate::report::Format;

/// Reads two images and tells what is larger or smaller in the second.
///
/// # Errors
/// One of them cannot be read, or is several.
pub(super) fn of_two(
    arguments: &DiffArguments,
    common: &Common,
    environment: &Environment,
) -> Result<Exit> {
    let words = [arguments.before.clone(), arguments.after.clone()];
    let place = LookedAt::find(&words, common, environment)?;
    let looked = Looked::gather(&place, &words, &arguments.reading, 0, common, environment)?;
    tell_errors(&looked.errors, common, environment)?;
    if let Some(exit) = looked.exit() {
        return Ok(exit);
    }
    let analyses: Vec<_> = looked.analyses().collect();
    let [before, after] = analyses[..] else {
        return Err(Error::usage("one of the two holds several images")
            .help("choose a platform with `--platform`"));
    };
    let (mut before, after) = (Composition::from(before), Composition::from(after));
    // Two names of the same thing, or of two platforms: they are compared all the same.
    let against = std::mem::replace(&mut before.name, after.name.clone());
    before.platform.clone_from(&after.platform);
    let comparisons = difference::compare(&[before], &[after]);
    environment.print(&text(
        &comparisons,
        &against,
        arguments.reading.format,
        arguments.reading.top,
    )?)?;
    Ok(Exit::Clean)
}

/// A comparison in a format; those that know findings only have none.
pub(super) fn text(
    comparisons: &[Comparison],
    against: &str,
    format: Format,
    top: usize,
) -> Result<String> {
    Ok(match format {
        Format::Terminal => difference::terminal(comparisons, against, top),
        Format::Markdown => difference::markdown(comparisons, against, COMMENT_BYTES),
        Format::Json => json(&serde_json::json!({
            "schema_version": 1,
            "against": against,
            "comparisons": comparisons,
        }))?,
        _ => {
            return Err(Error::usage("a difference is no finding")
                .help("choose terminal, json or markdown as its format"));
        }
    })
}
