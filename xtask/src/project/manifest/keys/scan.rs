//! `[scan]`: what images may have wrong with them, and for how long.

use crate::project::manifest::kind::Presence::{Default, Optional, Required};
use crate::project::manifest::kind::{Key, Kind, key};

const LEVELS: &[&str] = &["critical", "high", "medium", "low", "unknown", "none"];

pub(super) const SCAN: &[Key] = &[
    key(
        "fail_on",
        Kind::Choice(LEVELS),
        Default("\"high\""),
        "From which level on a vulnerability makes the run fail. Those below are told. `unknown` is every one, also \
         those that nobody has judged yet; `none` is no one, and then only deadlines count.",
    ),
    key(
        "only_fixable",
        Kind::Switch,
        Default("false"),
        "Whether only vulnerabilities fail that a newer version of the package is without. Others are told.",
    ),
    key(
        "only_new",
        Kind::Switch,
        Default("false"),
        "Whether only vulnerabilities fail that the record has not, or the record of the commit that `--against` \
         names. Known ones are told, until their deadline has passed.",
    ),
    key(
        "max_data_age",
        Kind::Period,
        Default("\"7 days\""),
        "How old the data about vulnerabilities may be. Older data make the run fail: what was published since is not \
         in them.",
    ),
    key(
        "allow_unknown",
        Kind::Switch,
        Default("false"),
        "Whether a run succeeds although there are no data for some packages. They are told in any case; without this, \
         the run ends with exit code 3.",
    ),
    key(
        "record",
        Kind::Path,
        Default("\"docker/vulnerabilities.json\""),
        "The record of when each vulnerability was first seen, and when it was gone. It is meant to be committed.",
    ),
    key(
        "remediation",
        Kind::Table(REMEDIATION),
        Optional,
        "How long after it was first seen a vulnerability must be gone, by level. Once the time has passed, it is an \
         error, whatever `fail_on`, `only_fixable` and `only_new` say. A level that is not written has no deadline.",
    ),
    key(
        "database",
        Kind::Table(DATABASE),
        Optional,
        "Advisories in the OSV format (<https://ossf.github.io/osv-schema/>), which need no other program.",
    ),
    key(
        "trivy",
        Kind::Table(TRIVY),
        Optional,
        "Trivy, as a second opinion where it is installed.",
    ),
    key(
        "vex",
        Kind::List(&Kind::Glob),
        Default("[]"),
        "Files in which somebody says which vulnerabilities do not concern an image (VEX): OpenVEX, or CycloneDX.",
    ),
    key(
        "trivyignore",
        Kind::List(&Kind::Path),
        Default("[\".trivyignore\", \".trivyignore.yaml\"]"),
        "Files of Trivy that say what to leave out; those that are not there are passed over.",
    ),
    key(
        "ignores",
        Kind::Tables(IGNORE),
        Optional,
        "Vulnerabilities that are accepted for a time, each with a reason and somebody who answers for it. Once its \
         day has passed, and once nothing is left that it is for, an entry is an error.",
    ),
];

const REMEDIATION: &[Key] = &[
    key(
        "critical",
        Kind::Period,
        Default("\"24 hours\""),
        "Of a critical one.",
    ),
    key("high", Kind::Period, Optional, "Of a high one."),
    key("medium", Kind::Period, Optional, "Of a medium one."),
    key("low", Kind::Period, Optional, "Of a low one."),
    key(
        "unknown",
        Kind::Period,
        Optional,
        "Of one that nobody has judged.",
    ),
];

const DATABASE: &[Key] = &[
    key(
        "path",
        Kind::Path,
        Default("\"target/docker-scan/advisories\""),
        "The folder with the advisories: one folder or zip file for each ecosystem. `docker-scan --update-db` writes \
         it.",
    ),
    key(
        "url",
        Kind::Text,
        Optional,
        "The address of the folder that `--update-db` fetches `Alpine/all.zip`, `npm/all.zip` and so on from. Unset, \
         where OSV publishes them.",
    ),
];

const TRIVY: &[Key] = &[
    key(
        "use",
        Kind::Choice(&["auto", "required", "off"]),
        Default("\"auto\""),
        "Whether Trivy is asked: where it is installed, always, or never.",
    ),
    key(
        "version",
        Kind::Text,
        Optional,
        "The version it must be of. Versions that are known to be compromised are refused in any case.",
    ),
    key(
        "sha256",
        Kind::Text,
        Optional,
        "What the program's SHA-256 must be, in hexadecimal digits.",
    ),
    key(
        "offline",
        Kind::Switch,
        Default("false"),
        "Whether it may ask nobody, so that its own data must be there already.",
    ),
    key(
        "database",
        Kind::Text,
        Optional,
        "Where it fetches its data: the reference of an OCI artifact.",
    ),
];

const IGNORE: &[Key] = &[
    key(
        "id",
        Kind::Text,
        Required,
        "The vulnerability, by any of its names, such as `\"CVE-2027-12345\"`. No patterns.",
    ),
    key(
        "package",
        Kind::Text,
        Optional,
        "The package. Unset, all that have it, which is refused where that is more than one.",
    ),
    key(
        "images",
        Kind::List(&Kind::Name),
        Default("[]"),
        "The images. Empty, all.",
    ),
    key(
        "paths",
        Kind::List(&Kind::Text),
        Default("[]"),
        "Where the package lies in the image, as patterns such as `\"app/node_modules/**\"`. Empty, anywhere.",
    ),
    key(
        "purls",
        Kind::List(&Kind::Text),
        Default("[]"),
        "The package by its package URL, such as `\"pkg:npm/braces@3.0.2\"`; without a version, every version.",
    ),
    key("reason", Kind::Text, Required, "Why it is accepted."),
    key("owner", Kind::Text, Required, "Who answers for it."),
    key("expires", Kind::Date, Required, "The last day it holds."),
];
