//! The parts of Trivy's report that matter here, as it writes them.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::DeserializeOwned;

#[derive(Deserialize)]
pub(super) struct Written {
    /// What was looked at; every report has it.
    #[serde(rename = "ArtifactName")]
    _artifact: String,
    #[serde(rename = "Trivy", default)]
    pub(super) trivy: Option<Program>,
    #[serde(rename = "Metadata", default)]
    pub(super) metadata: Option<Metadata>,
    /// Missing in an image in which Trivy finds no packages.
    #[serde(rename = "Results", default)]
    pub(super) results: Option<Vec<ResultOf>>,
}

#[derive(Deserialize)]
pub(super) struct Program {
    #[serde(rename = "Version", default)]
    pub(super) version: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Metadata {
    #[serde(rename = "OS", default)]
    pub(super) os: Option<Os>,
}

#[derive(Deserialize)]
pub(super) struct Os {
    #[serde(rename = "Family", default)]
    pub(super) family: String,
    #[serde(rename = "Name", default)]
    pub(super) name: String,
    #[serde(rename = "EOSL", default)]
    pub(super) end_of_life: bool,
}

#[derive(Deserialize)]
pub(super) struct ResultOf {
    #[serde(rename = "Target")]
    pub(super) target: String,
    #[serde(rename = "Class", default)]
    pub(super) class: Option<String>,
    #[serde(rename = "Type", default)]
    pub(super) kind: Option<String>,
    #[serde(rename = "Vulnerabilities", default)]
    pub(super) vulnerabilities: Option<Vec<Found>>,
}

#[derive(Deserialize)]
pub(super) struct Found {
    #[serde(rename = "VulnerabilityID")]
    pub(super) id: String,
    #[serde(rename = "VendorIDs", default)]
    pub(super) vendor_ids: Option<Vec<String>>,
    #[serde(rename = "PkgName", default)]
    pub(super) package: Option<String>,
    #[serde(rename = "PkgPath", default)]
    pub(super) path: Option<String>,
    #[serde(rename = "InstalledVersion", default)]
    pub(super) installed: Option<String>,
    #[serde(rename = "FixedVersion", default)]
    pub(super) fixed: Option<String>,
    #[serde(rename = "Status", default)]
    pub(super) status: Option<String>,
    #[serde(rename = "Severity", default)]
    pub(super) severity: Option<String>,
    #[serde(rename = "SeveritySource", default)]
    pub(super) severity_source: Option<String>,
    #[serde(rename = "PrimaryURL", default)]
    pub(super) url: Option<String>,
    #[serde(rename = "Title", default)]
    pub(super) title: Option<String>,
    #[serde(rename = "Description", default)]
    pub(super) description: Option<String>,
    #[serde(rename = "CVSS", default)]
    pub(super) cvss: Option<BTreeMap<String, Cvss>>,
}

#[derive(Deserialize)]
pub(super) struct Cvss {
    #[serde(rename = "V3Score", default)]
    pub(super) v3: Option<f64>,
    #[serde(rename = "V40Score", default)]
    pub(super) v4: Option<f64>,
}

impl Written {
    pub(super) fn read(json: &[u8]) -> Result<Self, String> {
        parse(json)
    }
}

/// The number of the schema alone, as another schema may have anything else.
pub(super) fn schema(json: &[u8]) -> Result<Option<u64>, String> {
    #[derive(Deserialize)]
    struct Schema {
        #[serde(rename = "SchemaVersion", default)]
        version: Option<u64>,
    }
    parse::<Schema>(json).map(|schema| schema.version)
}

fn parse<T: DeserializeOwned>(json: &[u8]) -> Result<T, String> {
    serde_json::from_slice(json).map_err(|error| {
        let text = json.trim_ascii();
        if error.is_eof() || text.starts_with(b"{") && !text.ends_with(b"}") {
            format!("Trivy's report is cut off at line {}", error.line())
        } else {
            format!("Trivy's report makes no sense: {error}")
        }
    })
}
