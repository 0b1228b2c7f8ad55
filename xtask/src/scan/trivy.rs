//! What Trivy says: its report in JSON (schema 2, aquasecurity/trivy `pkg/types/report.go`) as vulnerabilities of the
//! packages of an inventory.
//!
//! A report that is cut off, of another schema or not Trivy's is refused: it never counts as a clean image.

use std::collections::{BTreeMap, BTreeSet};

use super::ecosystem::Ecosystem;
use super::merging::{ecosystem_of, merged};
use super::osv::shortened;
use super::vulnerability::{Affected, Finder, Level, Status, Vulnerability};
use crate::image::inventory::{Manager, Package};
use crate::version::Version;

mod written;

use written::{Found, Written};

/// The schema that is understood.
const SCHEMA: u64 = 2;
/// Longest title that is kept, in bytes.
const MAX_TITLE_BYTES: usize = 240;

/// What Trivy says about an image.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Trivy's version, where it says so.
    pub version: Option<String>,
    /// The distribution it took the image for, such as `alpine 3.20.3`.
    pub distribution: Option<String>,
    /// Whether it says that the distribution gets no fixes anymore.
    pub is_end_of_life: bool,
    /// Whose packages it looked at, by [`Manager::name`].
    pub managers: BTreeSet<String>,
    /// What it found, in the order of reports.
    pub vulnerabilities: Vec<Vulnerability>,
}

/// Reads a report. Where it speaks of a package of the inventory, the result does too; else of what it says itself.
///
/// # Errors
/// In one sentence, why it is no report that can be believed.
pub fn read(json: &[u8], packages: &[Package]) -> Result<Report, String> {
    if json.iter().all(u8::is_ascii_whitespace) {
        return Err("Trivy printed nothing".to_owned());
    }
    let schema = written::schema(json)?;
    if schema != Some(SCHEMA) {
        return Err(match schema {
            Some(other) => {
                format!("Trivy's report has schema {other}, and only {SCHEMA} is understood")
            }
            None => "this is no report of Trivy: it has no `SchemaVersion`".to_owned(),
        });
    }
    let written = Written::read(json)?;
    let mut known: BTreeMap<(&str, &str, &str), Vec<&Package>> = BTreeMap::new();
    for package in packages {
        known
            .entry((package.manager.name(), &package.name, &package.version))
            .or_default()
            .push(package);
    }
    let mut report = Report {
        version: written.trivy.and_then(|trivy| trivy.version),
        ..Report::default()
    };
    if let Some(os) = written.metadata.and_then(|metadata| metadata.os) {
        report.distribution = Some(format!("{} {}", os.family, os.name));
        report.is_end_of_life = os.end_of_life;
    }
    let mut found = Vec::new();
    for result in written.results.into_iter().flatten() {
        let is_about_packages = matches!(result.class.as_deref(), Some("os-pkgs" | "lang-pkgs"));
        if !is_about_packages {
            continue;
        }
        let manager = manager_of(result.kind.as_deref().unwrap_or_default());
        report.managers.insert(manager.to_owned());
        for one in result.vulnerabilities.into_iter().flatten() {
            if one.status.as_deref() == Some("not_affected") {
                continue;
            }
            for package in packages_of(&one, manager, &result.target, &known)? {
                found.push(vulnerability(&one, package)?);
            }
        }
    }
    report.vulnerabilities = merged(found);
    Ok(report)
}

/// Whose packages a kind of result is about; a kind that no inventory has stays as it is.
fn manager_of(kind: &str) -> &str {
    match kind {
        "alpine" | "wolfi" | "chainguard" => Manager::Apk.name(),
        "debian" | "ubuntu" => Manager::Dpkg.name(),
        "node-pkg" | "npm" | "yarn" | "pnpm" | "bun" => Manager::Npm.name(),
        "python-pkg" | "pip" | "pipenv" | "poetry" | "uv" => Manager::Python.name(),
        "gobinary" | "gomod" => "go",
        "rustbinary" | "cargo" => "cargo",
        other => other,
    }
}

/// The packages of the inventory that a finding is about; all of that name and version where it does not say which, and
/// what it says itself where the inventory has none.
fn packages_of(
    found: &Found,
    manager: &str,
    target: &str,
    known: &BTreeMap<(&str, &str, &str), Vec<&Package>>,
) -> Result<Vec<Affected>, String> {
    let (Some(name), Some(version)) = (&found.package, &found.installed) else {
        return Err(format!(
            "Trivy's report has no package for {}",
            shortened(&found.id, 100)
        ));
    };
    let ecosystem = ecosystem_of(manager);
    let normalized = ecosystem.map_or(name.as_str().into(), |ecosystem| ecosystem.normalized(name));
    let same = known
        .get(&(manager, &normalized, version))
        .map(Vec::as_slice)
        .unwrap_or_default();
    let path = found.path.as_deref().unwrap_or_default();
    let there: Vec<_> = same
        .iter()
        .filter(|package| !path.is_empty() && package.record == path)
        .collect();
    if let [package] = there[..] {
        return Ok(vec![Affected::of(package)]);
    }
    if !same.is_empty() {
        return Ok(same.iter().map(|package| Affected::of(package)).collect());
    }
    Ok(vec![Affected {
        manager: manager.to_owned(),
        name: normalized.into_owned(),
        version: version.clone(),
        source: None,
        record: if path.is_empty() {
            target.to_owned()
        } else {
            path.to_owned()
        },
    }])
}

fn vulnerability(found: &Found, package: Affected) -> Result<Vulnerability, String> {
    if found.id.is_empty() || found.id.contains(char::is_whitespace) {
        return Err(format!(
            "\"{}\" is no name of a vulnerability",
            found.id.escape_debug()
        ));
    }
    let fixed = fix_after(&package, found.fixed.as_deref().unwrap_or_default());
    // A distribution's announcement is about several vulnerabilities, and no other name for one of them.
    let is_alias = |name: &&String| {
        ["CVE-", "GHSA-", "PYSEC-", "GO-", "RUSTSEC-"]
            .iter()
            .any(|front| name.starts_with(front))
    };
    let ids = found.vendor_ids.iter().flatten().filter(is_alias);
    let title = found
        .title
        .as_deref()
        .filter(|title| !title.trim().is_empty());
    let title = title.or(found.description.as_deref()).unwrap_or_default();
    let line = title
        .lines()
        .find(|line| !line.trim().is_empty())
        .unwrap_or_default();
    Ok(Vulnerability {
        id: found.id.clone(),
        aliases: ids.filter(|id| **id != found.id).cloned().collect(),
        status: status(found.status.as_deref(), fixed.is_some()),
        level: Level::from_word(found.severity.as_deref().unwrap_or_default()),
        score: score(found),
        title: shortened(line.trim(), MAX_TITLE_BYTES),
        url: found
            .url
            .clone()
            .filter(|url| url.starts_with("https://") || url.starts_with("http://")),
        found_by: [Finder::Trivy].into(),
        disagreements: Vec::new(),
        fixed,
        package,
    })
}

/// Trivy lists the fix of each line of releases, as `1.2.3, 2.0.1`: the first behind the installed one counts.
fn fix_after(package: &Affected, fixes: &str) -> Option<String> {
    let all: Vec<&str> = fixes
        .split(',')
        .map(str::trim)
        .filter(|fix| !fix.is_empty())
        .collect();
    let scheme = ecosystem_of(&package.manager).map(Ecosystem::scheme);
    let behind = scheme.and_then(|scheme| {
        let installed = Version::parse(scheme, &package.version)?;
        let parsed = all
            .iter()
            .filter_map(|fix| Some((Version::parse(scheme, fix)?, *fix)));
        let later = parsed.filter(|(version, _)| *version > installed);
        later.min_by(|a, b| a.0.partial_cmp(&b.0).unwrap_or(std::cmp::Ordering::Equal))
    });
    behind
        .map(|(_, fix)| fix)
        .or(all.first().copied())
        .map(str::to_owned)
}

fn status(word: Option<&str>, has_fix: bool) -> Status {
    match word {
        _ if has_fix => Status::Fixed,
        Some("will_not_fix" | "fix_deferred") => Status::WillNotFix,
        Some("end_of_life") => Status::EndOfLife,
        Some("under_investigation") => Status::UnderInvestigation,
        _ => Status::Affected,
    }
}

/// The score of who judged it, else NVD's, else the highest.
fn score(found: &Found) -> Option<u8> {
    let tenths = |score: f64| {
        let rounded = (score * 10.0).round();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "checked to be between 0 and 100"
        )]
        (0.0..=100.0).contains(&rounded).then_some(rounded as u8)
    };
    let scores: BTreeMap<&str, u8> = found
        .cvss
        .iter()
        .flatten()
        .filter_map(|(source, cvss)| Some((source.as_str(), tenths(cvss.v3.or(cvss.v4)?)?)))
        .collect();
    found
        .severity_source
        .as_deref()
        .and_then(|source| scores.get(source))
        .or_else(|| scores.get("nvd"))
        .or_else(|| scores.values().max())
        .copied()
        .filter(|score| *score > 0)
}

#[cfg(test)]
mod tests;
