//! Paths of a layer in one spelling.

use std::borrow::Cow;

/// Without slashes at the ends, `.` and `..`; whether `..` would have left the root.
pub(super) fn normalized(path: &[u8]) -> (Cow<'_, [u8]>, bool) {
    let path = path.strip_prefix(b"./").unwrap_or(path);
    let path = path.strip_suffix(b"/").unwrap_or(path);
    let parts = || path.split(|byte| *byte == b'/');
    if parts().all(|part| !matches!(part, b"" | b"." | b"..")) {
        return (Cow::Borrowed(path), false);
    }
    let mut kept: Vec<&[u8]> = Vec::new();
    let mut escapes = false;
    for part in parts() {
        match part {
            b"" | b"." => {}
            b".." => escapes |= kept.pop().is_none(),
            part => kept.push(part),
        }
    }
    (Cow::Owned(kept.join(&b'/')), escapes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_has_one_spelling() {
        for (written, expected, escapes) in [
            ("a/b", "a/b", false),
            ("./a/b/", "a/b", false),
            ("/a//./b", "a/b", false),
            ("./", "", false),
            ("", "", false),
            ("/", "", false),
            ("a/../b", "b", false),
            ("../../etc/passwd", "etc/passwd", true),
            ("a/../../b", "b", true),
            ("..a/b..", "..a/b..", false),
        ] {
            let (path, out) = normalized(written.as_bytes());
            assert_eq!((&*path, out), (expected.as_bytes(), escapes), "{written}");
        }
    }
}
