//! Vulnerabilities for tests.

use std::collections::BTreeSet;

use super::scanned::Scanned;
use super::vulnerability::{Affected, Finder, Level, Status, Vulnerability};
use crate::image::accounting::SavedImage;
use crate::image::config::ImageConfig;
use crate::image::inventory::SourcePackage;

/// One of a package of Alpine, found by matching, with a fix.
pub(crate) fn vulnerability(id: &str, package: &str, level: Level) -> Vulnerability {
    Vulnerability {
        id: id.to_owned(),
        aliases: BTreeSet::new(),
        package: Affected {
            manager: "apk".to_owned(),
            name: package.to_owned(),
            version: "3.3.2-r0".to_owned(),
            source: Some(SourcePackage {
                name: package.to_owned(),
                version: "3.3.2-r0".to_owned(),
            }),
            record: "/lib/apk/db/installed".to_owned(),
        },
        fixed: Some("3.3.3-r0".to_owned()),
        status: Status::Fixed,
        level,
        score: None,
        title: format!("a weakness of {package}"),
        url: Some(format!("https://nvd.nist.gov/vuln/detail/{id}")),
        found_by: BTreeSet::from([Finder::Osv]),
        disagreements: Vec::new(),
    }
}

/// An image without layers that has these.
pub(crate) fn scanned(name: &str, vulnerabilities: Vec<Vulnerability>) -> Scanned {
    let config = ImageConfig {
        os: "linux".to_owned(),
        architecture: "amd64".to_owned(),
        ..ImageConfig::default()
    };
    let image = SavedImage {
        names: vec![format!("{name}:dev")],
        manifest_digest: None,
        config_digest: format!("sha256:{}", "a".repeat(64)),
        config,
        layers: Vec::new(),
    };
    let own = Some(name.to_owned());
    let mut scanned = Scanned::of(
        name.to_owned(),
        "archive".to_owned(),
        own,
        image,
        (Vec::new(), Vec::new()),
    );
    scanned.vulnerabilities = vulnerabilities;
    scanned
}
