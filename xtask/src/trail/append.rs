//! Putting entries behind the last one.

use std::fmt::Write as _;
use std::fs::File;
use std::os::unix::fs::FileExt;

use camino::{Utf8Path, Utf8PathBuf};
use sha2::{Digest as _, Sha256};

use super::Trail;
use super::backwards::Backwards;
use crate::audit::{Action, Draft, Head, LONGEST_LINE, read_end};
use crate::error::{Error, Result};

/// What was recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Appended {
    /// The end of the trail now.
    pub head: Head,
    /// Damage that was found, put aside and recorded in an entry of its own; one sentence each.
    pub recovered: Vec<String>,
}

/// Where new lines go.
struct End {
    /// Behind the last whole line.
    offset: u64,
    head: Option<Head>,
    /// What a killed writer left behind it.
    torn: Vec<u8>,
}

impl Trail {
    /// Puts entries behind the last one, all of them or none. When it returns they are on the disk.
    ///
    /// A line that a killed writer did not finish is kept in a file of its own, and an entry tells so; likewise if the
    /// head file knows of entries that are gone.
    ///
    /// # Errors
    /// The file cannot be written (a full disk, say), another process holds it, or its last line is no entry: nothing
    /// is put behind what somebody has touched.
    pub fn append(&self, drafts: &[Draft]) -> Result<Appended> {
        let _lock = self.lock()?;
        let is_new = !self.file.exists();
        let file = File::options()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(&self.file)
            .map_err(|error| self.unwritable(error))?;
        let mut end = self.end(&file)?;
        let mut text = String::new();
        let mut recovered = Vec::new();
        for found in self.damage(&end)? {
            let template = drafts.first().ok_or_else(|| self.unwritable("no entry"))?;
            recovered.push(found.message.clone());
            let (line, head) = found.draft(template).seal(end.head.as_ref())?;
            text.push_str(&line);
            end.head = Some(head);
        }
        for draft in drafts {
            let (line, head) = draft.seal(end.head.as_ref())?;
            text.push_str(&line);
            end.head = Some(head);
        }
        let head = end
            .head
            .clone()
            .ok_or_else(|| self.unwritable("no entry"))?;
        // What needs room comes first: an entry whose end could not be written down would be there although it was told
        // that nothing was recorded.
        let beside = self.prepare_head(&head)?;
        let recorded = self.write(&file, &end, &text).and_then(|()| {
            let named = if is_new { self.sync_folder() } else { Ok(()) };
            let renamed = || {
                let renamed = std::fs::rename(&beside, self.head_file());
                renamed.map_err(|error| self.unwritable(error))
            };
            named
                .and_then(|()| renamed())
                .inspect_err(|_| Self::take_back(&file, &end))
        });
        if let Err(error) = recorded {
            let _ = std::fs::remove_file(&beside);
            return Err(error);
        }
        Ok(Appended { head, recovered })
    }

    /// Whether entries can be recorded, found out without recording one: for commands that must not do what they
    /// cannot record.
    ///
    /// # Errors
    /// As [`Trail::append`].
    pub fn check_writable(&self) -> Result<()> {
        let _lock = self.lock()?;
        let file = File::options()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(&self.file)
            .map_err(|error| self.unwritable(error))?;
        self.end(&file).map(drop)
    }

    /// The last whole line, and what stands behind it.
    fn end(&self, file: &File) -> Result<End> {
        let length = file.metadata().map_err(|e| self.unreadable(e))?.len();
        let mut backwards = Backwards::new(file, length, LONGEST_LINE);
        let mut next = || backwards.next().map_err(|error| self.touched(error));
        let Some((offset, last)) = next()? else {
            return Ok(End {
                offset: 0,
                head: None,
                torn: Vec::new(),
            });
        };
        let mut last_byte = [0];
        file.read_exact_at(&mut last_byte, length - 1)
            .map_err(|e| self.unreadable(e))?;
        if last_byte == *b"\n" {
            return Ok(End {
                offset: length,
                head: Some(read_end(&last).map_err(|why| self.touched(why))?),
                torn: Vec::new(),
            });
        }
        let head = match next()? {
            Some((_, line)) => Some(read_end(&line).map_err(|why| self.touched(why))?),
            None => None,
        };
        Ok(End {
            offset,
            head,
            torn: last,
        })
    }

    /// What must be told before anything is put behind it.
    fn damage(&self, end: &End) -> Result<Vec<Damage>> {
        let mut damage = Vec::new();
        if !end.torn.is_empty() {
            damage.push(self.put_aside(&end.torn, end.offset)?);
        }
        let last = end.head.as_ref();
        match self.written_head() {
            Ok(Some(known)) => {
                let is_there = last.is_some_and(|last| {
                    // A writer that was killed before it wrote the head down left it behind.
                    last.sequence > known.sequence || *last == known
                });
                if !is_there {
                    damage.push(Damage::cut(last, &known));
                }
            }
            Ok(None) => {
                // The first writer may have been killed before it wrote the head down.
                if last.is_some_and(|last| last.sequence > 0) {
                    damage.push(Damage {
                        message: "the file that tells the end of the audit trail was missing"
                            .to_owned(),
                        details: vec![("damage", "head-file-missing".to_owned())],
                    });
                }
            }
            Err(error) => damage.push(Damage {
                message: format!("the end of the audit trail could not be read: {error}"),
                details: vec![("damage", "head-file-unreadable".to_owned())],
            }),
        }
        Ok(damage)
    }

    /// Keeps what a killed writer left, on the disk, before anything is written over it.
    fn put_aside(&self, torn: &[u8], offset: u64) -> Result<Damage> {
        let hash = Sha256::digest(torn)
            .iter()
            .fold(String::new(), |mut hex, byte| {
                // Writing to a string cannot fail.
                let _ = write!(hex, "{byte:02x}");
                hex
            });
        let kept = Utf8PathBuf::from(format!("{}.torn-{offset}-{}", self.file, &hash[..12]));
        let failed = |e| self.unwritable(format!("{kept}: {e}"));
        std::fs::write(&kept, torn).map_err(failed)?;
        File::open(&kept)
            .and_then(|file| file.sync_all())
            .map_err(failed)?;
        self.sync_folder()?;
        let name = kept.file_name().unwrap_or_default().to_owned();
        Ok(Damage {
            message: format!(
                "a line of the audit trail was not finished; its {} bytes are kept in {kept}",
                torn.len()
            ),
            details: vec![
                ("damage", "torn-line".to_owned()),
                ("torn_bytes", torn.len().to_string()),
                ("torn_sha256", hash),
                ("kept_in", name),
            ],
        })
    }

    fn write(&self, file: &File, end: &End, text: &str) -> Result<()> {
        let length = end.offset + text.len() as u64;
        let written = file
            .write_all_at(text.as_bytes(), end.offset)
            .and_then(|()| file.set_len(length))
            .and_then(|()| file.sync_data());
        written.map_err(|error| {
            Self::take_back(file, end);
            self.unwritable(error)
        })
    }

    /// Half an entry is worth nothing; the torn line it may have stood on is kept aside. If that fails, too, the next
    /// writer finds a torn line.
    fn take_back(file: &File, end: &End) {
        let _ = file.set_len(end.offset);
    }

    /// Writes beside the head file what it is going to say; the file that has it.
    fn prepare_head(&self, head: &Head) -> Result<Utf8PathBuf> {
        let file = self.head_file();
        let beside = Utf8PathBuf::from(format!("{file}.new"));
        let failed = |error: &dyn std::fmt::Display| self.unwritable(format!("{file}: {error}"));
        let text = serde_json::to_vec(head).map_err(|e| failed(&e))?;
        // Under the lock, so that nobody else writes beside it.
        std::fs::write(&beside, text)
            .and_then(|()| File::open(&beside)?.sync_data())
            .map_err(|e| {
                let _ = std::fs::remove_file(&beside);
                failed(&e)
            })?;
        Ok(beside)
    }

    /// A new name is on the disk once its folder is.
    fn sync_folder(&self) -> Result<()> {
        let folder = self
            .file
            .parent()
            .filter(|folder| !folder.as_str().is_empty());
        File::open(folder.unwrap_or(Utf8Path::new(".")))
            .and_then(|folder| folder.sync_all())
            .map_err(|error| self.unwritable(error))
    }

    fn unwritable(&self, error: impl std::fmt::Display) -> Error {
        Error::failed(format!("nothing was recorded in the audit trail {}", self.file))
            .because(error)
            .help("make room or give the right to write there, or name another file in `[audit]` of the manifest")
    }

    fn touched(&self, why: impl std::fmt::Display) -> Error {
        Error::failed(format!(
            "nothing was recorded in the audit trail {}: its last line is no entry",
            self.file
        ))
        .because(why)
        .help("`cargo xtask docker-audit verify` tells more; move the file aside to begin a new trail")
    }
}

/// What was found wrong with the end, for an entry of its own.
struct Damage {
    message: String,
    details: Vec<(&'static str, String)>,
}

impl Damage {
    fn cut(last: Option<&Head>, known: &Head) -> Self {
        let end = last.map_or("nothing".to_owned(), |last| {
            format!("entry {}", last.sequence)
        });
        Self {
            message: format!(
                "the audit trail ends with {end}, and entry {} was the last one recorded: entries are gone",
                known.sequence
            ),
            details: vec![
                ("damage", "entries-gone".to_owned()),
                ("known_sequence", known.sequence.to_string()),
                ("known_hash", known.hash.clone()),
            ],
        }
    }

    /// By whom and when as `template`.
    fn draft(self, template: &Draft) -> Draft {
        Draft {
            action: Action::Recovery,
            source: None,
            image: None,
            verdicts: Vec::new(),
            details: self
                .details
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect(),
            ..template.clone()
        }
    }
}
