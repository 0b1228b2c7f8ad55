//! Packages that have no folder of their own any more: what a bundler put into one file, or a linker into one program,
//! as a bill of materials beside it says. `CycloneDX` (`*.cdx.json`, `bom.json` of its specification, section "Recognized
//! file patterns") and SPDX 2 (`*.spdx.json`).
//!
//! Only packages of languages are taken: what a distribution's package manager installed, its own database knows.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::fields::value;
use super::{Inventory, Manager, Package};

/// Most bytes of a bill of materials.
const MAX_BYTES: u64 = 8 << 20;
/// Most packages that one is believed to list.
const MAX_PACKAGES: usize = 20_000;

pub(super) fn wanted(path: &[u8]) -> Option<u64> {
    let name = path.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
    let is_one =
        name == b"bom.json" || name.ends_with(b".cdx.json") || name.ends_with(b".spdx.json");
    // What a package of npm brings along says what its authors had, not what is here.
    let is_of_package = path.windows(13).any(|part| part == b"node_modules/");
    (is_one && !is_of_package).then_some(MAX_BYTES)
}

/// What is read of either format; nothing of it must be there.
#[derive(Deserialize)]
struct Document {
    #[serde(default)]
    components: Vec<Component>,
    #[serde(default)]
    packages: Vec<SpdxPackage>,
}

#[derive(Deserialize)]
struct Component {
    purl: Option<String>,
    #[serde(default)]
    licenses: Vec<LicenseChoice>,
    #[serde(default)]
    components: Vec<Self>,
}

#[derive(Deserialize)]
struct LicenseChoice {
    expression: Option<String>,
    license: Option<License>,
}

#[derive(Deserialize)]
struct License {
    id: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SpdxPackage {
    #[serde(default)]
    external_refs: Vec<ExternalReference>,
    license_declared: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ExternalReference {
    reference_type: String,
    reference_locator: String,
}

/// Of a bill of materials, a line for each package: its URL, and its license behind a tab.
pub(super) fn kept(text: &[u8]) -> Vec<u8> {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    let Ok(document) = serde_json::from_slice::<Document>(text) else {
        return Vec::new();
    };
    let mut kept = Vec::new();
    let mut count = 0;
    let mut keep = |purl: &str, license: Option<&str>| {
        let is_one = count < MAX_PACKAGES && value(purl.as_bytes()).is_some();
        if is_one && package_of(purl).is_some() {
            count += 1;
            kept.extend_from_slice(purl.trim().as_bytes());
            if let Some(license) = license.and_then(|license| value(license.as_bytes())) {
                kept.push(b'\t');
                kept.extend_from_slice(license.as_bytes());
            }
            kept.push(b'\n');
        }
    };
    let mut components: Vec<Component> = document.components;
    while let Some(component) = components.pop() {
        if let Some(purl) = &component.purl {
            keep(purl, license(&component.licenses));
        }
        components.extend(component.components);
    }
    for package in &document.packages {
        let declared = package.license_declared.as_deref();
        let declared = declared.filter(|license| !matches!(*license, "NOASSERTION" | "NONE"));
        let mut references = package.external_refs.iter();
        if let Some(purl) = references.find(|one| one.reference_type == "purl") {
            keep(&purl.reference_locator, declared);
        }
    }
    kept
}

fn license(choices: &[LicenseChoice]) -> Option<&str> {
    // Several licenses without an expression do not say whether all of them hold, or one.
    let [one] = choices else { return None };
    let id = one
        .license
        .as_ref()
        .and_then(|license| license.id.as_deref());
    one.expression.as_deref().or(id)
}

pub(super) fn add(inventory: &mut Inventory<'_>) {
    let installed: BTreeSet<(Manager, String, String)> = inventory
        .packages
        .iter()
        .map(|package| {
            (
                package.manager,
                package.name.clone(),
                package.version.clone(),
            )
        })
        .collect();
    let captured = inventory.captured;
    for (path, text) in captured {
        if wanted(path.as_bytes()).is_none() || inventory.own_record(path).is_none() {
            continue;
        }
        let mut listed = BTreeSet::new();
        for line in String::from_utf8_lossy(text).lines() {
            let (purl, license) = match line.split_once('\t') {
                Some((purl, license)) => (purl, Some(license)),
                None => (line, None),
            };
            let Some(package) = package_of(purl) else {
                continue;
            };
            if !installed.contains(&package) && listed.insert(package.clone()) {
                let (manager, name, version) = package;
                let mut package = Package::new(manager, name, version, path);
                package.license = license.map(str::to_owned);
                inventory.push(package);
            }
        }
    }
}

/// The package that a URL names, if it is of a language and says which version.
fn package_of(purl: &str) -> Option<(Manager, String, String)> {
    let rest = purl.trim().strip_prefix("pkg:")?;
    let rest = rest.split(['?', '#']).next()?;
    let (kind, rest) = rest.trim_start_matches('/').split_once('/')?;
    let manager = match kind.to_ascii_lowercase().as_str() {
        "npm" => Manager::Npm,
        "pypi" => Manager::Python,
        "golang" => Manager::Go,
        "cargo" => Manager::Rust,
        _ => return None,
    };
    // Old writers leave the `@` of a scope as it is.
    let (name, version) = rest.rsplit_once('@').filter(|(name, _)| !name.is_empty())?;
    let (name, version) = (decoded(name)?, decoded(version)?);
    let name = match manager {
        Manager::Python => super::python::normalized(&name),
        _ => name,
    };
    Some((manager, value(name.as_bytes())?, value(version.as_bytes())?))
}

/// Without percent-encoding; `None` if it is broken.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, behind)) = rest.split_first() {
        rest = behind;
        if first == b'%' {
            let (digits, behind) = rest.split_at_checked(2)?;
            let digits = std::str::from_utf8(digits).ok()?;
            if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
                return None;
            }
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = behind;
        } else {
            bytes.push(first);
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_names_a_package_of_a_language() {
        let named = |purl| {
            package_of(purl)
                .map(|(manager, name, version)| format!("{} {name} {version}", manager.name()))
        };
        for (purl, expected) in [
            ("pkg:npm/fastify@5.12.8", Some("npm fastify 5.12.8")),
            (
                "pkg:npm/%40fastify/error@4.2.0?a=b#c",
                Some("npm @fastify/error 4.2.0"),
            ),
            (
                "pkg:npm/@fastify/error@4.2.0",
                Some("npm @fastify/error 4.2.0"),
            ),
            (
                "pkg:pypi/Zope.Interface@5.0%2Bl",
                Some("python zope-interface 5.0+l"),
            ),
            (
                "pkg:golang/github.com/a/b@v1.2.3",
                Some("go github.com/a/b v1.2.3"),
            ),
            ("pkg:deb/debian/curl@1", None),
            ("pkg:npm/fastify", None),
            ("pkg:npm/@fastify", None),
            ("pkg:npm/a@%zz", None),
            ("pkg:npm/a@%4", None),
            ("npm/a@1", None),
            ("", None),
        ] {
            assert_eq!(named(purl).as_deref(), expected, "{purl}");
        }
    }

    #[test]
    fn both_formats_are_read_and_what_is_none_is_left_alone() {
        let cyclonedx = br#"{"bomFormat": "CycloneDX", "components": [
            {"name": "a", "purl": "pkg:npm/a@1", "licenses": [{"license": {"id": "MIT"}}],
             "components": [{"name": "b", "purl": "pkg:npm/b@2", "licenses": [{"expression": "MIT OR ISC"}]}]},
            {"name": "no version", "purl": "pkg:npm/c"}, {"name": "no url"},
            {"name": "evil", "purl": "pkg:npm/d@1\n2"}]}"#;
        assert_eq!(
            String::from_utf8(kept(cyclonedx)).unwrap(),
            "pkg:npm/a@1\tMIT\npkg:npm/b@2\tMIT OR ISC\n"
        );
        let spdx = br#"{"spdxVersion": "SPDX-2.3", "packages": [
            {"name": "a", "licenseDeclared": "NOASSERTION", "externalRefs": [
                {"referenceType": "cpe23Type", "referenceLocator": "cpe:2.3:a"},
                {"referenceType": "purl", "referenceLocator": "pkg:cargo/serde@1.0.0"}]}]}"#;
        assert_eq!(kept(spdx), b"pkg:cargo/serde@1.0.0\n");
        for none in [
            &b""[..],
            b"[]",
            b"{",
            b"{\"components\": 1}",
            b"\xff",
            b"{}",
        ] {
            assert_eq!(kept(none), b"", "{none:?}");
        }
    }
}
