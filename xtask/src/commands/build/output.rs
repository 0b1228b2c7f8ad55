//! What `docker-build` prints and writes.

use std::fmt::Write;

use camino::Utf8Path;
use serde_json::json;

use super::arguments::Arguments;
use super::verdict::Verdict;
use crate::atomic_file;
use crate::bake::{Plan, Target};
use crate::cli::Common;
use crate::commands::github::append;
use crate::engine::bake::Bake;
use crate::environment::Environment;
use crate::error::Result;
use crate::report::{self, Format};

/// Prints the verdict as `--format` says, and writes every `--report`.
pub(super) fn report(
    verdict: &Verdict,
    arguments: &Arguments,
    common: &Common,
    environment: &Environment,
) -> Result<()> {
    let color = common.color.stdout(environment);
    if !(common.quiet && arguments.format == Format::Terminal && verdict.is_clean()) {
        environment.print(&text(verdict, arguments.format, color))?;
    }
    for target in &arguments.report {
        let text = text(verdict, target.format, report::Color::Plain);
        if target.file == "-" {
            environment.print(&text)?;
        } else if target.format == Format::Markdown && is_step_summary(&target.file, environment) {
            append(&target.file, &text)?;
        } else {
            atomic_file::write(&environment.current_dir.join(&target.file), &text)?;
        }
    }
    Ok(())
}

fn text(verdict: &Verdict, format: Format, color: report::Color) -> String {
    match format {
        Format::Terminal => verdict.terminal(),
        Format::Json => verdict.json(),
        Format::Markdown => verdict.markdown(),
        Format::Sarif | Format::Github | Format::Junit | Format::Gitlab | Format::Checkstyle => {
            report::render(&verdict.findings, format, color)
        }
    }
}

/// GitHub collects what all steps append to this file.
fn is_step_summary(file: &Utf8Path, environment: &Environment) -> bool {
    environment.variable("GITHUB_STEP_SUMMARY") == Some(file.as_str())
}

/// What `--dry-run` prints: the command, the variables it sets, the targets with what they are linked to.
pub(super) fn dry_run(plan: &Plan, targets: &[&Target], bake: &Bake, format: Format) -> String {
    let command = bake.command_line();
    if format == Format::Json {
        let command_line: Vec<_> = std::iter::once(command.program())
            .chain(
                command
                    .arguments()
                    .iter()
                    .map(std::ffi::OsString::as_os_str),
            )
            .map(|word| word.to_string_lossy())
            .collect();
        let names: Vec<_> = targets.iter().map(|target| &target.name).collect();
        let plan = json!({
            "schema_version": 1, "command": command_line, "variables": bake.variables,
            "targets": names, "plan": plan,
        });
        return format!("{plan:#}\n");
    }
    let mut text = String::new();
    // Writing to a string does not fail.
    for (name, value) in &bake.variables {
        let _ = writeln!(text, "{name}={value}");
    }
    let _ = writeln!(text, "{}\n", command.display());
    for target in plan.closure(targets.iter().map(|target| target.name.as_str())) {
        let _ = write!(
            text,
            "{}  {} --target {}",
            target.name, target.dockerfile, target.stage
        );
        if !target.contexts.is_empty() {
            let linked: Vec<_> = target.contexts.values().map(String::as_str).collect();
            let _ = write!(text, "  on {}", linked.join(", "));
        }
        text.push('\n');
    }
    text
}
