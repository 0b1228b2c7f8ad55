//! Ready-made choices of rules.

use clap::ValueEnum;

use super::levels::{Level, Levels};
use crate::finding::Severity;
use crate::lint::rule::Rule;

/// A ready-made choice of rules.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Preset {
    /// What nearly everybody wants to know.
    #[default]
    Recommended,
    /// The same, and nothing is less than a warning.
    Strict,
    /// What hadolint reports.
    Hadolint,
    /// What `docker build --check` reports.
    Buildkit,
    /// Every rule there is.
    All,
}

impl Preset {
    /// By its name in the configuration.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::from_str(name, false).ok()
    }

    /// The levels it means.
    #[must_use]
    pub fn levels(self) -> Levels {
        Levels::each(|rule| {
            let usual = Level::On(rule.severity);
            let on_if = |wanted: bool| if wanted { usual } else { Level::Off };
            match self {
                Self::Recommended => on_if(rule.enabled),
                Self::Strict if rule.enabled => Level::On(rule.severity.max(Severity::Warning)),
                Self::Strict => Level::Off,
                Self::Hadolint => on_if(rule.enabled && is_hadolints(rule)),
                Self::Buildkit => on_if(is_buildkits(rule)),
                Self::All => usual,
            }
        })
    }
}

/// hadolint has it, or `ShellCheck`, which hadolint asks.
fn is_hadolints(rule: &Rule) -> bool {
    ["DL", "SC"].iter().any(|prefix| {
        rule.code
            .strip_prefix(prefix)
            .is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_digit()))
    })
}

/// `BuildKit` has it: its checks have names in camel case where others have numbers. A file that cannot be read is
/// its error, too.
pub(in crate::lint) fn is_buildkits(rule: &Rule) -> bool {
    let camel = |name: &&str| {
        name.starts_with(|c: char| c.is_ascii_uppercase())
            && name.bytes().all(|b| b.is_ascii_alphabetic())
    };
    rule.code == "DL1000" || camel(&rule.code) || rule.aliases.iter().any(camel)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_preset_chooses() {
        for (preset, code, expected) in [
            (Preset::Recommended, "DL3000", Level::On(Severity::Error)),
            (Preset::Hadolint, "DL3000", Level::On(Severity::Error)),
            (Preset::Buildkit, "DL3000", Level::On(Severity::Error)),
            (Preset::Hadolint, "DX9001", Level::Off),
            (Preset::Buildkit, "DX9001", Level::Off),
            (Preset::Strict, "DX9001", Level::On(Severity::Warning)),
        ] {
            assert_eq!(preset.levels().of(code), expected, "{preset:?} {code}");
        }
        assert_eq!(Preset::parse("buildkit"), Some(Preset::Buildkit));
        assert_eq!(Preset::parse("nothing"), None);
    }
}
