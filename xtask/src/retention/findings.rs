//! What stands in the way of removing anything, and what went wrong, as findings.

use crate::finding::{Finding, Severity};

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ProblemKind {
    /// Something of the package could not be read.
    Unreadable,
    /// An image that is kept lacks something.
    Broken,
    /// The rules would leave nothing of the package.
    Emptied,
    /// The registry refused to remove something.
    Refused,
    /// Something that was removed is needed, and was put back.
    PutBack,
    /// Something that is to be kept can no longer be read.
    Lost,
}

impl ProblemKind {
    /// Code, name, and what to do.
    const fn told(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Unreadable => (
                "DX8001",
                "package-unreadable",
                "nothing of this package is removed; run it again, or look at what the registry has there",
            ),
            Self::Broken => (
                "DX8002",
                "kept-image-broken",
                "nothing of this package is removed; push the image again, or let a rule name its tag so that it is removed",
            ),
            Self::Emptied => (
                "DX8003",
                "package-emptied",
                "nothing of this package is removed; keep one with `keep`, or delete the package by hand",
            ),
            Self::Refused => (
                "DX8004",
                "removal-refused",
                "it is still there; the registry's reason tells whether trying again helps",
            ),
            Self::PutBack => (
                "DX8005",
                "removed-and-put-back",
                "somebody pushed an image at the same time that needs it; the image is whole again",
            ),
            Self::Lost => (
                "DX8006",
                "kept-image-lost",
                "put back what was removed: `cargo xtask docker-clean --restore FILE`, with the restore list of this run",
            ),
        }
    }

    /// Whether it means that something is not known, rather than that something is wrong.
    #[must_use]
    pub const fn is_unknown(self) -> bool {
        matches!(self, Self::Unreadable)
    }
}

/// One thing that is wrong with a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// What.
    pub kind: ProblemKind,
    /// The package.
    pub package: String,
    /// The rest, as a clause.
    pub message: String,
}

impl Problem {
    /// Of a package.
    #[must_use]
    pub fn new(kind: ProblemKind, package: &str, message: String) -> Self {
        Self {
            kind,
            package: package.to_owned(),
            message,
        }
    }
}

/// One finding for each problem.
#[must_use]
pub fn findings(problems: &[Problem]) -> Vec<Finding> {
    let finding = |problem: &Problem| {
        let (code, name, help) = problem.kind.told();
        let message = format!("{}: {}", problem.package, problem.message);
        Finding::new(code, name, Severity::Error, message)
            .help(help)
            .property("package", problem.package.clone())
    };
    problems.iter().map(finding).collect()
}
