//! Vulnerabilities for tests.

use std::collections::BTreeSet;

use super::vulnerability::{Affected, Finder, Level, Status, Vulnerability};
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
