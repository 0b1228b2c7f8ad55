//! `docker-bake`.

use clap::Args;

use crate::cli::Common;
use crate::environment::Environment;
use crate::error::{Error, Exit, Result};

/// Options of `docker-bake`.
#[derive(Debug, Args)]
pub struct Arguments {}

/// Carries it out.
///
/// # Errors
/// What stopped it.
pub fn run(_arguments: &Arguments, _common: &Common, _environment: &Environment) -> Result<Exit> {
    Err(Error::usage("not there yet"))
}
