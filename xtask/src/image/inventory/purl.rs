//! Package URLs, by which others know a package: <https://github.com/package-url/purl-spec>.

use std::fmt::Write as _;

use super::{Manager, Package};
use crate::image::distribution::Distribution;

/// What Go gives a main module that was built from a checkout it knows nothing of.
const NO_VERSION: &str = "(devel)";

/// The package URL of a package in an image of a distribution.
///
/// Of a distribution's package: its vendor, and as qualifiers what it was built for, the release, and what it was built
/// from where that is another name or version. A distribution that is not known goes by its manager's usual one.
#[must_use]
pub fn purl(package: &Package, distribution: &Distribution) -> String {
    let (kind, vendor) = match package.manager {
        Manager::Apk => ("apk", Some("alpine")),
        Manager::Dpkg => ("deb", Some("debian")),
        Manager::Npm => ("npm", None),
        Manager::Python => ("pypi", None),
        Manager::Go => ("golang", None),
        Manager::Rust => ("cargo", None),
        Manager::Binary => ("generic", None),
    };
    let vendor = vendor.map(|usual| match distribution.id.as_str() {
        "" => usual,
        id => id,
    });
    // These types have small letters only.
    let name = match package.manager {
        Manager::Apk | Manager::Dpkg | Manager::Python | Manager::Go => package.name.to_lowercase(),
        Manager::Npm | Manager::Rust | Manager::Binary => package.name.clone(),
    };
    let mut url = format!("pkg:{kind}");
    for segment in vendor.into_iter().chain(segments(package.manager, &name)) {
        url.push('/');
        push_encoded(&mut url, segment);
    }
    if package.version != NO_VERSION {
        url.push('@');
        push_encoded(&mut url, &package.version);
    }
    if vendor.is_some() {
        push_qualifiers(&mut url, package, distribution);
    }
    url
}

/// The parts of a name that are a namespace, with the name: of modules of Go, and of packages in a scope of npm.
fn segments(manager: Manager, name: &str) -> impl Iterator<Item = &str> {
    let has_namespace = matches!(manager, Manager::Go | Manager::Npm);
    let most = if has_namespace { usize::MAX } else { 1 };
    name.splitn(most, '/').filter(|segment| !segment.is_empty())
}

/// In the order of their keys.
fn push_qualifiers(url: &mut String, package: &Package, distribution: &Distribution) {
    let release = (!distribution.version_id.is_empty())
        .then(|| format!("{}-{}", distribution.id, distribution.version_id));
    let upstream = package.source.as_ref().and_then(|source| {
        if source.version != package.version {
            Some(format!("{}@{}", source.name, source.version))
        } else if source.name != package.name {
            Some(source.name.clone())
        } else {
            None
        }
    });
    let qualifiers = [
        ("arch", package.architecture.clone()),
        ("distro", release),
        ("upstream", upstream),
    ];
    let mut separator = '?';
    for (key, value) in qualifiers {
        if let Some(value) = value {
            let _ = write!(url, "{separator}{key}=");
            push_encoded(url, &value);
            separator = '&';
        }
    }
}

/// Percent-encoded, but for letters, digits and `.-_~:`.
fn push_encoded(url: &mut String, text: &str) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b".-_~:".contains(&byte) {
            url.push(char::from(byte));
        } else {
            let _ = write!(url, "%{byte:02X}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::inventory::SourcePackage;

    fn shown(manager: Manager, name: &str, version: &str) -> String {
        let package = Package::new(manager, name.to_owned(), version.to_owned(), "");
        purl(&package, &Distribution::default())
    }

    #[test]
    fn a_package_has_the_url_of_its_kind() {
        for (manager, name, version, expected) in [
            (Manager::Npm, "express", "4.18.2", "pkg:npm/express@4.18.2"),
            (
                Manager::Npm,
                "@babel/core",
                "7.0.0",
                "pkg:npm/%40babel/core@7.0.0",
            ),
            (
                Manager::Python,
                "zope-interface",
                "5.0+l",
                "pkg:pypi/zope-interface@5.0%2Bl",
            ),
            (
                Manager::Go,
                "github.com/BurntSushi/toml",
                "v1.0.0",
                "pkg:golang/github.com/burntsushi/toml@v1.0.0",
            ),
            (
                Manager::Go,
                "stdlib",
                "v1.22.1",
                "pkg:golang/stdlib@v1.22.1",
            ),
            (
                Manager::Go,
                "example.com/a",
                "(devel)",
                "pkg:golang/example.com/a",
            ),
            (Manager::Rust, "serde", "1.0.0", "pkg:cargo/serde@1.0.0"),
            (
                Manager::Binary,
                "node",
                "20.18.0",
                "pkg:generic/node@20.18.0",
            ),
            (
                Manager::Dpkg,
                "adduser",
                "3.134",
                "pkg:deb/debian/adduser@3.134",
            ),
            (
                Manager::Binary,
                "a b/ü",
                "1 ?#",
                "pkg:generic/a%20b%2F%C3%BC@1%20%3F%23",
            ),
        ] {
            assert_eq!(shown(manager, name, version), expected);
        }
    }

    #[test]
    fn a_distribution_is_named_with_its_release() {
        let distribution = Distribution {
            id: "ubuntu".to_owned(),
            version_id: "24.04".to_owned(),
            name: String::new(),
        };
        let source = |name: &str, version: &str| {
            Some(SourcePackage {
                name: name.to_owned(),
                version: version.to_owned(),
            })
        };
        let mut package = Package::new(
            Manager::Dpkg,
            "libc6".to_owned(),
            "1:2.39-0+u1".to_owned(),
            "",
        );
        package.architecture = Some("amd64".to_owned());
        package.source = source("glibc", "1:2.39-0+u1");
        assert_eq!(
            purl(&package, &distribution),
            "pkg:deb/ubuntu/libc6@1:2.39-0%2Bu1?arch=amd64&distro=ubuntu-24.04&upstream=glibc"
        );
        package.source = source("libc6", "2.39");
        assert!(purl(&package, &distribution).ends_with("&upstream=libc6%402.39"));
        package.source = source("libc6", "1:2.39-0+u1");
        assert!(purl(&package, &distribution).ends_with("&distro=ubuntu-24.04"));
    }
}
