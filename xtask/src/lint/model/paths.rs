//! Paths inside of an image.

use crate::dockerfile::{FileTransfer, clean_path};

/// Where programs are started from unless `PATH` says otherwise.
pub(super) const PROGRAM_FOLDERS: [&str; 6] = [
    "/usr/local/sbin",
    "/usr/local/bin",
    "/usr/sbin",
    "/usr/bin",
    "/sbin",
    "/bin",
];

/// It does not depend on the working directory. A Windows drive counts.
pub(super) fn is_absolute(path: &str) -> bool {
    let mut bytes = path.bytes();
    match (bytes.next(), bytes.next(), bytes.next()) {
        (Some(b'/' | b'\\'), _, _) => true,
        (Some(drive), Some(b':'), Some(b'/' | b'\\')) => drive.is_ascii_alphabetic(),
        _ => false,
    }
}

/// Without `.`, `..` and empty parts; a Windows path stays as it is.
pub(super) fn clean(path: &str) -> String {
    if path.starts_with('/') {
        clean_path(path)
    } else {
        path.to_owned()
    }
}

/// `path` is `folder` or below it.
pub(super) fn is_within(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || folder.ends_with('/'))
}

/// What a `COPY` or `ADD` puts below `folder`, if it may put anything there.
pub(super) enum Written {
    /// Nothing.
    Nothing,
    /// These names, and nothing else.
    Names(Vec<String>),
    /// Nobody can tell.
    Anything,
}

/// What a transfer to `destination` (absolute, clean) writes directly into `folder`.
pub(super) fn written_to(
    transfer: &FileTransfer,
    destination: &str,
    is_folder: bool,
    folder: &str,
) -> Written {
    let is_folder = is_folder || transfer.sources.len() > 1;
    if let Some(name) = destination
        .strip_prefix(folder)
        .and_then(|rest| rest.strip_prefix('/'))
    {
        return if name.contains('/') || is_folder {
            Written::Nothing
        } else {
            Written::Names(vec![name.to_owned()])
        };
    }
    if !is_within(folder, destination) {
        return Written::Nothing;
    }
    let mut names = Vec::new();
    for source in &transfer.sources {
        match file_name(&source.value) {
            // A file that lands elsewhere.
            Some(_) if destination != folder => {}
            Some(name) => names.push(name.to_owned()),
            None => return Written::Anything,
        }
    }
    if names.is_empty() {
        Written::Nothing
    } else {
        Written::Names(names)
    }
}

/// The last part of a source that looks like a single file: of a folder the contents are copied.
fn file_name(source: &str) -> Option<&str> {
    let name = source.rsplit('/').next()?;
    let is_file = name.trim_start_matches('.').contains('.') || is_program(source);
    (is_file && !name.contains(['*', '?', '[', '$', '"', '\''])).then_some(name)
}

/// It stands directly in a folder of programs.
fn is_program(source: &str) -> bool {
    source
        .rsplit_once('/')
        .is_some_and(|(folder, name)| !name.is_empty() && PROGRAM_FOLDERS.contains(&folder))
}
