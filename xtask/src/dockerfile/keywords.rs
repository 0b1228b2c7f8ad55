//! The instructions' names, and the one a misspelled name may have meant.

/// Every instruction.
pub const KEYWORDS: [&str; 18] = [
    "ADD",
    "ARG",
    "CMD",
    "COPY",
    "ENTRYPOINT",
    "ENV",
    "EXPOSE",
    "FROM",
    "HEALTHCHECK",
    "LABEL",
    "MAINTAINER",
    "ONBUILD",
    "RUN",
    "SHELL",
    "STOPSIGNAL",
    "USER",
    "VOLUME",
    "WORKDIR",
];

/// The instruction at most two edits away from `name` (upper case), the nearest first; none for one or two letters.
pub(super) fn closest(name: &str) -> Option<&'static str> {
    if !(3..=16).contains(&name.len()) {
        return None;
    }
    KEYWORDS
        .iter()
        .map(|keyword| (distance(name, keyword), *keyword))
        .filter(|&(distance, keyword)| distance <= 2 && distance < keyword.len() - 1)
        .min()
        .map(|(_, keyword)| keyword)
}

/// The edits between two words.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, &cb) in b.iter().enumerate() {
            let substituted = diagonal + usize::from(ca != cb);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn misspellings_find_their_instruction() {
        assert_eq!(closest("FORM"), Some("FROM"));
        assert_eq!(closest("ENTRYPONT"), Some("ENTRYPOINT"));
        assert_eq!(closest("COPPY"), Some("COPY"));
        assert_eq!(closest("X"), None);
        assert_eq!(closest("SOMETHING"), None);
    }

    #[test]
    fn keywords_are_sorted() {
        assert!(KEYWORDS.is_sorted());
    }
}
