//! Package URLs as people write them, to say which package they mean.
//!
//! <https://github.com/package-url/purl-spec>

use super::vulnerability::Affected;

/// A package URL, its parts decoded. Qualifiers other than those of an image's place are not looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackageUrl {
    /// Such as `npm`, in small letters.
    pub kind: String,
    /// Such as `alpine`, or the scope of an npm package with its `@`; empty if there is none.
    pub namespace: String,
    /// The name.
    pub name: String,
    /// The version; any if there is none.
    pub version: Option<String>,
    /// Of `pkg:oci/…`: the repository, where it is said.
    pub repository: Option<String>,
}

impl PackageUrl {
    /// Reads one; `None` if it is none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let rest = text.trim().strip_prefix("pkg:")?.trim_start_matches('/');
        let rest = rest.split('#').next()?;
        let (rest, qualifiers) = rest.split_once('?').unwrap_or((rest, ""));
        let (kind, rest) = rest.split_once('/')?;
        // A version may hold no slash of its own, and the scope of npm may be written with a plain `@`.
        let (path, version) = match rest.rfind('@') {
            Some(at) if at > 0 && !rest[at..].contains('/') => (&rest[..at], Some(&rest[at + 1..])),
            _ => (rest, None),
        };
        let path = path.trim_matches('/');
        let (namespace, name) = path.rsplit_once('/').unwrap_or(("", path));
        let kind = kind.to_ascii_lowercase();
        let name = decoded(name);
        if kind.is_empty() || name.is_empty() {
            return None;
        }
        let qualifier = |wanted: &str| {
            let pairs = qualifiers
                .split('&')
                .filter_map(|pair| pair.split_once('='));
            let mut found = pairs.filter(|(key, _)| *key == wanted);
            found.next().map(|(_, value)| decoded(value))
        };
        Some(Self {
            name: if kind == "pypi" {
                normalized(&name)
            } else {
                name
            },
            kind,
            namespace: decoded(namespace),
            version: version.map(decoded).filter(|version| !version.is_empty()),
            repository: qualifier("repository_url"),
        })
    }

    /// Whether it means a package of an image. Of a distribution's package, the source it was built from may be meant,
    /// too.
    #[must_use]
    pub fn means(&self, package: &Affected) -> bool {
        let kind = match package.manager.as_str() {
            "dpkg" => "deb",
            "python" => "pypi",
            "go" => "golang",
            "rust" => "cargo",
            "binary" => "generic",
            other => other,
        };
        if kind != self.kind {
            return false;
        }
        let fits = |version: &str| self.version.as_deref().is_none_or(|own| own == version);
        let is_distribution = matches!(kind, "apk" | "deb");
        let full = if self.namespace.is_empty() || is_distribution {
            self.name.clone()
        } else {
            format!("{}/{}", self.namespace, self.name)
        };
        // Its type has small letters only; modules may have others.
        let is_named =
            full == package.name || kind == "golang" && full.eq_ignore_ascii_case(&package.name);
        if is_named && fits(&package.version) {
            return true;
        }
        let source = package.source.as_ref().filter(|_| is_distribution);
        source.is_some_and(|source| source.name == full && fits(&source.version))
    }

    /// Whether it means an image, by name or digest.
    #[must_use]
    pub fn means_image(&self, names: &[String], digests: &[String]) -> bool {
        if !matches!(self.kind.as_str(), "oci" | "docker") {
            return false;
        }
        let fits_version = match self.version.as_deref() {
            Some(version) if version.contains(':') => digests.iter().any(|own| own == version),
            _ => true,
        };
        let path = match &self.repository {
            Some(repository) => repository.clone(),
            None if self.namespace.is_empty() => self.name.clone(),
            None => format!("{}/{}", self.namespace, self.name),
        };
        let is_it = |own: &String| {
            let own = without_tag(own);
            own == path || own.rsplit('/').next() == Some(path.as_str())
        };
        fits_version && names.iter().any(is_it)
    }
}

/// A reference without tag and digest.
fn without_tag(reference: &str) -> &str {
    let reference = reference.split('@').next().unwrap_or(reference);
    match reference.rfind(':') {
        Some(at) if !reference[at..].contains('/') => &reference[..at],
        _ => reference,
    }
}

/// A Python package's name as PEP 503 compares it.
fn normalized(name: &str) -> String {
    let lower = name.to_ascii_lowercase();
    let parts = lower.split(['-', '_', '.']).filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join("-")
}

/// Without `%20`; what is none stays as it is.
fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let digits = bytes.get(at + 1..at + 3).filter(|_| *byte == b'%');
        let value = digits
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        if let Some(value) = value {
            out.push(value);
            at += 3;
        } else {
            out.push(*byte);
            at += 1;
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::inventory::SourcePackage;

    fn package(manager: &str, name: &str, version: &str) -> Affected {
        Affected {
            manager: manager.to_owned(),
            name: name.to_owned(),
            version: version.to_owned(),
            source: None,
            record: String::new(),
        }
    }

    #[test]
    fn a_url_means_the_package_it_names() {
        let mut libssl = package("apk", "libssl3", "3.3.2-r0");
        libssl.source = Some(SourcePackage {
            name: "openssl".to_owned(),
            version: "3.3.2-r0".to_owned(),
        });
        let braces = package("npm", "braces", "3.0.2");
        let scoped = package("npm", "@babel/core", "7.0.0");
        let python = package("python", "zope-interface", "5.0");
        let go = package("go", "golang.org/x/net", "v0.1.0");
        for (url, package, expected) in [
            ("pkg:npm/braces", &braces, true),
            ("pkg:npm/braces@3.0.2", &braces, true),
            ("pkg:npm/braces@3.0.3", &braces, false),
            ("pkg:pypi/braces", &braces, false),
            ("pkg:npm/%40babel/core@7.0.0", &scoped, true),
            ("pkg:npm/@babel/core@7.0.0", &scoped, true),
            ("pkg:npm/@babel/core", &scoped, true),
            ("pkg:npm/core", &scoped, false),
            (
                "pkg:apk/alpine/libssl3@3.3.2-r0?arch=x86_64&distro=3.20",
                &libssl,
                true,
            ),
            ("pkg:apk/alpine/openssl", &libssl, true),
            ("pkg:apk/wolfi/zlib", &libssl, false),
            ("pkg:pypi/Zope.Interface@5.0", &python, true),
            ("pkg:golang/golang.org/x/net@v0.1.0#http2", &go, true),
        ] {
            let parsed = PackageUrl::parse(url).unwrap();
            assert_eq!(parsed.means(package), expected, "{url}");
        }
        for wrong in ["", "npm/braces", "pkg:", "pkg:npm", "pkg:npm/", "pkg:/x"] {
            assert_eq!(PackageUrl::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_url_of_an_image_means_it_by_name_or_digest() {
        let names = ["ghcr.io/acme/shop-api:dev".to_owned(), "api".to_owned()];
        let digests = ["sha256:aa".to_owned()];
        for (url, expected) in [
            ("pkg:oci/shop-api", true),
            (
                "pkg:oci/shop-api@sha256%3Aaa?repository_url=ghcr.io/acme/shop-api",
                true,
            ),
            ("pkg:oci/shop-api@sha256%3Abb", false),
            (
                "pkg:oci/shop-api?repository_url=ghcr.io%2Fother%2Fshop-api",
                false,
            ),
            ("pkg:oci/api", true),
            ("pkg:docker/acme/shop-web", false),
            ("pkg:npm/api", false),
        ] {
            let parsed = PackageUrl::parse(url).unwrap();
            assert_eq!(parsed.means_image(&names, &digests), expected, "{url}");
        }
    }
}
