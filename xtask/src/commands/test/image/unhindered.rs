//! What an image does where it may write anywhere, and whether it needs a network.

use std::time::Instant;

use super::hardening::Hardening;
use super::service::{How, Service};
use crate::error::Result;
use crate::trial::image::{NEEDS_NETWORK, WRITES_OUTSIDE};
use crate::trial::{Subject, Verdict};

/// Both in one start where both are asked for.
pub(super) fn judge(
    service: &Service<'_>,
    relaxed: &[Hardening],
    subject: &mut Subject,
) -> Result<()> {
    let begin = Instant::now();
    let mut without = relaxed.to_vec();
    without.push(Hardening::ReadOnly);
    let with_network = How {
        without: without.clone(),
        ..How::default()
    };
    let alone = How {
        alone: true,
        ..with_network.clone()
    };
    let asked = service.test.without_network;
    let mut attempt = service.attempt(if asked { &alone } else { &with_network })?;
    let verdict = match (&attempt.trouble, asked) {
        (_, false) => Verdict::skipped(
            &NEEDS_NETWORK,
            "the manifest does not ask for it: `without_network`",
        ),
        (None, true) => Verdict::passed(&NEEDS_NETWORK, "it comes up with `--network=none`"),
        (Some(trouble), true) => {
            Verdict::failed(&NEEDS_NETWORK, format!("with `--network=none`, {trouble}"))
                .proven_by(super::hardening::log_tail(&attempt))
        }
    };
    subject.verdicts.push(verdict.took(begin.elapsed()));
    if asked && attempt.trouble.is_some() {
        drop(attempt);
        attempt = service.attempt(&with_network)?;
    }
    let begin = Instant::now();
    let changes = attempt.container.changes()?;
    let folders = service
        .test
        .limits
        .tmpfs
        .iter()
        .flatten()
        .map(String::as_str);
    let declared: Vec<&str> = folders
        .chain(service.config.volumes.keys().map(String::as_str))
        .collect();
    let outside = outside(&changes, &declared);
    let verdict = match outside.as_slice() {
        [] => Verdict::passed(
            &WRITES_OUTSIDE,
            format!("nothing outside of {}", declared.join(", ")),
        ),
        [first, ..] => Verdict::failed(
            &WRITES_OUTSIDE,
            format!(
                "{} changes outside of {}, such as {first}",
                outside.len(),
                declared.join(", ")
            ),
        )
        .proven_by(outside.iter().take(10).cloned()),
    };
    subject.verdicts.push(verdict.took(begin.elapsed()));
    Ok(())
}

/// Of what `docker diff` tells, what is no declared folder, nor a folder that only leads to another change.
fn outside(changes: &[String], declared: &[&str]) -> Vec<String> {
    let is_below = |path: &str, folder: &str| {
        path == folder
            || path
                .strip_prefix(folder.trim_end_matches('/'))
                .is_some_and(|rest| rest.starts_with('/'))
    };
    let read: Vec<(&str, &str)> = changes
        .iter()
        .filter_map(|change| change.split_once(' '))
        .collect();
    let is_way = |path: &str| {
        let leads = |other: &str| other != path && is_below(other, path);
        read.iter().any(|(_, other)| leads(other)) || declared.iter().any(|folder| leads(folder))
    };
    read.iter()
        .filter(|(kind, path)| {
            let is_declared = declared.iter().any(|folder| is_below(path, folder));
            !(is_declared || *kind == "C" && is_way(path))
        })
        .map(|(kind, path)| {
            let done = match *kind {
                "A" => "added",
                "D" => "deleted",
                _ => "changed",
            };
            format!("{path} ({done})")
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn declared_folders_and_the_way_to_a_change_are_no_change() {
        let changes = [
            "C /var",
            "C /var/log",
            "A /var/log/app.log",
            "A /tmp",
            "A /tmp/x",
            "C /data",
            "D /etc/motd",
            "C /opt",
        ];
        let changes = changes.map(str::to_owned);
        assert_eq!(
            outside(&changes, &["/tmp", "/data/files"]),
            [
                "/var/log/app.log (added)",
                "/etc/motd (deleted)",
                "/opt (changed)"
            ]
        );
        assert_eq!(
            outside(&["A /tmpfile".to_owned()], &["/tmp"]),
            ["/tmpfile (added)"]
        );
    }
}
