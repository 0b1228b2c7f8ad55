//! What is wrong with exemptions themselves: out of date, of no use, or wider than anybody can answer for.

use std::collections::BTreeSet;

use super::{Exemption, Statement, Subject, Voice};
use crate::date::Date;
use crate::finding::{Finding, Severity};
use crate::scan::vulnerability::Vulnerability;

/// What an exemption was used for in a run.
#[derive(Clone, Debug, Default)]
pub struct Use {
    /// How often it would have held.
    count: usize,
    /// In which packages, by what their distribution built them from.
    packages: BTreeSet<String>,
}

impl Use {
    /// Counts for each exemption what it is about among the vulnerabilities that were found.
    #[must_use]
    pub fn of<'v>(
        exemptions: &[Exemption],
        found: impl Iterator<Item = (&'v Subject, &'v Vulnerability)>,
    ) -> Vec<Self> {
        let mut uses = vec![Self::default(); exemptions.len()];
        for (subject, vulnerability) in found {
            let package = &vulnerability.package;
            let source = package
                .source
                .as_ref()
                .map_or(&package.name, |one| &one.name);
            for (exemption, used) in exemptions.iter().zip(&mut uses) {
                if exemption.is_about(vulnerability, subject) {
                    used.count += 1;
                    used.packages
                        .insert(format!("{source} ({})", package.manager));
                }
            }
        }
        uses
    }
}

/// What is wrong with exemptions. `is_complete` tells whether everything they may be about was looked at, with data:
/// only then, one that nothing was found for is of no use.
#[must_use]
pub fn findings(
    exemptions: &[Exemption],
    uses: &[Use],
    is_complete: &dyn Fn(&Exemption) -> bool,
    today: Date,
) -> Vec<Finding> {
    // A document of VEX speaks of all versions of a product, so most of it is about others.
    let own = exemptions.iter().zip(uses);
    own.filter(|(exemption, _)| exemption.voice != Voice::Vex)
        .filter_map(|(exemption, used)| finding(exemption, used, is_complete, today))
        .collect()
}

fn finding(
    exemption: &Exemption,
    used: &Use,
    is_complete: &dyn Fn(&Exemption) -> bool,
    today: Date,
) -> Option<Finding> {
    let id = exemption.ids.first().map_or("", String::as_str);
    let severity = if exemption.voice == Voice::Manifest {
        Severity::Error
    } else {
        Severity::Warning
    };
    let found = |code: &'static str, name: &'static str, message: String, help: &str| {
        Finding::new(code, name, severity, message)
            .at(exemption.location.clone())
            .property("vulnerability", id)
            .help(help.to_owned())
    };
    if let Some(last) = exemption.expires.filter(|last| *last < today) {
        return Some(if used.count > 0 {
            found(
                "DX6010",
                "expired-ignore",
                format!("{id} was accepted until {last}, and is still there"),
                "mend it, or give the entry a new day and a reason that still holds",
            )
        } else {
            found(
                "DX6010",
                "expired-ignore",
                format!("{id} was accepted until {last}, and nothing has it any more"),
                "remove the entry",
            )
        });
    }
    if used.count == 0 {
        return (is_complete(exemption) && is_of_a_vulnerability(id)).then(|| {
            found(
                "DX6011",
                "unused-ignore",
                format!("{id} is accepted, and nothing has it"),
                "remove the entry",
            )
        });
    }
    let is_broad = exemption.statement == Statement::Accepted
        && !exemption.names_package()
        && used.packages.len() > 1;
    is_broad.then(|| {
        let packages: Vec<&str> = used.packages.iter().map(String::as_str).collect();
        found(
            "DX6012",
            "broad-ignore",
            format!(
                "{id} is accepted in whatever has it, which is more than one package: {}",
                packages.join(", ")
            ),
            "name the package, in one entry for each that somebody has looked at",
        )
    })
}

/// Files of Trivy name other checks, too, which are not looked for here: `CVE-…`, `GHSA-…`, `DSA-…` and the like are
/// vulnerabilities, `AVD-…` and `DS-0002` are not.
fn is_of_a_vulnerability(id: &str) -> bool {
    const FAMILIES: [&str; 14] = [
        "CVE", "GHSA", "DSA", "DLA", "ALPINE", "PYSEC", "GO", "RUSTSEC", "OSV", "MAL", "DEBIAN",
        "TEMP", "USN", "NSWG",
    ];
    id.split_once('-').is_some_and(|(family, _)| {
        FAMILIES
            .iter()
            .any(|known| known.eq_ignore_ascii_case(family))
    })
}
