//! Tests of files: whether they are there, whose they are, what is in them.

use std::time::Duration;

use super::file::{ContentTest, ExistenceTest, TestFile};
use super::judgment::Judgment;
use super::permissions::written;
use super::properties::{CONTENT, EXISTENCE};
use super::rootfs::{Absence, Rootfs, Stat, Unread};
use crate::trial::Verdict;

/// Whether a file is there, or is not, as its test says. `path` is the test's with its variables replaced.
#[must_use]
pub fn existence(
    file: &TestFile,
    test: &ExistenceTest,
    path: &str,
    rootfs: &Rootfs<'_>,
) -> Verdict {
    let mut judgment = Judgment::new(file, &EXISTENCE, test.name.span, &test.name.value);
    let stat = match (rootfs.stat(path), test.should_exist) {
        (Ok(stat), true) => stat,
        (Ok(stat), false) => {
            judgment.wrong(format!("{path} is there: {}", described(&stat)));
            return judgment.finish("", Duration::ZERO);
        }
        (Err(Absence::OfTheEngine), should_exist) => {
            let asks_more = test.permissions.is_some()
                || test.uid.is_some()
                || test.gid.is_some()
                || test.executable_by.is_some();
            let seen =
                format!("{path} is not in the image; the engine puts it into every container");
            if !should_exist {
                judgment.wrong(seen);
            } else if asks_more {
                return judgment
                    .unknown(&format!("{seen}, with permissions and owners of its own"));
            }
            return judgment.finish(
                &format!("{path} is there: the engine puts it into every container"),
                Duration::ZERO,
            );
        }
        (Err(Absence::Nothing), true) => {
            judgment.wrong(format!("{path} is not there"));
            return judgment.finish("", Duration::ZERO);
        }
        (Err(Absence::Nothing), false) => {
            return judgment.finish(&format!("{path} is not there"), Duration::ZERO);
        }
    };
    let permissions = written(stat.nature, stat.mode);
    if let Some(wanted) = &test.permissions
        && *wanted != permissions
    {
        judgment.wrong(format!(
            "{path} has the permissions {permissions}, not {wanted}"
        ));
    }
    if let Some(who) = test.executable_by
        && stat.mode & who.bits() == 0
    {
        let by = match who.word() {
            "any" => "anybody",
            "other" => "others",
            "owner" => "its owner",
            _ => "its group",
        };
        judgment.wrong(format!("{path} cannot be executed by {by}: {permissions}"));
    }
    if let Some(uid) = test.uid.filter(|uid| *uid != stat.uid) {
        judgment.wrong(format!("{path} belongs to user {}, not {uid}", stat.uid));
    }
    if let Some(gid) = test.gid.filter(|gid| *gid != stat.gid) {
        judgment.wrong(format!("{path} belongs to group {}, not {gid}", stat.gid));
    }
    judgment.finish(&format!("{path} is {}", described(&stat)), Duration::ZERO)
}

fn described(stat: &Stat) -> String {
    format!(
        "{} {} of {}:{}",
        stat.nature.words(),
        written(stat.nature, stat.mode),
        stat.uid,
        stat.gid
    )
}

/// Whether a file has in it what its test says. `path` is the test's with its variables replaced.
#[must_use]
pub fn content(file: &TestFile, test: &ContentTest, path: &str, rootfs: &Rootfs<'_>) -> Verdict {
    let mut judgment = Judgment::new(file, &CONTENT, test.name.span, &test.name.value);
    let bytes = match rootfs.read(path) {
        Ok(bytes) => bytes,
        Err(Unread::Unknown(why)) => return judgment.unknown(&why),
        Err(Unread::No(why)) => {
            judgment.wrong(why);
            return judgment.finish("", Duration::ZERO);
        }
    };
    // As Go does with bytes that are no UTF-8.
    let text = String::from_utf8_lossy(bytes);
    judgment.hold(path, &text, &test.contents);
    judgment.shown(path, &text);
    judgment.finish(&format!("{path} has what is expected"), Duration::ZERO)
}
