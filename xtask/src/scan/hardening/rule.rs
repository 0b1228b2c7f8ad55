//! What a rule about images is.

use super::findings::Findings;
use super::image::Image;
use crate::finding::Severity;
use crate::rule::About;

/// How a rule is checked.
pub(super) type Check = fn(&Image<'_>, &mut Findings<'_>);

/// A rule that only looks at images.
#[derive(Debug)]
pub struct Rule {
    /// What it is called and what it means.
    pub about: About,
    /// What it does.
    pub(super) check: Check,
}

/// The part of a rule of the linter that is looked for in images, too. A test of the linter holds the identity to the
/// rule.
#[derive(Debug)]
pub struct Shared {
    /// What the linter calls it.
    pub identity: Identity,
    /// What it does.
    pub(super) check: Check,
}

/// What findings carry of their rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Its code.
    pub code: &'static str,
    /// Its name.
    pub name: &'static str,
    /// What other tools call it.
    pub aliases: &'static [&'static str],
    /// How bad it is in an image, where nothing is guessed any more.
    pub severity: Severity,
}

impl Rule {
    /// What its findings carry.
    #[must_use]
    pub const fn identity(&self) -> Identity {
        Identity {
            code: self.about.code,
            name: self.about.name,
            aliases: self.about.aliases,
            severity: self.about.severity,
        }
    }
}

/// Declares a rule: the doc comment is its page. Nothing is mended in an image, so no rule has fixes.
macro_rules! declare {
    ($(#[doc = $line:expr])* $visibility:vis static $name:ident = Rule { $($field:ident : $value:expr),* $(,)? } by $check:expr;) => {
        $visibility static $name: $crate::scan::hardening::Rule = $crate::scan::hardening::Rule {
            about: $crate::rule::About {
                $($field: $value,)*
                enabled: true,
                fix: $crate::rule::Fixability::None,
                documentation: &[$($line),*],
            },
            check: $check,
        };
    };
}
pub(super) use declare;
