//! Versions of Debian's packages: `[epoch:]upstream[-revision]` (`deb-version(7)`).

use std::cmp::Ordering;

use super::Digits;
use super::digits::take_digits;

#[derive(Clone, Debug)]
pub(super) struct Version<'t> {
    epoch: Digits<'t>,
    upstream: &'t str,
    /// Empty without one, which is the same as `0`.
    revision: &'t str,
}

impl<'t> Version<'t> {
    pub(super) fn parse(text: &'t str) -> Option<Self> {
        let text = text.trim_matches(|c: char| c.is_ascii_whitespace());
        let (epoch, rest) = match text.split_once(':') {
            Some((epoch, rest)) => {
                let is_number = !epoch.is_empty() && epoch.bytes().all(|b| b.is_ascii_digit());
                // dpkg keeps it in an `int`.
                if !is_number || epoch.trim_start_matches('0').len() > 10 {
                    return None;
                }
                (epoch, rest)
            }
            None => ("", text),
        };
        if !epoch.is_empty() && epoch.parse::<u64>().ok()? > u64::from(i32::MAX.unsigned_abs()) {
            return None;
        }
        let (upstream, revision) = match rest.rsplit_once('-') {
            Some((_, "")) => return None,
            Some(parts) => parts,
            None => (rest, ""),
        };
        let is_upstream = |b: u8| b.is_ascii_alphanumeric() || b".-+~:".contains(&b);
        let is_revision = |b: u8| b.is_ascii_alphanumeric() || b".+~".contains(&b);
        let is_valid = upstream.starts_with(|c: char| c.is_ascii_digit())
            && upstream.bytes().all(is_upstream)
            && revision.bytes().all(is_revision);
        is_valid.then_some(Self {
            epoch: Digits::new(epoch),
            upstream,
            revision,
        })
    }

    pub(super) fn order(&self, other: &Self) -> Ordering {
        self.epoch
            .order(other.epoch)
            .then_with(|| order_of_parts(self.upstream, other.upstream))
            .then_with(|| order_of_parts(self.revision, other.revision))
    }
}

/// Texts and numbers in turn, as Policy 5.6.12 describes it.
fn order_of_parts(mut a: &str, mut b: &str) -> Ordering {
    while !a.is_empty() || !b.is_empty() {
        let order = order_of_texts(take_text(&mut a), take_text(&mut b))
            .then_with(|| Digits::new(take_digits(&mut a)).order(Digits::new(take_digits(&mut b))));
        if order.is_ne() {
            return order;
        }
    }
    Ordering::Equal
}

fn take_text<'t>(rest: &mut &'t str) -> &'t str {
    let end = rest.bytes().take_while(|byte| !byte.is_ascii_digit());
    let (text, behind) = rest.split_at(end.count());
    *rest = behind;
    text
}

/// A tilde is before the end, the end before letters, letters before all else.
fn order_of_texts(a: &str, b: &str) -> Ordering {
    let weight = |byte: u8| match byte {
        b'~' => 0,
        byte if byte.is_ascii_alphabetic() => 2 + u16::from(byte),
        byte => 256 + u16::from(byte),
    };
    let end = std::iter::once(1);
    a.bytes()
        .map(weight)
        .chain(end.clone())
        .cmp(b.bytes().map(weight).chain(end))
}
