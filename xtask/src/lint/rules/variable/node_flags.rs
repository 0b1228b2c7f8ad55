//! Options of Node.js that take no value.

/// Options that are on or off, without their dashes, sorted.
const SWITCHES: [&str; 47] = [
    "addons",
    "allow-addons",
    "allow-child-process",
    "allow-wasi",
    "allow-worker",
    "deprecation",
    "enable-fips",
    "enable-source-maps",
    "experimental-abortcontroller",
    "experimental-detect-module",
    "experimental-eventsource",
    "experimental-fetch",
    "experimental-global-customevent",
    "experimental-global-navigator",
    "experimental-global-webcrypto",
    "experimental-import-meta-resolve",
    "experimental-json-modules",
    "experimental-network-inspection",
    "experimental-permission",
    "experimental-print-required-tla",
    "experimental-repl-await",
    "experimental-require-module",
    "experimental-shadow-realm",
    "experimental-sqlite",
    "experimental-strip-types",
    "experimental-transform-types",
    "experimental-vm-modules",
    "experimental-wasm-modules",
    "experimental-websocket",
    "experimental-worker",
    "extra-info-on-fatal-exception",
    "force-context-aware",
    "force-fips",
    "frozen-intrinsics",
    "global-search-paths",
    "insecure-http-parser",
    "network-family-autoselection",
    "openssl-legacy-provider",
    "openssl-shared-config",
    "pending-deprecation",
    "preserve-symlinks",
    "preserve-symlinks-main",
    "report-on-fatalerror",
    "throw-deprecation",
    "trace-deprecation",
    "trace-warnings",
    "warnings",
];

/// A switch with a value: `--enable-source-maps=false`.
pub(super) struct SwitchWithValue<'t> {
    /// The switch without dashes and `no-`.
    pub(super) name: &'t str,
    /// The value says off.
    pub(super) is_off: bool,
}

/// Reads one word.
pub(super) fn switch_with_value(word: &str) -> Option<SwitchWithValue<'_>> {
    let (name, value) = word.strip_prefix("--")?.split_once('=')?;
    let is_off = match value.to_ascii_lowercase().as_str() {
        "false" | "0" | "no" | "off" => true,
        "true" | "1" | "yes" | "on" => false,
        _ => return None,
    };
    SWITCHES
        .binary_search(&name)
        .is_ok()
        .then_some(SwitchWithValue { name, is_off })
}

#[cfg(test)]
mod tests {
    use super::{SWITCHES, switch_with_value};

    #[test]
    fn switches_and_options_with_values() {
        assert!(SWITCHES.is_sorted());
        assert!(switch_with_value("--enable-source-maps=false").is_some_and(|s| s.is_off));
        assert!(switch_with_value("--warnings=1").is_some_and(|s| !s.is_off));
        for word in [
            "--max-old-space-size=512",
            "--enable-source-maps",
            "--title=true",
            "x",
        ] {
            assert!(switch_with_value(word).is_none(), "{word}");
        }
    }
}
