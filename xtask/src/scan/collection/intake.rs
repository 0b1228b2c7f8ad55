//! Reading many records: in groups, each on all processors, and written in their order.

use std::fs::File;
use std::io::{self, Read as _, Write};
use std::sync::Arc;

use camino::Utf8Path;

use super::{DataFile, Kind, yaml};
use crate::parallel;
use crate::scan::index::Writer;
use crate::scan::osv::{self, Record};
use crate::scan::zip::{Entry, MAX_ENTRY_BYTES, Zip};

/// Most records of a group.
const GROUP: usize = 1024;
/// Most bytes of a group, as its records say themselves; one alone may have more.
const GROUP_BYTES: u64 = 16 << 20;

/// Why a file is not read any further.
pub(super) enum Stop {
    Unusable(String),
    NotWritten(io::Error),
}

impl From<String> for Stop {
    fn from(why: String) -> Self {
        Self::Unusable(why)
    }
}

/// A record that is still to be read.
pub(super) struct Item<'f> {
    file: &'f DataFile,
    /// Where in a ZIP file.
    entry: Option<(Arc<Zip<File>>, Entry)>,
}

/// Records on their way into an index.
pub(super) struct Intake<'f, 'w, W: Write> {
    pub(super) writer: &'w mut Writer<W>,
    group: Vec<Item<'f>>,
    bytes: u64,
}

impl<'f, 'w, W: Write> Intake<'f, 'w, W> {
    pub(super) fn new(writer: &'w mut Writer<W>) -> Self {
        Self {
            writer,
            group: Vec::new(),
            bytes: 0,
        }
    }

    /// Takes all records of a ZIP file.
    pub(super) fn take_zip(&mut self, file: &'f DataFile) -> Result<(), Stop> {
        let source = File::open(&file.path).map_err(|error| error.to_string())?;
        let zip = Arc::new(Zip::open(source)?);
        zip.for_each(
            |entry| Utf8Path::new(&entry.name).extension() == Some("json"),
            |entry| {
                self.take(Item {
                    file,
                    entry: Some((Arc::clone(&zip), entry)),
                })
            },
        )
    }

    /// Takes a record; a full group is read and written.
    pub(super) fn take(&mut self, item: Item<'f>) -> Result<(), Stop> {
        self.bytes += item.size().min(MAX_ENTRY_BYTES);
        self.group.push(item);
        if self.group.len() >= GROUP || self.bytes >= GROUP_BYTES {
            self.finish().map_err(Stop::NotWritten)?;
        }
        Ok(())
    }

    /// Reads and writes what was taken.
    ///
    /// # Errors
    /// If it cannot be written.
    pub(super) fn finish(&mut self) -> io::Result<()> {
        self.bytes = 0;
        let group = std::mem::take(&mut self.group);
        let read = parallel::map(parallel::threads(), group, |item| (item.read(), item));
        for (record, item) in read {
            match record {
                Ok(record) => self.writer.add(&record, item.file.fetched)?,
                Err(why) => self.writer.summary.trouble(|| item.place() + ": " + &why),
            }
        }
        Ok(())
    }
}

impl<'f> Item<'f> {
    /// A file that is one record.
    pub(super) const fn file(file: &'f DataFile) -> Self {
        Self { file, entry: None }
    }

    fn size(&self) -> u64 {
        self.entry
            .as_ref()
            .map_or(self.file.size, |(_, entry)| entry.size)
    }

    fn place(&self) -> String {
        match &self.entry {
            Some((_, entry)) => format!("{}: {}", self.file.path, osv::shortened(&entry.name, 200)),
            None => self.file.path.to_string(),
        }
    }

    fn read(&self) -> Result<Record, String> {
        if let Some((zip, entry)) = &self.entry {
            if leads_out(&entry.name) {
                return Err("its path leads out of the file".to_owned());
            }
            return osv::read(&zip.contents(entry)?);
        }
        if self.file.size > MAX_ENTRY_BYTES {
            return Err(format!("it is larger than {MAX_ENTRY_BYTES} bytes"));
        }
        let mut text = Vec::new();
        File::open(&self.file.path)
            // It may have grown since.
            .and_then(|file| file.take(MAX_ENTRY_BYTES).read_to_end(&mut text))
            .map_err(|error| error.to_string())?;
        match self.file.kind {
            Kind::Yaml => yaml::read(&text),
            Kind::Json | Kind::Zip => osv::read(&text),
        }
    }
}

/// Whether a path would be outside of the folder that it is unpacked into.
fn leads_out(path: &str) -> bool {
    path.starts_with(['/', '\\']) || path.split(['/', '\\']).any(|part| part == "..")
}
