//! What programs read.

use serde::Serialize;

use super::answer::{Answer, Verdict};
use super::data::DataAge;
use crate::commands::size::FindingDocument;
use crate::image::attribution::Origin;
use crate::scan::actors::{ActorKind, Change};
use crate::scan::case::Case;
use crate::scan::exemption::{Statement, Voice};
use crate::scan::record::Remediation;
use crate::scan::scanned::Scanned;
use crate::scan::vulnerability::{Level, Vulnerability};
use crate::timestamp::Timestamp;

/// Raised when a field changes its meaning or goes away.
const SCHEMA_VERSION: u32 = 1;

/// The whole answer.
#[derive(Serialize)]
pub(super) struct Document<'a> {
    schema_version: u32,
    /// When it was looked.
    time: Timestamp,
    images: Vec<ImageDocument<'a>>,
    /// By who must act.
    changes: Vec<ChangeDocument>,
    findings: Vec<FindingDocument<'a>>,
    data: &'a [DataAge],
    remediation: Vec<Remediation>,
}

#[derive(Serialize)]
struct ImageDocument<'a> {
    name: &'a str,
    source: &'a str,
    platform: String,
    digest: &'a str,
    config_digest: &'a str,
    /// Such as `alpine 3.20.3`; `null` if it is not known.
    distribution: Option<String>,
    verdict: Verdict,
    packages: usize,
    vulnerabilities: Vec<CaseDocument<'a>>,
    /// What could not be judged.
    unknown: Vec<&'a str>,
}

#[derive(Serialize)]
struct CaseDocument<'a> {
    #[serde(flatten)]
    vulnerability: &'a Vulnerability,
    /// What brought the package.
    origin: Option<&'a Origin>,
    actor: ActorDocument,
    is_new: bool,
    first_seen: Timestamp,
    deadline: Option<Timestamp>,
    overdue_seconds: Option<u64>,
    /// Whether it makes the run fail.
    fails: bool,
    statement: Option<StatementDocument<'a>>,
}

#[derive(Serialize)]
struct StatementDocument<'a> {
    says: Statement,
    by: Voice,
    reason: Option<&'a str>,
    owner: Option<&'a str>,
    expires: Option<crate::date::Date>,
    place: String,
}

#[derive(Serialize)]
struct ActorDocument {
    kind: ActorKind,
    /// The file to edit, from the root.
    file: Option<String>,
    line: Option<usize>,
    /// The reference, the instruction, or the chain of dependencies.
    what: String,
}

#[derive(Serialize)]
struct ChangeDocument {
    actor: ActorDocument,
    manager: String,
    package: String,
    from: String,
    /// `null` if nothing mends it.
    to: Option<String>,
    mends: Vec<String>,
    leaves: Vec<String>,
    images: Vec<String>,
    advice: String,
}

impl<'a> Document<'a> {
    pub(super) fn of(answer: &'a Answer<'a>) -> Self {
        Self {
            schema_version: SCHEMA_VERSION,
            time: answer.now,
            images: answer
                .images
                .iter()
                .map(|image| ImageDocument::of(image, answer))
                .collect(),
            changes: answer
                .changes
                .iter()
                .filter_map(|change| ChangeDocument::of(change, answer))
                .collect(),
            findings: answer.findings.iter().map(FindingDocument::of).collect(),
            data: &answer.data.ages,
            remediation: answer.remediation(),
        }
    }
}

impl<'a> ImageDocument<'a> {
    fn of(image: &'a Scanned, answer: &'a Answer<'a>) -> Self {
        let it = &image.distribution;
        let named = || format!("{} {}", it.id, it.version_id).trim_end().to_owned();
        Self {
            name: &image.name,
            source: &image.source,
            platform: image.image.config.platform(),
            digest: image.digest(),
            config_digest: &image.image.config_digest,
            distribution: (!it.is_unknown()).then(named),
            verdict: answer.verdict(image),
            packages: image.packages.len(),
            vulnerabilities: answer
                .cases_of(image)
                .map(|case| CaseDocument::of(case, answer))
                .collect(),
            unknown: image
                .unknowns
                .iter()
                .map(|one| one.message.as_str())
                .collect(),
        }
    }
}

impl<'a> CaseDocument<'a> {
    fn of(case: &'a Case<'a>, answer: &'a Answer<'a>) -> Self {
        let image = case.image;
        let layer = image
            .package(&case.vulnerability.package)
            .and_then(|package| image.layer_of(package));
        let statement = case.exemption.and_then(|at| answer.exemptions.get(at));
        Self {
            vulnerability: case.vulnerability,
            origin: layer.and_then(|layer| image.origins.get(layer)),
            actor: ActorDocument::of(&case.actor),
            is_new: case.is_new,
            first_seen: case.first_seen,
            deadline: case.deadline,
            overdue_seconds: case.overdue.map(crate::timestamp::Period::seconds),
            fails: case.is_error(),
            statement: statement.map(|one| StatementDocument {
                says: one.statement,
                by: one.voice,
                reason: one.reason.as_deref(),
                owner: one.owner.as_deref(),
                expires: one.expires,
                place: one.location.to_string(),
            }),
        }
    }
}

impl ActorDocument {
    fn of(actor: &crate::scan::actors::Actor) -> Self {
        let at = actor.location();
        Self {
            kind: actor.kind(),
            file: at.map(|at| at.source.path().to_string()),
            line: at.map(|at| at.source.line_column(at.span.start).line),
            what: actor.what(),
        }
    }
}

impl ChangeDocument {
    /// Nothing, if all that it is for is exempt.
    fn of(change: &Change, answer: &Answer<'_>) -> Option<Self> {
        let cases = |positions: &[usize]| -> Vec<&Case<'_>> {
            let cases = positions.iter().filter_map(|at| answer.cases.get(*at));
            cases.filter(|case| !case.is_exempt).collect()
        };
        let (mends, leaves) = (cases(&change.mends), cases(&change.leaves));
        let names = |cases: &[&Case<'_>]| {
            let mut names: Vec<(std::cmp::Reverse<Level>, String)> = cases
                .iter()
                .map(|case| {
                    let one = case.vulnerability;
                    (std::cmp::Reverse(one.level), one.id.clone())
                })
                .collect();
            names.sort();
            names.dedup();
            names.into_iter().map(|(_, id)| id).collect::<Vec<_>>()
        };
        let mut images: Vec<String> = mends
            .iter()
            .chain(&leaves)
            .map(|case| case.image.name.clone())
            .collect();
        images.sort();
        images.dedup();
        (!images.is_empty()).then(|| Self {
            actor: ActorDocument::of(&change.actor),
            manager: change.package.manager.clone(),
            package: change.package.name.clone(),
            from: change.package.version.clone(),
            to: change.to.clone(),
            mends: names(&mends),
            leaves: names(&leaves),
            images,
            advice: change.advice(),
        })
    }
}
