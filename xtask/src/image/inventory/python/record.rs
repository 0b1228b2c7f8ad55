//! The list of a wheel's files: lines of comma-separated values, `path,hash,size`.

use std::borrow::Cow;

/// The first value of each line. Quotes may hold commas, line ends and, doubled, quotes.
pub(super) fn paths(text: &[u8]) -> impl Iterator<Item = Cow<'_, [u8]>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        while let [b'\n' | b'\r', after @ ..] = rest {
            rest = after;
        }
        if rest.is_empty() {
            return None;
        }
        let path = if let [b'"', quoted @ ..] = rest {
            let (path, after) = unquoted(quoted);
            rest = after;
            path
        } else {
            let end = rest
                .iter()
                .position(|byte| matches!(byte, b',' | b'\n' | b'\r'));
            let (path, after) = rest.split_at(end.unwrap_or(rest.len()));
            rest = after;
            Cow::Borrowed(path)
        };
        // A hash and a size have no quotes.
        let end = rest.iter().position(|byte| *byte == b'\n');
        rest = end.map_or(&[], |end| &rest[end + 1..]);
        Some(path)
    })
}

/// Up to the quote that ends it; what follows.
fn unquoted(text: &[u8]) -> (Cow<'_, [u8]>, &[u8]) {
    let mut parts = Cow::Borrowed(&[][..]);
    let mut rest = text;
    loop {
        let quote = rest.iter().position(|byte| *byte == b'"');
        let Some(quote) = quote else {
            return (joined(parts, rest), &[]);
        };
        if rest.get(quote + 1) != Some(&b'"') {
            return (joined(parts, &rest[..quote]), &rest[quote + 1..]);
        }
        parts = joined(parts, &rest[..=quote]);
        rest = &rest[quote + 2..];
    }
}

fn joined<'a>(before: Cow<'a, [u8]>, more: &'a [u8]) -> Cow<'a, [u8]> {
    if before.is_empty() {
        return Cow::Borrowed(more);
    }
    let mut before = before.into_owned();
    before.extend_from_slice(more);
    Cow::Owned(before)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_has_a_path() {
        for (text, expected) in [
            (
                "a/b.py,sha256=x,12\n../../../bin/x,,\n",
                &["a/b.py", "../../../bin/x"][..],
            ),
            ("a\r\nb,,\r\n\r\n\nc", &["a", "b", "c"]),
            ("\"a,b.py\",sha256=x,1\nc,,\n", &["a,b.py", "c"]),
            ("\"a\"\"b\"\"\",,\nc,,", &["a\"b\"", "c"]),
            ("\"\"\"\",,\n\"\",,\n", &["\"", ""]),
            ("\"a\nb\",,\nc", &["a\nb", "c"]),
            ("\"never ends,,\nc", &["never ends,,\nc"]),
            (",,\n", &[""]),
            ("", &[]),
        ] {
            let paths: Vec<String> = paths(text.as_bytes())
                .map(|path| String::from_utf8_lossy(&path).into_owned())
                .collect();
            assert_eq!(paths, expected, "{text:?}");
        }
    }

    #[test]
    fn many_quotes_are_read_in_one_go() {
        let text = "\"".repeat(4 << 20);
        assert_eq!(paths(text.as_bytes()).count(), 1);
    }
}
