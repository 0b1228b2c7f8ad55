//! The values of `ARG` and `ENV`, as far as they are known.
//!
//! As `BuildKit` does it: an `ARG` sees a global one of its name only where it redeclares it; whichever of `ARG` and
//! `ENV` comes last is in force while building; in the image only `ENV` remains; an `ARG` without a value leaves what
//! a parent stage has set.

use std::borrow::Cow;
use std::cell::Cell;
use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::dockerfile::{ArgDeclaration, Dockerfile, KeyValue, PLATFORM_ARGS, expand};
use crate::lint::model::reference::UNKNOWN;
use crate::lint::model::{Known, Moment, Origin, Variable};
use crate::source::Span;

/// What `PATH` is when the base image sets none.
pub(super) const DEFAULT_PATH: &str =
    "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// A value may be this much longer than the text it comes from: `ENV A=$A$A` a few thousand times would fill the
/// memory, as every value is kept.
const MAX_GROWTH: usize = 1024;

/// Variables that every `RUN` may see.
static PREDEFINED: LazyLock<BTreeMap<&'static str, Variable>> = LazyLock::new(|| {
    [
        "HTTP_PROXY",
        "http_proxy",
        "HTTPS_PROXY",
        "https_proxy",
        "FTP_PROXY",
        "ftp_proxy",
        "NO_PROXY",
        "no_proxy",
        "ALL_PROXY",
        "all_proxy",
    ]
    .into_iter()
    .map(|name| (name, variable(name, Known::Unknown, Origin::Predefined)))
    .collect()
});

/// A proxy variable.
pub(super) fn predefined(name: &str) -> Option<&'static Variable> {
    PREDEFINED.get(name)
}

/// One that is not declared in this file.
pub(super) fn variable(name: &str, value: Known<Option<String>>, origin: Origin) -> Variable {
    Variable {
        name: name.to_owned(),
        value,
        in_image: matches!(origin, Origin::Env | Origin::BaseImage),
        origin,
        span: None,
    }
}

/// The global scope.
#[derive(Debug, Default)]
pub(super) struct Globals {
    values: BTreeMap<String, Known<Option<String>>>,
}

impl Globals {
    /// `ARG`s before the first `FROM`, under the given build arguments.
    pub(super) fn new(file: &Dockerfile, arguments: &BTreeMap<String, String>) -> Self {
        let mut globals = Self::default();
        for argument in &file.global_args {
            let name = argument.name.value.as_str();
            let value = match (set_from_outside(arguments, name), &argument.default) {
                (Some(value), _) => Known::Yes(Some(value.clone())),
                (None, Some(default)) => globals.expand(&default.value, file.escape).map(Some),
                (None, None) => match platform(arguments, name) {
                    Some(value) => value.map(Some),
                    None => Known::Yes(None),
                },
            };
            globals.values.insert(name.to_owned(), value);
        }
        for name in PLATFORM_ARGS {
            if !globals.values.contains_key(name)
                && let Some(value) = arguments.get(name)
            {
                let value = Known::Yes(Some(value.clone()));
                globals.values.insert(name.to_owned(), value);
            }
        }
        globals
    }

    /// What an `ARG` without a default gets.
    fn value(&self, name: &str) -> Known<Option<String>> {
        match self.values.get(name) {
            Some(value) => value.clone(),
            None if PLATFORM_ARGS.contains(&name) => Known::Unknown,
            None => Known::Yes(None),
        }
    }

    /// Expands a text of the global scope, or of a `FROM`. A variable without a value is unknown.
    pub(super) fn expand(&self, text: &str, escape: char) -> Known<String> {
        expanded(text, escape, &|name| {
            self.value(name)
                .yes()
                .flatten()
                .map_or(Value::Unknown, |value| Value::Set(Cow::Owned(value)))
        })
    }
}

impl Globals {
    /// As [`Globals::expand`], with [`UNKNOWN`] for what is not known; empty if nothing can be said.
    pub(super) fn expand_marked(&self, text: &str, escape: char) -> String {
        let lookup = |name: &str| {
            let value = self.value(name).yes().flatten();
            Some(value.unwrap_or_else(|| UNKNOWN.to_string()))
        };
        expand(text, escape, &lookup).map_or_else(|_| String::new(), |expanded| expanded.value)
    }
}

/// A build argument that someone set. The platform's are no such thing: a default in the file beats them.
fn set_from_outside<'a>(arguments: &'a BTreeMap<String, String>, name: &str) -> Option<&'a String> {
    arguments
        .get(name)
        .filter(|_| !PLATFORM_ARGS.contains(&name))
}

/// The value of a platform argument; `None` if it is none.
fn platform(arguments: &BTreeMap<String, String>, name: &str) -> Option<Known<String>> {
    PLATFORM_ARGS
        .contains(&name)
        .then(|| arguments.get(name).cloned().into())
}

/// What a variable comes to.
pub(super) enum Value<'v> {
    Set(Cow<'v, str>),
    Unset,
    Unknown,
}

/// Expands as one word; unknown if it touches something unknown, or cannot be expanded.
pub(super) fn expanded<'v>(
    text: &str,
    escape: char,
    lookup: &dyn Fn(&str) -> Value<'v>,
) -> Known<String> {
    if !text.contains(['$', '"', '\'', escape]) {
        return Known::Yes(text.to_owned());
    }
    let is_unknown = Cell::new(false);
    let result = expand(text, escape, &|name| match lookup(name) {
        Value::Set(value) => Some(value.into_owned()),
        Value::Unset => None,
        Value::Unknown => {
            is_unknown.set(true);
            // Something, so that `${x:?}` goes on.
            Some("?".to_owned())
        }
    });
    match result {
        Ok(expanded)
            if !is_unknown.get() && expanded.value.len() <= text.len().max(64) + MAX_GROWTH =>
        {
            Known::Yes(expanded.value)
        }
        _ => Known::Unknown,
    }
}

/// What an `ARG` of a stage changes; `None` if everything stays as it was.
pub(super) fn declared(moment: Moment<'_>, declaration: &ArgDeclaration) -> Option<Variable> {
    let model = moment.stage.model;
    let name = declaration.name.value.as_str();
    let value = match (
        set_from_outside(&model.arguments, name),
        &declaration.default,
    ) {
        (Some(value), _) => Known::Yes(Some(value.clone())),
        (None, Some(default)) => moment.expand(&default.value).map(Some),
        (None, None) => model.globals.value(name),
    };
    let before = moment
        .variable(name)
        .filter(|v| v.origin != Origin::Predefined);
    if value == Known::Yes(None) && before.is_some() {
        return None;
    }
    let end = declaration
        .default
        .as_ref()
        .map_or(declaration.name.span.end, |default| default.span.end);
    Some(Variable {
        name: name.to_owned(),
        value,
        origin: Origin::Arg,
        in_image: before.is_some_and(|variable| variable.in_image),
        span: Some(Span::new(declaration.name.span.start, end)),
    })
}

/// What a pair of an `ENV` sets; `None` if its name is not known.
pub(super) fn set(moment: Moment<'_>, pair: &KeyValue) -> Option<Variable> {
    Some(Variable {
        name: moment.expand(&pair.key.value).yes()?,
        value: moment.expand(&pair.value.value).map(Some),
        origin: Origin::Env,
        in_image: true,
        span: Some(Span::new(pair.key.span.start, pair.value.span.end)),
    })
}
