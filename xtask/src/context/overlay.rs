//! A tree of folders with some texts changed, as they would be after an edit.

use std::collections::BTreeMap;
use std::io;

use camino::{Utf8Path, Utf8PathBuf};

use super::folders::{Folders, OpenFolder};
use crate::error::Result;
use crate::source::Source;

/// Folders, of which some files hold another text. A file that is not there below is not there here either: it is not
/// listed, and its text can be read.
pub struct Overlay<'f> {
    below: &'f dyn Folders,
    texts: &'f BTreeMap<Utf8PathBuf, String>,
}

impl<'f> Overlay<'f> {
    /// `below`, with `texts` by path.
    #[must_use]
    pub fn new(below: &'f dyn Folders, texts: &'f BTreeMap<Utf8PathBuf, String>) -> Self {
        Self { below, texts }
    }
}

impl Folders for Overlay<'_> {
    fn open(&self, path: &Utf8Path) -> io::Result<Box<dyn OpenFolder + '_>> {
        self.below.open(path)
    }

    fn exists(&self, path: &Utf8Path) -> bool {
        self.texts.contains_key(path) || self.below.exists(path)
    }

    fn text(&self, path: &Utf8Path) -> Result<Source> {
        match self.texts.get(path) {
            Some(text) => Ok(Source::new(path, text.as_str())),
            None => self.below.text(path),
        }
    }

    fn read(&self, path: &Utf8Path) -> io::Result<Box<dyn io::Read + '_>> {
        match self.texts.get(path) {
            Some(text) => Ok(Box::new(text.as_bytes())),
            None => self.below.read(path),
        }
    }
}
