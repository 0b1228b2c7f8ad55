//! "Did you mean …?"

/// The candidate nearest to `word`, if it is near enough to be a slip of the finger.
#[must_use]
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let allowed = (word.chars().count() / 3).max(1);
    let word = fold(word);
    candidates
        .into_iter()
        .filter_map(|candidate| {
            // A letter more or less is a slip, too: most candidates are told by their length.
            let is_as_long = |length: usize| length.abs_diff(word.len()) <= allowed;
            let signs = candidate.bytes().filter(|byte| is_joint(char::from(*byte)));
            if candidate.is_ascii() && !is_as_long(candidate.len() - signs.count()) {
                return None;
            }
            let folded = fold(candidate);
            is_as_long(folded.len()).then(|| (distance(&word, &folded), candidate))
        })
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// `docker_file`, `dockerFile` and `docker-file` are the same slip.
fn fold(word: &str) -> Vec<char> {
    word.chars()
        .filter(|c| !is_joint(*c))
        .flat_map(char::to_lowercase)
        .collect()
}

const fn is_joint(sign: char) -> bool {
    matches!(sign, '_' | '-')
}

/// Insertions, deletions, substitutions and swaps of neighbors (optimal string alignment).
fn distance(a: &[char], b: &[char]) -> usize {
    let mut before_last = vec![0; b.len() + 1];
    let mut last: Vec<usize> = (0..=b.len()).collect();
    let mut row = vec![0; b.len() + 1];
    for i in 1..=a.len() {
        row[0] = i;
        for j in 1..=b.len() {
            let substitution = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            row[j] = substitution.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(before_last[j - 2] + 1);
            }
        }
        // The oldest row is the next one's room.
        std::mem::swap(&mut before_last, &mut last);
        std::mem::swap(&mut last, &mut row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn slips_are_recognized_and_strangers_are_not() {
        let keys = ["dockerfiles", "exclude", "name"];
        for (word, expected) in [
            ("dockerfile", Some("dockerfiles")),
            ("docker_files", Some("dockerfiles")),
            ("exlcude", Some("exclude")),
            ("nam", Some("name")),
            ("platform", None),
            ("", None),
        ] {
            assert_eq!(nearest(word, keys), expected, "{word}");
        }
    }
}
