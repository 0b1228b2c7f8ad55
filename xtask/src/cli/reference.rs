//! `docs/commands.md`, made from what `--help` says.

use std::fmt::Write as _;

use clap::{Command, CommandFactory as _};

use super::Arguments;

/// Columns of the help texts on the page.
const WIDTH: usize = 100;

/// The reference page as Markdown.
#[must_use]
pub fn page() -> String {
    let mut text = String::from(
        "# Commands\n\
         \n\
         <!-- Generated from the command line's own help; `UPDATE=1 cargo test -p xtask --test generated` writes it. -->\n",
    );
    let mut command = Arguments::command().term_width(WIDTH);
    // Gives every command its full name and the options all of them take.
    command.build();
    section(&mut text, &command);
    text
}

/// One command, then those below it.
fn section(text: &mut String, command: &Command) {
    let name = command.get_bin_name().unwrap_or(command.get_name());
    let help = command.clone().render_long_help().to_string();
    let help = help
        .lines()
        .map(str::trim_end)
        .collect::<Vec<_>>()
        .join("\n");
    // Writing to a string cannot fail.
    let _ = write!(text, "\n## `{name}`\n\n```text\n{}\n```\n", help.trim_end());
    for below in command.get_subcommands() {
        if below.get_name() != "help" {
            section(text, below);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_has_a_section_with_examples() {
        let page = page();
        let sections: Vec<&str> = page.split("\n## ").skip(1).collect();
        let names: Vec<&str> = sections
            .iter()
            .filter_map(|section| section.split('`').nth(1))
            .collect();
        for name in [
            "cargo xtask",
            "cargo xtask docker-build",
            "cargo xtask docker-bake",
            "cargo xtask docker-doctor",
            "cargo xtask docker-engine down",
        ] {
            assert!(names.contains(&name), "{name} in {names:?}");
        }
        for section in sections {
            assert!(section.contains("\nExample"), "{section}");
            assert!(section.contains("\nUsage: cargo xtask"), "{section}");
        }
    }

    #[test]
    fn exit_codes_are_said_at_the_top() {
        let help = Arguments::command().render_help().to_string();
        for (exit, meaning) in crate::error::Exit::ALL {
            let line = format!("\n{:5}  {meaning}", exit.code());
            assert!(help.contains(&line), "{line} in {help}");
        }
    }
}
