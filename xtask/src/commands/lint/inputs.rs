//! From what was named on the command line to the files that are judged, by the repository they lie in.

use std::collections::BTreeSet;
use std::io::Read as _;
use std::sync::{Mutex, MutexGuard, PoisonError};

use camino::{Utf8Path, Utf8PathBuf};
use foldhash::HashMap;

use super::Arguments;
use crate::error::{Error, Result};
use crate::lint::discovery;
use crate::parallel;
use crate::project::root;
use crate::source::{self, MAX_SOURCE_BYTES, Source, compare_paths};

/// A folder with the files in it that are judged.
#[derive(Clone)]
pub(super) struct Group {
    /// Absolute.
    pub(super) root: Utf8PathBuf,
    /// From the root, sorted, each once; of those that were named themselves the text is at hand.
    pub(super) files: Vec<(Utf8PathBuf, Option<Source>)>,
    /// The folder was named as a whole: what lies around the Dockerfiles is judged, too.
    pub(super) whole: bool,
    /// Nothing is known around the file.
    pub(super) alone: bool,
    /// The file whose text is that of standard input.
    pub(super) stdin: Option<Utf8PathBuf>,
}

impl Group {
    /// Of a file that was named twice, the text that is at hand counts, and of several texts the last.
    fn sort(&mut self) {
        self.files.sort_by(|(a, _), (b, _)| compare_paths(a, b));
        self.files.dedup_by(|(path, text), (kept, kept_text)| {
            let is_same = path == kept;
            if is_same && text.is_some() {
                *kept_text = text.take();
            }
            is_same
        });
    }

    /// The text of one of the files, if it is at hand.
    pub(super) fn text_mut(&mut self, path: &Utf8Path) -> Option<&mut Option<Source>> {
        let at = self
            .files
            .binary_search_by(|(other, _)| compare_paths(other, path));
        Some(&mut self.files[at.ok()?].1)
    }

    /// Gives one more file, with its text.
    pub(super) fn insert(&mut self, path: Utf8PathBuf, text: Source) {
        self.files.push((path, Some(text)));
        self.sort();
    }
}

/// What was found, and what could not be.
#[derive(Default)]
pub(super) struct Inputs {
    /// The repository of the current directory first, then others.
    pub(super) groups: Vec<Group>,
    pub(super) errors: Vec<Error>,
}

/// What standard input is called unless it has a name.
pub(super) const STDIN: &str = "-";

/// Finds the files. `known` are Dockerfiles that the manifest names: they may be called anything.
pub(super) fn find(
    arguments: &Arguments,
    current_dir: &Utf8Path,
    root: &Utf8Path,
    exclude: &[String],
    known: &[Utf8PathBuf],
) -> Inputs {
    let mut inputs = Inputs::default();
    if arguments.paths.is_empty() {
        inputs.folder(current_dir, root, exclude, known);
        if inputs.groups.is_empty() && inputs.errors.is_empty() {
            inputs.errors.push(nothing_in(current_dir, current_dir));
        }
        return inputs.in_order();
    }
    let repositories = Repositories::default();
    let named = parallel::map(
        parallel::threads(),
        arguments.paths.iter().collect(),
        |path: &Utf8PathBuf| {
            let named = Named::read(path, current_dir, root, &repositories);
            (path, named)
        },
    );
    let mut unread: BTreeSet<Utf8PathBuf> = BTreeSet::new();
    for (path, named) in named {
        match named {
            Named::Stdin => {}
            Named::Folder(full) => {
                let before = inputs.count() + inputs.errors.len();
                inputs.folder(&full, root, exclude, known);
                if inputs.count() + inputs.errors.len() == before {
                    inputs.errors.push(nothing_in(path, &full));
                }
            }
            Named::File(root, source) => inputs.add(&root, source),
            Named::Unread(full, error) => {
                if unread.insert(full) {
                    inputs.errors.push(error);
                }
            }
        }
    }
    // Last, since of several texts of one file the last counts.
    if arguments.paths.iter().any(|path| path == STDIN) {
        inputs.stdin(arguments.stdin_path.as_deref(), current_dir, root);
    }
    inputs.in_order()
}

/// What an argument names.
enum Named {
    Stdin,
    /// In full.
    Folder(Utf8PathBuf),
    /// Its root, and what is in it.
    File(Utf8PathBuf, Source),
    /// In full, and why.
    Unread(Utf8PathBuf, Error),
}

impl Named {
    /// Of many files, to ask first what each is takes as long as to read it.
    fn read(
        named: &Utf8Path,
        current_dir: &Utf8Path,
        usual: &Utf8Path,
        repositories: &Repositories,
    ) -> Self {
        if named == STDIN {
            return Self::Stdin;
        }
        let full = root::normal(&current_dir.join(named));
        let root = repositories.root_of(&full, usual);
        let path = below(&full, &root)
            .or_else(|| full.strip_prefix(&root).ok())
            .unwrap_or(&full);
        match source::read_if_file(&full, path, MAX_SOURCE_BYTES) {
            Ok(None) => Self::Folder(full),
            Ok(Some(bytes)) => match text(path, bytes) {
                Ok(source) => Self::File(root, source),
                Err(error) => Self::Unread(full, error),
            },
            Err(error) => Self::Unread(full, error),
        }
    }
}

/// Reads a file as text.
///
/// # Errors
/// Whatever keeps it from being text; bytes that are not UTF-8 have their place.
fn read(root: &Utf8Path, path: &Utf8Path) -> Result<Source> {
    text(path, source::read_bytes(&root.join(path), path)?)
}

/// The text of a file of a [`Group`]: what is at hand, or what is in the file.
///
/// # Errors
/// As [`read`].
pub(super) fn source(root: &Utf8Path, file: (Utf8PathBuf, Option<Source>)) -> Result<Source> {
    match file {
        (_, Some(source)) => Ok(source),
        (path, None) => read(root, &path),
    }
}

fn text(path: &Utf8Path, bytes: Vec<u8>) -> Result<Source> {
    String::from_utf8(bytes)
        .map(|text| Source::new(path, text))
        .map_err(|error| {
            let at = error.utf8_error().valid_up_to();
            let source = Source::new(path, String::from_utf8_lossy(error.as_bytes()));
            Error::usage("the file is not UTF-8 text")
                .because(format!("byte {at} cannot be read"))
                .help("save it as UTF-8, or leave it out if it is no Dockerfile")
                .at(source.location(source::Span::new(at, at + '\u{fffd}'.len_utf8())))
        })
}

impl Inputs {
    fn in_order(mut self) -> Self {
        for group in &mut self.groups {
            group.sort();
        }
        self
    }

    fn count(&self) -> usize {
        self.groups.iter().map(|group| group.files.len()).sum()
    }

    fn folder(
        &mut self,
        full: &Utf8Path,
        root: &Utf8Path,
        exclude: &[String],
        known: &[Utf8PathBuf],
    ) {
        let root = if full.starts_with(root) {
            root.to_owned()
        } else {
            let repositories = Repositories::default();
            repositories.above(full).unwrap_or_else(|| full.to_owned())
        };
        let folder = full.strip_prefix(&root).unwrap_or(Utf8Path::new(""));
        let found = discovery::discover(&root, folder, exclude);
        self.errors.extend(found.errors);
        let known = known
            .iter()
            .filter(|path| path.starts_with(folder) && root.join(path).is_file());
        let paths: Vec<Utf8PathBuf> = found.paths.iter().chain(known).cloned().collect();
        if paths.is_empty() {
            return;
        }
        let whole = folder == "";
        let group = self.group(&root);
        group.whole |= whole;
        group
            .files
            .extend(paths.into_iter().map(|path| (path, None)));
    }

    fn stdin(&mut self, name: Option<&Utf8Path>, current_dir: &Utf8Path, root: &Utf8Path) {
        let mut bytes = Vec::new();
        let read = std::io::stdin()
            .lock()
            .take(MAX_SOURCE_BYTES + 1)
            .read_to_end(&mut bytes);
        let failed = |why: String| Error::usage("failed to read standard input").because(why);
        if let Err(error) = read {
            self.errors.push(failed(error.to_string()));
            return;
        }
        if bytes.len() as u64 > MAX_SOURCE_BYTES {
            let limit = MAX_SOURCE_BYTES / 1024 / 1024;
            self.errors
                .push(failed(format!("it is larger than {limit} MiB")));
            return;
        }
        let inside = name.and_then(|name| {
            let full = root::normal(&current_dir.join(name));
            full.strip_prefix(root).map(Utf8Path::to_owned).ok()
        });
        let path = inside
            .clone()
            .or_else(|| name.map(Utf8Path::to_owned))
            .unwrap_or_else(|| STDIN.into());
        match text(&path, bytes) {
            Err(error) => self.errors.push(error),
            Ok(source) if inside.is_some() => {
                self.add(root, source);
                self.group(root).stdin = Some(path);
            }
            Ok(source) => self.groups.push(Group {
                root: current_dir.to_owned(),
                files: vec![(path.clone(), Some(source))],
                whole: false,
                alone: true,
                stdin: Some(path),
            }),
        }
    }

    fn add(&mut self, root: &Utf8Path, source: Source) {
        let path = source.path().to_owned();
        self.group(root).files.push((path, Some(source)));
    }

    fn group(&mut self, root: &Utf8Path) -> &mut Group {
        let at = self
            .groups
            .iter()
            .position(|group| {
                (group.root.as_str() == root.as_str() || group.root == root) && !group.alone
            })
            .unwrap_or_else(|| {
                self.groups.push(Group {
                    root: root.to_owned(),
                    files: Vec::new(),
                    whole: false,
                    alone: false,
                    stdin: None,
                });
                self.groups.len() - 1
            });
        &mut self.groups[at]
    }
}

/// The root that a file's path is told from: the usual one if it lies there, else its own repository, else its folder.
pub(super) fn root_of(file: &Utf8Path, usual: &Utf8Path) -> Utf8PathBuf {
    Repositories::default().root_of(file, usual)
}

/// The repository that folders lie in, as far as it was asked for: many files lie in few folders.
#[derive(Default)]
struct Repositories(Mutex<HashMap<String, Option<Utf8PathBuf>>>);

impl Repositories {
    fn root_of(&self, file: &Utf8Path, usual: &Utf8Path) -> Utf8PathBuf {
        if below(file, usual).is_some() || file.starts_with(usual) {
            return usual.to_owned();
        }
        let folder = file.parent().unwrap_or(file);
        self.above(folder).unwrap_or_else(|| folder.to_owned())
    }

    /// The nearest folder above, or this one, that is a repository.
    fn above(&self, folder: &Utf8Path) -> Option<Utf8PathBuf> {
        let known = |folder: &Utf8Path| self.known().get(folder.as_str()).cloned();
        if let Some(known) = known(folder) {
            return known;
        }
        let is_repository =
            folder.join(".git").exists() || folder.join(root::DEFAULT_MANIFEST).exists();
        let found = if is_repository {
            Some(folder.to_owned())
        } else {
            folder.parent().and_then(|above| self.above(above))
        };
        self.known().insert(folder.to_string(), found.clone());
        found
    }

    fn known(&self) -> MutexGuard<'_, HashMap<String, Option<Utf8PathBuf>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The path from a folder that is written the same at its front. `None` does not mean that it is elsewhere: to compare
/// part by part is left to those who have to.
fn below<'p>(path: &'p Utf8Path, folder: &Utf8Path) -> Option<&'p Utf8Path> {
    let rest = path.as_str().strip_prefix(folder.as_str())?;
    let rest = rest.strip_prefix('/')?;
    (!rest.starts_with('/')).then_some(Utf8Path::new(rest))
}

fn nothing_in(named: &Utf8Path, full: &Utf8Path) -> Error {
    Error::usage(format!("there is no Dockerfile in {named}"))
        .because(format!("looked below {full}"))
        .help("Dockerfiles are files called Dockerfile, Dockerfile.*, *.Dockerfile or Containerfile; name others in full")
}
