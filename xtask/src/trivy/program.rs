//! Which Trivy it is, before it is started.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};

use camino::{Utf8Path, Utf8PathBuf};
use sha2::{Digest, Sha256};

use super::{Command, Error, Result, Runner, Settings};

/// Versions that were published by someone else than Trivy's makers and steal secrets (GHSA-69fq-xp46-6x23, March
/// 2026).
pub const COMPROMISED: [&str; 3] = ["0.69.4", "0.69.5", "0.69.6"];
/// In front of the version in the program itself: Go keeps the options it was linked with.
const LINKED_VERSION: &[u8] = b"/trivy/pkg/version/app.ver=";
/// Longest text that is looked at as one piece.
const MAX_PIECE_BYTES: u64 = 1 << 20;

/// A program that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// Where it lies.
    pub path: Utf8PathBuf,
    /// Its version, such as `0.59.1`.
    pub version: String,
}

/// Trivy in the folders of a `PATH`; `None` if there is none.
#[must_use]
pub fn locate(search_path: &str) -> Option<Utf8PathBuf> {
    let found = which::which_in("trivy", Some(search_path), "/").ok()?;
    Utf8PathBuf::from_path_buf(found).ok()
}

impl Program {
    /// Looks at the file, and starts it only if that does not tell the version.
    pub(super) fn checked(
        runner: &dyn Runner,
        path: &Utf8Path,
        settings: &Settings,
    ) -> Result<Self> {
        let looked_at = look_at(path, settings.sha256.is_some())
            .map_err(|e| Error::missing(format!("failed to read Trivy at {path}")).because(e))?;
        if let (Some(pinned), Some(actual)) = (&settings.sha256, &looked_at.sha256)
            && !pinned.eq_ignore_ascii_case(actual)
        {
            return Err(Error::missing(format!("{path} is not the Trivy that is pinned"))
                .because(format!("its SHA-256 is {actual}, not {pinned}"))
                .help("install the pinned version, or pin this one in `[scan.trivy]` if you trust it"));
        }
        let version = match looked_at.version {
            Some(version) => version,
            None => version_by_itself(runner, path)?,
        };
        if COMPROMISED.contains(&version.as_str()) {
            return Err(Error::missing(format!(
                "Trivy {version} at {path} is a version that was published by attackers: it is not started"
            ))
            .because("see GHSA-69fq-xp46-6x23")
            .help("remove it, change every secret it could read, and install another version"));
        }
        if let Some(pinned) = &settings.version
            && pinned.trim_start_matches('v') != version
        {
            return Err(Error::missing(format!(
                "Trivy at {path} is {version}, and {pinned} is pinned"
            ))
            .help("install the pinned version, or pin this one in `[scan.trivy]`"));
        }
        Ok(Self {
            path: path.to_owned(),
            version,
        })
    }
}

#[derive(Default)]
struct LookedAt {
    version: Option<String>,
    sha256: Option<String>,
}

/// Reads the program once: its checksum if that is wanted, and the version it was linked with.
fn look_at(path: &Utf8Path, wants_checksum: bool) -> std::io::Result<LookedAt> {
    let mut reader = BufReader::with_capacity(1 << 16, File::open(path)?);
    let mut hasher = wants_checksum.then(Sha256::new);
    let mut version = None;
    let mut piece = Vec::new();
    let mut is_behind_name = false;
    loop {
        piece.clear();
        // The version stands behind an equals sign; looking for those alone is fast.
        (&mut reader)
            .take(MAX_PIECE_BYTES)
            .read_until(b'=', &mut piece)?;
        if piece.is_empty() {
            break;
        }
        if let Some(hasher) = &mut hasher {
            hasher.update(&piece);
        }
        if is_behind_name && version.is_none() {
            version = version_in_front_of(&piece);
            if version.is_some() && hasher.is_none() {
                break;
            }
        }
        is_behind_name = piece.ends_with(LINKED_VERSION);
    }
    let sha256 = hasher.map(|hasher| {
        hasher
            .finalize()
            .iter()
            .fold(String::new(), |mut text, byte| {
                // Writing to a string cannot fail.
                let _ = write!(text, "{byte:02x}");
                text
            })
    });
    Ok(LookedAt { version, sha256 })
}

fn version_in_front_of(text: &[u8]) -> Option<String> {
    let is_part = |byte: &&u8| byte.is_ascii_alphanumeric() || b".-+".contains(byte);
    let text: Vec<u8> = text.iter().take(40).take_while(is_part).copied().collect();
    let text = String::from_utf8(text).ok()?;
    let text = text.trim_start_matches('v');
    text.starts_with(|c: char| c.is_ascii_digit())
        .then(|| text.to_owned())
}

/// The first line of `trivy --version`: `Version: 0.59.1`.
fn version_by_itself(runner: &dyn Runner, path: &Utf8Path) -> Result<String> {
    let command = Command::new(path.as_str())
        .arg("--version")
        .within(std::time::Duration::from_mins(1));
    let output = runner.run(&command)?;
    let text = output.text();
    let version = text.lines().find_map(|line| line.strip_prefix("Version:"));
    version
        .and_then(|version| version_in_front_of(version.trim().as_bytes()))
        .ok_or_else(|| {
            Error::missing(format!("{path} is no Trivy: it does not tell its version"))
                .help("install Trivy, or set `use = \"off\"` in `[scan.trivy]`")
        })
}
