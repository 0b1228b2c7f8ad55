//! Variables that programs read by themselves.

/// Names that are read by common programs, sorted.
const NAMES: [&str; 57] = [
    "ASPNETCORE_ENVIRONMENT",
    "ASPNETCORE_URLS",
    "BUNDLE_WITHOUT",
    "CARGO_HOME",
    "CGO_ENABLED",
    "CPPFLAGS",
    "CXXFLAGS",
    "DEBIAN_FRONTEND",
    "DJANGO_SETTINGS_MODULE",
    "DOTNET_RUNNING_IN_CONTAINER",
    "GOARCH",
    "GOFLAGS",
    "GOMODCACHE",
    "GOPATH",
    "GOPRIVATE",
    "GOPROXY",
    "GRADLE_OPTS",
    "HOSTNAME",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "JAVA_HOME",
    "JAVA_OPTS",
    "JAVA_TOOL_OPTIONS",
    "LC_ALL",
    "LDFLAGS",
    "LD_LIBRARY_PATH",
    "LD_PRELOAD",
    "MAKEFLAGS",
    "MAVEN_OPTS",
    "NEXT_TELEMETRY_DISABLED",
    "NODE_ENV",
    "NODE_EXTRA_CA_CERTS",
    "NODE_OPTIONS",
    "NODE_PATH",
    "NODE_TLS_REJECT_UNAUTHORIZED",
    "NO_PROXY",
    "NPM_CONFIG_CACHE",
    "NPM_CONFIG_LOGLEVEL",
    "NPM_CONFIG_PREFIX",
    "PIP_DEFAULT_TIMEOUT",
    "PIP_DISABLE_PIP_VERSION_CHECK",
    "PIP_INDEX_URL",
    "PIP_NO_CACHE_DIR",
    "PKG_CONFIG_PATH",
    "POETRY_VIRTUALENVS_CREATE",
    "POSTGRES_PASSWORD",
    "PYTHONDONTWRITEBYTECODE",
    "PYTHONHASHSEED",
    "PYTHONPATH",
    "PYTHONUNBUFFERED",
    "REQUESTS_CA_BUNDLE",
    "RUSTFLAGS",
    "RUSTUP_HOME",
    "SOURCE_DATE_EPOCH",
    "SSL_CERT_DIR",
    "SSL_CERT_FILE",
    "VIRTUAL_ENV",
];

/// What programs read whose variables start so.
const PREFIXES: [&str; 32] = [
    "APT_",
    "ASPNETCORE_",
    "BUILDKIT_",
    "BUNDLE_",
    "CARGO_",
    "CC",
    "CFLAGS",
    "CGO_",
    "CI",
    "COMPOSER_",
    "DEBIAN_",
    "DOTNET_",
    "GO",
    "GRADLE_",
    "JAVA_",
    "LANG",
    "LC_",
    "MAVEN_",
    "NEXT_",
    "NG_",
    "NODE_",
    "NPM_",
    "NUXT_",
    "NX_",
    "PIP_",
    "PNPM_",
    "POETRY_",
    "PYTHON",
    "REACT_APP_",
    "RUST",
    "UV_",
    "VITE_",
];

/// A program may read this variable without any text that names it.
pub(super) fn may_be_read_by_programs(name: &str) -> bool {
    let upper = name.to_ascii_uppercase();
    NAMES.binary_search(&upper.as_str()).is_ok()
        || PREFIXES.iter().any(|prefix| upper.starts_with(prefix))
        || upper.ends_with("_PROXY")
        || crate::dockerfile::PLATFORM_ARGS.contains(&name)
}

/// The well-known name that is surely meant: the same letters with other underscores, or one letter of many.
pub(super) fn meant_by(name: &str) -> Option<&'static str> {
    if name.len() < 6
        || NAMES.binary_search(&name).is_ok()
        || name.contains(|c: char| c.is_ascii_lowercase())
    {
        return None;
    }
    // Whatever the slip is, the name starts or ends as the known one, unless there is an underscore.
    let ends = |name: &str| (name.bytes().next(), name.bytes().next_back());
    let (first, last) = ends(name);
    let is_at_edge = first == Some(b'_') || last == Some(b'_');
    let is_near = |known: &&&str| {
        let known = ends(known);
        is_at_edge || known.0 == first || known.1 == last
    };
    // A letter more or less, and underscores, of which no name has more than four.
    let count = letters(name).count();
    let is_as_long = |known: &&&str| count <= known.len() + 1 && known.len() <= count + 6;
    let near = NAMES.iter().filter(is_as_long).filter(is_near);
    near.copied().find(|known| {
        let same_letters = letters(known).eq(letters(name));
        same_letters || (known.len() >= 9 && is_one_edit(name.as_bytes(), known.as_bytes()))
    })
}

fn letters(name: &str) -> impl Iterator<Item = u8> {
    name.bytes().filter(|byte| *byte != b'_')
}

/// One letter is different, missing, too many, or two have changed places. Digits are never slips.
fn is_one_edit(written: &[u8], known: &[u8]) -> bool {
    let start = written
        .iter()
        .zip(known)
        .take_while(|(own, other)| own == other)
        .count();
    let (written, known) = (&written[start..], &known[start..]);
    let is_letter = |text: &[u8]| text.first().is_some_and(u8::is_ascii_uppercase);
    let swapped = written.len() >= 2
        && known.len() >= 2
        && (written[0], written[1]) == (known[1], known[0])
        && written.get(2..) == known.get(2..);
    let replaced = is_letter(written) && is_letter(known) && written.get(1..) == known.get(1..);
    let added = is_letter(written) && written.get(1..) == Some(known);
    let missing = is_letter(known) && known.get(1..) == Some(written);
    swapped || replaced || added || missing
}

#[cfg(test)]
mod tests {
    use super::{NAMES, may_be_read_by_programs, meant_by};

    #[test]
    fn slips_are_recognized() {
        assert!(NAMES.is_sorted());
        assert!(may_be_read_by_programs("MAKEFLAGS") && !may_be_read_by_programs("CHANNEL"));
        for (name, meant) in [
            ("PYTHON_PATH", Some("PYTHONPATH")),
            ("NODEENV", Some("NODE_ENV")),
            ("DEBIAN_FRONTENT", Some("DEBIAN_FRONTEND")),
            ("NODE_OPTION", Some("NODE_OPTIONS")),
            ("PYTHONUNBUFERED", Some("PYTHONUNBUFFERED")),
            ("JAVA8_HOME", None),
            ("NODE_ENV", None),
            ("APP_PATH", None),
            ("node_env", None),
        ] {
            assert_eq!(meant_by(name), meant, "{name}");
        }
    }
}
