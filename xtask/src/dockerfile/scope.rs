//! The global scope: `ARG`s before the first `FROM`.

use std::collections::BTreeMap;

use crate::dockerfile::expand::expand;
use crate::dockerfile::{Dockerfile, SyntaxError};

/// Arguments every build has, without an `ARG` in the global scope (in a stage they need one).
pub const PLATFORM_ARGS: [&str; 11] = [
    "BUILDPLATFORM",
    "BUILDOS",
    "BUILDOSVERSION",
    "BUILDARCH",
    "BUILDVARIANT",
    "TARGETPLATFORM",
    "TARGETOS",
    "TARGETOSVERSION",
    "TARGETARCH",
    "TARGETVARIANT",
    "TARGETSTAGE",
];

/// The values in force before the first stage.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GlobalScope {
    /// Name to value.
    pub values: BTreeMap<String, String>,
    /// Defaults that could not be expanded.
    pub errors: Vec<SyntaxError>,
}

impl Dockerfile {
    /// The global scope under the given build arguments. [`PLATFORM_ARGS`] among them count without a declaration.
    #[must_use]
    pub fn global_scope(&self, args: &BTreeMap<String, String>) -> GlobalScope {
        let mut scope = GlobalScope::default();
        for name in PLATFORM_ARGS {
            if let Some(value) = args.get(name) {
                scope.values.insert(name.to_owned(), value.clone());
            }
        }
        for arg in &self.global_args {
            let name = &arg.name.value;
            let overridden = build_argument(args, name).cloned();
            let value = match (overridden, &arg.default) {
                (Some(value), _) => value,
                (None, None) => continue,
                (None, Some(default)) => {
                    match expand(&default.value, self.escape, &|name| {
                        scope.values.get(name).cloned()
                    }) {
                        Ok(expanded) => expanded.value,
                        Err(message) => {
                            scope.errors.push(SyntaxError {
                                span: default.span,
                                message,
                            });
                            continue;
                        }
                    }
                }
            };
            scope.values.insert(name.clone(), value);
        }
        scope
    }
}

/// A build argument that someone set. The platform arguments are no such thing: a default in the file beats them.
pub(super) fn build_argument<'a>(
    args: &'a BTreeMap<String, String>,
    name: &str,
) -> Option<&'a String> {
    args.get(name).filter(|_| !PLATFORM_ARGS.contains(&name))
}
