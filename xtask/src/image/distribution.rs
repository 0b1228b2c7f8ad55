//! Which distribution an image is made of: `os-release`
//! (<https://www.freedesktop.org/software/systemd/man/latest/os-release.html>), else what older releases of Alpine and
//! Debian write.

use super::filesystem::Filesystem;

const OS_RELEASE: [&str; 2] = ["etc/os-release", "usr/lib/os-release"];
const ALPINE_RELEASE: &str = "etc/alpine-release";
const DEBIAN_VERSION: &str = "etc/debian_version";
/// Most bytes of such a file.
const MAX_BYTES: u64 = 64 << 10;
/// Most bytes of a value.
const MAX_VALUE_BYTES: usize = 256;

/// A distribution and its release. What is not known is empty: an image without any is made of nothing but files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Distribution {
    /// `ID`, such as `alpine` or `debian`.
    pub id: String,
    /// `VERSION_ID`, such as `3.20.3` or `12`. Releases that are still worked on have none.
    pub version_id: String,
    /// `PRETTY_NAME`, such as `Alpine Linux v3.20`.
    pub name: String,
}

/// How many bytes of the file at `path` are worth keeping at most; `None` if it says nothing of a distribution.
pub(super) fn wanted(path: &[u8]) -> Option<u64> {
    OS_RELEASE
        .iter()
        .chain([&ALPINE_RELEASE, &DEBIAN_VERSION])
        .any(|known| known.as_bytes() == path)
        .then_some(MAX_BYTES)
}

impl Distribution {
    /// What the visible files of an image say.
    #[must_use]
    pub fn of(filesystem: &Filesystem) -> Self {
        Self::told(&filesystem.captured())
    }

    fn told(captured: &[(String, &[u8])]) -> Self {
        let text = |wanted: &str| {
            let found = captured.iter().find(|(path, _)| path == wanted);
            found.map(|(_, text)| *text)
        };
        let told = OS_RELEASE
            .iter()
            .find_map(|path| text(path).map(Self::read));
        let mut told = told.unwrap_or_default();
        if told.id.is_empty() {
            if let Some(version) = text(ALPINE_RELEASE).and_then(line) {
                told.id = "alpine".to_owned();
                told.version_id = version;
            } else if let Some(version) = text(DEBIAN_VERSION).and_then(line) {
                told.id = "debian".to_owned();
                // `12.5`; `trixie/sid` before its release.
                if version.starts_with(|c: char| c.is_ascii_digit()) {
                    told.version_id = version;
                }
            }
        }
        told
    }

    /// From the text of `os-release`.
    #[must_use]
    pub fn read(text: &[u8]) -> Self {
        let mut told = Self::default();
        for line in text.split(|byte| *byte == b'\n') {
            let Some(equals) = line.iter().position(|byte| *byte == b'=') else {
                continue;
            };
            let (key, value) = (line[..equals].trim_ascii(), unquoted(&line[equals + 1..]));
            // As in a shell, the last one counts.
            match key {
                b"ID" => told.id = value.to_ascii_lowercase(),
                b"VERSION_ID" => told.version_id = value,
                b"PRETTY_NAME" => told.name = value,
                _ => {}
            }
        }
        told
    }

    /// Whether nothing is known.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        self.id.is_empty()
    }

    /// What advisories in the OSV format call this release, such as `Alpine:v3.20` or `Debian:12`
    /// (<https://ossf.github.io/osv-schema/#affectedpackage-field>). `None` if they know no such distribution, or the
    /// release is not known: Alpine's edge, Debian before a release.
    #[must_use]
    pub fn osv_ecosystem(&self) -> Option<String> {
        let mut numbers = self.version_id.split('.');
        let is_number = |part: &&str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        let first = numbers.next().filter(is_number);
        let second = numbers.next().filter(is_number);
        match self.id.as_str() {
            // `3.21_alpha20240923` is of edge.
            "alpine" => Some(format!("Alpine:v{}.{}", first?, second?)),
            "debian" => Some(format!("Debian:{}", first?)),
            "ubuntu" => {
                let (year, month) = (first?, second?);
                let is_long = month == "04" && year.parse::<u32>().is_ok_and(|year| year % 2 == 0);
                let long = if is_long { ":LTS" } else { "" };
                Some(format!("Ubuntu:{year}.{month}{long}"))
            }
            "almalinux" => Some(format!("AlmaLinux:{}", first?)),
            "rocky" => Some(format!("Rocky Linux:{}", first?)),
            // These have no releases.
            "wolfi" => Some("Wolfi".to_owned()),
            "chainguard" => Some("Chainguard".to_owned()),
            _ => None,
        }
    }
}

fn line(text: &[u8]) -> Option<String> {
    let line = text.split(|byte| *byte == b'\n').next().unwrap_or_default();
    printable(line.trim_ascii())
}

/// The value of a shell's assignment, as far as such files may have them.
fn unquoted(value: &[u8]) -> String {
    let value = value.trim_ascii();
    let (quote, inner) = match value {
        [quote @ (b'"' | b'\''), inner @ .., end] if quote == end => (Some(*quote), inner),
        _ => (None, value),
    };
    let mut out = Vec::with_capacity(inner.len());
    let mut bytes = inner.iter();
    while let Some(byte) = bytes.next() {
        let escaped = (*byte == b'\\' && quote != Some(b'\'')).then(|| bytes.next());
        out.extend(escaped.flatten().or(Some(byte)));
    }
    printable(&out).unwrap_or_default()
}

fn printable(bytes: &[u8]) -> Option<String> {
    if bytes.is_empty() || bytes.len() > MAX_VALUE_BYTES {
        return None;
    }
    let text = String::from_utf8_lossy(bytes).into_owned();
    (!text.chars().any(char::is_control)).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(files: &[(&str, &str)]) -> Distribution {
        let captured: Vec<_> = files
            .iter()
            .map(|(path, text)| ((*path).to_owned(), text.as_bytes()))
            .collect();
        Distribution::told(&captured)
    }

    #[test]
    fn a_release_is_known_by_its_file() {
        let alpine = "NAME=\"Alpine Linux\"\nID=alpine\nVERSION_ID=3.20.3\nPRETTY_NAME=\"Alpine Linux v3.20\"\n";
        let found = of(&[
            ("etc/os-release", alpine),
            ("etc/alpine-release", "3.19.0\n"),
        ]);
        assert_eq!(
            (&*found.id, &*found.version_id, &*found.name),
            ("alpine", "3.20.3", "Alpine Linux v3.20")
        );
        // In Debian, `etc/os-release` is a link.
        let debian = of(&[("usr/lib/os-release", "ID=debian\r\nVERSION_ID='12'\n")]);
        assert_eq!(debian.osv_ecosystem().as_deref(), Some("Debian:12"));
        assert_eq!(
            of(&[("etc/alpine-release", "3.4.6\n")])
                .osv_ecosystem()
                .as_deref(),
            Some("Alpine:v3.4")
        );
        assert_eq!(
            of(&[("etc/debian_version", "9.13\n")])
                .osv_ecosystem()
                .as_deref(),
            Some("Debian:9")
        );
        let next = of(&[("etc/debian_version", "trixie/sid\n")]);
        assert_eq!((&*next.id, next.osv_ecosystem()), ("debian", None));
        assert!(of(&[]).is_unknown());
    }

    #[test]
    fn advisories_have_names_for_releases() {
        for (id, version, expected) in [
            ("alpine", "3.20.3", Some("Alpine:v3.20")),
            ("alpine", "3.20", Some("Alpine:v3.20")),
            ("alpine", "3.21_alpha20240923", None),
            ("alpine", "edge", None),
            ("alpine", "", None),
            ("debian", "13", Some("Debian:13")),
            ("debian", "", None),
            ("ubuntu", "24.04", Some("Ubuntu:24.04:LTS")),
            ("ubuntu", "23.10", Some("Ubuntu:23.10")),
            ("ubuntu", "25.04", Some("Ubuntu:25.04")),
            ("wolfi", "20230201", Some("Wolfi")),
            ("rocky", "9.4", Some("Rocky Linux:9")),
            ("arch", "", None),
        ] {
            let distribution = Distribution {
                id: id.to_owned(),
                version_id: version.to_owned(),
                name: String::new(),
            };
            assert_eq!(
                distribution.osv_ecosystem().as_deref(),
                expected,
                "{id} {version}"
            );
        }
    }

    #[test]
    fn odd_files_say_nothing_wrong() {
        for (text, id) in [
            ("ID=\"a\\\"b\"", "a\"b"),
            ("ID='a\\b'", "a\\b"),
            ("ID=\"x", "\"x"),
            (" ID = spaced", "spaced"),
            ("#ID=no\nXID=no\n=\nID", ""),
            ("ID=a\u{1b}[31m", ""),
            ("ID=first\nID=last", "last"),
        ] {
            assert_eq!(Distribution::read(text.as_bytes()).id, id, "{text}");
        }
        let long = format!("ID={}", "a".repeat(1_000));
        assert!(Distribution::read(long.as_bytes()).is_unknown());
        assert!(!Distribution::read(b"ID=a\xff").is_unknown());
    }
}
