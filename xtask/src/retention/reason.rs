//! Why something is kept or removed.

use std::fmt;

use crate::timestamp::Period;

/// Why something is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Keeping {
    /// `retention.protected` names its tag by this pattern.
    Protected(String),
    /// `retention.digests` names it.
    Pinned,
    /// A build uses the cache.
    Cache,
    /// No rule names the tag.
    NoRule(String),
    /// It is among the newest that a rule keeps.
    Newest {
        /// The rule.
        rule: usize,
        /// How many it keeps.
        keep: u32,
    },
    /// It is younger than a rule keeps it for.
    Young {
        /// The rule.
        rule: usize,
        /// How long it keeps.
        keep_for: Period,
    },
    /// It is younger than `retention.grace`.
    Grace(Period),
    /// Nobody knows how old it is.
    AgeUnknown,
    /// No tag leads to it, and `retention.untagged` is not set.
    Untagged,
    /// No tag leads to it, and it is younger than `retention.untagged`.
    UntaggedYoung(Period),
    /// It was pushed, or got another tag, while the plan was carried out.
    Changed,
    /// An index that is kept lists it: the tag or digest of what is kept.
    Listed(String),
    /// It is about what is kept.
    Attached(String),
    /// What is kept is about it.
    Subject(String),
    /// Nothing leads to it, and it is part of nothing.
    Unreached,
    /// The registry refuses to remove it.
    Refused,
    /// It is not part of the plan that is carried out.
    Later,
    /// Nothing of the package is removed, since something is not known.
    Obstructed,
}

/// Why something is removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Removing {
    /// No rule keeps its tags any longer.
    Expired {
        /// The rule that named it.
        rule: usize,
        /// How old it is.
        age: Period,
    },
    /// No tag leads to it.
    Untagged(Period),
    /// What it is about is gone.
    Dangling(Period),
    /// An earlier run began to remove what it belongs to.
    Begun,
    /// Only what is removed lists it.
    Listed(String),
    /// It is about what is removed.
    Attached(String),
}

/// One of both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// It is kept.
    Keep(Keeping),
    /// It is removed.
    Remove(Removing),
}

impl Reason {
    /// Whether it is kept.
    #[must_use]
    pub const fn keeps(&self) -> bool {
        matches!(self, Self::Keep(_))
    }

    /// A stable word for programs.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Keep(keeping) => match keeping {
                Keeping::Protected(_) => "protected",
                Keeping::Pinned => "pinned",
                Keeping::Cache => "cache",
                Keeping::NoRule(_) => "no-rule",
                Keeping::Newest { .. } => "newest",
                Keeping::Young { .. } => "young",
                Keeping::Grace(_) => "grace",
                Keeping::AgeUnknown => "age-unknown",
                Keeping::Untagged => "untagged",
                Keeping::UntaggedYoung(_) => "untagged-young",
                Keeping::Changed => "changed",
                Keeping::Listed(_) => "listed",
                Keeping::Attached(_) => "attached",
                Keeping::Subject(_) => "subject",
                Keeping::Unreached => "unreached",
                Keeping::Refused => "refused",
                Keeping::Later => "later",
                Keeping::Obstructed => "obstructed",
            },
            Self::Remove(removing) => match removing {
                Removing::Expired { .. } => "expired",
                Removing::Untagged(_) => "untagged",
                Removing::Dangling(_) => "dangling",
                Removing::Begun => "begun",
                Removing::Listed(_) => "listed",
                Removing::Attached(_) => "attached",
            },
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Keep(keeping) => keeping.fmt(f),
            Self::Remove(removing) => removing.fmt(f),
        }
    }
}

impl fmt::Display for Keeping {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Protected(pattern) => write!(f, "protected by `{pattern}`"),
            Self::Pinned => f.write_str("`digests` names it"),
            Self::Cache => f.write_str("a build uses this cache"),
            Self::NoRule(tag) => write!(f, "no rule names `{tag}`"),
            Self::Newest { rule, keep } => write!(f, "rule {rule}: of the newest {keep}"),
            Self::Young { rule, keep_for } => {
                write!(f, "rule {rule}: younger than {keep_for}")
            }
            Self::Grace(grace) => write!(f, "younger than {grace}"),
            Self::AgeUnknown => f.write_str("its age is not known"),
            Self::Untagged => f.write_str("no tag; `untagged` is not set"),
            Self::UntaggedYoung(span) => write!(f, "no tag, but younger than {span}"),
            Self::Changed => f.write_str("pushed or tagged in the meantime"),
            Self::Listed(by) => write!(f, "part of {by}"),
            Self::Attached(to) => write!(f, "about {to}"),
            Self::Subject(of) => write!(f, "{of} is about it"),
            Self::Unreached => f.write_str("nothing leads to it"),
            Self::Refused => f.write_str("the registry refuses to remove it"),
            Self::Later => f.write_str("not part of the run that is carried out"),
            Self::Obstructed => f.write_str("nothing of this package is removed"),
        }
    }
}

impl fmt::Display for Removing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Expired { rule, age } => write!(f, "rule {rule}: {} old", age.words()),
            Self::Untagged(age) => write!(f, "no tag, {} old", age.words()),
            Self::Dangling(age) => {
                write!(f, "what it is about is gone, {} old", age.words())
            }
            Self::Begun => f.write_str("an earlier run began to remove it"),
            Self::Listed(by) => write!(f, "part of {by} only"),
            Self::Attached(to) => write!(f, "about {to}"),
        }
    }
}
