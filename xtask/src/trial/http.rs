//! Messages of HTTP/1.1 (RFC 9112), as far as a client and a receiver of a trial need them.

/// A request or an answer, whole.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Message {
    /// The status line or request line.
    pub first_line: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// Without its framing.
    pub body: Vec<u8>,
}

/// Which of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A request.
    Request,
    /// The answer to a request.
    Answer,
    /// The answer to a `HEAD`: it has no body, whatever its headers say.
    AnswerToHead,
}

/// More than this is no message of a trial.
pub const LONGEST: usize = 16 << 20;

impl Message {
    /// The value of a header, given in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        let found = headers.find(|(header, _)| header == name);
        found.map(|(_, value)| value.as_str())
    }

    /// An answer's status.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        let (version, rest) = self.first_line.split_once(' ')?;
        let status = rest.split(' ').next()?;
        let is_status = version.starts_with("HTTP/1.") && status.len() == 3;
        is_status.then(|| status.parse().ok())?
    }
}

/// A request that asks for the connection to be closed afterwards.
#[must_use]
pub fn request(
    method: &str,
    host: &str,
    path: &str,
    headers: &[(String, String)],
    body: Option<&[u8]>,
) -> Vec<u8> {
    let mut text = format!("{method} {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n");
    for (name, value) in headers {
        // A line break would begin a header of its own.
        let clean = |text: &str| text.replace(['\r', '\n'], " ");
        text.push_str(&format!("{}: {}\r\n", clean(name), clean(value)));
    }
    if let Some(body) = body {
        text.push_str(&format!("content-length: {}\r\n", body.len()));
    }
    text.push_str("\r\n");
    let mut message = text.into_bytes();
    message.extend(body.unwrap_or_default());
    message
}

/// Reads a message from what came so far; `None` while it is not whole. `ended`: nothing more will come. Interim
/// answers (1xx) before the final one are passed over.
///
/// # Errors
/// What came is no HTTP, or ended before it was whole; a sentence.
pub fn read(kind: Kind, bytes: &[u8], ended: bool) -> Result<Option<Message>, String> {
    if bytes.len() > LONGEST {
        return Err(format!("it is longer than {LONGEST} bytes"));
    }
    let found = whole(kind, bytes, ended)?;
    if found.is_none() && ended {
        return Err(if bytes.is_empty() {
            "the connection was closed without an answer".to_owned()
        } else {
            format!("the connection was closed after {} bytes", bytes.len())
        });
    }
    Ok(found)
}

fn whole(kind: Kind, mut bytes: &[u8], ended: bool) -> Result<Option<Message>, String> {
    loop {
        let Some(end) = find(bytes, b"\r\n\r\n") else {
            return Ok(None);
        };
        let mut message = head(&bytes[..end])?;
        let rest = &bytes[end + 4..];
        let status = match kind {
            Kind::Request => None,
            Kind::Answer | Kind::AnswerToHead => Some(message.status().ok_or_else(|| {
                format!(
                    "\"{}\" is no status line",
                    message.first_line.escape_debug()
                )
            })?),
        };
        if status.is_some_and(|status| (100..200).contains(&status)) {
            bytes = rest;
            continue;
        }
        let has_none = kind == Kind::AnswerToHead || matches!(status, Some(204 | 304));
        let chunked = message
            .header("transfer-encoding")
            .is_some_and(|coding| coding.to_ascii_lowercase().ends_with("chunked"));
        let body = if has_none {
            Some(Vec::new())
        } else if chunked {
            unchunked(rest)?
        } else if let Some(length) = message.header("content-length") {
            let length: usize = length
                .trim()
                .parse()
                .ok()
                .filter(|length| *length <= LONGEST)
                .ok_or_else(|| format!("\"{length}\" is no length of a body"))?;
            rest.get(..length).map(<[u8]>::to_vec)
        } else if kind == Kind::Request {
            Some(Vec::new())
        } else {
            ended.then(|| rest.to_vec())
        };
        let Some(body) = body else { return Ok(None) };
        message.body = body;
        return Ok(Some(message));
    }
}

fn head(bytes: &[u8]) -> Result<Message, String> {
    let text = String::from_utf8_lossy(bytes);
    let mut lines = text.split("\r\n");
    let first_line = lines.next().unwrap_or_default().to_owned();
    let header = |line: &str| {
        let (name, value) = line
            .split_once(':')
            .ok_or_else(|| format!("\"{}\" is no header", line.escape_debug()))?;
        Ok((name.trim().to_ascii_lowercase(), value.trim().to_owned()))
    };
    Ok(Message {
        first_line,
        headers: lines.map(header).collect::<Result<_, String>>()?,
        body: Vec::new(),
    })
}

/// RFC 9112, section 7.1; what follows the last chunk is passed over. `None` while the last chunk is not there.
fn unchunked(mut bytes: &[u8]) -> Result<Option<Vec<u8>>, String> {
    let mut body = Vec::new();
    loop {
        let Some(end) = find(bytes, b"\r\n") else {
            return Ok(None);
        };
        let line = String::from_utf8_lossy(&bytes[..end]);
        let digits = line.split(';').next().unwrap_or_default().trim();
        let length = usize::from_str_radix(digits, 16)
            .ok()
            .filter(|length| *length <= LONGEST)
            .ok_or_else(|| format!("\"{}\" is no length of a chunk", line.escape_debug()))?;
        let rest = &bytes[end + 2..];
        if length == 0 {
            return Ok(Some(body));
        }
        let Some(chunk) = rest.get(..length) else {
            return Ok(None);
        };
        match rest.get(length..length + 2) {
            None => return Ok(None),
            Some(b"\r\n") => {}
            Some(_) => return Err("a chunk is longer than it says".to_owned()),
        }
        body.extend(chunk);
        bytes = &rest[length + 2..];
    }
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    memchr::memmem::find(bytes, what)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn answer(text: &str, ended: bool) -> Result<Option<Message>, String> {
        read(Kind::Answer, text.as_bytes(), ended)
    }

    #[test]
    fn bodies_end_where_their_framing_says() {
        let body = |text: &str, ended| {
            let message = answer(text, ended).unwrap()?;
            Some(String::from_utf8(message.body).unwrap())
        };
        let length = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n";
        assert_eq!(
            body(&format!("{length}{{}}more"), false).as_deref(),
            Some("{}")
        );
        assert_eq!(body(&format!("{length}{{"), false), None);
        answer(&format!("{length}{{"), true).unwrap_err();
        let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
        let text = format!("{chunked}3;x=y\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
        assert_eq!(body(&text, false).as_deref(), Some("abcde"));
        assert_eq!(body(&format!("{chunked}3\r\nab"), false), None);
        answer(&format!("{chunked}3\r\nabcd\r\n"), false).unwrap_err();
        answer(&format!("{chunked}x\r\n"), false).unwrap_err();
        let open = "HTTP/1.0 200\r\n\r\nall";
        assert_eq!(
            (body(open, false), body(open, true).as_deref()),
            (None, Some("all"))
        );
        let none = "HTTP/1.1 204 No Content\r\n\r\n";
        assert_eq!(body(none, false).as_deref(), Some(""));
        let interim = format!("HTTP/1.1 100 Continue\r\n\r\n{length}{{}}");
        assert_eq!(body(&interim, false).as_deref(), Some("{}"));
    }

    #[test]
    fn what_is_no_http_is_told() {
        for text in [
            "SSH-2.0\r\n\r\n",
            "HTTP/1.1 2000 x\r\n\r\n",
            "HTTP/1.1 200 OK\r\nx\r\n\r\n",
        ] {
            answer(text, false).unwrap_err();
        }
        let said = answer("", true).unwrap_err();
        assert_eq!(said, "the connection was closed without an answer");
    }

    #[test]
    fn headers_cannot_begin_lines_of_their_own() {
        let headers = [("x".to_owned(), "1\r\nhost: other".to_owned())];
        let bytes = request("GET", "a", "/", &headers, None);
        let read = read(Kind::Request, &bytes, false).unwrap().unwrap();
        assert_eq!(read.header("host"), Some("a"));
        assert_eq!(read.headers.len(), 3);
    }

    proptest! {
        #[test]
        fn what_is_sent_is_read(body in proptest::collection::vec(any::<u8>(), 0..300), cut in 0_usize..1000) {
            let bytes = request("POST", "api:80", "/x?y=1", &[("a".to_owned(), "b".to_owned())], Some(&body));
            let whole = read(Kind::Request, &bytes, false).unwrap().unwrap();
            prop_assert_eq!(&whole.body, &body);
            prop_assert_eq!(whole.first_line, "POST /x?y=1 HTTP/1.1");
            let cut = cut.min(bytes.len() - 1);
            prop_assert_eq!(read(Kind::Request, &bytes[..cut], false).unwrap(), None);
        }

        #[test]
        fn no_bytes_are_too_odd(bytes in proptest::collection::vec(any::<u8>(), 0..200), ended: bool) {
            for kind in [Kind::Request, Kind::Answer, Kind::AnswerToHead] {
                let _ = read(kind, &bytes, ended);
                let _ = read(kind, &[b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", &bytes[..]].concat(), ended);
            }
        }
    }
}
