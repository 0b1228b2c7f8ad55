//! Pushed, pulled back, replaced and rolled back.

use super::Trial;
use crate::error::Result;
use crate::trial::Subject;

pub(super) fn run(_trial: &Trial<'_>) -> Result<Vec<Subject>> {
    Ok(Vec::new())
}
