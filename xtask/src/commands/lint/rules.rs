//! `--explain` and `--list-rules`.

use std::fmt::Write as _;

use crate::environment::Environment;
use crate::error::{Error, Exit, Result};
use crate::lint::configuration::suggestion;
use crate::lint::{self, page};
use crate::report::Format;
use crate::report::table::{Alignment, Table};

/// Prints the page of a rule, or the list.
///
/// # Errors
/// There is no such rule.
pub(super) fn explain(word: &str, format: Format, environment: &Environment) -> Result<Exit> {
    if word == "all" {
        return list(format, environment);
    }
    let rules = lint::find(word);
    if rules.is_empty() {
        let error = Error::usage(format!("there is no rule `{word}`"));
        return Err(match suggestion(word) {
            Some(near) => error.help(format!("did you mean `{near}`?")),
            None => error.help("`docker-lint --list-rules` shows them all"),
        });
    }
    let mut text = String::new();
    for rule in rules {
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(&page::page(rule));
    }
    environment.print(&text)?;
    Ok(Exit::Clean)
}

/// Prints all rules.
///
/// # Errors
/// They cannot be written.
pub(super) fn list(format: Format, environment: &Environment) -> Result<Exit> {
    let text = match format {
        Format::Json => page::json(),
        Format::Markdown => page::index(),
        _ => {
            let mut table = Table::new(&[
                ("CODE", Alignment::Left),
                ("NAME", Alignment::Left),
                ("SEVERITY", Alignment::Left),
                ("FIX", Alignment::Left),
                ("WHAT", Alignment::Left),
            ]);
            for rule in lint::all() {
                table.row([
                    rule.code.to_owned(),
                    rule.name.to_owned(),
                    page::level(rule).to_owned(),
                    page::fix(rule).to_owned(),
                    rule.summary.to_owned(),
                ]);
            }
            let mut text = table.plain();
            // Writing to a string cannot fail.
            let _ = writeln!(text, "\n{} rules", lint::all().len());
            text
        }
    };
    environment.print(&text)?;
    Ok(Exit::Clean)
}
