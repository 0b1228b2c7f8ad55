//! `FROM`.

use crate::dockerfile::statement::{Result, Statement};
use crate::dockerfile::words;
use crate::source::Spanned;

/// What a `FROM` says.
pub(super) struct StageHead {
    pub(super) base: Spanned<String>,
    pub(super) name: Option<Spanned<String>>,
    pub(super) platform: Option<Spanned<String>>,
}

impl Statement<'_> {
    /// Reads `FROM`.
    pub(super) fn stage_head(&self) -> Result<StageHead> {
        let words = words::split_blanks(&self.line.text, &self.arguments);
        let name = match words.as_slice() {
            [_] => None,
            [_, keyword, name] if self.text(keyword).eq_ignore_ascii_case("as") => {
                let text = self.text(name).to_lowercase();
                let mut chars = text.bytes();
                let valid = chars.next().is_some_and(|b| b.is_ascii_lowercase())
                    && chars.all(|b| {
                        b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_.".contains(&b)
                    });
                if !valid {
                    return Err(self.line.error(
                        name,
                        format!(
                            "`{}` cannot name a stage: a letter, then letters, digits, `-`, `_` and `.`",
                            self.text(name)
                        ),
                    ));
                }
                Some(self.line.spanned(name))
            }
            _ => {
                return Err(
                    self.error("FROM takes an image, or an image followed by `AS` and a name")
                );
            }
        };
        let platform = self
            .checked_flags()?
            .into_iter()
            .find_map(|flag| flag.value)
            // An empty platform is none.
            .filter(|platform| !platform.value.is_empty());
        Ok(StageHead {
            base: self.line.spanned(&words[0]),
            name,
            platform,
        })
    }

    /// The base of a `FROM` that could not be read, so that what follows still belongs to a stage of its own.
    pub(super) fn lenient_stage_head(&self) -> StageHead {
        let end = self.arguments.end..self.arguments.end;
        let words = words::split_blanks(&self.line.text, &self.arguments);
        StageHead {
            base: self.line.spanned(words.first().unwrap_or(&end)),
            name: None,
            platform: None,
        }
    }
}
