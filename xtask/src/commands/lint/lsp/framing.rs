//! The base protocol: bodies behind headers that tell their length.

use std::io::{self, BufRead, Read};

use serde_json::Value;

/// The longest body that is read. A document of the largest size, escaped, fits several times.
const LONGEST_BODY: u64 = 16 * 1024 * 1024;
/// The longest piece of a header line that is looked at.
const LONGEST_LINE: u64 = 64 * 1024;

/// What stood in the input.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Frame {
    /// A message, unread.
    Body(Vec<u8>),
    /// No message, and why.
    Malformed(String),
}

/// Reads the next frame; `None` at the end of the input.
///
/// # Errors
/// The input cannot be read.
pub(super) fn read(input: &mut impl BufRead) -> io::Result<Option<Frame>> {
    let mut length: Option<String> = None;
    let mut any = false;
    loop {
        let mut line = Vec::new();
        let taken = input
            .by_ref()
            .take(LONGEST_LINE)
            .read_until(b'\n', &mut line)?;
        if taken == 0 {
            return Ok(None);
        }
        let line = String::from_utf8_lossy(&line);
        let line = line.trim();
        if !line.is_empty() {
            any = true;
            length = content_length(line).or(length);
        } else if any {
            break;
        }
    }
    let Some(length) = length else {
        return Ok(Some(Frame::Malformed(
            "a header without Content-Length".to_owned(),
        )));
    };
    let Ok(length) = length.parse::<u64>() else {
        return Ok(Some(Frame::Malformed(format!(
            "Content-Length is no number: {length:.40}"
        ))));
    };
    let mut body = input.by_ref().take(length);
    if length > LONGEST_BODY {
        let passed = io::copy(&mut body, &mut io::sink())?;
        let whole = passed == length;
        return Ok(whole.then(|| Frame::Malformed(format!("{length} bytes are too many"))));
    }
    let mut bytes = Vec::new();
    body.read_to_end(&mut bytes)?;
    // A body that ends too early is the end of the input.
    Ok((bytes.len() as u64 == length).then_some(Frame::Body(bytes)))
}

/// A message with its header.
pub(super) fn framed(message: &Value) -> String {
    let body = message.to_string();
    format!("Content-Length: {}\r\n\r\n{body}", body.len())
}

/// The value of that header. It may stand behind the rest of a body whose length was told wrong: that is how the next
/// message is found again.
fn content_length(line: &str) -> Option<String> {
    const NAME: &str = "content-length:";
    let at = line.to_ascii_lowercase().rfind(NAME)?;
    Some(line.get(at + NAME.len()..)?.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(input: &str) -> Vec<String> {
        let mut input = input.as_bytes();
        let mut frames = Vec::new();
        while let Some(frame) = read(&mut input).unwrap() {
            frames.push(match frame {
                Frame::Body(body) => String::from_utf8(body).unwrap(),
                Frame::Malformed(why) => format!("! {why}"),
            });
        }
        frames
    }

    #[test]
    fn bodies_are_as_long_as_their_headers_say() {
        let message = serde_json::json!({ "é": 1 });
        let text = framed(&message) + "content-length:2\nContent-Type: x\n\n[]";
        assert_eq!(text[..20], *"Content-Length: 8\r\n\r");
        assert_eq!(all(&text), [r#"{"é":1}"#, "[]"]);
    }

    #[test]
    fn reading_goes_on_behind_what_is_no_frame() {
        for (input, expected) in [
            ("", &[][..]),
            ("\r\n\r\n", &[]),
            ("Content-Length: 9\r\n\r\nshort", &[]),
            (
                "Nonsense\r\n\r\nContent-Length: 1\r\n\r\n1",
                &["! a header without Content-Length", "1"],
            ),
            (
                "Content-Length: -1\r\n\r\nContent-Length: 1\r\n\r\n1",
                &["! Content-Length is no number: -1", "1"],
            ),
            (
                "Content-Length: 1\r\n\r\n123Content-Length: 1\r\n\r\n4",
                &["1", "4"],
            ),
            ("Content-Length: 99999999999999999\r\n\r\n1", &[]),
        ] {
            assert_eq!(all(input), expected, "{input:?}");
        }
        let long = "x".repeat(usize::try_from(LONGEST_BODY).unwrap() + 1);
        let text = format!(
            "Content-Length: {}\r\n\r\n{long}Content-Length: 1\r\n\r\n1",
            long.len()
        );
        assert_eq!(all(&text), ["! 16777217 bytes are too many", "1"]);
    }
}
