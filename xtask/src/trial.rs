//! What a started image must show: properties, how each is judged from what was observed, and the report of a trial.
//!
//! Nothing here starts anything: observations come in as values.

pub mod exceptions;
pub mod exposition;
pub mod fleet;
pub mod http;
pub mod image;
pub mod logs;
pub mod memory;
pub mod process_status;
pub mod release;
pub mod signals;
pub mod structure;
pub mod verdict;

pub use verdict::{Measurement, Outcome, Property, Report, Subject, Suite, Unit, Verdict};

/// Every property, by suite and code.
pub fn properties() -> impl Iterator<Item = (Suite, &'static Property)> {
    let suites: [(Suite, &'static [&'static Property]); 5] = [
        (Suite::Image, exceptions::PROPERTIES),
        (Suite::Image, image::PROPERTIES),
        (Suite::Structure, structure::PROPERTIES),
        (Suite::Fleet, fleet::PROPERTIES),
        (Suite::Release, release::PROPERTIES),
    ];
    suites
        .into_iter()
        .flat_map(|(suite, properties)| properties.iter().map(move |property| (suite, *property)))
}

/// The property of this code or name, in any case.
#[must_use]
pub fn property(word: &str) -> Option<&'static Property> {
    properties()
        .map(|(_, property)| property)
        .find(|property| property.is_called(word))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn codes_and_names_are_unique_and_say_what_they_mean() {
        let (mut codes, mut names) = (BTreeSet::new(), BTreeSet::new());
        for (_, property) in properties() {
            assert!(codes.insert(property.code), "{} twice", property.code);
            assert!(names.insert(property.name), "{} twice", property.name);
            assert!(property.code.starts_with("DT") && property.code.len() == 6);
            assert_eq!(
                self::property(&property.name.to_uppercase()),
                Some(property)
            );
            assert_eq!(self::property(property.code), Some(property));
        }
        assert_eq!(property("nothing"), None);
    }

    #[test]
    fn the_page_lists_every_property() {
        let pages: [(&str, &str, &[&Property]); 3] = [
            (
                "test.md",
                include_str!("../../docs/test.md"),
                image::PROPERTIES,
            ),
            (
                "structure-tests.md",
                include_str!("../../docs/structure-tests.md"),
                structure::PROPERTIES,
            ),
            (
                "release.md",
                include_str!("../../docs/release.md"),
                release::PROPERTIES,
            ),
        ];
        for (name, page, properties) in pages {
            for property in properties {
                let row = format!(
                    "| {} | `{}` | {} |",
                    property.code, property.name, property.holds
                );
                assert!(page.contains(&row), "docs/{name} lacks:\n{row}");
            }
        }
    }
}
