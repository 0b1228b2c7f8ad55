//! Numbers of any length, as text.

use std::cmp::Ordering;

/// A run of decimal digits, by its value; leading zeros make no difference.
#[derive(Clone, Copy, Debug)]
pub(super) struct Digits<'t>(&'t str);

impl<'t> Digits<'t> {
    /// No digits are zero.
    pub(super) const ZERO: Self = Self("");

    /// Of a text that is digits only.
    pub(super) fn new(digits: &'t str) -> Self {
        Self(digits.trim_start_matches('0'))
    }

    /// As it is written without leading zeros.
    pub(super) const fn text(self) -> &'t str {
        if self.0.is_empty() { "0" } else { self.0 }
    }

    /// The order of the values.
    pub(super) fn order(self, other: Self) -> Ordering {
        self.0
            .len()
            .cmp(&other.0.len())
            .then_with(|| self.0.cmp(other.0))
    }
}

/// How many bytes of digits `text` begins with.
pub(super) fn leading_digits(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_digit).count()
}

/// Takes the digits off the front of `rest`.
pub(super) fn take_digits<'t>(rest: &mut &'t str) -> &'t str {
    let (digits, behind) = rest.split_at(leading_digits(rest));
    *rest = behind;
    digits
}
