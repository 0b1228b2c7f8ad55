//! What verifying came to, as text.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Serialize;

use crate::commands::build::short_digest;
use crate::error::{Error, Result};
use crate::report::table::{Alignment, Table};
use crate::trust::{Attested, Standing, Verdict};

/// The version of the JSON shape; raised when a field changes its meaning or goes away.
const SCHEMA_VERSION: u32 = 1;

/// One image.
pub(super) enum Verified {
    /// There is a verdict, and it counts.
    Told(Box<Verdict>),
    /// There is a verdict on an image from elsewhere, which changes no exit code.
    Base(Box<Verdict>),
    /// It could not be told.
    Unknown {
        /// The service or base, or the last part of its name.
        name: String,
        /// As it was asked for.
        reference: String,
        /// Why.
        why: String,
    },
}

impl Verified {
    pub(super) fn told(verdict: Verdict) -> Self {
        Self::Told(Box::new(verdict))
    }

    pub(super) fn base(verdict: Verdict) -> Self {
        Self::Base(Box::new(verdict))
    }

    pub(super) fn unknown(name: String, reference: String, error: &Error) -> Self {
        Self::Unknown {
            name,
            reference,
            why: error.message().to_owned(),
        }
    }

    /// The verdict that counts.
    pub(super) fn verdict(&self) -> Option<&Verdict> {
        match self {
            Self::Told(verdict) => Some(verdict),
            _ => None,
        }
    }

    pub(super) fn is_refused(&self) -> bool {
        self.verdict()
            .is_some_and(|verdict| verdict.standing() == Standing::Refused)
    }

    fn row(&self) -> [String; 5] {
        match self {
            Self::Told(verdict) | Self::Base(verdict) => {
                let attested = |one: &Attested| match &one.verdict {
                    Some(said) => format!("{} ({said})", one.kind),
                    None => one.kind.clone(),
                };
                let attested: Vec<String> = verdict.attested.iter().map(attested).collect();
                let standing = match (verdict.standing(), self) {
                    (Standing::Trusted, _) => "trusted",
                    (Standing::Refused, Self::Base(_)) => "unsigned base",
                    (Standing::Refused, _) => "refused",
                };
                [
                    verdict.name.clone(),
                    standing.to_owned(),
                    short_digest(&verdict.digest),
                    verdict.signers.join(", "),
                    attested.join(", "),
                ]
            }
            Self::Unknown { name, .. } => [
                name.clone(),
                "unknown".to_owned(),
                String::new(),
                String::new(),
                String::new(),
            ],
        }
    }
}

fn rows(images: &[Verified]) -> Table {
    let mut table = Table::new(&[
        ("IMAGE", Alignment::Left),
        ("STANDING", Alignment::Left),
        ("DIGEST", Alignment::Left),
        ("SIGNED BY", Alignment::Left),
        ("ATTESTED", Alignment::Left),
    ]);
    for image in images {
        table.row(image.row());
    }
    table
}

/// For people.
pub(super) fn table(images: &[Verified]) -> String {
    rows(images).plain() + "\n"
}

/// For a job summary or a comment.
pub(super) fn markdown(images: &[Verified]) -> String {
    format!("### Trust\n\n{}\n", rows(images).markdown())
}

#[derive(Serialize)]
struct Report<'a> {
    schema_version: u32,
    /// Whether every image is trusted.
    trusted: bool,
    images: Vec<Told<'a>>,
}

#[derive(Default, Serialize)]
struct Told<'a> {
    name: &'a str,
    reference: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    digest: Option<&'a str>,
    /// `trusted`, `refused` or `unknown`.
    standing: &'a str,
    /// Whether it is an image from elsewhere that is only told about.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    base: bool,
    signers: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    annotations: Option<&'a BTreeMap<String, String>>,
    /// The images of an index that were verified, too.
    platforms: BTreeMap<&'a str, &'a str>,
    attested: &'a [Attested],
    problems: Vec<Wrong>,
    /// Why it is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<&'a str>,
}

#[derive(Serialize)]
struct Wrong {
    code: String,
    name: String,
    message: String,
    help: Vec<String>,
}

/// For programs.
pub(super) fn json(images: &[Verified]) -> Result<String> {
    let told: Vec<Told<'_>> = images.iter().map(told).collect();
    crate::commands::json::json(&Report {
        schema_version: SCHEMA_VERSION,
        trusted: told.iter().all(|one| one.base || one.standing == "trusted"),
        images: told,
    })
}

fn told(image: &Verified) -> Told<'_> {
    match image {
        Verified::Told(verdict) | Verified::Base(verdict) => Told {
            name: &verdict.name,
            reference: &verdict.reference,
            digest: Some(&verdict.digest),
            standing: match verdict.standing() {
                Standing::Trusted => "trusted",
                Standing::Refused => "refused",
            },
            base: matches!(image, Verified::Base(_)),
            signers: &verdict.signers,
            annotations: verdict
                .signature
                .as_ref()
                .map(|signature| &signature.annotations),
            platforms: verdict
                .platforms
                .iter()
                .map(|(platform, digest)| (platform.as_str(), digest.as_str()))
                .collect(),
            attested: &verdict.attested,
            problems: crate::trust::findings(verdict, None)
                .into_iter()
                .map(|finding| Wrong {
                    code: finding.code.into_owned(),
                    name: finding.name.into_owned(),
                    message: finding.message,
                    help: finding.help.into_iter().map(Cow::into_owned).collect(),
                })
                .collect(),
            why: None,
        },
        Verified::Unknown {
            name,
            reference,
            why,
        } => Told {
            name,
            reference,
            standing: "unknown",
            why: Some(why),
            ..Told::default()
        },
    }
}
