//! What a change of the tool, or of the manifest, does to builds beyond the files that they take: the bake file before
//! and after.

use std::collections::{BTreeMap, BTreeSet};

use super::Surroundings;
use crate::bake::TargetKind;
use crate::commands::bake::beside_manifest;
use crate::commands::ignore::{Amendment, Answer};
use crate::error::Result;
use crate::git;

/// The images whose targets say something else in the bake file that is committed with `base` than in the one that would
/// be generated now. A bake file that was not committed tells nothing.
///
/// # Errors
/// Git fails.
pub(super) fn changed(
    answer: &Answer,
    surroundings: &Surroundings<'_>,
    kind: TargetKind,
) -> Result<Vec<Amendment>> {
    let Surroundings {
        project,
        plan,
        base,
        repository,
        runner,
        ..
    } = *surroundings;
    let path = beside_manifest(project.manifest.path(), "docker-bake.hcl");
    let text = plan.hcl();
    // What is committed need not be asked for where it is what would be generated now.
    let is_up_to_date = || {
        let bytes = std::fs::read(surroundings.looked.root.join(&path));
        bytes.is_ok_and(|bytes| bytes == text.as_bytes())
    };
    if !answer.names(&path) && is_up_to_date() {
        return Ok(Vec::new());
    }
    let Some(before) = git::text_at(runner, repository, base, &path)? else {
        return Ok(Vec::new());
    };
    let (before, after) = (Blocks::of(before.text()), Blocks::of(&text));
    let functions = before.functions != after.functions;
    let variables: BTreeSet<&str> = before.changed_variables(&after).collect();
    let differs = |name: &str| {
        if functions {
            return Some(format!("a function of {path} is another"));
        }
        let now = after.targets.get(name)?;
        if before.targets.get(name) != Some(now) {
            return Some(format!("the target {name} of {path} says something else"));
        }
        let variable = variables
            .iter()
            .find(|variable| now.iter().any(|line| line.contains(**variable)))?;
        Some(format!(
            "the variable {variable} of {path} has another default"
        ))
    };
    let of_kind = plan.targets.iter().filter(|target| target.kind == kind);
    let amended = of_kind.filter_map(|target| {
        let linked = plan.closure([target.name.as_str()]);
        let reason = linked.iter().find_map(|target| differs(&target.name))?;
        Some(Amendment {
            image: target.image.clone(),
            dockerfile: target.dockerfile.clone().into(),
            reason,
        })
    });
    Ok(amended.collect())
}

/// The blocks of a generated bake file, line by line, without what makes no other image.
#[derive(Debug, Default, PartialEq, Eq)]
struct Blocks<'t> {
    functions: Vec<&'t str>,
    variables: BTreeMap<&'t str, Vec<&'t str>>,
    targets: BTreeMap<&'t str, Vec<&'t str>>,
}

/// Attributes that do not show in an image, or in its name alone.
const INVISIBLE: [&str; 6] = [
    "description",
    "cache-from",
    "cache-to",
    "tags",
    "attest",
    "secret",
];
/// Functions that do not show in an image.
const INVISIBLE_FUNCTIONS: [&str; 4] = ["cache", "tags", "attestations", "platforms"];

impl<'t> Blocks<'t> {
    fn of(text: &'t str) -> Self {
        let mut blocks = Self::default();
        let mut lines = text.lines();
        while let Some(line) = lines.next() {
            let mut words = line.split_whitespace();
            let (Some(kind), Some(name)) = (words.next(), words.next()) else {
                continue;
            };
            if !line.ends_with('{') || line.starts_with(' ') {
                continue;
            }
            let name = name.trim_matches('"');
            let body = lines.by_ref().take_while(|line| *line != "}");
            let mut is_inside = false;
            let body = body.filter(|line| {
                if is_inside {
                    // It ends where it began.
                    is_inside = !["  ]", "  }", "  )"]
                        .iter()
                        .any(|end| line.starts_with(end));
                    return false;
                }
                let key = line.split_whitespace().next().unwrap_or_default();
                let is_invisible = INVISIBLE.contains(&key);
                is_inside = is_invisible && line.ends_with(['[', '{', '(']);
                !is_invisible
            });
            match kind {
                "target" => {
                    blocks.targets.insert(name, body.collect());
                }
                "variable" => {
                    blocks.variables.insert(name, body.collect());
                }
                "function" if !INVISIBLE_FUNCTIONS.iter().any(|part| name.contains(part)) => {
                    blocks.functions.extend(body);
                }
                _ => body.for_each(drop),
            }
        }
        blocks
    }

    /// Build arguments whose value is another; what else variables say is up to who runs it.
    fn changed_variables<'o>(&'o self, other: &'o Self) -> impl Iterator<Item = &'o str> {
        let names = self.variables.keys().chain(other.variables.keys());
        names
            .copied()
            .filter(|name| name.contains("_ARG_"))
            .filter(|name| self.variables.get(name) != other.variables.get(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = r#"# Generated
variable "A_ARG_X" {
  default = "1"
}

function "a_tags" {
  params = [image]
}

target "api" {
  description = "x"
  dockerfile = "d"
  secret = compact([
    "id=a",
  ])
  args = {
    X = A_ARG_X
  }
  tags = a_tags("api")
}

target "web" {
  dockerfile = "w"
}
"#;

    #[test]
    fn what_shows_in_an_image_counts() {
        let blocks = Blocks::of(FILE);
        assert_eq!(
            blocks.targets.keys().copied().collect::<Vec<_>>(),
            ["api", "web"]
        );
        for (from, to) in [
            ("\"x\"", "\"y\""),
            ("a_tags(", "b_tags("),
            ("\"id=a\"", "\"id=b\""),
            ("[image]", "[name]"),
            ("# Gen", "# Not gen"),
        ] {
            assert_eq!(Blocks::of(&FILE.replace(from, to)), blocks, "{from}");
        }
        let other = FILE.replace("\"d\"", "\"e\"").replace("\"1\"", "\"2\"");
        let other = Blocks::of(&other);
        assert_ne!(other.targets["api"], blocks.targets["api"]);
        assert_eq!(other.targets["web"], blocks.targets["web"]);
        assert_eq!(blocks.changed_variables(&other).next(), Some("A_ARG_X"));
    }
}
