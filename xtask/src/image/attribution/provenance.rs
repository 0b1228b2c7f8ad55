//! What a builder records of a build: <https://docs.docker.com/build/metadata/attestations/slsa-provenance/>.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::base64;

/// Where BuildKit keeps what SLSA has no field for.
const BUILDKIT: &str = "https://mobyproject.org/buildkit@v1#metadata";

/// Which step ended with which layer, and where it stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Provenance {
    /// Texts of the Dockerfiles.
    texts: Vec<String>,
    /// By digest of the layer, stored or uncompressed; `None` if the step has no place, as one that fetches an image.
    layers: BTreeMap<String, Option<Place>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Place {
    text: usize,
    line: usize,
    end_line: usize,
}

impl Provenance {
    /// Of a target in a metadata file of `docker buildx`, for a platform where there are several. `None` if it has
    /// none, or none in full.
    #[must_use]
    pub fn of_target(metadata: &Value, platform: &str) -> Option<Self> {
        let key = "buildx.build.provenance";
        let of_platform = metadata.get(format!("{key}/{platform}"));
        let predicate = of_platform.or_else(|| metadata.get(key))?;
        Self::of_predicate(predicate)
    }

    /// Of an SLSA provenance predicate, version 0.2 or 1.
    #[must_use]
    pub fn of_predicate(predicate: &Value) -> Option<Self> {
        let details = ["metadata", "runDetails"].iter().find_map(|key| {
            let part = predicate.get(key)?;
            let part = part.get("metadata").unwrap_or(part);
            part.get(BUILDKIT).or_else(|| part.get("buildkit_metadata"))
        })?;
        let source = details.get("source")?;
        let texts = source.get("infos")?.as_array()?.iter().map(text).collect();
        let locations = source.get("locations")?.as_object()?;
        let chains = details.get("layers")?.as_object()?;
        let mut layers: BTreeMap<String, (usize, Option<Place>)> = BTreeMap::new();
        for (step, chains) in chains {
            // `step7:0` is the first output of `step7`.
            let id = step.split(':').next().unwrap_or(step);
            let order = id.trim_start_matches("step").parse().unwrap_or(usize::MAX);
            let place = locations.get(id).and_then(place);
            for chain in chains.as_array().into_iter().flatten() {
                let digests = chain.as_array().into_iter().flatten();
                let digests: Vec<&str> = digests
                    .filter_map(|layer| layer.get("digest")?.as_str())
                    .collect();
                // An image that is fetched brings all its layers; a step adds the last.
                let made = if place.is_some() {
                    digests.len().saturating_sub(1)
                } else {
                    0
                };
                for digest in &digests[made..] {
                    let known = layers.entry((*digest).to_owned()).or_insert((order, place));
                    // A step whose place is known says more than one without; of several the first made it.
                    if (known.1.is_none(), known.0) > (place.is_none(), order) {
                        *known = (order, place);
                    }
                }
            }
        }
        Some(Self {
            texts,
            layers: layers
                .into_iter()
                .map(|(digest, (_, place))| (digest, place))
                .collect(),
        })
    }

    /// The text of the Dockerfile with the first and last line of the instruction that made a layer; `Some(None)` if
    /// the layer is one of an image that was fetched.
    #[must_use]
    pub fn place(&self, digest: &str) -> Option<Option<(&str, usize, usize)>> {
        let place = self.layers.get(digest)?;
        Some(place.and_then(|place| {
            let text = self.texts.get(place.text)?;
            Some((text.as_str(), place.line, place.end_line))
        }))
    }
}

fn text(info: &Value) -> String {
    let data = info.get("data").and_then(Value::as_str).unwrap_or_default();
    String::from_utf8_lossy(&base64::decode(data)).into_owned()
}

fn place(locations: &Value) -> Option<Place> {
    let location = locations.get("locations")?.as_array()?.first()?;
    let number = |value: &Value| usize::try_from(value.as_u64()?).ok();
    let ranges = location.get("ranges")?.as_array()?;
    let line = |end: &str| {
        let line = move |range: &Value| number(range.get(end)?.get("line")?);
        ranges.iter().filter_map(line).collect::<Vec<_>>()
    };
    Some(Place {
        text: location.get("sourceIndex").and_then(number).unwrap_or(0),
        line: *line("start").iter().min()?,
        end_line: *line("end").iter().max()?,
    })
}
