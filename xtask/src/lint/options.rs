//! What rules can be told by the configuration.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::size::Bytes;

/// Settings of rules that need some. The defaults are those of an empty configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Options {
    /// Registries images may come from: `docker.io`, `*.example.com`, `example.*`; empty: any.
    pub trusted_registries: Vec<String>,
    /// Labels an image has to have, and what their values are.
    pub label_schema: BTreeMap<String, LabelKind>,
    /// Labels that are not in the schema are reported.
    pub strict_labels: bool,
    /// How many bytes an ignore file may let through that no step takes.
    pub unused_context_limit: Option<Bytes>,
}

/// What a label's value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LabelKind {
    /// Anything that is not empty.
    #[serde(alias = "")]
    Text,
    /// A time as RFC 3339 has it.
    Rfc3339,
    /// A semantic version.
    Semver,
    /// A URL.
    Url,
    /// A git hash, in full or the first seven digits.
    Hash,
    /// An SPDX license expression.
    Spdx,
    /// An e-mail address.
    Email,
}
