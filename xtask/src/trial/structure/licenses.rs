//! Tests of license files, by the words of the format's own program: AGPL and WTFPL are not allowed.

use std::time::Duration;

use super::file::{LicenseTest, TestFile};
use super::judgment::Judgment;
use super::properties::LICENSE;
use super::rootfs::{Rootfs, Unread};
use crate::trial::Verdict;

/// Where Debian's packages say what they may be used for.
pub(super) const DEBIAN: &str = "/usr/share/doc";
/// Its text names licenses of parts that are not in the package.
const EXCUSED: &str = "libgnutls30";
/// No license may be one of these, in whichever case.
const REFUSED: [&str; 2] = ["AGPL", "WTFPL"];

/// The files that a test looks at.
#[must_use]
pub fn files(test: &LicenseTest, rootfs: &Rootfs<'_>) -> Vec<String> {
    let mut files = Vec::new();
    if test.debian {
        let packages = rootfs.folders(DEBIAN).unwrap_or_default();
        let packages = packages.into_iter().filter(|name| name != EXCUSED);
        files.extend(packages.map(|name| format!("{DEBIAN}/{name}/copyright")));
    }
    files.extend_from_slice(&test.files);
    files
}

/// Whether all license files are there, and none names what is not allowed.
#[must_use]
pub fn licenses(file: &TestFile, test: &LicenseTest, rootfs: &Rootfs<'_>) -> Verdict {
    let mut judgment = Judgment::new(file, &LICENSE, test.place, "licenses");
    if test.debian && rootfs.folders(DEBIAN).is_none() {
        judgment.wrong(format!("{DEBIAN} is not there"));
        return judgment.finish("", Duration::ZERO);
    }
    let files = files(test, rootfs);
    for path in &files {
        match rootfs.read(path) {
            Ok(bytes) => {
                let text = String::from_utf8_lossy(bytes).to_uppercase();
                for word in REFUSED.iter().filter(|word| text.contains(**word)) {
                    judgment.wrong(format!("{path} names {word}"));
                }
            }
            Err(Unread::Unknown(why)) => return judgment.unknown(&why),
            Err(Unread::No(why)) => judgment.wrong(why),
        }
    }
    let seen = format!(
        "none of {} names a license that is not allowed",
        files.len()
    );
    judgment.finish(&seen, Duration::ZERO)
}
