//! `file:` URIs.

use std::fmt::Write as _;

use camino::{Utf8Path, Utf8PathBuf};

use crate::project::root::normal;

/// The absolute path that a URI names; `None` if it is no file of this machine.
pub(super) fn path(uri: &str) -> Option<Utf8PathBuf> {
    let (scheme, rest) = uri.split_once(':')?;
    if !scheme.eq_ignore_ascii_case("file") {
        return None;
    }
    let path = match rest.strip_prefix("//") {
        Some(rest) => rest.strip_prefix("localhost").unwrap_or(rest),
        None => rest,
    };
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let path = Utf8PathBuf::from(decoded(path)?);
    path.is_absolute().then(|| normal(&path))
}

/// The URI of an absolute path.
pub(super) fn of(path: &Utf8Path) -> String {
    let mut uri = String::from("file://");
    for byte in path.as_str().bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(uri, "%{byte:02X}");
        }
    }
    uri
}

fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        if first == b'%' {
            let digits = std::str::from_utf8(after.get(..2)?).ok()?;
            if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
                return None;
            }
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = &after[2..];
        } else {
            bytes.push(first);
            rest = after;
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_there_and_back() {
        for (uri, expected) in [
            ("file:///a/Dockerfile", Some("/a/Dockerfile")),
            ("file:/a", Some("/a")),
            ("FILE://localhost/a/%C3%A9%20b", Some("/a/é b")),
            ("file:///a/./b/../c", Some("/a/c")),
            ("file:///a?x#y", Some("/a")),
            ("file://host/a", None),
            ("file:///%zz", None),
            ("file:///%+1", None),
            ("file:///%f", None),
            ("file:///%ff", None),
            ("file:", None),
            ("untitled:Untitled-1", None),
            ("", None),
        ] {
            assert_eq!(path(uri).as_deref(), expected.map(Utf8Path::new), "{uri}");
        }
        let odd = Utf8Path::new("/a b/é%#?.Dockerfile");
        assert_eq!(of(odd), "file:///a%20b/%C3%A9%25%23%3F.Dockerfile");
        assert_eq!(path(&of(odd)).as_deref(), Some(odd));
    }
}
