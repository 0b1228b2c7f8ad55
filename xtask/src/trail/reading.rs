//! Reading a trail: all of it, line by line, or its newest entries only.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};

use super::Trail;
use super::backwards::Backwards;
use crate::audit::{Anchor, Chain, Entry, Filter, LONGEST_LINE, Summary};
use crate::error::{Error, Result};

impl Trail {
    /// Whether the trail is what was written, as far as it can tell by itself, by its head file and by `anchors`.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn verify(&self, mut anchors: Vec<Anchor>) -> Result<Summary> {
        let (file, length, head) = self.snapshot()?;
        if let Some(head) = head {
            anchors.push(Anchor::of(&head, self.head_file()));
        }
        let mut chain = Chain::new(anchors);
        let mut reader = BufReader::with_capacity(1 << 17, file.take(length));
        let mut line = Vec::new();
        loop {
            if !next_line(&mut reader, &mut line).map_err(|e| self.unreadable(e))? {
                return Ok(chain.finish());
            }
            if line.pop_if(|byte| *byte == b'\n').is_some() {
                chain.feed(&line);
            } else if line.len() > LONGEST_LINE {
                skip_line(&mut reader).map_err(|e| self.unreadable(e))?;
                chain.feed_too_long();
            } else {
                chain.feed_torn(line.len() as u64);
            }
        }
    }

    /// Hands over the entries that `filter` admits, oldest first. What is no entry is left out: [`Trail::verify`]
    /// tells about it.
    ///
    /// # Errors
    /// The trail cannot be read, or what `each` returns.
    pub fn each(&self, filter: &Filter, each: &mut dyn FnMut(&Entry) -> Result<()>) -> Result<()> {
        let (file, length, _) = self.snapshot()?;
        let mut reader = BufReader::with_capacity(1 << 17, file.take(length));
        let mut line = Vec::new();
        loop {
            if !next_line(&mut reader, &mut line).map_err(|e| self.unreadable(e))? {
                return Ok(());
            }
            if line.len() > LONGEST_LINE {
                skip_line(&mut reader).map_err(|e| self.unreadable(e))?;
                continue;
            }
            if let Some(entry) = entry(&line).filter(|entry| filter.admits(entry)) {
                each(&entry)?;
            }
        }
    }

    /// The newest `most` entries that `filter` admits, oldest first; read from the end, so that a long trail costs no
    /// more than a short one.
    ///
    /// # Errors
    /// The trail cannot be read.
    pub fn newest(&self, filter: &Filter, most: usize) -> Result<Vec<Entry>> {
        let (file, length, _) = self.snapshot()?;
        let mut backwards = Backwards::new(&file, length, LONGEST_LINE);
        let mut entries = Vec::new();
        while entries.len() < most {
            let Some((_, line)) = backwards.next().map_err(|e| self.unreadable(e))? else {
                break;
            };
            entries.extend(entry(&line).filter(|entry| filter.admits(entry)));
        }
        entries.reverse();
        Ok(entries)
    }

    /// The file, how long it was at a moment when nobody was writing, and the head at that moment.
    fn snapshot(&self) -> Result<(File, u64, Option<crate::audit::Head>)> {
        // Where no lock can be made (a copy on a medium that cannot be written) nobody writes either.
        let _lock = self.lock().ok();
        let file = File::open(&self.file).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => {
                Error::usage(format!("there is no audit trail {}", self.file)).help(
                    "`docker-build` and the commands after it begin one; another place is named in `[audit]` of the manifest",
                )
            }
            _ => self.unreadable(error),
        })?;
        let length = file.metadata().map_err(|e| self.unreadable(e))?.len();
        Ok((file, length, self.written_head()?))
    }
}

fn entry(line: &[u8]) -> Option<Entry> {
    serde_json::from_slice(line).ok()
}

/// Reads the next line with its break; of one that is too long, its front. Whether there is one.
fn next_line(reader: &mut impl BufRead, line: &mut Vec<u8>) -> std::io::Result<bool> {
    line.clear();
    let most = LONGEST_LINE as u64 + 1;
    Ok(reader.by_ref().take(most).read_until(b'\n', line)? > 0)
}

/// Reads to the end of a line and keeps nothing of it.
fn skip_line(reader: &mut impl BufRead) -> std::io::Result<()> {
    loop {
        let buffer = reader.fill_buf()?;
        if buffer.is_empty() {
            return Ok(());
        }
        let end = buffer.iter().position(|byte| *byte == b'\n');
        let used = end.map_or(buffer.len(), |at| at + 1);
        reader.consume(used);
        if end.is_some() {
            return Ok(());
        }
    }
}
