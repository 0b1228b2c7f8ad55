//! What images are called without their tags.

use super::line::Line;
use crate::error::{Error, Result};
use crate::project::ImageName;

/// The names that every image has: patterns in which `{name}` stands for its own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImageNames(Vec<Pattern>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Pattern {
    text: String,
    /// Where it comes from, for messages.
    line: String,
}

const PLACEHOLDER: &str = "{name}";

/// The names of a list: `name=ghcr.io/acme/{name},enable=true`, or names alone, in a list of one line separated by commas.
///
/// # Errors
/// An attribute that means nothing.
pub fn image_names(list: &[Line]) -> Result<ImageNames> {
    let mut names = Vec::new();
    for line in list {
        let fields = line.fields()?;
        if list.len() == 1 && fields.iter().all(|field| field.key.is_none()) {
            let all = fields.into_iter().map(|field| Pattern {
                text: field.value,
                line: line.text.clone(),
            });
            return Ok(ImageNames(all.collect()));
        }
        let (mut name, mut is_enabled) = (String::new(), true);
        for field in fields {
            match (field.key.as_deref(), field.value.as_str()) {
                (None | Some("name"), _) => name = field.value,
                (Some("enable"), "true") => is_enabled = true,
                (Some("enable"), "false") => is_enabled = false,
                (Some("enable"), value) => {
                    return Err(line.wrong(format!("enable is true or false, not `{value}`")));
                }
                (Some(key), _) => {
                    return Err(line
                        .wrong(format!("an image has no `{key}`"))
                        .help("an image is made of name=… and enable=true|false"));
                }
            }
        }
        if name.is_empty() {
            return Err(line.wrong("the image has no name"));
        }
        if is_enabled {
            names.push(Pattern {
                text: name,
                line: line.text.clone(),
            });
        }
    }
    Ok(ImageNames(names))
}

impl ImageNames {
    /// The names of one image, in lower case. `name` is what it is called in its repository, and `is_alone` that there is
    /// no other that could have the same name.
    ///
    /// # Errors
    /// What comes out is no name, or that of several images.
    pub fn of(&self, name: &str, is_alone: bool) -> Result<Vec<String>> {
        let mut names = Vec::new();
        for pattern in &self.0 {
            if !is_alone && !pattern.text.contains(PLACEHOLDER) {
                return Err(Error::usage(format!(
                    "the image `{}`: several images would have this name",
                    pattern.line
                ))
                .help(format!(
                    "write `{PLACEHOLDER}` where the name of each goes, such as `ghcr.io/acme/{PLACEHOLDER}`, or name one image on the command line"
                )));
            }
            let name = pattern.text.replace(PLACEHOLDER, name).to_lowercase();
            let is_name = ImageName::parse(&name)
                .is_some_and(|name| name.tag.is_none() && name.digest.is_none());
            if !is_name {
                return Err(Error::usage(format!(
                    "the image `{}`: `{name}` is no name of an image",
                    pattern.line
                ))
                .help("a name has a registry and a path, such as `ghcr.io/acme/api`, and no tag"));
            }
            if !names.contains(&name) {
                names.push(name);
            }
        }
        Ok(names)
    }

    /// Whether images that are called differently have different names.
    #[must_use]
    pub fn tell_apart(&self) -> bool {
        self.0
            .iter()
            .all(|pattern| pattern.text.contains(PLACEHOLDER))
    }

    /// Whether none is given.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
