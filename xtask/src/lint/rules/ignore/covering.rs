//! Which patterns of some match everything that another one matches.

use foldhash::HashMap;

use crate::dockerignore::Pattern;

/// Patterns by what they certainly match, so that one is found without comparing all with all.
#[derive(Default)]
pub(super) struct Covering {
    /// `apps/api`: without wildcards.
    literal: HashMap<String, usize>,
    /// The name of `**/name`.
    anywhere: HashMap<String, usize>,
    /// The ending of `**/*.ending`, with its dot.
    ending: HashMap<String, usize>,
    /// `*`, `**`.
    everything: Option<usize>,
}

impl Covering {
    /// Takes a pattern in; `place` is handed back.
    pub(super) fn insert(&mut self, pattern: &Pattern, place: usize) {
        let text = pattern.text();
        if matches!(text, "*" | "**" | "**/*") {
            self.everything.get_or_insert(place);
        } else if pattern.is_literal() {
            self.literal.entry(text.to_owned()).or_insert(place);
        } else if let Some(name) = text.strip_prefix("**/") {
            if !is_wild(name) && !name.contains('/') {
                self.anywhere.entry(name.to_owned()).or_insert(place);
            } else if let Some(ending) = name.strip_prefix('*')
                && ending.starts_with('.')
                && !is_wild(ending)
                && !ending.contains('/')
            {
                self.ending.entry(ending.to_owned()).or_insert(place);
            }
        }
    }

    /// A pattern that matches each path which `pattern` matches, or a folder that the path lies in; not the one at
    /// `place` itself.
    pub(super) fn find(&self, pattern: &Pattern, place: usize) -> Option<usize> {
        let text = pattern.text();
        let other = |found: Option<&usize>| found.copied().filter(|found| *found != place);
        if let Some(found) = other(self.everything.as_ref()) {
            return Some(found);
        }
        if text.contains(['[', ']', '\\', '|', '^', '{', '}']) {
            return None;
        }
        let mut end = 0;
        for part in text.split('/') {
            end += part.len();
            let above = &text[..end];
            // `**` is no name, and what stands before it may be nothing.
            if !is_wild(above)
                && let Some(found) = other(self.literal.get(above))
            {
                return Some(found);
            }
            if let Some(found) = self.find_name(part, &other) {
                return Some(found);
            }
            end += 1;
        }
        None
    }

    fn find_name(
        &self,
        part: &str,
        other: &dyn Fn(Option<&usize>) -> Option<usize>,
    ) -> Option<usize> {
        // `**.log` and `logs**` match across folders.
        if part.contains("**") {
            return None;
        }
        if !is_wild(part)
            && let Some(found) = other(self.anywhere.get(part))
        {
            return Some(found);
        }
        part.match_indices('.')
            .map(|(at, _)| &part[at..])
            .filter(|ending| !is_wild(ending))
            .find_map(|ending| other(self.ending.get(ending)))
    }
}

fn is_wild(text: &str) -> bool {
    text.contains(['*', '?', '[', ']', '\\', '|', '^', '{', '}'])
}

#[cfg(test)]
mod tests {
    use camino::Utf8Path;
    use proptest::prelude::*;

    use super::*;
    use crate::dockerignore::Patterns;
    use crate::source::Source;

    fn covered(by: &str, text: &str) -> bool {
        let (patterns, _) = Patterns::parse(&Source::new("x", format!("{by}\n{text}\n")));
        let [by, pattern] = patterns.patterns() else {
            return false;
        };
        let mut covering = Covering::default();
        covering.insert(by, 0);
        covering.find(pattern, 1).is_some()
    }

    #[test]
    fn what_is_covered_is_found() {
        for (by, text) in [
            ("**/.env", ".env"),
            ("**/.env", "apps/*/.env"),
            ("**/node_modules", "apps/api/node_modules/x"),
            ("apps", "apps/*.md"),
            ("*", "a/b"),
            ("**/*.log", "npm-debug.log"),
            ("**/*.log", "**/x/*.log"),
            ("a", "a"),
        ] {
            assert!(covered(by, text), "{by} {text}");
        }
        for (by, text) in [
            ("**/.env", ".env*"),
            ("*.log", "a/x.log"),
            ("**/*.log", "*.log.*"),
            ("apps/a", "apps"),
            ("apps/a", "apps/*"),
            ("**/a", "**a"),
        ] {
            assert!(!covered(by, text), "{by} {text}");
        }
    }

    fn parts() -> impl Strategy<Value = String> {
        let part = prop::sample::select(vec![
            "a", "b", "*", "**", "a.b", "*.b", ".b", "a*", "?", "**b", "a**",
        ]);
        prop::collection::vec(part, 1..4).prop_map(|parts| parts.join("/"))
    }

    proptest! {
        #[test]
        fn who_covers_leaves_out_what_the_other_does(
            by in parts(),
            text in parts(),
            path in "[ab.]{1,3}(/[ab.]{1,3}){0,3}",
        ) {
            prop_assume!(!path.split('/').any(|part| part == "." || part == ".."));
            if covered(&by, &text) {
                let ignores = |pattern: &str| {
                    let parsed = Patterns::parse(&Source::new("x", pattern)).0;
                    parsed.decide(Utf8Path::new(&path)).ignored
                };
                prop_assert!(!ignores(&text) || ignores(&by), "{} {} {}", by, text, path);
            }
        }
    }
}
