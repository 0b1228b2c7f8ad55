//! The labels of a file, and how those of the schema are judged.

use crate::dockerfile::{InstructionKind, KeyValue, expand};
use crate::lint::rule::Subject;
use crate::lint::{Diagnostics, Known, LabelKind, Model, Step};

/// Every label, in order.
pub(super) fn labels(model: &Model) -> impl Iterator<Item = (Step<'_>, &KeyValue)> {
    model.steps().flat_map(|step| {
        let pairs = match step.kind() {
            InstructionKind::Label(pairs) => pairs.as_slice(),
            _ => &[],
        };
        pairs.iter().map(move |pair| (step, pair))
    })
}

/// A label's name without quotes.
pub(super) fn key(pair: &KeyValue) -> &str {
    pair.key.value.trim_matches(['"', '\''])
}

/// A label's value without quotes, its variables replaced; `None` if one of them is not known.
pub(super) fn value(step: Step<'_>, pair: &KeyValue) -> Option<String> {
    if pair.value.value.contains('$') {
        return match step.before().expand(&pair.value.value) {
            Known::Yes(value) => Some(value),
            Known::Unknown => None,
        };
    }
    let escape = step.stage.model.file.escape;
    let expanded = expand(&pair.value.value, escape, &|_| None).ok()?;
    Some(expanded.value)
}

/// Reports the labels that the schema gives a kind and whose value is not of it. An empty value is another rule's
/// matter.
pub(super) fn report_values(
    subject: &Subject<'_>,
    diagnostics: &mut Diagnostics<'_>,
    kind: LabelKind,
    is_valid: fn(&str) -> bool,
    what: &str,
    help: &'static str,
) {
    let schema = &subject.options.label_schema;
    if !schema.values().any(|wanted| *wanted == kind) {
        return;
    }
    for (step, pair) in labels(subject.model) {
        if schema.get(key(pair)) != Some(&kind) {
            continue;
        }
        let Some(value) = value(step, pair).filter(|value| !value.is_empty()) else {
            continue;
        };
        if !is_valid(&value) {
            diagnostics
                .report(
                    pair.value.span,
                    format!("`{value}` of `{}` is no {what}", key(pair)),
                )
                .help(help);
        }
    }
}
