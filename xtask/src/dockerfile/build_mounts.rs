//! The secrets and caches that `RUN --mount` asks for, with variables expanded and defaults filled in.

use std::collections::BTreeMap;

use crate::dockerfile::environment::{clean_path, replay};
use crate::dockerfile::{
    Base, Dockerfile, InstructionKind, Mount, Stage, StageGraph, mount_fields,
};
use crate::source::Span;

/// `RUN --mount=type=secret`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretMount {
    /// What `--secret id=` must be called: `id`, `source`, or the last part of the target.
    pub id: String,
    /// Whether the build fails without it.
    pub required: bool,
    /// The environment variable that holds it, if any.
    pub variable: Option<String>,
    /// The stage.
    pub stage: usize,
    /// The flag.
    pub span: Span,
}

/// `RUN --mount=type=cache`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CacheMount {
    /// `id`, or the target's path.
    pub id: String,
    /// The stage.
    pub stage: usize,
    /// The flag.
    pub span: Span,
}

/// Everything the stages that a target needs mount.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BuildMounts {
    /// In the order of the file; an id can come several times.
    pub secrets: Vec<SecretMount>,
    /// In the order of the file; an id can come several times.
    pub caches: Vec<CacheMount>,
}

/// The mounts a build of the stage `target` uses. `args` as for [`crate::dockerfile::stage_environment`].
#[must_use]
pub fn build_mounts(
    file: &Dockerfile,
    target: usize,
    args: &BTreeMap<String, String>,
) -> BuildMounts {
    let graph = file.graph(args);
    let stages = graph.reachable(target);
    mounts_of(file, &graph, &stages, args)
}

/// The mounts of all stages, whoever needs them.
#[must_use]
pub fn all_build_mounts(file: &Dockerfile, args: &BTreeMap<String, String>) -> BuildMounts {
    let stages: Vec<usize> = (0..file.stages.len()).collect();
    mounts_of(file, &file.graph(args), &stages, args)
}

fn mounts_of(
    file: &Dockerfile,
    graph: &StageGraph,
    stages: &[usize],
    args: &BTreeMap<String, String>,
) -> BuildMounts {
    let mut found = BuildMounts::default();
    for &stage in stages {
        // Who mounts nothing need not be followed.
        if !mounts(file, graph, stage) {
            continue;
        }
        replay(file, graph, stage, args, &mut |moment| {
            let InstructionKind::Run(run) = &moment.instruction.kind else {
                return;
            };
            for mount in &run.mounts {
                let field = |names: &[&str]| {
                    last_field(mount, names, &|value| {
                        let expanded = moment.before.expand(value, file.escape);
                        expanded.map_or_else(|_| value.to_owned(), |expanded| expanded.value)
                    })
                };
                let kind = field(&["type"]).unwrap_or_default().to_lowercase();
                let target = field(&["target", "dst", "destination"]).unwrap_or_default();
                let id = field(&["id"]).filter(|id| !id.is_empty());
                if kind == "secret" {
                    let source = field(&["source", "src"]).filter(|source| !source.is_empty());
                    found.secrets.push(SecretMount {
                        id: source.or(id).unwrap_or_else(|| base_name(&target)),
                        required: is_true(mount, "required"),
                        variable: field(&["env"]),
                        stage,
                        span: mount.span,
                    });
                } else if kind == "cache" {
                    found.caches.push(CacheMount {
                        id: id.unwrap_or_else(|| clean_target(&target)),
                        stage,
                        span: mount.span,
                    });
                }
            }
        });
    }
    found
}

/// Whether a stage, or what its base triggers there, mounts anything.
fn mounts(file: &Dockerfile, graph: &StageGraph, stage: usize) -> bool {
    let base = match graph.bases.get(stage) {
        Some(Base::Stage(base)) => file.stages.get(*base),
        _ => None,
    };
    let own = file
        .stages
        .get(stage)
        .into_iter()
        .flat_map(|s| &s.instructions);
    base.into_iter()
        .flat_map(Stage::triggers)
        .chain(own)
        .any(|instruction| {
            matches!(&instruction.kind, InstructionKind::Run(run) if !run.mounts.is_empty())
        })
}

/// Of fields that mean the same, the last one counts.
fn last_field(mount: &Mount, names: &[&str], expand: &dyn Fn(&str) -> String) -> Option<String> {
    mount
        .fields
        .iter()
        .rfind(|(key, value)| value.is_some() && names.contains(&key.as_str()))
        .and_then(|(_, value)| value.as_deref().map(expand))
}

/// `required`, or `required=true` in one of its spellings.
fn is_true(mount: &Mount, name: &str) -> bool {
    mount
        .fields
        .iter()
        .rfind(|(key, _)| key == name)
        .is_some_and(|(_, value)| match value.as_deref() {
            None => true,
            Some(value) => mount_fields::is_true(value),
        })
}

fn base_name(path: &str) -> String {
    path.trim_end_matches('/')
        .rsplit('/')
        .next()
        .unwrap_or_default()
        .to_owned()
}

fn clean_target(path: &str) -> String {
    if path.starts_with('/') {
        clean_path(path)
    } else {
        clean_path(path)[1..].to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dockerfile::parse;
    use crate::source::Source;

    #[test]
    fn secrets_and_caches_of_the_stages_that_are_needed() {
        let text = "FROM a AS unused\nRUN --mount=type=secret,id=never x\n\
            FROM a AS deps\nARG NAME=npm\n\
            RUN --mount=type=secret,target=/run/secrets/npmrc,required --mount=type=cache,target=/root/.npm/ x\n\
            FROM b\nCOPY --from=deps /x /x\nARG K=cache\nRUN --mount=id=i,type=$K,dst=/y --mount=type=secret,id=t,env=TOKEN,required=false x\n\
            RUN --mount=type=bind,target=/z --mount=type=secret,id=none,src=file x\n";
        let file = parse(&Source::new("Dockerfile", text));
        assert_eq!(file.errors, []);
        let found = build_mounts(&file, 2, &BTreeMap::new());
        let secrets: Vec<_> = found
            .secrets
            .iter()
            .map(|s| (s.id.as_str(), s.required, s.variable.as_deref(), s.stage))
            .collect();
        assert_eq!(
            secrets,
            [
                ("npmrc", true, None, 1),
                ("t", false, Some("TOKEN"), 2),
                ("file", false, None, 2)
            ]
        );
        let caches: Vec<_> = found
            .caches
            .iter()
            .map(|c| (c.id.as_str(), c.stage))
            .collect();
        assert_eq!(caches, [("/root/.npm", 1), ("i", 2)]);
    }
}
