//! What dockle is told to leave out, so that a repository can move over: `.dockleignore`, `DOCKLE_IGNORES`, `-i`, and
//! the keys, files and endings that it accepts (`-ak`, `-af`, `-ae`).

use std::collections::BTreeSet;

use crate::finding::Finding;

/// What dockle leaves out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ignores {
    /// Codes of dockle's, in upper case, with the line of the file they stand in (from 1; 0 for none).
    pub codes: Vec<(String, usize)>,
    /// Names of variables that are no secrets.
    pub keys: BTreeSet<String>,
    /// Files that may be there: by name or by path.
    pub files: BTreeSet<String>,
    /// Endings of files that may be there, without the dot.
    pub endings: BTreeSet<String>,
}

/// A line of `.dockleignore` that names no check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unknown {
    /// The line, from 1.
    pub line: usize,
    /// What stands there.
    pub text: String,
}

impl Ignores {
    /// Reads a `.dockleignore`: one code on a line, comments behind `#`.
    #[must_use]
    pub fn read(text: &str) -> (Self, Vec<Unknown>) {
        let mut ignores = Self::default();
        let mut unknown = Vec::new();
        for (at, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
            let line = line.split('#').next().unwrap_or_default().trim();
            if line.is_empty() {
                continue;
            }
            let code = line.to_ascii_uppercase();
            if is_code(&code) {
                ignores.codes.push((code, at + 1));
            } else {
                unknown.push(Unknown {
                    line: at + 1,
                    text: line.to_owned(),
                });
            }
        }
        (ignores, unknown)
    }

    /// Adds what `DOCKLE_IGNORES` or `-i` say: codes, with commas between them.
    pub fn add_codes(&mut self, list: &str) {
        let codes = list.split(',').map(|code| code.trim().to_ascii_uppercase());
        self.codes
            .extend(codes.filter(|code| is_code(code)).map(|code| (code, 0)));
    }

    /// Whether a finding is one that dockle would leave out.
    #[must_use]
    pub fn leaves_out(&self, finding: &Finding) -> bool {
        let by_code = |code: &str| self.codes.iter().any(|(known, _)| known == code);
        if by_code(&finding.code) || finding.aliases.iter().any(|alias| by_code(alias)) {
            return true;
        }
        let is_secret = finding.aliases.contains(&"CIS-DI-0010");
        if is_secret
            && self
                .keys
                .iter()
                .any(|key| finding.message.contains(&format!("`{key}`")))
        {
            return true;
        }
        let paths = finding
            .details()
            .properties
            .get("paths")
            .and_then(|paths| paths.as_array());
        paths.is_some_and(|paths| {
            let mut paths = paths.iter().filter_map(serde_json::Value::as_str);
            finding
                .details()
                .properties
                .get("files")
                .is_none_or(|count| count.as_u64() == Some(paths.clone().count() as u64))
                && paths.all(|path| self.accepts(path))
        })
    }

    /// Whether a file may be there.
    fn accepts(&self, path: &str) -> bool {
        let relative = path.trim_start_matches('/');
        let name = relative.rsplit('/').next().unwrap_or_default();
        let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
        self.files.contains(name)
            || self.files.contains(relative)
            || self.files.contains(path)
            || !ending.is_empty() && self.endings.contains(ending)
    }
}

/// `CIS-DI-0001`, `DKL-DI-0001`, `DKL-LI-0001`.
fn is_code(text: &str) -> bool {
    ["CIS-DI-", "DKL-DI-", "DKL-LI-"].iter().any(|prefix| {
        text.strip_prefix(prefix).is_some_and(|digits| {
            digits.len() == 4 && digits.bytes().all(|byte| byte.is_ascii_digit())
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scan::hardening::Purpose;
    use crate::scan::hardening::samples::Sample;

    #[test]
    fn codes_with_comments() {
        let (ignores, unknown) =
            Ignores::read("# why\nCIS-DI-0001\ncis-di-0006 # probed\n\n  DKL-LI-0003\nCIS-DI-1\n");
        let codes: Vec<(&str, usize)> = ignores
            .codes
            .iter()
            .map(|(code, line)| (&**code, *line))
            .collect();
        assert_eq!(
            codes,
            [("CIS-DI-0001", 2), ("CIS-DI-0006", 3), ("DKL-LI-0003", 5)]
        );
        assert_eq!(
            unknown,
            [Unknown {
                line: 6,
                text: "CIS-DI-1".to_owned()
            }]
        );
    }

    #[test]
    fn findings_are_left_out_by_alias_key_file_and_ending() {
        let image = "USER root\nENV DB_PASSWORD=hunter2-9fk3Lq\nCOPY a /\n-rw------- 0 0 root/.ssh/id_rsa\n| x\n";
        let left = |ignores: &Ignores, code: &str| {
            let findings = Sample::of(image).findings(None, Purpose::Production);
            findings
                .iter()
                .filter(|finding| finding.code == code && !ignores.leaves_out(finding))
                .count()
        };
        let none = Ignores::default();
        let mut codes = Ignores::default();
        codes.add_codes("CIS-DI-0001, nonsense");
        let keys = Ignores {
            keys: ["DB_PASSWORD".to_owned()].into(),
            ..Ignores::default()
        };
        let files = Ignores {
            files: ["root/.ssh/id_rsa".to_owned()].into(),
            ..Ignores::default()
        };
        for (ignores, expected) in [
            (&none, [1, 1, 1]),
            (&codes, [0, 1, 1]),
            (&keys, [1, 0, 1]),
            (&files, [1, 1, 0]),
        ] {
            let found = ["DL3002", "DL3064", "DX1304"].map(|code| left(ignores, code));
            assert_eq!(found, expected, "{ignores:?}");
        }
    }
}
