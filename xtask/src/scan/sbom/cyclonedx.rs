//! CycloneDX 1.6: <https://cyclonedx.org/docs/1.6/json/>.

use serde_json::{Value, json};

use super::license::{License, license};
use super::{Bill, Component, TOOL, TOOL_VERSION};
use crate::image::inventory::Manager;

/// Before the names of properties that the format has none of its own for.
const NAMESPACE: &str = "docker-scan";

pub(super) fn document(bill: &Bill<'_>) -> Value {
    let image = bill.image;
    let root = bill.image_purl();
    let mut components: Vec<Value> = Vec::new();
    let mut on_top: Vec<Value> = Vec::new();
    let distribution = &image.distribution;
    if !distribution.is_unknown() {
        let reference = format!("os:{}@{}", distribution.id, distribution.version_id);
        let mut component = json!({
            "bom-ref": reference,
            "type": "operating-system",
            "name": distribution.id,
        });
        add_text(&mut component, "version", &distribution.version_id);
        add_text(&mut component, "description", &distribution.name);
        components.push(component);
        on_top.push(json!(reference));
    }
    components.extend(bill.components.iter().map(component));
    let top = bill.components.iter().filter(|component| component.is_top);
    on_top.extend(top.map(|component| json!(component.purl)));
    let mut dependencies = vec![json!({ "ref": root, "dependsOn": on_top })];
    dependencies.extend(bill.components.iter().map(|component| {
        let needs = component.needs.iter();
        let needs: Vec<&str> = needs.map(|at| &*bill.components[*at].purl).collect();
        json!({ "ref": component.purl, "dependsOn": needs })
    }));
    json!({
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": format!("urn:uuid:{}", bill.uuid("cyclonedx")),
        "version": 1,
        "metadata": {
            "timestamp": bill.created,
            "tools": { "components": [{ "type": "application", "name": TOOL, "version": TOOL_VERSION }] },
            "component": image_component(bill, &root),
        },
        "components": components,
        "dependencies": dependencies,
    })
}

fn image_component(bill: &Bill<'_>, reference: &str) -> Value {
    let image = bill.image;
    let mut properties = vec![property("platform", &image.image.config.platform())];
    let names = image.image.names.iter();
    properties.extend(names.map(|name| property("image:name", name)));
    let layers = image.image.layers.iter();
    properties.extend(layers.map(|layer| property("image:diff_id", &layer.diff_id)));
    let mut component = json!({
        "bom-ref": reference,
        "type": "container",
        "name": image.name,
        "version": image.digest(),
        "purl": reference,
        "properties": properties,
    });
    if let Some(hex) = bill.image_sha256() {
        component["hashes"] = json!([{ "alg": "SHA-256", "content": hex }]);
    }
    component
}

fn component(component: &Component<'_>) -> Value {
    let package = component.package;
    let is_program = package.manager == Manager::Binary || !component.needs.is_empty();
    let (group, name) = match package.name.split_once('/') {
        // A scope of npm is a group; the path of a module is its name.
        Some((scope, name)) if package.manager == Manager::Npm => (scope, name),
        _ => ("", &*package.name),
    };
    let mut value = json!({
        "bom-ref": component.purl,
        "type": if is_program { "application" } else { "library" },
        "name": name,
        "version": package.version,
        "purl": component.purl,
    });
    add_text(&mut value, "group", group);
    if let Some(text) = &package.license {
        value["licenses"] = match license(text) {
            License::Expression(expression) => json!([{ "expression": expression }]),
            License::Named(name) => json!([{ "license": { "name": name } }]),
        };
    }
    let mut properties = vec![property("manager", package.manager.name())];
    if let Some(source) = &package.source {
        properties.push(property("source", &source.to_string()));
    }
    let mut occurrences = Vec::new();
    for place in &component.places {
        occurrences.push(json!({ "location": place.record }));
        let lines = place.lines();
        for (name, text) in [("layer", place.layer), ("dockerfile", lines.as_deref())] {
            let property = text.map(|text| property(name, text));
            // Several places may be of one layer.
            properties.extend(property.filter(|property| !properties.contains(property)));
        }
    }
    occurrences.dedup();
    value["evidence"] = json!({ "occurrences": occurrences });
    value["properties"] = Value::Array(properties);
    value
}

fn property(name: &str, value: &str) -> Value {
    json!({ "name": format!("{NAMESPACE}:{name}"), "value": value })
}

fn add_text(value: &mut Value, key: &str, text: &str) {
    if !text.is_empty() {
        value[key] = json!(text);
    }
}
