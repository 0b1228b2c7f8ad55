//! What git passes over: `.gitignore` with git's own meaning.
//!
//! Reference: <https://git-scm.com/docs/gitignore>.

use camino::{Utf8Path, Utf8PathBuf};

/// The patterns of one `.gitignore`.
#[derive(Debug)]
pub(super) struct IgnoreFile {
    /// Where it lies, from the root; its patterns speak of what is below.
    folder: Utf8PathBuf,
    patterns: Vec<Pattern>,
}

#[derive(Debug)]
struct Pattern {
    parts: Vec<String>,
    /// `!`: what an earlier pattern ignored counts again.
    negated: bool,
    /// It ends with `/`.
    folders_only: bool,
    /// It has a `/` before its end, and so begins at the folder of its file.
    anchored: bool,
}

impl IgnoreFile {
    pub(super) fn parse(folder: &Utf8Path, text: &str) -> Self {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        Self {
            folder: folder.to_owned(),
            patterns: text.lines().filter_map(pattern).collect(),
        }
    }

    /// What the last pattern that matches says; `None` if none does. The path is from the root.
    fn decides(&self, path: &Utf8Path, is_folder: bool) -> Option<bool> {
        let inside = path.strip_prefix(&self.folder).ok()?;
        let parts: Vec<&str> = inside.as_str().split('/').collect();
        self.patterns
            .iter()
            .rev()
            .find(|pattern| (is_folder || !pattern.folders_only) && pattern.matches(&parts))
            .map(|pattern| !pattern.negated)
    }
}

/// Whether the files, outermost first, ignore a path whose folders are not ignored.
pub(super) fn ignores(files: &[IgnoreFile], path: &Utf8Path, is_folder: bool) -> bool {
    files
        .iter()
        .rev()
        .find_map(|file| file.decides(path, is_folder))
        .unwrap_or(false)
}

fn pattern(line: &str) -> Option<Pattern> {
    let line = without_blank_end(line.trim_end_matches('\r'));
    if line.is_empty() || line.starts_with('#') {
        return None;
    }
    let (negated, line) = line
        .strip_prefix('!')
        .map_or((false, line), |rest| (true, rest));
    let (folders_only, line) = line
        .strip_suffix('/')
        .map_or((false, line), |rest| (true, rest));
    let anchored = line.contains('/');
    let line = line.strip_prefix('/').unwrap_or(line);
    (!line.is_empty()).then(|| Pattern {
        parts: line.split('/').map(str::to_owned).collect(),
        negated,
        folders_only,
        anchored,
    })
}

/// Blanks at the end do not count unless a backslash stands before them.
fn without_blank_end(line: &str) -> &str {
    let trimmed = line.trim_end_matches([' ', '\t']);
    if trimmed.ends_with('\\') && trimmed.len() < line.len() {
        &line[..=trimmed.len()]
    } else {
        trimmed
    }
}

impl Pattern {
    fn matches(&self, path: &[&str]) -> bool {
        if self.anchored {
            return parts_match(&self.parts, path);
        }
        // One part and nothing else: the name alone counts, wherever it stands.
        path.last()
            .is_some_and(|name| name_matches(self.parts[0].as_bytes(), name.as_bytes()))
    }
}

fn parts_match(pattern: &[String], path: &[&str]) -> bool {
    let Some((part, rest)) = pattern.split_first() else {
        return path.is_empty();
    };
    if part == "**" {
        if rest.is_empty() {
            // `a/**` is everything inside, not `a` itself.
            return !path.is_empty();
        }
        return (0..=path.len()).any(|skipped| parts_match(rest, &path[skipped..]));
    }
    path.split_first().is_some_and(|(name, path)| {
        name_matches(part.as_bytes(), name.as_bytes()) && parts_match(rest, path)
    })
}

/// `*`, `?`, `[…]` and `\` within one name.
fn name_matches(pattern: &[u8], name: &[u8]) -> bool {
    let (mut p, mut n) = (0, 0);
    // Where to go on if the text behind the last star does not match: one more byte belongs to the star.
    let mut star: Option<(usize, usize)> = None;
    while n < name.len() {
        let step = match pattern.get(p) {
            Some(b'*') => {
                star = Some((p + 1, n));
                p += 1;
                continue;
            }
            Some(b'?') => Some(1),
            Some(b'[') => class(&pattern[p..], name[n]),
            Some(b'\\') if p + 1 < pattern.len() => (pattern[p + 1] == name[n]).then_some(2),
            Some(byte) => (*byte == name[n]).then_some(1),
            None => None,
        };
        match (step, star) {
            (Some(length), _) => {
                p += length;
                n += 1;
            }
            (None, Some((after, from))) => {
                p = after;
                n = from + 1;
                star = Some((after, from + 1));
            }
            (None, None) => return false,
        }
    }
    pattern[p..].iter().all(|byte| *byte == b'*')
}

/// How long the class at the start of `pattern` is, if `byte` is in it. A class without an end is a bracket.
fn class(pattern: &[u8], byte: u8) -> Option<usize> {
    let negated = matches!(pattern.get(1), Some(b'!' | b'^'));
    let first = 1 + usize::from(negated);
    let mut at = first;
    let mut inside = false;
    loop {
        match pattern.get(at) {
            None => return (byte == b'[').then_some(1),
            Some(b']') if at > first => break,
            _ => {}
        }
        let from = literal(pattern, &mut at)?;
        let to =
            if pattern.get(at) == Some(&b'-') && pattern.get(at + 1).is_some_and(|b| *b != b']') {
                at += 1;
                literal(pattern, &mut at)?
            } else {
                from
            };
        inside |= (from..=to).contains(&byte);
    }
    (inside != negated).then_some(at + 1)
}

fn literal(pattern: &[u8], at: &mut usize) -> Option<u8> {
    if pattern.get(*at) == Some(&b'\\') {
        *at += 1;
    }
    let byte = *pattern.get(*at)?;
    *at += 1;
    Some(byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ignored(text: &str, path: &str) -> bool {
        let is_folder = path.ends_with('/');
        let file = IgnoreFile::parse(Utf8Path::new(""), text);
        ignores(
            &[file],
            Utf8Path::new(path.trim_end_matches('/')),
            is_folder,
        )
    }

    #[test]
    fn patterns_mean_what_they_mean_to_git() {
        for (pattern, path, expected) in [
            ("dist", "apps/api/dist/", true),
            ("dist", "apps/api/dist", true),
            ("dist/", "dist", false),
            ("dist/", "a/dist/", true),
            ("/dist", "a/dist", false),
            ("a/dist", "b/a/dist", false),
            ("a/dist", "a/dist", true),
            ("**/dist", "b/a/dist", true),
            ("a/**", "a/", false),
            ("a/**", "a/b/c", true),
            ("a/**/c", "a/c", true),
            ("a/**/c", "a/x/y/c", true),
            ("*.log", "x/y.log", true),
            ("*.log", "x/y.log.txt", false),
            ("y?.[lt]og", "ya.tog", true),
            ("y[!a-c]", "yb", false),
            ("y[!a-c]", "yd", true),
            ("y[]]", "y]", true),
            ("y[", "y[", true),
            ("\\#x", "#x", true),
            ("# x", "# x", false),
            ("x\\ ", "x ", true),
            ("x  ", "x", true),
            ("*a*b*c", "xaxbxc", true),
            ("*a*b*c", "xaxbx", false),
            ("*\n!keep", "keep", false),
            ("!keep\n*", "keep", true),
        ] {
            assert_eq!(ignored(pattern, path), expected, "{pattern:?} {path:?}");
        }
    }

    #[test]
    fn the_nearer_file_decides() {
        let outer = IgnoreFile::parse(Utf8Path::new(""), "*.Dockerfile\n");
        let inner = IgnoreFile::parse(Utf8Path::new("a"), "!/x.Dockerfile\n");
        let files = [outer, inner];
        for (path, expected) in [
            ("x.Dockerfile", true),
            ("a/x.Dockerfile", false),
            ("a/b/x.Dockerfile", true),
        ] {
            assert_eq!(
                ignores(&files, Utf8Path::new(path), false),
                expected,
                "{path}"
            );
        }
    }
}
