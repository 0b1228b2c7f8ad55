//! JSON patches (RFC 6902): operations at places that a JSON pointer (RFC 6901) names.

use super::super::tree::{Data, Tree};
use super::unknown;
use crate::error::{Error, Result};

/// Carries out the operations of a patch, in order.
///
/// # Errors
/// An operation is malformed, is none that is known here, or is about what is not there.
pub(super) fn apply(object: &mut Tree, patch: &Tree) -> Result<()> {
    for operation in patch.items() {
        let field = |name: &str| {
            operation.get(name).ok_or_else(|| {
                Error::usage(format!("an operation of a JSON patch has no `{name}`"))
                    .at(operation.place.clone())
            })
        };
        let pointer = field("path")?;
        let kind = field("op")?;
        let steps = steps(pointer)?;
        let done = match kind.text() {
            Some("add") => put(object, &steps, field("value")?, true),
            Some("replace") => put(object, &steps, field("value")?, false),
            Some("remove") => remove(object, &steps),
            Some("test") => find(object, &steps)
                .filter(|there| same(there, operation.get("value")))
                .map(|_| ()),
            other => {
                return Err(unknown(
                    format!(
                        "the operation `{}` of a JSON patch is not known here",
                        other.unwrap_or_default()
                    ),
                    kind.place.clone(),
                ));
            }
        };
        done.ok_or_else(|| {
            Error::usage(format!(
                "the patch does not fit what it patches: `{}`",
                pointer.text().unwrap_or_default()
            ))
            .at(pointer.place.clone())
        })?;
    }
    Ok(())
}

fn steps(path: &Tree) -> Result<Vec<String>> {
    let text = path.text().unwrap_or_default();
    let Some(rest) = text.strip_prefix('/') else {
        return Err(
            Error::usage(format!("`{text}` is no JSON pointer: it starts with `/`"))
                .at(path.place.clone()),
        );
    };
    Ok(rest
        .split('/')
        .map(|step| step.replace("~1", "/").replace("~0", "~"))
        .collect())
}

fn find<'t>(tree: &'t mut Tree, steps: &[String]) -> Option<&'t mut Tree> {
    steps.iter().try_fold(tree, |tree, step| child(tree, step))
}

fn child<'t>(tree: &'t mut Tree, step: &str) -> Option<&'t mut Tree> {
    if matches!(tree.data, Data::Mapping(_)) {
        return tree.get_mut(step);
    }
    match &mut tree.data {
        Data::Sequence(items) => items.get_mut(index(step)?),
        _ => None,
    }
}

/// RFC 6901 knows no leading zeros.
fn index(step: &str) -> Option<usize> {
    let is_plain = step == "0" || !step.starts_with('0');
    step.parse()
        .ok()
        .filter(|_| is_plain && !step.starts_with('+'))
}

fn put(tree: &mut Tree, steps: &[String], value: &Tree, add: bool) -> Option<()> {
    let (last, before) = steps.split_last()?;
    let parent = find(tree, before)?;
    match &mut parent.data {
        Data::Mapping(_) => {
            if !add {
                parent.get(last)?;
            }
            parent.set(last, value.clone());
        }
        Data::Sequence(items) if add && last == "-" => items.push(value.clone()),
        Data::Sequence(items) if add => {
            let at = index(last).filter(|at| *at <= items.len())?;
            items.insert(at, value.clone());
        }
        Data::Sequence(items) => *items.get_mut(index(last)?)? = value.clone(),
        Data::Scalar(_) => return None,
    }
    Some(())
}

fn remove(tree: &mut Tree, steps: &[String]) -> Option<()> {
    let (last, before) = steps.split_last()?;
    let parent = find(tree, before)?;
    match &mut parent.data {
        Data::Mapping(_) => {
            parent.get(last)?;
            parent.remove(last);
        }
        Data::Sequence(items) => {
            let at = index(last).filter(|at| *at < items.len())?;
            items.remove(at);
        }
        Data::Scalar(_) => return None,
    }
    Some(())
}

/// Whether two values are the same, wherever they were written.
fn same(a: &Tree, b: Option<&Tree>) -> bool {
    let Some(b) = b else {
        return false;
    };
    match (&a.data, &b.data) {
        (Data::Scalar(a), Data::Scalar(b)) => a.text == b.text,
        (Data::Sequence(a), Data::Sequence(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, Some(b)))
        }
        (Data::Mapping(a), Data::Mapping(_)) => {
            a.len() == b.fields().len()
                && a.iter().all(|field| same(&field.value, b.get(&field.name)))
        }
        _ => false,
    }
}
