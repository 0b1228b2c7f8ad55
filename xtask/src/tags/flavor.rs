//! What holds for all tags: `latest`, a prefix, a suffix.

use super::line::Line;
use super::template::Template;
use crate::error::Result;

/// Whether the tag `latest` comes along.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Latest {
    /// If the first rule that gives a tag is one of released versions.
    #[default]
    Auto,
    /// Whenever there is a tag.
    Always,
    /// Never.
    Never,
}

/// What holds for all tags whose rule says nothing else.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Flavor {
    /// Whether there is `latest`.
    pub latest: Latest,
    pub(super) prefix: Affix,
    pub(super) suffix: Affix,
}

/// What stands before or behind.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Affix {
    pub(super) template: Template,
    /// Also before or behind `latest`.
    pub(super) on_latest: bool,
}

impl Flavor {
    /// Reads the lines of a flavor; later ones win.
    ///
    /// # Errors
    /// A key or a value that means nothing.
    pub fn parse(lines: &[Line]) -> Result<Self> {
        let mut flavor = Self::default();
        for line in lines {
            flavor.read(line)?;
        }
        Ok(flavor)
    }

    fn read(&mut self, line: &Line) -> Result<()> {
        let mut last = None;
        for field in line.fields()? {
            let Some(key) = field.key else {
                return Err(line
                    .wrong(format!("`{}` has no value", field.value))
                    .help("a flavor is made of latest=auto|true|false, prefix=…, suffix=…, onlatest=true|false"));
            };
            match (key.as_str(), field.value.as_str()) {
                ("latest", "auto") => self.latest = Latest::Auto,
                ("latest", "true") => self.latest = Latest::Always,
                ("latest", "false") => self.latest = Latest::Never,
                ("latest", value) => {
                    return Err(line.wrong(format!("latest is auto, true or false, not `{value}`")));
                }
                ("prefix", value) => {
                    self.prefix.template = Template::parse(value).map_err(|e| line.wrong(e))?;
                    last = Some(&mut self.prefix);
                }
                ("suffix", value) => {
                    self.suffix.template = Template::parse(value).map_err(|e| line.wrong(e))?;
                    last = Some(&mut self.suffix);
                }
                ("onlatest", value @ ("true" | "false")) => match &mut last {
                    Some(affix) => affix.on_latest = value == "true",
                    None => {
                        return Err(line
                            .wrong("onlatest stands before a prefix or suffix that it is about")
                            .help("write it behind: `prefix=…,onlatest=true`"));
                    }
                },
                ("onlatest", value) => {
                    return Err(line.wrong(format!("onlatest is true or false, not `{value}`")));
                }
                (key, _) => {
                    return Err(line
                        .wrong(format!("a flavor has no `{key}`"))
                        .help("a flavor is made of latest, prefix, suffix and onlatest"));
                }
            }
        }
        Ok(())
    }
}
