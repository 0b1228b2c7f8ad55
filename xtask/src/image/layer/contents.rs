//! The content of chosen files of a layer.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read};

use super::path::normalized;
use crate::image::tar_stream::{Kind, TarStream};

/// Reads the tar of a layer to its end, and keeps the content of the files with these paths: `None` of those with more
/// than `most` bytes. Of a path that is there twice, the last counts, as it does for who unpacks it.
///
/// # Errors
/// It is no tar, or cut off.
pub fn file_contents(
    tar: &mut dyn Read,
    paths: &BTreeSet<Vec<u8>>,
    most: u64,
) -> io::Result<BTreeMap<Vec<u8>, Option<Vec<u8>>>> {
    let mut found = BTreeMap::new();
    let mut stream = TarStream::new(tar);
    while let Some(member) = stream.next_member()? {
        let (path, _) = normalized(&member.path);
        if member.kind != Kind::File || !paths.contains(&*path) {
            continue;
        }
        let content = if member.size > most {
            None
        } else {
            let mut content = Vec::new();
            loop {
                let more = stream.content()?;
                if more.is_empty() {
                    break;
                }
                content.extend_from_slice(more);
            }
            Some(content)
        };
        found.insert(path.into_owned(), content);
    }
    stream.drain()?;
    Ok(found)
}
