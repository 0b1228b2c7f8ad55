//! What is said of vulnerabilities, of what is accepted, and of the data: the codes, and their pages.
//!
//! How bad one is depends on the policy (`[scan]` in the manifest); the severity here is what it is at worst.

use crate::finding::Severity;
use crate::rule::{About, Category, Fixability};

/// Declares a code: the doc comment is its page.
macro_rules! declare {
    ($(#[doc = $line:expr])* $name:ident = $code:expr, $rule:expr, $summary:expr;) => {
        static $name: About = About {
            code: $code,
            name: $rule,
            aliases: &[],
            severity: Severity::Error,
            enabled: true,
            category: Category::Security,
            summary: $summary,
            fix: Fixability::None,
            documentation: &[$($line),*],
        };
    };
}

/// All of them, by code.
pub const RULES: &[&About] = &[
    &BASE_IMAGE,
    &PACKAGE,
    &DEPENDENCY,
    &IMAGE,
    &OVERDUE,
    &EXPIRED_IGNORE,
    &UNUSED_IGNORE,
    &BROAD_IGNORE,
    &OLD_DATA,
    &NO_DATA,
];

/// Whether a code's findings are as bad as the policy makes them, not as a rule does.
#[must_use]
pub fn is_by_policy(code: &str) -> bool {
    RULES.iter().any(|about| about.code == code)
}

declare! {
    /// ## What it does
    /// Reports a known vulnerability of a package that a base image brought. It points at the `FROM`, also where the package came through other stages.
    ///
    /// ## Why it is bad
    /// Whoever reaches the package may be able to use it. Nothing in the own lines changes that: the base must move.
    ///
    /// ## What to do
    /// Move the tag, the digest or the build argument that decides which base is taken; the message tells which version of the package is without the vulnerability. Until there is such a base, install the package's newer version on top of it, or accept the vulnerability for a time (`[[scan.ignores]]`).
    BASE_IMAGE = "DX6001", "vulnerable-base-image", "a package of the base image has a known vulnerability";
}

declare! {
    /// ## What it does
    /// Reports a known vulnerability of a package that a line of the Dockerfile installs or copies.
    ///
    /// ## Why it is bad
    /// Whoever reaches the package may be able to use it.
    ///
    /// ## What to do
    /// A line that takes the newest version only needs to be run anew, without the build cache; one that pins a version needs another pin. What is not needed is best not installed.
    PACKAGE = "DX6002", "vulnerable-package", "a package that a line installs has a known vulnerability";
}

declare! {
    /// ## What it does
    /// Reports a known vulnerability of a dependency that a lockfile (`package-lock.json`) or a list of requirements names. It points into that file.
    ///
    /// ## Why it is bad
    /// Whoever reaches the code may be able to use it.
    ///
    /// ## What to do
    /// The message tells the smallest change: `npm update NAME` where everybody who needs the dependency allows the newer version, else the direct dependency that must move, and an override until it does.
    DEPENDENCY = "DX6003", "vulnerable-dependency", "a dependency of the lockfile has a known vulnerability";
}

declare! {
    /// ## What it does
    /// Reports a known vulnerability of an image that is not made in this repository.
    ///
    /// ## Why it is bad
    /// Whoever reaches the package may be able to use it.
    ///
    /// ## What to do
    /// Take a newer build of the image, or tell whoever builds it.
    IMAGE = "DX6004", "vulnerable-image", "an image of somebody else has a known vulnerability";
}

declare! {
    /// ## What it does
    /// Reports a vulnerability that should have been gone by now: `[scan.remediation]` gives every level its time, and the record (`docker/vulnerabilities.json`) knows when the vulnerability was first seen, or found to be of that level.
    ///
    /// ## Why it is bad
    /// A deadline that nobody is held to is none.
    ///
    /// ## What to do
    /// Mend it as its message tells. Where that is not possible yet, say so with a reason, an owner and a day in `[[scan.ignores]]`.
    OVERDUE = "DX6005", "overdue-vulnerability", "a vulnerability should have been gone by now";
}

declare! {
    /// ## What it does
    /// Reports an entry of `[[scan.ignores]]`, or of a `.trivyignore`, whose last day has passed. It holds back nothing any more.
    ///
    /// ## Why it is bad
    /// What was accepted for a time was to be looked at again, and the time is over.
    ///
    /// ## What to do
    /// Mend the vulnerability, or write a new day and a reason that still holds. An entry for what is gone is removed.
    EXPIRED_IGNORE = "DX6010", "expired-ignore", "a vulnerability was accepted until a day that has passed";
}

declare! {
    /// ## What it does
    /// Reports an entry of `[[scan.ignores]]`, or of a `.trivyignore`, for which nothing was found although every image it may be for was looked at, with data.
    ///
    /// ## Why it is bad
    /// It would hold back what comes later, which nobody has looked at.
    ///
    /// ## What to do
    /// Remove it.
    UNUSED_IGNORE = "DX6011", "unused-ignore", "an accepted vulnerability is nowhere";
}

declare! {
    /// ## What it does
    /// Reports an entry of `[[scan.ignores]]`, or of a `.trivyignore`, that names no package and holds back a vulnerability in several.
    ///
    /// ## Why it is bad
    /// A reason why a vulnerability cannot be reached is a reason about one package in one place.
    ///
    /// ## What to do
    /// Write one entry for each package that somebody has looked at: `package`, `purls` or `paths` name it.
    BROAD_IGNORE = "DX6012", "broad-ignore", "a vulnerability is accepted in whatever has it";
}

declare! {
    /// ## What it does
    /// Reports data about vulnerabilities that are older than `scan.max_data_age`.
    ///
    /// ## Why it is bad
    /// What was published since is not in them: the image looks better than it is.
    ///
    /// ## What to do
    /// Fetch newer ones: `docker-scan --update-db`.
    OLD_DATA = "DX6020", "outdated-vulnerability-data", "the data about vulnerabilities are too old";
}

declare! {
    /// ## What it does
    /// Reports packages of which nobody here knows whether they have vulnerabilities: there are no data for their kind or release, or their version cannot be understood.
    ///
    /// ## Why it is bad
    /// No answer is not a good answer. The run ends with exit code 3, unless `scan.allow_unknown` says otherwise.
    ///
    /// ## What to do
    /// Fetch data (`docker-scan --update-db`), or install Trivy.
    NO_DATA = "DX6021", "no-vulnerability-data", "nobody knows whether packages have vulnerabilities";
}
