//! What a registry has under one name, read manifest by manifest.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use super::session::{Session, Target};
use super::walk::Walk;
use crate::distribution::{Fetched, Registry};
use crate::error::{Error, Exit, Result};
use crate::packages::{Listed, Packages, Place};
use crate::retention::{Digest, Manifest, Package, Version};

/// What is known of a package.
pub(super) struct Gathered {
    /// What the registry has.
    pub(super) package: Package,
    /// Where GitHub's API has it.
    pub(super) place: Option<Place>,
    /// Whether there is such a package at all, as far as anybody tells.
    pub(super) is_there: bool,
    /// How a run ends for which this was all.
    pub(super) trouble: Option<Exit>,
}

/// Reads packages. What a digest names never changes: it is read once.
pub(super) struct Gatherer<'a> {
    pub(super) session: &'a Session<'a>,
    pub(super) target: &'a Target,
    pub(super) registry: Registry<'a>,
    pub(super) packages: Option<Packages<'a>>,
    read: RefCell<BTreeMap<Digest, Read>>,
    /// What GitHub's API called that which was removed.
    gone: RefCell<BTreeSet<u64>>,
}

/// A manifest that was read.
#[derive(Clone)]
pub(super) struct Read {
    pub(super) bytes: Vec<u8>,
    pub(super) manifest: Manifest,
}

/// What came of reading a manifest.
pub(super) enum Outcome {
    Read(Read),
    Absent,
    Unreadable(String),
}

impl<'a> Gatherer<'a> {
    pub(super) fn new(session: &'a Session<'a>, target: &'a Target) -> Result<Self> {
        Ok(Self {
            session,
            target,
            registry: session.registry(target)?,
            packages: session.is_github(target).then(|| session.packages()),
            read: RefCell::default(),
            gone: RefCell::default(),
        })
    }

    /// Reads the package. `begun` is what may be there without anything leading to it.
    ///
    /// # Errors
    /// Somebody stopped it. Whatever else is wrong makes the package unreadable.
    pub(super) fn gather(&self, begun: &BTreeSet<Digest>) -> Result<Gathered> {
        let gathered = match &self.packages {
            Some(packages) => self.of_github(packages),
            None => Walk::new(self).package(begun),
        };
        match gathered {
            Err(error) if error.exit() == Exit::Interrupted => Err(error),
            Err(error) => Ok(self.unreadable(&error)),
            gathered => gathered,
        }
    }

    /// Another reader that has read nothing yet.
    pub(super) fn anew(&self) -> Result<Self> {
        let anew = Self::new(self.session, self.target)?;
        anew.gone.replace(self.gone.borrow().clone());
        Ok(anew)
    }

    fn unreadable(&self, error: &Error) -> Gathered {
        let why = std::iter::once(error.message())
            .chain(error.causes().iter().map(String::as_str))
            .collect::<Vec<_>>();
        Gathered {
            package: Package {
                unreadable: BTreeMap::from([("it".to_owned(), why.join(": "))]),
                ..self.empty()
            },
            place: None,
            is_there: true,
            trouble: Some(error.exit()),
        }
    }

    pub(super) fn empty(&self) -> Package {
        Package {
            name: self.target.name.clone(),
            ..Package::default()
        }
    }

    fn of_github(&self, packages: &Packages<'_>) -> Result<Gathered> {
        let path = &self.target.path;
        let mut package = self.empty();
        let Some(place) = packages.find(path)? else {
            return Ok(Gathered {
                package,
                place: None,
                is_there: false,
                trouble: None,
            });
        };
        let gone = self.gone.borrow();
        let mut listed = packages.versions(&place, &gone)?;
        let tags = self.registry.tags(path)?.unwrap_or_default();
        let mut unlisted = unlisted(&tags, &listed);
        if !unlisted.is_empty() {
            // Somebody pushed between the two questions.
            listed = packages.versions(&place, &gone)?;
            unlisted = self::unlisted(&tags, &listed);
        }
        for tag in unlisted {
            let why = "the registry has this tag, and the packages API does not list it";
            package.unreadable.insert(tag.clone(), why.to_owned());
        }
        let digests: Vec<Digest> = listed.iter().map(|one| one.digest.clone()).collect();
        let outcomes = self.manifests(&digests)?;
        for (one, outcome) in listed.into_iter().zip(outcomes) {
            let why = match outcome {
                Outcome::Read(read) => {
                    let version = Version {
                        id: Some(one.id),
                        tags: one.tags.into_iter().collect(),
                        created: Some(one.created),
                        updated: Some(one.updated),
                        manifest: read.manifest,
                    };
                    package.versions.insert(one.digest, version);
                    continue;
                }
                Outcome::Absent => {
                    "the packages API lists it, and the registry does not have it".to_owned()
                }
                Outcome::Unreadable(why) => why,
            };
            package.unreadable.insert(one.digest.to_string(), why);
        }
        Ok(Gathered {
            package,
            place: Some(place),
            is_there: true,
            trouble: None,
        })
    }

    /// Manifests by their digests, in their order.
    pub(super) fn manifests(&self, digests: &[Digest]) -> Result<Vec<Outcome>> {
        let unread: Vec<&Digest> = {
            let read = self.read.borrow();
            digests
                .iter()
                .filter(|digest| !read.contains_key(digest))
                .collect()
        };
        let mut failed: BTreeMap<&Digest, Option<String>> = BTreeMap::new();
        if unread.len() > 100 {
            let (count, name) = (unread.len(), &self.target.name);
            (self.session.means.note)(&format!("reading {count} manifests of {name}"));
        }
        let references: Vec<String> = unread.iter().map(ToString::to_string).collect();
        let fetched = self.registry.manifests(&self.target.path, &references)?;
        for (digest, fetched) in unread.into_iter().zip(fetched) {
            match fetched {
                Fetched::Found(_, bytes) => match Manifest::parse(&bytes) {
                    Ok(manifest) => {
                        let read = Read { bytes, manifest };
                        self.read.borrow_mut().insert(digest.clone(), read);
                    }
                    Err(why) => {
                        failed.insert(digest, Some(why));
                    }
                },
                Fetched::Absent => {
                    failed.insert(digest, None);
                }
                Fetched::Unreadable(why) => {
                    failed.insert(digest, Some(why));
                }
            }
        }
        let read = self.read.borrow();
        let outcome = |digest: &Digest| match (read.get(digest), failed.get(digest)) {
            (Some(read), _) => Outcome::Read(read.clone()),
            (None, Some(Some(why))) => Outcome::Unreadable(why.clone()),
            (None, _) => Outcome::Absent,
        };
        Ok(digests.iter().map(outcome).collect())
    }

    /// The bytes of a manifest that was read.
    pub(super) fn bytes(&self, digest: &Digest) -> Option<Vec<u8>> {
        self.read
            .borrow()
            .get(digest)
            .map(|read| read.bytes.clone())
    }

    /// What was removed was put back.
    pub(super) fn is_back(&self, id: Option<u64>) {
        if let Some(id) = id {
            self.gone.borrow_mut().remove(&id);
        }
    }

    /// What was removed is no longer what was read.
    pub(super) fn forget(&self, digest: &Digest, id: Option<u64>) {
        self.read.borrow_mut().remove(digest);
        self.gone.borrow_mut().extend(id);
    }
}

fn unlisted<'t>(tags: &'t [String], listed: &[Listed]) -> Vec<&'t String> {
    let known: BTreeSet<&String> = listed.iter().flat_map(|one| &one.tags).collect();
    tags.iter().filter(|tag| !known.contains(tag)).collect()
}
