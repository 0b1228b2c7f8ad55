//! Judging what a registry gives against what manifests say of it.

use super::properties::BLOBS;
use crate::image::config::RunConfig;
use crate::size::Bytes;
use crate::trial::{Outcome, Verdict};

/// What part of an image a blob is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Role {
    /// The index, or the manifest of an image.
    Manifest,
    /// The configuration.
    Configuration,
    /// Which layer, from 0.
    Layer(usize),
}

/// What a registry gave for a digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// Something: its digest and size.
    Given(String, u64),
    /// Nothing: the status of the answer.
    Refused(u16),
}

/// Something that is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blob {
    /// What it is.
    pub role: Role,
    /// The digest it is named by.
    pub digest: String,
    /// The size it is named with; `None` where nothing says it.
    pub size: Option<u64>,
    /// What the registry gave.
    pub found: Found,
}

impl Role {
    fn words(&self) -> String {
        match self {
            Self::Manifest => "the manifest".to_owned(),
            Self::Configuration => "the configuration".to_owned(),
            Self::Layer(index) => format!("layer {index}"),
        }
    }
}

impl Blob {
    /// What is wrong with it.
    fn fault(&self) -> Option<String> {
        let (what, digest) = (self.role.words(), &self.digest);
        match &self.found {
            Found::Refused(status) => Some(format!(
                "{what} {digest} is lost: the registry answers with {status}"
            )),
            Found::Given(given, _) if given != digest => Some(format!(
                "{what} {digest} was altered: the registry gives {given}"
            )),
            Found::Given(_, size) => {
                let named = self.size.filter(|named| named != size)?;
                Some(format!(
                    "{what} {digest} has {size} bytes, and is named with {named}"
                ))
            }
        }
    }
}

/// Whether all that is stored is what it is named by.
#[must_use]
pub fn blobs(blobs: &[Blob]) -> Verdict {
    let faults: Vec<String> = blobs.iter().filter_map(Blob::fault).collect();
    if let Some(first) = faults.first() {
        let more = match faults.len() - 1 {
            0 => String::new(),
            more => format!(", and {more} more"),
        };
        return Verdict::failed(&BLOBS, format!("{first}{more}")).proven_by(faults.clone());
    }
    if blobs.is_empty() {
        return Verdict::new(&BLOBS, Outcome::Unknown, "nothing is stored");
    }
    let sizes = blobs.iter().map(|blob| match blob.found {
        Found::Given(_, size) => size,
        Found::Refused(_) => 0,
    });
    let sum = Bytes(sizes.sum());
    Verdict::passed(
        &BLOBS,
        format!(
            "{} parts with {sum} are what they are named by",
            blobs.len()
        ),
    )
}

/// How two images differ: layers by their uncompressed digests, and configurations.
///
/// # Errors
/// What differs.
pub fn same_image(
    built: (&[String], &RunConfig),
    pulled: (&[String], &RunConfig),
) -> Result<(), String> {
    if let Some(at) =
        (0..built.0.len().max(pulled.0.len())).find(|at| built.0.get(*at) != pulled.0.get(*at))
    {
        let shown =
            |layers: &[String]| layers.get(at).cloned().unwrap_or_else(|| "none".to_owned());
        return Err(format!(
            "layer {at} is {}, and was built as {}",
            shown(pulled.0),
            shown(built.0)
        ));
    }
    if built.1 != pulled.1 {
        return Err("its configuration is another one".to_owned());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blob(role: Role, found: Found) -> Blob {
        Blob {
            role,
            digest: "sha256:aa".to_owned(),
            size: Some(5),
            found,
        }
    }

    #[test]
    fn what_is_lost_or_altered_is_named() {
        let good = || blob(Role::Manifest, Found::Given("sha256:aa".to_owned(), 5));
        assert_eq!(blobs(&[good()]).outcome, Outcome::Passed);
        assert_eq!(blobs(&[]).outcome, Outcome::Unknown);
        for (bad, expected) in [
            (
                blob(Role::Layer(3), Found::Refused(404)),
                "layer 3 sha256:aa is lost: the registry answers with 404",
            ),
            (
                blob(Role::Configuration, Found::Given("sha256:bb".to_owned(), 5)),
                "the configuration sha256:aa was altered: the registry gives sha256:bb",
            ),
            (
                blob(Role::Layer(0), Found::Given("sha256:aa".to_owned(), 6)),
                "layer 0 sha256:aa has 6 bytes, and is named with 5",
            ),
        ] {
            let verdict = blobs(&[good(), bad]);
            assert_eq!(verdict.outcome, Outcome::Failed);
            assert_eq!(verdict.detail, expected);
        }
    }

    #[test]
    fn images_are_told_apart_by_layers_and_configuration() {
        let layers = |names: &[&str]| {
            names
                .iter()
                .map(|name| (*name).to_owned())
                .collect::<Vec<_>>()
        };
        let (ab, ac, a) = (layers(&["a", "b"]), layers(&["a", "c"]), layers(&["a"]));
        let config = RunConfig::default();
        let other = RunConfig {
            user: "root".to_owned(),
            ..RunConfig::default()
        };
        assert_eq!(same_image((&ab, &config), (&ab, &config)), Ok(()));
        let why = same_image((&ab, &config), (&ac, &config)).unwrap_err();
        assert_eq!(why, "layer 1 is c, and was built as b");
        let why = same_image((&ab, &config), (&a, &config)).unwrap_err();
        assert_eq!(why, "layer 1 is none, and was built as b");
        assert!(same_image((&ab, &config), (&ab, &other)).is_err());
    }
}
