//! What a compose file says of how its services run. It is how the images are tested, so it is what Kubernetes is held to.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::dockerfile::{expand, parse_duration};
use crate::error::{Error, Result};
use crate::size::Bytes;
use crate::source::{Location, Source};
use crate::yaml::{self, Node};

/// A service of a compose file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Composed {
    /// Its name there.
    pub name: String,
    /// Where the name stands.
    pub place: Location,
    /// Its image, with the defaults of variables.
    pub image: Option<String>,
    /// Whether its files cannot be written.
    pub read_only: bool,
    /// The folders in memory, without options.
    pub tmpfs: Vec<String>,
    /// Whether every capability is dropped and none is added again.
    pub drops_capabilities: bool,
    /// How much memory it gets, in bytes.
    pub memory: Option<u64>,
    /// How much of the processors it gets, in thousandths.
    pub cpus: Option<u64>,
    /// How long it has to stop.
    pub stop_grace_period: Option<Duration>,
    /// Its variables, as far as their values are written.
    pub variables: BTreeMap<String, (String, Location)>,
    /// The services it depends on.
    pub depends_on: Vec<(String, Location)>,
}

/// The services of a compose file, in its order.
///
/// # Errors
/// It is no YAML, has no services, or one of them says what cannot be understood.
pub fn read(source: &Source) -> Result<Vec<Composed>> {
    let root = yaml::parse(source).map_err(|error| {
        Error::usage(format!("this is no YAML: {}", error.message)).at(source.location(error.span))
    })?;
    let services = root.get("services").map_or(&[][..], Node::entries);
    if services.is_empty() {
        return Err(Error::usage(format!("{} has no services", source.path())));
    }
    let mut composed = Vec::new();
    for entry in services {
        let Some(name) = entry.key.as_str() else {
            continue;
        };
        let reader = Reader {
            source,
            service: &entry.value,
        };
        if let Some(extends) = entry.value.entry("extends") {
            return Err(Error::missing("what `extends` brings is not followed here")
                .help("write what services share as an anchor: `x-service: &service`, and `<<: *service`")
                .at(source.location(extends.key.span)));
        }
        composed.push(reader.read(name, source.location(entry.key.span))?);
    }
    Ok(composed)
}

struct Reader<'a> {
    source: &'a Source,
    service: &'a Node,
}

impl Reader<'_> {
    fn read(&self, name: &str, place: Location) -> Result<Composed> {
        let text = |node: Option<&Node>| node.and_then(Node::text).map(interpolated);
        let words = |name: &str| -> Vec<String> {
            let node = self.service.get(name);
            let many = node.into_iter().flat_map(Node::one_or_many);
            many.filter_map(|item| item.text().map(interpolated))
                .collect()
        };
        let limits = ["deploy", "resources", "limits"];
        let below = |name| self.service.at(&limits).and_then(|limits| limits.get(name));
        let memory = self.service.get("mem_limit").or_else(|| below("memory"));
        let cpus = self.service.get("cpus").or_else(|| below("cpus"));
        let drops = words("cap_drop")
            .iter()
            .any(|it| it.eq_ignore_ascii_case("all"));
        Ok(Composed {
            name: name.to_owned(),
            place,
            image: text(self.service.get("image")),
            read_only: self.service.get("read_only").and_then(Node::as_bool) == Some(true),
            tmpfs: words("tmpfs")
                .iter()
                .filter_map(|it| it.split(':').next())
                .map(|path| path.trim_end_matches('/').to_owned())
                .collect(),
            drops_capabilities: drops && words("cap_add").is_empty(),
            memory: self.value(memory, "an amount of memory such as `256m`", memory_bytes)?,
            cpus: self.value(cpus, "a number of processors such as `0.5`", |text| {
                crate::quantity::thousandths(text).and_then(|it| u64::try_from(it).ok())
            })?,
            stop_grace_period: self.value(
                self.service.get("stop_grace_period"),
                "a duration such as `10s`",
                parse_duration,
            )?,
            variables: self.variables(),
            depends_on: self.depends_on(),
        })
    }

    fn value<T>(
        &self,
        node: Option<&Node>,
        expected: &str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>> {
        let Some((node, text)) = node.and_then(|node| Some((node, interpolated(node.text()?))))
        else {
            return Ok(None);
        };
        read(&text).map(Some).ok_or_else(|| {
            Error::usage(format!("`{}` is not {expected}", text.escape_debug()))
                .at(self.source.location(node.content_span()))
        })
    }

    /// `environment` as a mapping or a list; a name alone is taken from whoever starts it, so nobody knows its value.
    fn variables(&self) -> BTreeMap<String, (String, Location)> {
        let Some(node) = self.service.get("environment") else {
            return BTreeMap::new();
        };
        let place = |node: &Node| self.source.location(node.content_span());
        let mapped = node.entries().iter().filter_map(|entry| {
            let value = interpolated(entry.value.text()?);
            Some((entry.key.as_str()?.to_owned(), (value, place(&entry.value))))
        });
        let listed = node.items().iter().filter_map(|item| {
            let (name, value) = item.as_str()?.split_once('=')?;
            Some((name.to_owned(), (interpolated(value), place(item))))
        });
        mapped.chain(listed).collect()
    }

    fn depends_on(&self) -> Vec<(String, Location)> {
        let Some(node) = self.service.get("depends_on") else {
            return Vec::new();
        };
        let keys = node.entries().iter().map(|entry| &entry.key);
        node.one_or_many()
            .chain(keys)
            .filter_map(|node| {
                let place = self.source.location(node.content_span());
                Some((node.as_str()?.to_owned(), place))
            })
            .collect()
    }
}

/// With what variables are where nobody sets them: `${TAG:-dev}` is `dev`.
fn interpolated(text: &str) -> String {
    if !text.contains('$') {
        return text.to_owned();
    }
    // `$$` is a dollar; nothing else is special to compose.
    let parts: Vec<String> = text
        .split("$$")
        .map(|part| expand(part, '\0', &|_| None).map_or_else(|_| part.to_owned(), |it| it.value))
        .collect();
    parts.join("$")
}

/// Docker's amounts: `256m` and `256mb` are mebibytes, a bare number bytes.
fn memory_bytes(text: &str) -> Option<u64> {
    let lower = text.to_ascii_lowercase();
    let end = lower
        .find(|c: char| c.is_ascii_alphabetic())
        .unwrap_or(lower.len());
    let (number, unit) = lower.split_at(end);
    let unit = match unit {
        "" | "b" => "B",
        "k" | "kb" | "kib" => "KiB",
        "m" | "mb" | "mib" => "MiB",
        "g" | "gb" | "gib" => "GiB",
        _ => return None,
    };
    let Bytes(bytes) = format!("{} {unit}", number.trim()).parse().ok()?;
    (bytes > 0).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn services(text: &str) -> Vec<Composed> {
        read(&Source::new("compose.yaml", text)).unwrap()
    }

    #[test]
    fn what_a_service_may_is_read_with_anchors_lists_and_defaults() {
        let text = "\
x-all: &all { read_only: true, tmpfs: /tmp, cap_drop: [ALL], mem_limit: 256m, stop_grace_period: 1m30s }
services:
  api:
    <<: *all
    image: ${REGISTRY:-ghcr.io}/acme/api:${TAG:-dev}
    environment: { ORDERS_URL: 'http://orders:3003', FROM_OUTSIDE: , COST: 5$$ }
    depends_on: { orders: { condition: service_healthy } }
  orders:
    cap_add: [NET_BIND_SERVICE]
    cap_drop: ALL
    tmpfs: ['/tmp:size=1m', /run/]
    environment: ['A=1', B]
    deploy: { resources: { limits: { cpus: '0.5', memory: 1.5g } } }
    depends_on: [db]
";
        let [api, orders] = &services(text)[..] else {
            panic!("two services");
        };
        assert_eq!(api.image.as_deref(), Some("ghcr.io/acme/api:dev"));
        assert!(api.read_only && api.drops_capabilities);
        assert_eq!(
            (&api.tmpfs[..], api.memory),
            (&["/tmp".to_owned()][..], Some(256 << 20))
        );
        assert_eq!(api.stop_grace_period, Some(Duration::from_secs(90)));
        let values: Vec<_> = api
            .variables
            .iter()
            .map(|(k, v)| (k.as_str(), v.0.as_str()))
            .collect();
        assert_eq!(
            values,
            [("COST", "5$"), ("ORDERS_URL", "http://orders:3003")]
        );
        assert_eq!(api.depends_on[0].0, "orders");
        assert_eq!(api.depends_on[0].1.to_string(), "compose.yaml:7:19");
        assert!(!orders.read_only && !orders.drops_capabilities);
        assert_eq!(orders.tmpfs, ["/tmp", "/run"]);
        assert_eq!((orders.cpus, orders.memory), (Some(500), Some(3 << 29)));
        assert_eq!(orders.variables.len(), 1);
        assert_eq!(orders.depends_on[0].0, "db");
    }

    #[test]
    fn what_cannot_be_understood_has_a_place() {
        for (text, place) in [
            ("services: {a: {mem_limit: lots}}", "x:1:27"),
            ("services: {a: {stop_grace_period: 10}}", "x:1:35"),
            ("services: {a: {extends: {service: b}}}", "x:1:16"),
            ("services: [", "x:1:"),
            ("version: '3'", "x has no services"),
        ] {
            let error = read(&Source::new("x", text)).unwrap_err();
            assert!(error.to_string().contains(place), "{error}");
        }
    }
}
