//! The actions of others that are used, each by its commit.

/// Checks the repository out.
pub(super) const CHECKOUT: &str =
    "actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683 # v4.2.2";
/// Keeps files between runs.
pub(super) const CACHE: &str = "actions/cache@5a3ec84eff668545956fd18022155c47e93e2684 # v4.2.3";
/// Hands files to later jobs.
pub(super) const UPLOAD: &str =
    "actions/upload-artifact@ea165f8d65b6e75b540449e92b4886f43607fa02 # v4.6.2";
/// Takes files of earlier jobs.
pub(super) const DOWNLOAD: &str =
    "actions/download-artifact@d3f86a106a0bac45b974a628896c90dbdf5c8093 # v4.3.0";
/// Hands a report to code scanning.
pub(super) const SARIF: &str =
    "github/codeql-action/upload-sarif@60168efe1c415ce0f5521ea06d5c2062adbeed1b # v3.28.17";
/// Installs cosign 3.
pub(super) const COSIGN: &str =
    "sigstore/cosign-installer@faadad0cce49287aee09b3a48701e75088a2c6ad # v4.0.0";
