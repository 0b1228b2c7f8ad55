//! Labels and selectors, found by each other: a thousand services have a thousand of both, and few fit.

use std::collections::{BTreeMap, HashMap};

/// Labels as they are written: name and value.
type Labels<'a> = BTreeMap<&'a str, &'a str>;

/// A name and a value.
type Pair<'a> = (&'a str, &'a str);

/// Things that carry labels, by number, found by what a selector wants.
pub(super) struct Labeled<'a> {
    all: Vec<usize>,
    /// By name, then by value.
    by_pair: HashMap<&'a str, HashMap<&'a str, Vec<usize>>>,
}

impl<'a> Labeled<'a> {
    /// The labels of each, in order.
    pub(super) fn new(labels: impl IntoIterator<Item = Labels<'a>>) -> Self {
        let mut index = Self {
            all: Vec::new(),
            by_pair: HashMap::new(),
        };
        for (number, labels) in labels.into_iter().enumerate() {
            index.all.push(number);
            for (name, value) in labels {
                let values = index.by_pair.entry(name).or_default();
                values.entry(value).or_default().push(number);
            }
        }
        index
    }

    /// Those that could have all of these labels, in order: not all of them do.
    pub(super) fn candidates(&self, wanted: &Labels<'_>) -> &[usize] {
        wanted
            .iter()
            .map(|(name, value)| {
                let values = self.by_pair.get(*name);
                let found = values.and_then(|values| values.get(*value));
                found.map_or(&[][..], Vec::as_slice)
            })
            .min_by_key(|found| found.len())
            .unwrap_or(&self.all)
    }
}

/// Selectors, by number, found by the labels of what they could select.
pub(super) struct Selectors<'a> {
    /// Those that want no label.
    general: Vec<usize>,
    /// Each under one label that it wants: the one that the fewest want.
    by_pair: HashMap<Pair<'a>, Vec<usize>>,
}

impl<'a> Selectors<'a> {
    /// The labels that each wants, in order.
    pub(super) fn new(wanted: impl IntoIterator<Item = Labels<'a>>) -> Self {
        let wanted: Vec<Labels<'a>> = wanted.into_iter().collect();
        let mut frequency: HashMap<Pair<'a>, usize> = HashMap::new();
        for pair in wanted.iter().flatten() {
            *frequency.entry((pair.0, pair.1)).or_default() += 1;
        }
        let mut index = Self {
            general: Vec::new(),
            by_pair: HashMap::new(),
        };
        for (number, labels) in wanted.into_iter().enumerate() {
            match labels.into_iter().min_by_key(|pair| frequency.get(pair)) {
                Some(pair) => index.by_pair.entry(pair).or_default().push(number),
                None => index.general.push(number),
            }
        }
        index
    }

    /// Those that could select something with these labels, in order: not all of them do.
    pub(super) fn candidates(&self, labels: &Labels<'_>) -> Vec<usize> {
        let mut found = self.general.clone();
        for (name, value) in labels {
            found.extend(self.by_pair.get(&(*name, *value)).into_iter().flatten());
        }
        found.sort_unstable();
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(text: &'static str) -> Labels<'static> {
        text.split_whitespace()
            .filter_map(|pair| pair.split_once('='))
            .collect()
    }

    #[test]
    fn all_that_fit_are_among_the_candidates_and_in_order() {
        let texts = [
            "part=shop name=a",
            "part=shop name=b",
            "",
            "part=other name=a",
            "part=shop name=a tier=web",
        ];
        let fits = |wanted: &Labels<'_>, there: &Labels<'_>| {
            wanted
                .iter()
                .all(|(name, value)| there.get(name) == Some(value))
        };
        let labeled = Labeled::new(texts.map(labels));
        let selectors = Selectors::new(texts.map(labels));
        for text in texts {
            let own = labels(text);
            let numbers = 0..texts.len();
            let candidates = labeled.candidates(&own);
            let fitting: Vec<usize> = numbers
                .clone()
                .filter(|at| fits(&own, &labels(texts[*at])))
                .collect();
            let found = candidates.iter().copied();
            let found: Vec<usize> = found.filter(|at| fits(&own, &labels(texts[*at]))).collect();
            assert_eq!(found, fitting, "{text}");
            let candidates = selectors.candidates(&own);
            let selecting: Vec<usize> = numbers
                .filter(|at| fits(&labels(texts[*at]), &own))
                .collect();
            let found = candidates.into_iter();
            let found: Vec<usize> = found.filter(|at| fits(&labels(texts[*at]), &own)).collect();
            assert_eq!(found, selecting, "{text}");
        }
        assert_eq!(
            labeled.candidates(&labels("part=shop name=b")),
            [1],
            "the rarest label counts"
        );
        assert_eq!(selectors.candidates(&labels("name=b part=shop")), [1, 2]);
    }
}
