//! What expressions stand for.

use super::moment;
use super::occasion::Occasion;
use super::template::{Expression, Template};
use crate::project::suggestion::nearest;

/// What expressions can be about.
#[derive(Clone, Copy)]
pub(super) struct Scope<'a> {
    pub(super) occasion: &'a Occasion,
    /// The name of the image.
    pub(super) image: &'a str,
}

/// The expressions that stand everywhere.
const GLOBAL: [&str; 11] = [
    "branch",
    "tag",
    "sha",
    "base_ref",
    "is_default_branch",
    "is_not_default_branch",
    "date",
    "commit_date",
    "image",
    "head_ref",
    "pull_request",
];

impl Scope<'_> {
    /// The text that a template stands for.
    ///
    /// # Errors
    /// Why it stands for none, as a sentence.
    pub(super) fn render(&self, template: &Template) -> Result<String, String> {
        template.render(&mut |expression| self.value(expression))
    }

    /// What an expression stands for.
    ///
    /// # Errors
    /// As [`Scope::render`].
    pub(super) fn value(&self, expression: &Expression) -> Result<String, String> {
        let occasion = self.occasion;
        let name = expression.name.as_str();
        if matches!(name, "date" | "commit_date") {
            return self.date(expression);
        }
        if !GLOBAL.contains(&name) {
            return Err(unknown(name, &GLOBAL));
        }
        plain(expression)?;
        let of = |text: Option<&str>| text.unwrap_or_default().to_owned();
        Ok(match name {
            "branch" => of(occasion.branch()),
            "tag" => of(occasion.tag()),
            "sha" => self.hash(false),
            "base_ref" => of(occasion.base.as_deref()),
            "head_ref" => of(occasion.head.as_deref()),
            "pull_request" => of(occasion.pull_request()),
            "is_default_branch" => self.is_default_branch()?.to_string(),
            "is_not_default_branch" => {
                let is_known = !occasion.reference.is_empty();
                (is_known && !self.is_default_branch()?).to_string()
            }
            _ => self.image.to_owned(),
        })
    }

    /// The commit; what is built of a changed work tree is not what the commit says.
    pub(super) fn hash(&self, is_long: bool) -> String {
        let occasion = self.occasion;
        let hash = if is_long {
            &occasion.commit
        } else {
            occasion.short_commit()
        };
        let end = if occasion.is_dirty && !hash.is_empty() {
            "-dirty"
        } else {
            ""
        };
        format!("{hash}{end}")
    }

    fn is_default_branch(&self) -> Result<bool, String> {
        let occasion = self.occasion;
        if occasion.reference.is_empty() {
            return Ok(false);
        }
        // Of these events GitHub runs the workflow of the default branch only.
        let event = &occasion.event;
        if ["create", "discussion", "issues", "schedule"]
            .iter()
            .any(|one| event.contains(one))
        {
            return Ok(true);
        }
        let Some(branch) = occasion.branch() else {
            return Ok(false);
        };
        Ok(self.default_branch()? == branch)
    }

    /// The default branch.
    ///
    /// # Errors
    /// Nobody knows it.
    pub(super) fn default_branch(&self) -> Result<&str, String> {
        self.occasion.default_branch.as_deref().ok_or_else(|| {
            "nobody says which branch is the default: write `default_branch` in [tags] of the manifest, or run `git \
             remote set-head origin --auto`"
                .to_owned()
        })
    }

    fn date(&self, expression: &Expression) -> Result<String, String> {
        let name = &expression.name;
        let [format] = expression.arguments.as_slice() else {
            return Err(format!(
                "`{name}` needs one format: `{{{{{name} 'YYYYMMDD'}}}}`"
            ));
        };
        let mut zone = "UTC";
        for (key, value) in &expression.options {
            if key != "tz" {
                return Err(format!(
                    "`{name}` knows no `{key}`: `{{{{{name} 'YYYYMMDD' tz='Asia/Tokyo'}}}}`"
                ));
            }
            zone = value;
        }
        let moment = if name == "date" {
            self.occasion.now
        } else {
            self.occasion
                .commit_date
                .ok_or("nobody knows when the commit was made")?
        };
        moment::format(moment, format, zone)
    }
}

/// An expression that takes nothing.
pub(super) fn plain(expression: &Expression) -> Result<(), String> {
    if expression.arguments.is_empty() && expression.options.is_empty() {
        Ok(())
    } else {
        Err(format!("`{}` takes nothing", expression.name))
    }
}

/// There is no such expression here.
pub(super) fn unknown(name: &str, known: &[&str]) -> String {
    let near = nearest(name, known.iter().copied());
    let told = match near {
        Some(near) => format!("did you mean `{{{{{near}}}}}`?"),
        None if GLOBAL.contains(&name) => "it can stand in prefix, suffix and value".to_owned(),
        None => format!("there are: {}", known.join(", ")),
    };
    format!("there is no `{{{{{name}}}}}` here; {told}")
}
