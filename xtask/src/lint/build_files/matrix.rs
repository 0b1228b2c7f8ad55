//! The combinations of a job's matrix.

use crate::yaml::Node;

/// More combinations than GitHub starts jobs for are not looked at.
const MAX_COMBINATIONS: usize = 256;

/// One job of a matrix: each key with its value.
#[derive(Clone, Debug, Default)]
pub(in crate::lint) struct Combination<'w> {
    values: Vec<(&'w str, &'w Node)>,
}

impl<'w> Combination<'w> {
    /// The value behind `matrix.KEY` or `matrix.KEY.FIELD`.
    pub(in crate::lint) fn get(&self, key: &str) -> Option<&'w Node> {
        let mut parts = key.split('.');
        let first = parts.next()?;
        let (_, node) = self.values.iter().find(|(name, _)| *name == first)?;
        parts.try_fold(*node, |node, part| node.get(part))
    }

    /// Whether a combination has these scalars, as far as it has the keys.
    fn fits(&self, entries: &[(&str, &Node)]) -> bool {
        entries.iter().all(|(key, value)| {
            self.get(key)
                .is_none_or(|own| own.as_str() == value.as_str() && own.as_str().is_some())
        })
    }
}

/// The jobs that a job becomes: one without values where there is no matrix, none where only an expression says it.
pub(in crate::lint) fn combinations(job: &Node) -> Vec<Combination<'_>> {
    let Some(matrix) = job.at(&["strategy", "matrix"]) else {
        return vec![Combination::default()];
    };
    let mut found = vec![Combination::default()];
    let mut has_lists = false;
    for entry in matrix.entries() {
        let Some(key) = entry.key.as_str() else {
            continue;
        };
        if matches!(key, "include" | "exclude") || entry.value.items().is_empty() {
            continue;
        }
        has_lists = true;
        let mut next = Vec::new();
        for combination in &found {
            for value in entry.value.items() {
                let mut combination = combination.clone();
                combination.values.push((key, value));
                next.push(combination);
            }
        }
        next.truncate(MAX_COMBINATIONS);
        found = next;
    }
    if !has_lists {
        found.clear();
    }
    let listed = |key: &str| matrix.get(key).map_or(&[][..], Node::items);
    for excluded in listed("exclude") {
        let entries = scalars(excluded);
        found.retain(|combination| entries.is_empty() || !combination.fits(&entries));
    }
    let from_lists = found.len();
    for included in listed("include") {
        let entries = scalars(included);
        let mut fits_any = false;
        for combination in &mut found[..from_lists] {
            if combination.fits(&entries) {
                fits_any = true;
                for entry in &entries {
                    if combination.get(entry.0).is_none() {
                        combination.values.push(*entry);
                    }
                }
            }
        }
        if !fits_any {
            found.push(Combination { values: entries });
        }
    }
    found
}

fn scalars(node: &Node) -> Vec<(&str, &Node)> {
    node.entries()
        .iter()
        .filter_map(|entry| Some((entry.key.as_str()?, &entry.value)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::combinations;
    use crate::source::Source;
    use crate::yaml;

    #[test]
    fn lists_multiply_and_entries_are_added() {
        for (matrix, expected) in [
            ("{a: [1, 2], b: [x, y]}", "1x 1y 2x 2y"),
            ("{a: [1, 2], b: [x], exclude: [{a: 1}]}", "2x"),
            ("{a: [1, 2], include: [{a: 2, b: z}]}", "1 2z"),
            ("{a: [1], include: [{a: 3, b: z}]}", "1 3z"),
            ("{include: [{a: 1, b: x}, {a: 2, b: y}]}", "1x 2y"),
            ("{a: [{v: 1}, {v: 2}]}", " "),
        ] {
            let source = Source::new("x", format!("strategy:\n  matrix: {matrix}\n"));
            let job = yaml::parse(&source).unwrap();
            let found: Vec<String> = combinations(&job)
                .iter()
                .map(|combination| {
                    let values = ["a", "b"]
                        .iter()
                        .filter_map(|key| combination.get(key)?.as_str());
                    values.collect()
                })
                .collect();
            assert_eq!(found.join(" "), expected, "{matrix}");
        }
    }
}
