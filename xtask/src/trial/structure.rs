//! Files of container-structure-test (schema 2.0.0): read strictly, judged by what an image holds and how it answers.
//!
//! The format is that of <https://github.com/GoogleContainerTools/container-structure-test>; where its program and this
//! one differ is told in `docs/structure-tests.md`.

mod expansion;
mod fields;
mod file;
mod file_judgments;
mod judgment;
mod licenses;
mod metadata;
mod pattern;
mod permissions;
mod properties;
mod reading;
mod rootfs;
#[cfg(test)]
mod tests;

pub use expansion::expanded;
pub use file::{
    CommandTest, ContentTest, ExistenceTest, Expected, LicenseTest, MetadataTest, RunOptions,
    TestFile, Text, Variable, Who,
};
pub use file_judgments::{content, existence};
pub use judgment::{Failure, Ran, command};
pub use licenses::{files as license_files, licenses};
pub use metadata::metadata;
pub use pattern::Pattern;
pub use properties::{COMMAND, CONTENT, EXISTENCE, LICENSE, METADATA, PROPERTIES};
pub use reading::read;
pub use rootfs::{Absence, Rootfs, Stat};
