//! A folder of advisories: ZIP files as OSV publishes them, and single records as JSON or YAML.

use std::fs::File;
use std::io::{self, Read as _, Write};
use std::time::UNIX_EPOCH;

use camino::{Utf8Path, Utf8PathBuf};
use serde::{Deserialize, Serialize};
use twox_hash::xxhash3_128::Hasher;

use super::index::Writer;
use super::osv;
use super::zip::{MAX_ENTRY_BYTES, Zip};
use crate::error::{Error, Result};

mod yaml;

/// The file that tells when the others of its folder were fetched.
pub const FETCHED_FILE: &str = "fetched.json";
/// Most files that are looked at.
const MAX_FILES: usize = 2_000_000;
/// Deepest folder that is looked into.
const MAX_DEPTH: usize = 16;

/// When and from where the files of a folder were fetched.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Fetched {
    /// Where they come from, without names and passwords.
    pub url: String,
    /// When, in seconds since 1970.
    pub fetched: u64,
    /// How many bytes it were.
    pub bytes: u64,
    /// Of the file, in hexadecimal.
    pub sha256: String,
    /// The server's entity tag for it (RFC 9110, 8.8.3), to ask whether there is another.
    #[serde(default)]
    pub tag: Option<String>,
}

/// A folder of advisories, looked through but not read.
#[derive(Clone, Debug)]
pub struct Collection {
    files: Vec<DataFile>,
}

#[derive(Clone, Debug)]
struct DataFile {
    path: Utf8PathBuf,
    kind: Kind,
    size: u64,
    /// Nanoseconds since 1970.
    changed: u128,
    fetched: Option<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Zip,
    Json,
    Yaml,
}

impl Collection {
    /// Looks through `folder`. Links to folders are not followed, and what begins with a period is passed over.
    ///
    /// # Errors
    /// If the folder is missing or cannot be read.
    pub fn in_folder(folder: &Utf8Path) -> Result<Self> {
        let mut files = Vec::new();
        let mut folders = vec![(folder.to_owned(), 0)];
        while let Some((folder, depth)) = folders.pop() {
            let failed = |e: io::Error| {
                Error::missing(format!("failed to read the advisories in {folder}"))
                    .because(e)
                    .help("fetch them with `docker-scan --update-db`, or name a folder that has OSV records")
            };
            let fetched = fetched_in(&folder);
            for entry in folder.read_dir_utf8().map_err(failed)? {
                let entry = entry.map_err(failed)?;
                let path = entry.path();
                let name = entry.file_name();
                if name.starts_with('.') || name == FETCHED_FILE {
                    continue;
                }
                if entry.file_type().map_err(failed)?.is_dir() {
                    if depth < MAX_DEPTH {
                        folders.push((path.to_owned(), depth + 1));
                    }
                    continue;
                }
                let kind = match path.extension().map(str::to_ascii_lowercase).as_deref() {
                    Some("zip") => Kind::Zip,
                    Some("json") => Kind::Json,
                    Some("yaml" | "yml") => Kind::Yaml,
                    _ => continue,
                };
                // A link that leads nowhere or to a folder is no file.
                let Some(metadata) = path.metadata().ok().filter(std::fs::Metadata::is_file) else {
                    continue;
                };
                if files.len() >= MAX_FILES {
                    return Err(Error::usage(format!(
                        "{folder} has more than {MAX_FILES} files"
                    )));
                }
                let changed = metadata
                    .modified()
                    .ok()
                    .and_then(|it| it.duration_since(UNIX_EPOCH).ok());
                files.push(DataFile {
                    path: path.to_owned(),
                    kind,
                    size: metadata.len(),
                    changed: changed.map_or(0, |it| it.as_nanos()),
                    fetched,
                });
            }
        }
        files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(Self { files })
    }

    /// Whether there is nothing to read.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// Tells this state of the files from another: by their paths, sizes and times of change.
    #[must_use]
    pub fn fingerprint(&self) -> u128 {
        let mut hasher = Hasher::new();
        for file in &self.files {
            hasher.write(file.path.as_str().as_bytes());
            hasher.write(&[0, u8::from(file.fetched.is_some())]);
            hasher.write(&file.size.to_le_bytes());
            hasher.write(&file.changed.to_le_bytes());
            hasher.write(&file.fetched.unwrap_or(0).to_le_bytes());
        }
        hasher.finish_128()
    }

    /// Reads everything into an index. What cannot be used is taken down there, and the rest is used.
    ///
    /// # Errors
    /// If the index cannot be written.
    pub fn write(&self, writer: &mut Writer<impl Write>) -> io::Result<()> {
        for file in &self.files {
            if let Err(stop) = file.add_to(writer) {
                match stop {
                    Stop::Unusable(why) => {
                        writer.summary.trouble(|| format!("{}: {why}", file.path));
                    }
                    Stop::NotWritten(error) => return Err(error),
                }
            }
        }
        Ok(())
    }
}

/// Why a file is not read any further.
enum Stop {
    Unusable(String),
    NotWritten(io::Error),
}

impl From<String> for Stop {
    fn from(why: String) -> Self {
        Self::Unusable(why)
    }
}

impl DataFile {
    fn add_to(&self, writer: &mut Writer<impl Write>) -> Result<(), Stop> {
        let file = File::open(&self.path).map_err(|error| error.to_string())?;
        if self.kind == Kind::Zip {
            return self.add_zip(&Zip::open(file)?, writer);
        }
        if self.size > MAX_ENTRY_BYTES {
            return Err(format!("it is larger than {MAX_ENTRY_BYTES} bytes").into());
        }
        let mut text = Vec::new();
        file.take(MAX_ENTRY_BYTES)
            .read_to_end(&mut text)
            .map_err(|error| error.to_string())?;
        let record = match self.kind {
            Kind::Yaml => yaml::read(&text)?,
            _ => osv::read(&text)?,
        };
        writer.add(&record, self.fetched).map_err(Stop::NotWritten)
    }

    fn add_zip(&self, zip: &Zip<File>, writer: &mut Writer<impl Write>) -> Result<(), Stop> {
        let is_record = |name: &str| Utf8Path::new(name).extension() == Some("json");
        zip.for_each(
            |entry| is_record(&entry.name),
            |entry, contents| {
                let record = if leads_out(&entry.name) {
                    Err("its path leads out of the file".to_owned())
                } else {
                    contents.and_then(|text| osv::read(&text))
                };
                match record {
                    Ok(record) => writer.add(&record, self.fetched).map_err(Stop::NotWritten),
                    Err(why) => {
                        let name = osv::shortened(&entry.name, 200);
                        writer
                            .summary
                            .trouble(|| format!("{}: {name}: {why}", self.path));
                        Ok(())
                    }
                }
            },
        )
    }
}

/// Whether a path would be outside of the folder that it is unpacked into.
fn leads_out(path: &str) -> bool {
    path.starts_with(['/', '\\']) || path.split(['/', '\\']).any(|part| part == "..")
}

/// When the files of a folder were fetched, if it says so.
fn fetched_in(folder: &Utf8Path) -> Option<u64> {
    let text = std::fs::read(folder.join(FETCHED_FILE)).ok()?;
    let fetched: Fetched = serde_json::from_slice(&text).ok()?;
    Some(fetched.fetched)
}

#[cfg(test)]
mod tests;
