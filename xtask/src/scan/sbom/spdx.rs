//! SPDX 2.3: <https://spdx.github.io/spdx-spec/v2.3/>.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::license::{License, license};
use super::{Bill, Component, TOOL, TOOL_VERSION};
use crate::image::inventory::Manager;

const DOCUMENT: &str = "SPDXRef-DOCUMENT";
const IMAGE: &str = "SPDXRef-Image";
const SYSTEM: &str = "SPDXRef-OperatingSystem";
const NOT_SAID: &str = "NOASSERTION";

pub(super) fn document(bill: &Bill<'_>) -> Value {
    let image = bill.image;
    // Texts that are no identifiers of licenses, by the name they go by here.
    let mut named: BTreeMap<String, &str> = BTreeMap::new();
    let mut packages = vec![image_package(bill)];
    let mut relationships = vec![relationship(DOCUMENT, "DESCRIBES", IMAGE)];
    let distribution = &image.distribution;
    if !distribution.is_unknown() {
        let mut package = package(SYSTEM, &distribution.id, "OPERATING-SYSTEM");
        if !distribution.version_id.is_empty() {
            package["versionInfo"] = json!(distribution.version_id);
        }
        packages.push(package);
        relationships.push(relationship(IMAGE, "CONTAINS", SYSTEM));
    }
    for component in &bill.components {
        let declared = component.package.license.as_deref().map(license);
        let declared = match declared {
            Some(License::Expression(expression)) => expression.to_owned(),
            Some(License::Named(text)) => {
                let id = format!("LicenseRef-{}", short_hash(text));
                named.insert(id.clone(), text);
                id
            }
            None => NOT_SAID.to_owned(),
        };
        packages.push(component_package(bill, component, &declared));
        relationships.push(relationship(IMAGE, "CONTAINS", &id(component)));
    }
    for component in &bill.components {
        let needs = component.needs.iter();
        relationships.extend(
            needs.map(|at| relationship(&id(component), "DEPENDS_ON", &id(&bill.components[*at]))),
        );
    }
    let mut document = json!({
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": DOCUMENT,
        "name": image.name,
        "documentNamespace": format!("urn:uuid:{}", bill.uuid("spdx")),
        "creationInfo": { "created": bill.created, "creators": [format!("Tool: {TOOL}-{TOOL_VERSION}")] },
        "packages": packages,
        "relationships": relationships,
    });
    if !named.is_empty() {
        let infos = named
            .into_iter()
            .map(|(id, text)| json!({ "licenseId": id, "name": text, "extractedText": text }));
        document["hasExtractedLicensingInfos"] = infos.collect();
    }
    document
}

fn image_package(bill: &Bill<'_>) -> Value {
    let image = bill.image;
    let mut package = package(IMAGE, &image.name, "CONTAINER");
    package["versionInfo"] = json!(image.digest());
    package["externalRefs"] = json!([purl(&bill.image_purl())]);
    if let Some(hex) = bill.image_sha256() {
        package["checksums"] = json!([{ "algorithm": "SHA256", "checksumValue": hex }]);
    }
    package
}

fn component_package(bill: &Bill<'_>, component: &Component<'_>, declared: &str) -> Value {
    let of = component.package;
    let is_program = of.manager == Manager::Binary || !component.needs.is_empty();
    let purpose = if is_program { "APPLICATION" } else { "LIBRARY" };
    let mut value = package(&id(component), &of.name, purpose);
    value["versionInfo"] = json!(of.version);
    value["licenseDeclared"] = json!(declared);
    value["externalRefs"] = json!([purl(&component.purl)]);
    let records: Vec<&str> = component.places.iter().map(|place| place.record).collect();
    let mut info = format!("recorded in {}", records.join(", "));
    if let Some(source) = &of.source {
        let _ = write!(info, "; built from {source}");
    }
    value["sourceInfo"] = json!(info);
    let mut comments: Vec<String> = Vec::new();
    for place in &component.places {
        let Some(layer) = place.layer else {
            continue;
        };
        let comment = match place.lines() {
            Some(lines) => format!("in layer {layer}, made by {lines}"),
            None => format!("in layer {layer}"),
        };
        if !comments.contains(&comment) {
            comments.push(comment);
        }
    }
    let annotations = comments.iter().map(|comment| {
        json!({
            "annotationDate": bill.created,
            "annotationType": "OTHER",
            "annotator": format!("Tool: {TOOL}-{TOOL_VERSION}"),
            "comment": comment,
        })
    });
    if !comments.is_empty() {
        value["annotations"] = annotations.collect();
    }
    value
}

fn package(id: &str, name: &str, purpose: &str) -> Value {
    json!({
        "SPDXID": id,
        "name": name,
        "downloadLocation": NOT_SAID,
        "filesAnalyzed": false,
        "licenseConcluded": NOT_SAID,
        "licenseDeclared": NOT_SAID,
        "copyrightText": NOT_SAID,
        "primaryPackagePurpose": purpose,
    })
}

fn purl(url: &str) -> Value {
    json!({
        "referenceCategory": "PACKAGE-MANAGER",
        "referenceType": "purl",
        "referenceLocator": url,
    })
}

fn relationship(of: &str, kind: &str, to: &str) -> Value {
    json!({ "spdxElementId": of, "relationshipType": kind, "relatedSpdxElement": to })
}

/// Identifiers have letters, digits, `.` and `-`: the package's URL, hashed.
fn id(component: &Component<'_>) -> String {
    let manager = component.package.manager.name();
    format!("SPDXRef-Package-{manager}-{}", short_hash(&component.purl))
}

fn short_hash(text: &str) -> String {
    let digest = Sha256::digest(text);
    digest[..8].iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}
