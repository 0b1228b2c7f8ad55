//! `docker-scan`: what is wrong with an image that is built, and who must act.

mod arguments;
mod looked;

pub use arguments::Arguments;

use looked::Looked;

use super::images::{LookedAt, exit_of_unread};
use super::lint::{number, tell_errors};
use super::timings::Timings;
use crate::cli::Common;
use crate::environment::Environment;
use crate::error::{Exit, Result};

/// Carries it out.
///
/// # Errors
/// What stopped it. An image that cannot be read does not: it is told, and the others are looked at.
pub fn run(arguments: &Arguments, common: &Common, environment: &Environment) -> Result<Exit> {
    let timings = Timings::start(common, environment);
    let place = LookedAt::find(&arguments.images, common, environment)?;
    timings.lap("read the manifest");
    let looked = Looked::gather(&place, arguments, common, environment)?;
    timings.lap("read the images and listed their packages");
    tell_errors(&looked.errors, common, environment)?;
    for image in &looked.images {
        environment.print(&format!(
            "{}: {}\n",
            image.name,
            number(image.packages.len(), "package")
        ))?;
    }
    Ok(exit_of_unread(&looked.errors).unwrap_or(Exit::Clean))
}
