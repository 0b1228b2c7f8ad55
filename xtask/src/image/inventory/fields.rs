//! Text of fields, `Name: value`, as Debian's databases and Python's metadata are made of.

/// Most bytes of a name, a version or a license: longer ones are no such thing.
const MAX_VALUE_BYTES: usize = 512;

/// A line of such a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Line<'a> {
    /// The start of a field: its name, and its value without spaces around it.
    Field(&'a [u8], &'a [u8]),
    /// A further line of the field before, without spaces around it.
    Continued(&'a [u8]),
    /// An empty line: what it is about ends.
    End,
    /// Anything else.
    Odd,
}

/// The lines of a text, and an end where the last one has none.
pub(super) fn lines(text: &[u8]) -> impl Iterator<Item = Line<'_>> {
    text.split(|byte| *byte == b'\n')
        .map(line)
        .chain([Line::End])
}

fn line(line: &[u8]) -> Line<'_> {
    let trimmed = line.trim_ascii();
    match (line.first(), line.iter().position(|byte| *byte == b':')) {
        _ if trimmed.is_empty() => Line::End,
        (Some(b' ' | b'\t'), _) => Line::Continued(trimmed),
        (_, Some(colon)) => Line::Field(&line[..colon], line[colon + 1..].trim_ascii()),
        (_, None) => Line::Odd,
    }
}

/// A name, version or the like; `None` if it is empty, far too long, or has control characters. What is not UTF-8 in it
/// is replaced.
pub(super) fn value(bytes: &[u8]) -> Option<String> {
    let bytes = bytes.trim_ascii();
    if bytes.is_empty() || bytes.len() > MAX_VALUE_BYTES {
        return None;
    }
    let text = String::from_utf8_lossy(bytes).into_owned();
    (!text.chars().any(char::is_control)).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_has_fields_that_go_on_and_end() {
        let text = b"Package: a \nConffiles:\n /etc/a 1\n\todd\n\r\nno field\nX:y:z";
        let expected = [
            Line::Field(b"Package", b"a"),
            Line::Field(b"Conffiles", b""),
            Line::Continued(b"/etc/a 1"),
            Line::Continued(b"odd"),
            Line::End,
            Line::Odd,
            Line::Field(b"X", b"y:z"),
            Line::End,
        ];
        assert_eq!(lines(text).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn a_value_is_short_and_printable() {
        assert_eq!(value(b" a b\r").as_deref(), Some("a b"));
        assert_eq!(value(b"a\xff").as_deref(), Some("a\u{fffd}"));
        assert_eq!(value(&[b'a'; 512]).map(|text| text.len()), Some(512));
        for none in [
            &b" "[..],
            b"a\x1b[31m",
            b"a\nb",
            "a\u{85}".as_bytes(),
            &[b'a'; 513],
        ] {
            assert_eq!(value(none), None);
        }
    }
}
