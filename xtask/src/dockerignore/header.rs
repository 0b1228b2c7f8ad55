//! What patterns cannot travel: the builder tells them to the client as header fields of a request.

use super::lines::SyntaxError;
use super::pattern::Pattern;

/// The largest header the client takes, in bytes. About twenty thousand patterns fit.
const MAX_HEADER_BYTES: usize = 1_048_896;

/// About what the other fields of the request take.
const OTHER_BYTES: usize = 500;

/// What a field costs beside its value: its name, and what HTTP/2 adds.
const FIELD_BYTES: usize = "exclude-patterns".len() + 32;

/// Takes away the patterns that cannot travel and says why.
///
/// Control characters may not stand in a header. Where one pattern is not ASCII, all of them are encoded, and they may.
pub(super) fn refuse(patterns: &mut Vec<Pattern>, errors: &mut Vec<SyntaxError>) {
    let is_encoded = !patterns.iter().all(|pattern| pattern.text().is_ascii());
    let mut left = MAX_HEADER_BYTES - OTHER_BYTES;
    let mut is_full = false;
    patterns.retain(|pattern| {
        let control = pattern.text().chars().find(char::is_ascii_control);
        if let Some(control) = control.filter(|_| !is_encoded) {
            errors.push(SyntaxError {
                span: pattern.span(),
                message: format!(
                    "it has a control character ({control:?}), which the engine does not take here"
                ),
            });
            return false;
        }
        match left.checked_sub(field_bytes(pattern, is_encoded)) {
            Some(rest) if !is_full => {
                left = rest;
                true
            }
            _ => {
                if !std::mem::replace(&mut is_full, true) {
                    errors.push(SyntaxError {
                        span: pattern.span(),
                        message: "from here on there are more patterns than the engine takes (1 MiB in all, 48 bytes \
                                  for each and its text)"
                            .to_owned(),
                    });
                }
                false
            }
        }
    });
    errors.sort_by_key(|error| error.span.start);
}

fn field_bytes(pattern: &Pattern, is_encoded: bool) -> usize {
    let is_plain =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~' | b' ');
    let others = pattern.text().bytes().filter(|byte| !is_plain(*byte));
    let escapes = if is_encoded { 2 * others.count() } else { 0 };
    let mark = match (pattern.is_exception(), is_encoded) {
        (false, _) => 0,
        (true, false) => 1,
        (true, true) => 3,
    };
    FIELD_BYTES + mark + pattern.text().len() + escapes
}
