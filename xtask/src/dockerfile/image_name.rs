//! Image references in their full form.

use crate::text_search::last_part;

/// `node` as `docker.io/library/node:latest`: host, name, and a tag if there is neither tag nor digest. A text that is
/// no reference comes back in the same way; nothing is checked.
#[must_use]
pub fn image_name(reference: &str) -> String {
    let (host, rest) = split_host(reference);
    let host = if host == "index.docker.io" {
        "docker.io"
    } else {
        host
    };
    let library = if host == "docker.io" && !rest.contains('/') {
        "library/"
    } else {
        ""
    };
    let last = last_part(rest);
    let tag = if last.contains([':', '@']) {
        ""
    } else {
        ":latest"
    };
    format!("{host}/{library}{rest}{tag}")
}

/// The registry's host and the rest. What stands before the first `/` is a host only if it looks like one.
fn split_host(reference: &str) -> (&str, &str) {
    match reference.split_once('/') {
        Some((host, rest))
            if host.contains(['.', ':'])
                || host == "localhost"
                || host.chars().any(char::is_uppercase) =>
        {
            (host, rest)
        }
        _ => ("docker.io", reference),
    }
}

/// The longest name of a repository within its registry.
const LONGEST_NAME: usize = 255;

/// The longest tag.
const LONGEST_TAG: usize = 128;

/// Whether this can name an image at all, and why not. Host, name, tag and digest as the distribution project's grammar
/// of references has them.
pub(super) fn check_reference(reference: &str) -> Result<(), String> {
    let refuse = |why: &str| Err(format!("`{reference}` cannot name an image: {why}"));
    let is_hex = |text: &str| text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    if reference.len() == 64 && is_hex(reference) {
        return refuse("64 hexadecimal digits are an identifier, not a name");
    }
    let (host, rest) = split_host(reference);
    let (tagged, digest) = match rest.split_once('@') {
        Some((tagged, digest)) => (tagged, Some(digest)),
        None => (rest, None),
    };
    let (name, tag) = match tagged.split_once(':') {
        Some((name, tag)) => (name, Some(tag)),
        None => (tagged, None),
    };
    if name.chars().any(char::is_uppercase) {
        return refuse("its name must be lowercase");
    }
    // A host that cannot be one is read as the first part of the name.
    if !is_host(host) && !is_name_part(host) {
        return refuse("this is no host");
    }
    if !name.split('/').all(is_name_part) {
        return refuse(if name.is_empty() {
            "the name is missing"
        } else {
            "the parts of its name are letters and digits, with `.`, `_`, `__` or `-` between them"
        });
    }
    if name.len() > LONGEST_NAME {
        return refuse("its name is too long");
    }
    match tag {
        Some("") => return refuse("nothing follows the `:`"),
        Some(tag) if !is_tag(tag) => {
            return refuse("a tag is up to 128 letters, digits, `_`, `.` and `-`");
        }
        _ => {}
    }
    match digest {
        Some(digest) => {
            let length = match digest.split_once(':') {
                Some(("sha256", _)) => 64,
                Some(("sha384", _)) => 96,
                Some(("sha512", _)) => 128,
                _ => return refuse("a digest is `sha256:` and 64 hexadecimal digits"),
            };
            let digits = &digest["sha256:".len()..];
            if digits.len() == length && is_hex(digits) {
                Ok(())
            } else {
                refuse("its digest has not the digits it needs")
            }
        }
        None => Ok(()),
    }
}

fn is_host(text: &str) -> bool {
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) if !text.ends_with(']') => (host, Some(port)),
        _ => (text, None),
    };
    let is_digits = |port: &str| !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit());
    if !port.is_none_or(is_digits) {
        return false;
    }
    if let Some(address) = host.strip_prefix('[').and_then(|h| h.strip_suffix(']')) {
        let is_part = |b: u8| b.is_ascii_hexdigit() || b == b':';
        return !address.is_empty() && address.bytes().all(is_part);
    }
    host.split('.').all(|label| {
        let inside = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
        !label.is_empty()
            && label.bytes().all(inside)
            && !label.starts_with('-')
            && !label.ends_with('-')
    })
}

fn is_name_part(part: &str) -> bool {
    let is_plain = |c: char| matches!(c, 'a'..='z' | '0'..='9');
    let mut separators = part.split(is_plain).filter(|between| !between.is_empty());
    part.starts_with(is_plain)
        && part.ends_with(is_plain)
        && separators.all(|between| {
            matches!(between, "." | "_" | "__") || between.bytes().all(|b| b == b'-')
        })
}

fn is_tag(tag: &str) -> bool {
    let is_word = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    tag.len() <= LONGEST_TAG
        && !tag.starts_with(['.', '-'])
        && tag.bytes().all(|b| is_word(b) || b == b'.' || b == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_filled_in() {
        for (short, full) in [
            ("node", "docker.io/library/node:latest"),
            ("node:20-alpine", "docker.io/library/node:20-alpine"),
            ("ev/base", "docker.io/ev/base:latest"),
            ("localhost/x", "localhost/x:latest"),
            ("reg:5000/a/b:c", "reg:5000/a/b:c"),
            ("node@sha256:ab", "docker.io/library/node@sha256:ab"),
            ("ghcr.io/a/b", "ghcr.io/a/b:latest"),
        ] {
            assert_eq!(image_name(short), full);
        }
    }

    #[test]
    fn references_follow_their_grammar() {
        let digest = format!("a@sha256:{}", "0f".repeat(32));
        for good in [
            "a",
            "a:5000",
            "a:B_c.d-e",
            "a.b_c__d---e/f",
            "Reg.io:5000/a/b:c",
            "HOST/a",
            "[::1]:5000/a",
            "foo_bar.com/x:1",
            &digest,
            &digest.replace('@', ":tag@"),
        ] {
            assert_eq!(check_reference(good), Ok(()), "{good}");
        }
        for bad in [
            "",
            ":latest",
            "a:",
            "a:-b",
            "a:b:c",
            "a:b/c",
            "BASE",
            "a/B",
            "/a",
            "a//b",
            "a/",
            "a..b",
            "a___b",
            "a-",
            "a b",
            "é",
            "-a.io/x",
            "a.io:/x",
            "a.io:x/y",
            "a_b:5/x",
            "a@sha256:abc",
            "a@md5:d41d8cd98f00b204e9800998ecf8427e",
            "a@",
            &digest.to_uppercase().replace("A@SHA", "a@sha"),
            &"0f".repeat(32),
            &format!("a:{}", "b".repeat(129)),
        ] {
            assert!(check_reference(bad).is_err(), "{bad}");
        }
    }
}
