//! All rules there are.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::lint::rule::Rule;
use crate::lint::rules;

/// All rules, by code.
#[must_use]
pub fn all() -> &'static [&'static Rule] {
    static ALL: LazyLock<Vec<&'static Rule>> = LazyLock::new(|| {
        let mut all: Vec<_> = rules::FAMILIES
            .iter()
            .flat_map(|family| family.iter().copied())
            .collect();
        all.sort_by_key(|rule| rule.code);
        all
    });
    &ALL
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
        let mut by_name: HashMap<_, Vec<_>> = HashMap::new();
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
