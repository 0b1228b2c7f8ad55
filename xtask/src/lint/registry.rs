//! All rules there are.

use std::sync::LazyLock;

use foldhash::HashMap;

use crate::lint::rule::{Check, DockerfileCheck, Rule};
use crate::lint::rules;
use crate::scan::hardening;

/// All rules, by code: the linter's, and those that only look at images or at what puts them to work, whose codes
/// comments and the configuration may name, too.
#[must_use]
pub fn all() -> &'static [&'static Rule] {
    static OF_IMAGES: LazyLock<Vec<Rule>> = LazyLock::new(|| {
        let hardening = hardening::rules().map(|rule| &rule.about);
        let scan = crate::scan::rules::RULES.iter().copied();
        let rules = hardening.chain(scan).map(|about| Rule {
            about: *about,
            check: Check::Image,
        });
        rules.collect()
    });
    static OF_DEPLOYMENTS: LazyLock<Vec<Rule>> = LazyLock::new(|| {
        let rules = crate::deploy::rules::RULES.iter().map(|about| Rule {
            about: **about,
            check: Check::Deployment,
        });
        rules.collect()
    });
    static ALL: LazyLock<Vec<&'static Rule>> = LazyLock::new(|| {
        let mut all: Vec<_> = rules::FAMILIES
            .iter()
            .flat_map(|family| family.iter().copied())
            .chain(OF_IMAGES.iter())
            .chain(OF_DEPLOYMENTS.iter())
            .collect();
        all.sort_by_key(|rule| rule.code);
        all
    });
    &ALL
}

/// Those of [`all`] that look at one Dockerfile at a time, each with its position there and its check.
pub(super) fn of_dockerfiles() -> &'static [(usize, &'static Rule, DockerfileCheck)] {
    static RULES: LazyLock<Vec<(usize, &'static Rule, DockerfileCheck)>> = LazyLock::new(|| {
        let rules = all().iter().enumerate();
        rules
            .filter_map(|(position, rule)| match rule.check {
                Check::Dockerfile(check) => Some((position, *rule, check)),
                _ => None,
            })
            .collect()
    });
    &RULES
}

/// The rules about what enters a build: those that `docker-ignore` judges by.
#[must_use]
pub fn of_build_contexts() -> &'static [&'static Rule] {
    static RULES: LazyLock<Vec<&'static Rule>> =
        LazyLock::new(|| rules::BUILD_CONTEXT_FAMILIES.concat());
    &RULES
}

/// The rules a code, name or alias means: several where an alias of another tool covers more than one of ours.
#[must_use]
pub fn find(code: &str) -> &'static [&'static Rule] {
    static BY_NAME: LazyLock<HashMap<&'static str, Vec<&'static Rule>>> = LazyLock::new(|| {
        let mut by_name: HashMap<_, Vec<_>> = HashMap::default();
        for rule in all() {
            for name in [rule.code, rule.name].iter().chain(rule.aliases) {
                by_name.entry(*name).or_default().push(*rule);
            }
        }
        by_name
    });
    BY_NAME.get(code).map_or(&[], Vec::as_slice)
}

/// Where a rule stands in [`all`], by its code.
pub(super) fn position(code: &str) -> Option<usize> {
    all().binary_search_by_key(&code, |rule| rule.code).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_looked_for_in_images_too_has_the_names_of_the_linters_rule() {
        for shared in hardening::SHARED.iter().copied().flatten() {
            let shared = shared.identity;
            let [rule] = find(shared.code) else {
                panic!("there is no rule {}", shared.code);
            };
            assert_eq!(rule.name, shared.name, "{}", shared.code);
            assert_eq!(rule.aliases, shared.aliases, "{}", shared.code);
        }
    }
}
