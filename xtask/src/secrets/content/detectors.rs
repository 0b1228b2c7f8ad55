//! The rules by their anchors.

use std::sync::LazyLock;

use super::Rule;
use super::anchors::{Anchor, Anchors};
use super::token::Token;
use super::tokens::TOKENS;
use super::window::{Candidate, Window};
use super::{assignment, credentials, encoded, private_key, url};

/// A rule that is a function of its own.
pub(super) struct Detector {
    /// What it looks for, with whether letters of either case match.
    pub anchors: &'static [(&'static str, bool)],
    /// What it may find.
    pub rules: &'static [&'static Rule],
    /// The secret at an anchor.
    pub judge: fn(&Window<'_>) -> Option<Candidate>,
}

/// What to do where an anchor is.
#[derive(Clone, Copy)]
pub(super) enum Judge {
    Token(&'static Token, &'static str),
    Function(fn(&Window<'_>) -> Option<Candidate>),
}

impl Judge {
    pub(super) fn judge(self, window: &Window<'_>) -> Option<Candidate> {
        match self {
            Self::Token(token, start) => token.judge(window, start),
            Self::Function(judge) => judge(window),
        }
    }
}

/// Rules, ready to be looked for at once.
pub(super) struct Detectors {
    anchors: Anchors,
    /// By anchor.
    judges: Vec<Judge>,
}

const OF_TEXT: &[&[Detector]] = &[
    private_key::DETECTORS,
    encoded::DETECTORS,
    credentials::DETECTORS,
    url::DETECTORS,
    assignment::DETECTORS,
];

const OF_BINARY: &[&[Detector]] = &[private_key::DETECTORS];

static TEXT: LazyLock<Detectors> = LazyLock::new(|| Detectors::new(OF_TEXT, TOKENS));
static BINARY: LazyLock<Detectors> = LazyLock::new(|| Detectors::new(OF_BINARY, &[]));

/// For files of text: all.
pub(super) fn for_text() -> &'static Detectors {
    &TEXT
}

/// For binary files: private keys.
pub(super) fn for_binary() -> &'static Detectors {
    &BINARY
}

/// All rules, by id.
pub(super) fn rules() -> Vec<&'static Rule> {
    let functions = OF_TEXT
        .iter()
        .flat_map(|detectors| detectors.iter())
        .flat_map(|detector| detector.rules.iter().copied());
    let mut rules: Vec<_> = functions
        .chain(TOKENS.iter().map(|token| &token.rule))
        .collect();
    rules.sort_by_key(|rule| rule.id);
    rules.dedup();
    rules
}

impl Detectors {
    fn new(detectors: &'static [&'static [Detector]], tokens: &'static [Token]) -> Self {
        let mut anchors = Vec::new();
        let mut judges = Vec::new();
        for detector in detectors.iter().flat_map(|detectors| detectors.iter()) {
            for &(text, any_case) in detector.anchors {
                anchors.push(Anchor { text, any_case });
                judges.push(Judge::Function(detector.judge));
            }
        }
        for token in tokens {
            for &text in token.starts {
                let any_case = false;
                anchors.push(Anchor { text, any_case });
                judges.push(Judge::Token(token, text));
            }
        }
        Self {
            anchors: Anchors::new(anchors),
            judges,
        }
    }

    /// See [`Anchors::find`].
    pub(super) fn find(
        &self,
        bytes: &[u8],
        from: usize,
        to: usize,
        mut found: impl FnMut(Judge, usize, usize),
    ) {
        self.anchors.find(bytes, from, to, |index, start, gram| {
            found(self.judges[index], start, gram);
        });
    }
}
