//! Two folders, and a Dockerfile that copies from them.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;

use camino::Utf8Path;

/// What lies in a folder: `None` for a file, a link's target for a link. Folders are where something lies in them.
pub(crate) type Entries = BTreeMap<String, Option<String>>;

/// A folder that is a build context.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Context {
    pub(crate) entries: Entries,
    pub(crate) ignored: Vec<String>,
}

/// A stage, `s0` and so on by its place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Stage {
    /// The stage that it starts from.
    pub(crate) base: Option<usize>,
    /// Without one: nothing, or an image of which we know nothing, in which some of the paths are folders.
    pub(crate) is_known: bool,
    /// A line each.
    pub(crate) steps: Vec<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Case {
    /// The build context.
    pub(crate) context: Context,
    /// A context that is asked for by name.
    pub(crate) lib: Context,
    pub(crate) stages: Vec<Stage>,
}

/// Before the steps of a stage that starts from nothing.
const SHELL: &str = "COPY --from=tools bin/sh /bin/sh";

impl Case {
    /// Its Dockerfile; the number of each line's stage and step.
    pub(crate) fn dockerfile(&self) -> (String, Vec<Option<(usize, usize)>>) {
        let mut lines = Vec::new();
        let mut places = Vec::new();
        for (number, stage) in self.stages.iter().enumerate() {
            let base = match stage.base {
                Some(base) => format!("s{base}"),
                None if stage.is_known => "scratch".to_owned(),
                None => "tools".to_owned(),
            };
            lines.push(format!("FROM {base} AS s{number}"));
            places.push(None);
            if stage.base.is_none() && stage.is_known {
                lines.push(SHELL.to_owned());
                places.push(None);
            }
            for (step, line) in stage.steps.iter().enumerate() {
                lines.push(line.clone());
                places.push(Some((number, step)));
            }
        }
        (lines.join("\n") + "\n", places)
    }

    /// The stages whose images are looked at: the last one, and one that others build on.
    pub(crate) fn targets(&self) -> BTreeSet<usize> {
        let last = self.stages.len() - 1;
        BTreeSet::from([last, last / 2])
    }

    /// Makes the folders and the Dockerfile below a folder; which path each content stands for. No two files have the
    /// same.
    pub(crate) fn write(&self, folder: &Utf8Path) -> HashMap<String, String> {
        let mut contents = HashMap::new();
        for (name, context) in [("context", &self.context), ("lib", &self.lib)] {
            let root = folder.join(name);
            std::fs::create_dir_all(&root).unwrap();
            for (path, link) in &context.entries {
                let full = root.join(path);
                std::fs::create_dir_all(full.parent().unwrap()).unwrap();
                if let Some(target) = link {
                    std::os::unix::fs::symlink(target, full).unwrap();
                } else {
                    let known = format!("{name}/{path}");
                    std::fs::write(full, &known).unwrap();
                    contents.insert(known.clone(), known);
                }
            }
            if !context.ignored.is_empty() {
                let text = format!("# {name}\n{}\n", context.ignored.join("\n"));
                std::fs::write(root.join(".dockerignore"), &text).unwrap();
                contents.insert(text, format!("{name}/.dockerignore"));
            }
        }
        self.write_dockerfile(folder);
        contents
    }

    pub(crate) fn write_dockerfile(&self, folder: &Utf8Path) {
        std::fs::write(folder.join("Dockerfile"), self.dockerfile().0).unwrap();
    }
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, context) in [("context", &self.context), ("lib", &self.lib)] {
            writeln!(
                f,
                "{name} {:?} without {:?}",
                context.entries, context.ignored
            )?;
        }
        f.write_str(&self.dockerfile().0)
    }
}
