//! Every rule with what it finds and what it leaves alone. Secrets are put together here, so that no scanner takes these
//! files for one.

mod keys;
mod logins;
mod scanning;
mod tokens;
mod values;

use super::token::{Class, Part};
use super::*;

/// Random characters, the same in every run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        // Steele et al., SplitMix64.
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn text(&mut self, class: Class, length: usize) -> String {
        let digits: Vec<char> = (0u8..128)
            .filter(|&byte| class.has(byte))
            .map(char::from)
            .collect();
        (0..length)
            .map(|_| digits[usize::from(self.next().to_le_bytes()[0]) % digits.len()])
            .collect()
    }

    fn bytes(&mut self, length: usize) -> Vec<u8> {
        (0..length).map(|_| self.next().to_le_bytes()[0]).collect()
    }
}

fn random() -> Random {
    Random(7)
}

fn encoded(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let mut padded = [0; 4];
        padded[1..=group.len()].copy_from_slice(group);
        let bits = u32::from_be_bytes(padded);
        for digit in 0..4 {
            if digit <= group.len() {
                text.push(char::from(DIGITS[(bits >> (18 - 6 * digit)) as usize & 63]));
            } else {
                text.push('=');
            }
        }
    }
    text
}

fn ids(format: Format, text: &str) -> Vec<&'static str> {
    let found = scan(format, text.as_bytes());
    found.matches.iter().map(|found| found.rule.id).collect()
}

#[track_caller]
fn finds(format: Format, text: &str, secret: &str, id: &str) {
    let outcome = scan(format, text.as_bytes());
    let found: Vec<_> = outcome
        .matches
        .iter()
        .map(|found| (found.rule.id, &text[found.span.start..found.span.end]))
        .collect();
    assert_eq!(found, [(id, secret)], "in {text}");
}

#[track_caller]
fn finds_nothing(format: Format, text: &str) {
    let found = scan(format, text.as_bytes()).matches;
    assert_eq!(found, [], "in {text}");
}

fn token_of(random: &mut Random, start: &str, body: &[Part], longest: bool) -> String {
    let mut token = start.to_owned();
    for part in body {
        match *part {
            Part::Text(text) => token += text,
            Part::Run(class, least, most) => {
                token += &random.text(class, if longest { most } else { least });
            }
        }
    }
    token
}

/// A key in PEM of this label; `start` are the first bytes of its content.
fn pem(label: &str, headers: &str, start: &[u8], newline: &str) -> String {
    let mut content = start.to_vec();
    content.extend(random().bytes(300));
    let digits = encoded(&content);
    let lines: Vec<&str> = (0..digits.len())
        .step_by(64)
        .map(|at| &digits[at..digits.len().min(at + 64)])
        .collect();
    let marker = "-----";
    format!(
        "{marker}BEGIN {label}{marker}{newline}{headers}{}{newline}{marker}END {label}{marker}",
        lines.join(newline)
    )
}
