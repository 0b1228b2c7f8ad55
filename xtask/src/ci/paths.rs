//! What starts the workflow when it changes: what the images are made of, as GitHub's path filters have it.
//!
//! Reference: <https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#filter-pattern-cheat-sheet>.

use std::collections::BTreeSet;
use std::fmt;

use camino::{Utf8Path, Utf8PathBuf};

use crate::context::{From, Recipe, Step, StepKind, Take};

/// What is known of the repository.
#[derive(Clone, Copy)]
pub struct Known<'k> {
    /// What the steps of the Dockerfiles take, those of the images and of their bases.
    pub recipes: &'k [(&'k Recipe, &'k Utf8Path)],
    /// Whether a path is a folder; `None` if nothing is there.
    pub is_folder: &'k dyn Fn(&Utf8Path) -> Option<bool>,
    /// Files and patterns besides: ignore files, the manifest, the bake file, the tool.
    pub more: &'k [String],
}

impl fmt::Debug for Known<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Known")
            .field("recipes", &self.recipes)
            .field("more", &self.more)
            .finish_non_exhaustive()
    }
}

/// The patterns, sorted; empty if anything counts.
#[must_use]
pub fn paths(known: &Known<'_>) -> Vec<String> {
    let mut found: BTreeSet<String> = known.more.iter().cloned().collect();
    for (recipe, context) in known.recipes {
        found.insert(escaped(recipe.dockerfile.as_str()));
        for step in recipe.stages.iter().flat_map(|stage| &stage.steps) {
            for take in takes(step) {
                let root = match &take.from {
                    From::Context => context.to_path_buf(),
                    From::NamedContext(folder) => folder.clone(),
                    From::Stage(_) | From::Image(_) => continue,
                };
                if take.unknown {
                    found.extend(below(&root));
                }
                for source in &take.sources {
                    found.extend(patterns(&root, &source.path, known));
                }
            }
        }
    }
    if found.contains("**") {
        return Vec::new();
    }
    let folders: Vec<String> = found
        .iter()
        .filter_map(|pattern| pattern.strip_suffix("**"))
        .filter(|folder| folder.ends_with('/') && !folder.contains('*'))
        .map(str::to_owned)
        .collect();
    found
        .into_iter()
        .filter(|pattern| {
            let is_in = |folder: &String| {
                pattern.starts_with(folder.as_str()) && pattern.strip_suffix("**") != Some(folder)
            };
            !folders.iter().any(is_in)
        })
        .collect()
}

fn takes(step: &Step) -> Vec<&Take> {
    match &step.kind {
        StepKind::Copy { take, .. } => vec![take],
        StepKind::Run { mounts, .. } => mounts.iter().collect(),
        StepKind::Workdir(_) | StepKind::Other => Vec::new(),
    }
}

/// Everything below a folder of the repository.
fn below(folder: &Utf8Path) -> Vec<String> {
    match folder.as_str() {
        "" | "." => vec!["**".to_owned()],
        folder => vec![format!("{}/**", escaped(folder))],
    }
}

/// What a source of a copy names: a file, a folder with all that is in it, or either.
fn patterns(root: &Utf8Path, source: &str, known: &Known<'_>) -> Vec<String> {
    // With `--parents` a `/./` only says what the destination is called.
    let source = source.replace("/./", "/");
    let path = Utf8PathBuf::from(match root.as_str() {
        "" | "." => source.clone(),
        root => format!("{root}/{source}"),
    });
    let path = Utf8Path::new(path.as_str().trim_end_matches('/'));
    if source.is_empty() || source == "." {
        return below(root);
    }
    let pattern = if source.contains(['*', '?', '[', '\\']) {
        wildcards(path.as_str())
    } else {
        match (known.is_folder)(path) {
            Some(true) => return below(path),
            Some(false) => return vec![escaped(path.as_str())],
            None => escaped(path.as_str()),
        }
    };
    vec![format!("{pattern}/**"), pattern]
}

/// Go's pattern as GitHub's: there `?` and `+` repeat what is before them. What is no star becomes one, which matches
/// more, and so starts the workflow too often rather than too rarely.
fn wildcards(pattern: &str) -> String {
    let mut text = String::new();
    let mut in_class = false;
    let mut escaped_next = false;
    for c in pattern.chars() {
        if std::mem::take(&mut escaped_next) {
            text.push_str(&escaped(c.encode_utf8(&mut [0; 4])));
            continue;
        }
        match c {
            ']' if in_class => in_class = false,
            _ if in_class => {}
            '\\' => escaped_next = true,
            '[' => {
                in_class = true;
                text.push('*');
            }
            '?' => text.push('*'),
            '*' => text.push('*'),
            c => text.push_str(&escaped(c.encode_utf8(&mut [0; 4]))),
        }
    }
    // `**` means more than two stars of Go do.
    while text.contains("**") {
        text = text.replace("**", "*");
    }
    text
}

/// What means itself.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for (at, c) in text.char_indices() {
        if matches!(c, '*' | '?' | '+' | '[' | ']' | '\\') || (at == 0 && c == '!') {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_of_go_become_patterns_of_github() {
        for (pattern, expected) in [
            ("package*.json", "package*.json"),
            ("a?.ts", "a*.ts"),
            ("a[0-9].ts", "a*.ts"),
            ("a**/b", "a*/b"),
            ("a\\*b", "a\\*b"),
            ("c++/*", "c\\+\\+/*"),
        ] {
            assert_eq!(wildcards(pattern), expected, "{pattern}");
        }
        assert_eq!(escaped("!a[b]+"), "\\!a\\[b\\]\\+");
    }

    #[test]
    fn folders_files_and_what_is_not_there() {
        let is_folder = |path: &Utf8Path| match path.as_str() {
            "libs" | "apps/web/src" => Some(true),
            "nx.json" => Some(false),
            _ => None,
        };
        let known = Known {
            recipes: &[],
            is_folder: &is_folder,
            more: &[],
        };
        for (root, source, expected) in [
            ("", "libs", vec!["libs/**"]),
            ("", "nx.json", vec!["nx.json"]),
            ("", "gone", vec!["gone/**", "gone"]),
            (
                "",
                "package*.json",
                vec!["package*.json/**", "package*.json"],
            ),
            ("", "", vec!["**"]),
            ("apps/web", "", vec!["apps/web/**"]),
            ("apps/web", "src", vec!["apps/web/src/**"]),
            ("", "apps/./web/src", vec!["apps/web/src/**"]),
        ] {
            assert_eq!(
                patterns(Utf8Path::new(root), source, &known),
                expected,
                "{root} {source}"
            );
        }
    }

    #[test]
    fn what_a_folder_covers_is_left_out() {
        let more = ["docker/a.toml", "docker/**", "x", "apps/*/y"].map(str::to_owned);
        let known = Known {
            recipes: &[],
            is_folder: &|_| None,
            more: &more,
        };
        assert_eq!(paths(&known), ["apps/*/y", "docker/**", "x"]);
    }
}
