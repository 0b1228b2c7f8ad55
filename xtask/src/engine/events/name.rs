//! Vertex names: `[target platform stage n/m] INSTRUCTION` and their relatives.

use std::collections::BTreeSet;

use super::{Position, VertexKind};

/// What a vertex name says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Name {
    pub(super) target: Option<String>,
    pub(super) platform: Option<String>,
    pub(super) kind: VertexKind,
    pub(super) text: String,
}

/// Reads a name. `targets` are all targets of this bake, linked ones too: names of a single target have no prefix, and
/// `[x 1/2]` can only be told to be a target's unnamed stage by knowing that `x` is one.
pub(super) fn parse(name: &str, targets: &BTreeSet<String>) -> Name {
    let only = match targets.len() {
        1 => targets.first().cloned(),
        _ => None,
    };
    let Some((words, text)) = bracket(name) else {
        return Name {
            target: only,
            platform: None,
            kind: describe(name),
            text: name.to_owned(),
        };
    };
    let mut words: Vec<&str> = words.split_whitespace().collect();
    let text = text.to_owned();
    if let Some((index, total)) = words.last().and_then(|w| fraction(w)) {
        words.pop();
        let platform = words
            .iter()
            .position(|w| w.contains('/'))
            .map(|at| words.remove(at).to_owned());
        let (target, stage) = match words[..] {
            [] => (only, None),
            [target] if only.is_none() && targets.contains(target) => {
                (Some(target.to_owned()), None)
            }
            [stage] => (only, Some(stage.to_owned())),
            [target, stage, ..] => (Some(target.to_owned()), Some(stage.to_owned())),
        };
        let position = Position {
            stage,
            index,
            total,
        };
        let kind = if text.starts_with("FROM ") {
            VertexKind::Base(position)
        } else {
            VertexKind::Step(position)
        };
        return Name {
            target,
            platform,
            kind,
            text,
        };
    }
    let (target, kind) = match words[..] {
        ["internal"] => (only, VertexKind::Internal),
        ["auth"] => (only, VertexKind::Auth),
        ["context", ..] => (only, VertexKind::Context),
        [target, "internal"] => (Some(target.to_owned()), VertexKind::Internal),
        [target, "auth"] => (Some(target.to_owned()), VertexKind::Auth),
        [target, "context", ..] => (Some(target.to_owned()), VertexKind::Context),
        [target] => (Some(target.to_owned()), describe(&text)),
        _ => (only, VertexKind::Other),
    };
    Name {
        target,
        platform: None,
        kind,
        text,
    }
}

/// `[words] text`.
fn bracket(name: &str) -> Option<(&str, &str)> {
    let (words, text) = name.strip_prefix('[')?.split_once(']')?;
    Some((words, text.trim_start()))
}

/// `n/m`.
fn fraction(word: &str) -> Option<(u32, u32)> {
    let (index, total) = word.split_once('/')?;
    Some((index.parse().ok()?, total.parse().ok()?))
}

fn describe(text: &str) -> VertexKind {
    const EXPORTS: [&str; 5] = [
        "exporting",
        "pushing",
        "preparing build cache",
        "sending tarball",
        "unpacking",
    ];
    if EXPORTS.iter().any(|start| text.starts_with(start)) {
        VertexKind::Export
    } else {
        VertexKind::Other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(name: &str, targets: &[&str]) -> String {
        let Name {
            target,
            platform,
            kind,
            text,
        } = parse(name, &targets.iter().map(|&t| t.to_owned()).collect());
        let kind = match kind {
            VertexKind::Step(p) => format!("step {p}"),
            VertexKind::Base(p) => format!("base {p}"),
            other => format!("{other:?}"),
        };
        let or_dash = |o: Option<String>| o.unwrap_or_else(|| "-".into());
        format!(
            "{} | {} | {kind} | {text}",
            or_dash(target),
            or_dash(platform)
        )
    }

    #[test]
    fn names_as_the_engine_gives_them() {
        let many = ["base", "api", "slow", "build"];
        for (name, targets, expected) in [
            (
                "[api build 1/4] COPY libs ./libs",
                &many[..],
                "api | - | step build 1/4 | COPY libs ./libs",
            ),
            (
                "[slow 1/2] RUN a [b] c",
                &many,
                "slow | - | step 1/2 | RUN a [b] c",
            ),
            (
                "[api linux/amd64->arm64 build 1/2] RUN x",
                &many,
                "api | linux/amd64->arm64 | step build 1/2 | RUN x",
            ),
            (
                "[api linux/arm64 stage-1 1/1] COPY a b",
                &many,
                "api | linux/arm64 | step stage-1 1/1 | COPY a b",
            ),
            (
                "[base os 1/4] FROM docker.io/library/node:20@sha256:ab",
                &many,
                "base | - | base os 1/4 | FROM docker.io/library/node:20@sha256:ab",
            ),
            (
                "[api internal] load build context",
                &many,
                "api | - | Internal | load build context",
            ),
            (
                "[internal] load local bake definitions",
                &many,
                "- | - | Internal | load local bake definitions",
            ),
            (
                "[api context node:20-alpine] standin",
                &many,
                "api | - | Context | standin",
            ),
            (
                "[api auth] library/node:pull token for registry",
                &many,
                "api | - | Auth | library/node:pull token for registry",
            ),
            (
                "[api] exporting to image",
                &many,
                "api | - | Export | exporting to image",
            ),
            (
                "[api] resolving provenance for metadata file",
                &many,
                "api | - | Other | resolving provenance for metadata file",
            ),
            (
                "[build 2/4] RUN x",
                &["api"],
                "api | - | step build 2/4 | RUN x",
            ),
            (
                "[build 2/4] RUN x",
                &["build"],
                "build | - | step build 2/4 | RUN x",
            ),
            ("[build 2/4] RUN x", &[], "- | - | step build 2/4 | RUN x"),
            ("[1/2] RUN x", &["api"], "api | - | step 1/2 | RUN x"),
            (
                "[context reg/base] load metadata for x",
                &["api"],
                "api | - | Context | load metadata for x",
            ),
            (
                "exporting to image",
                &["api"],
                "api | - | Export | exporting to image",
            ),
            (
                "resolve image config for docker-image://x",
                &["api"],
                "api | - | Other | resolve image config for docker-image://x",
            ),
            ("[", &[], "- | - | Other | ["),
            ("[]", &[], "- | - | Other | "),
        ] {
            assert_eq!(shown(name, targets), expected, "{name}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_name_is_survived(name in "\\[?[a-z0-9/ \\]>-]{0,40}\\PC{0,10}") {
            let _ = parse(&name, &BTreeSet::new());
        }
    }
}
