//! Packages that a `RUN` installs by name.

use crate::dockerfile::{CommandLine, Run, apk_packages};
use crate::scan::vulnerability::Affected;

/// How a `RUN` names a package that it installs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Installation {
    /// What it says about the version: `=1.2`, `==1.2`, `@1.2`.
    pub(super) constraint: Option<String>,
}

/// How a `RUN` installs a package, if it does so by name.
pub(super) fn installation(run: &Run, affected: &Affected) -> Option<Installation> {
    let source = affected.source.as_ref().map(|source| source.name.as_str());
    let is_it = |name: &str| match affected.manager.as_str() {
        // A language's package may come from the distribution.
        "python" => {
            let name = name.to_ascii_lowercase().replace(['_', '.'], "-");
            let of_distribution = name.strip_prefix("py3-").or(name.strip_prefix("python3-"));
            of_distribution.unwrap_or(&name) == affected.name
        }
        _ => name == affected.name || Some(name) == source,
    };
    if matches!(affected.manager.as_str(), "apk" | "python") {
        let packages = apk_packages(run).packages;
        if let Some(package) = packages.into_iter().find(|package| is_it(&package.name)) {
            return Some(Installation {
                constraint: package.constraint,
            });
        }
    }
    let text = match &run.command {
        CommandLine::Shell(text) => text.value.clone(),
        CommandLine::Exec(words) => {
            let words: Vec<&str> = words.iter().map(|word| word.value.as_str()).collect();
            words.join(" ")
        }
    };
    let bodies = run.heredocs.iter().map(|body| body.content.value.clone());
    let text = std::iter::once(text)
        .chain(bodies)
        .collect::<Vec<_>>()
        .join("\n");
    let verbs: &[&str] = match affected.manager.as_str() {
        "dpkg" => &["apt-get", "apt", "aptitude"],
        "python" => &["pip", "pip3", "pipx", "uv", "apt-get", "apt"],
        "npm" => &["npm", "yarn", "pnpm", "npx"],
        _ => return None,
    };
    text.split(['\n', ';', '&', '|']).find_map(|command| {
        let words: Vec<&str> = command.split_whitespace().collect();
        let verb = words.iter().position(|word| verbs.contains(word))?;
        words[verb..].iter().find_map(|word| {
            let word = word.trim_matches(['"', '\'']);
            // `name=1.2`, `name==1.2`, `name@1.2`; a scope begins with the `@`.
            let at = word
                .char_indices()
                .skip(1)
                .find(|(_, c)| "=@<>~![".contains(*c))
                .map_or(word.len(), |(at, _)| at);
            let (name, constraint) = word.split_at(at);
            is_it(name).then(|| Installation {
                constraint: (!constraint.is_empty()).then(|| constraint.to_owned()),
            })
        })
    })
}
