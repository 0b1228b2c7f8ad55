//! Secrets that stand in manifests.

use super::{Found, Manifests, help, rules};
use crate::deploy::tree::Tree;
use crate::secrets::content::{Format, scan};
use crate::secrets::variables::{is_harmless, is_secret};
use crate::source::Location;

pub(super) fn check(manifests: &Manifests<'_>, found: &mut Found<'_>) {
    for object in manifests.subject.objects {
        match object.kind.as_str() {
            "Secret" => {
                for field in ["data", "stringData"] {
                    let data = object.tree.get(field).map_or(&[][..], Tree::fields);
                    if let Some(first) = data.first() {
                        let message = format!("{} holds its data", object.title());
                        let finding = found.at(&rules::SECRET, &first.place, message);
                        help(
                            finding,
                            "let something else put it into the cluster (an operator, a sealed secret), and refer to it by name",
                        );
                    }
                }
            }
            "ConfigMap" => {
                for field in object.tree.get("data").map_or(&[][..], Tree::fields) {
                    let value = field.value.text().unwrap_or_default();
                    variable(
                        &field.name,
                        value,
                        &field.value.place,
                        &object.title(),
                        found,
                    );
                }
            }
            _ => {}
        }
    }
    for container in &manifests.containers {
        for entry in container.tree.get("env").map_or(&[][..], Tree::items) {
            if let (Some(name), Some(value)) = (entry.text_of(&["name"]), entry.get("value")) {
                let text = value.text().unwrap_or_default();
                variable(name, text, &value.place, &container.title(), found);
            }
        }
    }
}

/// One variable with its value, which is never shown.
fn variable(name: &str, value: &str, place: &Location, title: &str, found: &mut Found<'_>) {
    let by_name = is_secret(name) && !is_harmless(value);
    let by_value = || {
        let line = format!("{name}={value}\n");
        !scan(Format::Variables, line.as_bytes()).matches.is_empty()
    };
    if by_name || by_value() {
        let message = format!("{title} holds the value of `{}`", name.escape_debug());
        let finding = found.at(&rules::SECRET, place, message);
        help(
            finding,
            "refer to a Secret: `valueFrom: { secretKeyRef: … }`",
        );
    }
}
