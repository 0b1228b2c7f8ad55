//! `ARG`, `ENV` and `LABEL`.

use crate::dockerfile::statement::{Result, Statement};
use crate::dockerfile::{ArgDeclaration, KeyValue, words};

impl Statement<'_> {
    pub(super) fn declarations(&self) -> Result<Vec<ArgDeclaration>> {
        self.requires_arguments()?;
        let words = words::split_quoted(&self.line.text, &self.arguments, self.escape);
        words
            .into_iter()
            .map(|word| {
                let Some(equals) = self.text(&word).find('=') else {
                    return Ok(ArgDeclaration {
                        name: self.line.spanned(&word),
                        default: None,
                    });
                };
                if equals == 0 {
                    return Err(self.line.error(&word, "the name of an ARG cannot be empty"));
                }
                let equals = word.start + equals;
                Ok(ArgDeclaration {
                    name: self.line.spanned(&(word.start..equals)),
                    default: Some(self.line.spanned(&(equals + 1..word.end))),
                })
            })
            .collect()
    }

    pub(super) fn pairs(&self) -> Result<Vec<KeyValue>> {
        self.requires_arguments()?;
        let words = words::split_quoted(&self.line.text, &self.arguments, self.escape);
        let pairs = match words.first() {
            // `ENV name the rest of the line`, the old form.
            Some(first) if !self.text(first).contains('=') => {
                let (key, value) = words::split_first(&self.line.text, &self.arguments);
                let value = value.ok_or_else(|| {
                    self.error(format!("{} requires a name and a value", self.name))
                })?;
                vec![KeyValue {
                    key: self.line.spanned(&key),
                    value: self.line.spanned(&value),
                }]
            }
            _ => words
                .into_iter()
                .map(|word| {
                    let equals = match self.text(&word).find('=') {
                        Some(0) => {
                            return Err(self
                                .line
                                .error(&word, format!("a name in {} cannot be empty", self.name)));
                        }
                        Some(at) => word.start + at,
                        None => {
                            return Err(self.line.error(
                                &word,
                                format!(
                                    "`{}` lacks its `=`: {} takes name=value pairs",
                                    self.text(&word),
                                    self.name
                                ),
                            ));
                        }
                    };
                    Ok(KeyValue {
                        key: self.line.spanned(&(word.start..equals)),
                        value: self.line.spanned(&(equals + 1..word.end)),
                    })
                })
                .collect::<Result<_>>()?,
        };
        self.checked_flags()?;
        if pairs.is_empty() {
            return Err(self.error(format!("{} requires an argument", self.name)));
        }
        Ok(pairs)
    }
}
