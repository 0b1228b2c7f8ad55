//! Private keys in PEM, of OpenSSH, PGP and `PuTTY`. The marker alone is none: programs that read keys have it too.

use super::detectors::Detector;
use super::token::Class;
use super::window::{Candidate, Window, run};
use super::{Certainty, Rule};
use crate::secrets::base64;
use crate::secrets::placeholder::{contains, entropy};

static PRIVATE_KEY: Rule = Rule {
    id: "private-key",
    description: "a private key",
    certainty: Certainty::Certain,
    by_name: false,
};

static ENCRYPTED: Rule = Rule {
    id: "encrypted-private-key",
    description: "a private key that a passphrase protects",
    certainty: Certainty::Likely,
    by_name: false,
};

// Whether a passphrase protects it is deep in its packets.
static PGP: Rule = Rule {
    id: "pgp-private-key",
    description: "a private key of PGP",
    certainty: Certainty::Likely,
    by_name: false,
};

pub(super) const DETECTORS: &[Detector] = &[
    Detector {
        anchors: &[("-----BEGIN ", false)],
        rules: &[&PRIVATE_KEY, &ENCRYPTED, &PGP],
        judge: pem,
    },
    Detector {
        anchors: &[("PuTTY-User-Key-File-", false)],
        rules: &[&PRIVATE_KEY, &ENCRYPTED],
        judge: putty,
    },
];

/// The shortest key has 48 bytes (Ed25519 in PKCS #8).
const LEAST_DIGITS: usize = 60;

fn pem(window: &Window<'_>) -> Option<Candidate> {
    let rest = window.rest();
    let after_marker = rest.get(b"-----BEGIN ".len()..)?;
    let length = run(&after_marker[..after_marker.len().min(40)], |byte| {
        byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b' '
    });
    let (label, after_label) = after_marker.split_at(length);
    let body = after_label.strip_prefix(b"-----")?;
    if !label.ends_with(b"PRIVATE KEY") && label != b"PGP PRIVATE KEY BLOCK" {
        return None;
    }
    let text = Body::read(body);
    let start = base64::decode_start(text.digits.get(..64.min(text.digits.len()))?)?;
    let is_key = match label {
        b"PGP PRIVATE KEY BLOCK" => start.first().is_some_and(|tag| tag & 0x80 != 0),
        b"OPENSSH PRIVATE KEY" => start.starts_with(b"openssh-key-v1\0"),
        // A SEQUENCE of ASN.1; behind the headers of an encrypted key there is noise.
        _ => text.is_encrypted || start.first() == Some(&0x30),
    };
    if !is_key || text.digits.len() < LEAST_DIGITS || entropy(&text.digits) < 3.5 {
        return None;
    }
    let rule = if label.starts_with(b"PGP") {
        &PGP
    } else if label.starts_with(b"ENCRYPTED") || text.is_encrypted || is_locked_by_openssh(&start) {
        &ENCRYPTED
    } else {
        &PRIVATE_KEY
    };
    let end = window.at + rest.len() - body.len() + text.length;
    Some(Candidate::new(rule, window.at..end))
}

/// `openssh-key-v1\0`, then the name of the cipher with its length: `none` for a key that lies open.
fn is_locked_by_openssh(start: &[u8]) -> bool {
    start
        .strip_prefix(b"openssh-key-v1\0")
        .is_some_and(|rest| !rest.starts_with(b"\0\0\0\x04none"))
}

/// What is between the markers.
struct Body {
    digits: Vec<u8>,
    /// A header says so.
    is_encrypted: bool,
    /// With the marker of the end, if it is in sight.
    length: usize,
}

impl Body {
    /// Reads base64 in lines, whose ends may be written `\n` inside of quotes, and the headers before it.
    fn read(text: &[u8]) -> Self {
        let mut body = Self {
            digits: Vec::new(),
            is_encrypted: false,
            length: 0,
        };
        let mut at = 0;
        while at < text.len() {
            let rest = &text[at..];
            if rest.starts_with(b"-----END ") {
                let label = run(&rest[9..], |byte| byte.is_ascii_uppercase() || byte == b' ');
                let marker = &rest[9 + label..];
                at += 9 + label + run(&marker[..marker.len().min(5)], |byte| byte == b'-');
                break;
            }
            if let Some(header) = header(rest) {
                body.is_encrypted |= contains(&rest[..header], b"ENCRYPTED");
                at += header;
                continue;
            }
            // Strings that are put together.
            if let [b'+', b' ' | b'\n' | b'\r', ..] = *rest {
                at += 1;
                continue;
            }
            let word = run(rest, |byte| Class::Base64.has(byte) || byte == b'=');
            if word > 0 {
                let digits = rest[..word].iter().filter(|&&byte| byte != b'=');
                body.digits.extend(digits);
                at += word;
                continue;
            }
            match *rest {
                [b'\\', b'n' | b'r' | b't', ..] => at += 2,
                [byte, ..] if byte.is_ascii_whitespace() || b"\\\"'`,;#*|>".contains(&byte) => {
                    at += 1;
                }
                _ => break,
            }
        }
        body.length = at;
        body
    }
}

/// How long the line is if it is a header: `Proc-Type: 4,ENCRYPTED`.
fn header(line: &[u8]) -> Option<usize> {
    let name = run(&line[..line.len().min(20)], |byte| {
        byte.is_ascii_alphabetic() || byte == b'-'
    });
    let is_header = name > 0 && line[name..].starts_with(b": ");
    is_header.then(|| run(line, |byte| byte != b'\n' && byte != b'\\'))
}

fn putty(window: &Window<'_>) -> Option<Candidate> {
    let rest = window.rest();
    let encryption = find(rest, b"\nEncryption: ")?;
    let private = find(rest, b"\nPrivate-Lines: ")?;
    let is_open = rest[encryption..].starts_with(b"\nEncryption: none");
    let rule = if is_open { &PRIVATE_KEY } else { &ENCRYPTED };
    let end = private
        + 1
        + run(&rest[private + 1..], |byte| {
            byte.is_ascii_graphic() || byte == b' '
        });
    Some(Candidate::new(rule, window.at..window.at + end))
}

fn find(bytes: &[u8], part: &[u8]) -> Option<usize> {
    bytes.windows(part.len()).position(|window| window == part)
}
