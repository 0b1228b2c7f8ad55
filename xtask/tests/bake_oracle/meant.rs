//! What a target means by the plan alone, worked out a second time and without HCL.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use xtask::bake::{Argument, Plan, SecretPlace, Target};
use xtask::project::manifest::{CacheBackend, Provenance};

use crate::Variables;

/// What a target means by the plan alone, as bake would print it.
pub(crate) fn meant(plan: &Plan, target: &Target, variables: &Variables<'_>) -> Value {
    let meaning = Meaning {
        plan,
        target,
        variables,
    };
    let contexts: BTreeMap<_, _> = target
        .contexts
        .iter()
        .map(|(key, linked)| (key, format!("target:{linked}")))
        .collect();
    let image = meaning.image();
    let tags: Vec<String> = list(&meaning.get("TAG"))
        .iter()
        .map(|tag| format!("{image}:{tag}"))
        .collect();
    let (from, to) = cache(plan, &meaning.scope(), &image, &meaning.get("CACHE"));
    let all = [
        ("context", json!(target.context)),
        ("dockerfile", json!(target.dockerfile)),
        ("target", json!(target.stage)),
        ("contexts", json!(contexts)),
        ("platforms", json!(meaning.platforms())),
        ("args", json!(meaning.arguments())),
        ("labels", json!(meaning.labels())),
        ("tags", json!(tags)),
        ("secret", json!(meaning.secrets())),
        ("cache-from", from),
        ("cache-to", to),
        ("attest", json!(meaning.attestations())),
    ];
    let empty = |value: &Value| match value {
        Value::Array(items) => items.is_empty(),
        Value::Object(entries) => entries.is_empty(),
        _ => false,
    };
    // Bake prints nothing for what is empty.
    let entries = all.into_iter().filter(|(_, value)| !empty(value));
    Value::Object(
        entries
            .map(|(key, value)| (key.to_owned(), value))
            .collect(),
    )
}

fn list(text: &str) -> Vec<String> {
    let parts = text.split(',').filter(|part| !part.is_empty());
    parts.map(str::to_owned).collect()
}

struct Meaning<'a> {
    plan: &'a Plan,
    target: &'a Target,
    variables: &'a Variables<'a>,
}

impl Meaning<'_> {
    fn get(&self, name: &str) -> String {
        self.full(&format!("{}_{name}", self.plan.variable_prefix()))
    }

    fn full(&self, name: &str) -> String {
        let known = self.plan.variables.iter().find(|v| v.name == name).unwrap();
        let default = known.default.clone().unwrap_or_default();
        self.variables
            .get(name)
            .map_or(default, |&value| value.to_owned())
    }

    fn image(&self) -> String {
        let parts = [
            self.get("REGISTRY"),
            self.get("NAMESPACE"),
            self.target.repository.clone(),
        ];
        let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        parts.join("/")
    }

    fn image_platforms(&self) -> Vec<String> {
        let asked = list(&self.get("PLATFORMS"));
        if asked.is_empty() && !self.get("RELEASE").is_empty() {
            return self.plan.release_platforms.clone();
        }
        asked
    }

    fn platforms(&self) -> Vec<String> {
        let asked = self.image_platforms();
        let build = list(&self.get("BUILD_PLATFORMS"));
        let wanted = self.target.platforms;
        if asked.is_empty() {
            return asked;
        }
        match (wanted.target, wanted.build) {
            (true, false) => asked,
            (false, true) => build,
            _ => {
                let more = build
                    .into_iter()
                    .filter(|p| !asked.contains(p))
                    .collect::<Vec<_>>();
                asked.into_iter().chain(more).collect()
            }
        }
    }

    fn scope(&self) -> String {
        let asked = self.image_platforms();
        let platforms = if asked.is_empty() {
            list(&self.get("BUILD_PLATFORMS"))
        } else {
            asked
        };
        format!(
            "{}-{}",
            self.target.name,
            platforms.join("_").replace('/', "-")
        )
    }

    fn arguments(&self) -> BTreeMap<String, String> {
        let values = self
            .target
            .arguments
            .iter()
            .map(|(name, argument)| match argument {
                Argument::Variable(variable) => (name.clone(), self.full(variable), true),
                Argument::Unless(variable) => (name.clone(), self.full(variable), false),
            });
        values
            .filter(|(_, value, always)| *always || !value.is_empty())
            .map(|(name, value, _)| (name, value))
            .collect()
    }

    fn labels(&self) -> BTreeMap<String, String> {
        let mut labels = self.target.labels.clone();
        let filled = self.target.variable_labels.iter();
        let filled = filled.map(|(label, variable)| (label.clone(), self.full(variable)));
        labels.extend(filled.filter(|(_, value)| !value.is_empty()));
        labels
    }

    fn secrets(&self) -> Vec<Value> {
        let mut secrets = Vec::new();
        for id in &self.target.secrets {
            let place = self.get(&format!("SECRET_{}", id.to_uppercase().replace('-', "_")));
            let key = match self.plan.secrets[id] {
                SecretPlace::File => "src",
                SecretPlace::Variable => "env",
            };
            if !place.is_empty() {
                secrets.push(json!({ "id": id, key: place }));
            }
        }
        secrets
    }

    fn attestations(&self) -> Vec<Value> {
        let release = !self.get("RELEASE").is_empty();
        let mut attest = vec![match (release, self.plan.attestations.provenance) {
            (true, Provenance::Max) => json!({ "type": "provenance", "mode": "max" }),
            (true, Provenance::Min) => json!({ "type": "provenance", "mode": "min" }),
            _ => json!({ "type": "provenance", "disabled": true }),
        }];
        if release && self.plan.attestations.sbom {
            attest.push(json!({ "type": "sbom" }));
        }
        attest
    }
}

fn cache(plan: &Plan, scope: &str, image: &str, wanted: &str) -> (Value, Value) {
    let mode = serde_json::to_value(plan.cache.mode).unwrap();
    let directory = format!("{}/{scope}", plan.cache.directory);
    let reference = format!("{image}:buildcache-{scope}");
    let (from, to) = match plan.cache.backend {
        CacheBackend::None => return (json!([]), json!([])),
        CacheBackend::Gha => (
            json!({ "type": "gha", "scope": scope }),
            json!({ "type": "gha", "scope": scope, "mode": mode, "ignore-error": "true" }),
        ),
        CacheBackend::Registry => (
            json!({ "type": "registry", "ref": reference }),
            json!({ "type": "registry", "ref": reference, "mode": mode, "image-manifest": "true",
                    "oci-mediatypes": "true", "ignore-error": "true" }),
        ),
        CacheBackend::Local => (
            json!({ "type": "local", "src": directory }),
            json!({ "type": "local", "dest": directory, "mode": mode, "ignore-error": "true" }),
        ),
    };
    match wanted {
        "" => (json!([]), json!([])),
        "write" => (json!([from]), json!([to])),
        _ => (json!([from]), json!([])),
    }
}
