//! `paths:` of a workflow: whether a change to a file starts it.

/// Whether a change to `path` passes the filter; `None` if a pattern has more than stars in it.
pub(super) fn passes(patterns: &[&str], path: &str) -> Option<bool> {
    let mut passes = false;
    for pattern in patterns {
        let (wanted, pattern) = match pattern.strip_prefix('!') {
            Some(pattern) => (false, pattern),
            None => (true, *pattern),
        };
        if pattern.contains(['?', '+', '[', '\\', '$']) {
            return None;
        }
        if matches(pattern.as_bytes(), path.as_bytes()) {
            passes = wanted;
        }
    }
    Some(passes)
}

/// `*` is anything but a slash, `**` anything at all.
fn matches(pattern: &[u8], path: &[u8]) -> bool {
    match pattern {
        [] => path.is_empty(),
        [b'*', b'*', rest @ ..] => {
            let rest = rest
                .strip_prefix(b"/")
                .filter(|_| path.is_empty() || !rest.is_empty())
                .unwrap_or(rest);
            (0..=path.len()).any(|at| matches(rest, &path[at..]))
        }
        [b'*', rest @ ..] => {
            let end = path
                .iter()
                .position(|byte| *byte == b'/')
                .unwrap_or(path.len());
            (0..=end).any(|at| matches(rest, &path[at..]))
        }
        [first, rest @ ..] => path.first() == Some(first) && matches(rest, &path[1..]),
    }
}

#[cfg(test)]
mod tests {
    use super::passes;

    #[test]
    fn the_last_pattern_that_matches_decides() {
        for (patterns, path, expected) in [
            (&["apps/**"][..], "apps/a/b.ts", Some(true)),
            (&["apps/*"], "apps/a/b.ts", Some(false)),
            (&["**"], "a/b", Some(true)),
            (&["**/package.json"], "package.json", Some(true)),
            (&["**/package.json"], "a/package.json", Some(true)),
            (&["*.json"], "package.json", Some(true)),
            (&["*.json"], "a/package.json", Some(false)),
            (&["**.json"], "a/package.json", Some(true)),
            (&["**", "!docs/**"], "docs/a", Some(false)),
            (&["Dockerfile*"], "Dockerfile.dev", Some(true)),
            (&["a?"], "a", None),
        ] {
            assert_eq!(passes(patterns, path), expected, "{patterns:?} {path}");
        }
    }
}
