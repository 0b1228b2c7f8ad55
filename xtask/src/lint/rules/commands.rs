//! The commands of `RUN` instructions, as rules about shell text look at them.

use crate::dockerfile::{CommandLine, Mount, Run};
use crate::lint::packages::Manager;
use crate::lint::{Model, ShellKind, Step};
use crate::shell::Invocation;

/// The `RUN`s (behind `ONBUILD` too) whose text is for a shell of Unix, or that are in exec form.
pub(super) fn unix_runs(model: &Model) -> impl Iterator<Item = (Step<'_>, &Run)> {
    model.unix_runs()
}

/// All of them if any calls one of some package managers, none otherwise.
pub(super) fn unix_runs_if_any_calls<'m>(
    model: &'m Model,
    managers: &[Manager],
) -> impl Iterator<Item = (Step<'m>, &'m Run)> + use<'m> {
    model.unix_runs_if_any_calls(managers)
}

/// Every command of those `RUN`s.
pub(super) fn unix_commands(model: &Model) -> impl Iterator<Item = (Step<'_>, &Invocation)> {
    model.unix_commands()
}

/// Those of them that start one of some programs.
pub(super) fn unix_commands_of<'m>(
    model: &'m Model,
    programs: &'static [&'static str],
) -> impl Iterator<Item = (Step<'m>, &'m Invocation)> {
    model.unix_commands_of(programs)
}

/// The shell that runs the text of an instruction is one of Unix.
pub(super) fn is_unix(step: Step<'_>) -> bool {
    !matches!(
        step.before().shell_kind(),
        ShellKind::PowerShell | ShellKind::Cmd
    )
}

/// The `RUN` is in shell form.
pub(super) fn is_shell_form(step: Step<'_>) -> bool {
    step.run()
        .is_some_and(|run| matches!(run.command, CommandLine::Shell(_)))
}

/// A cache or a temporary file system is mounted over a folder, or over one that it stands in: nothing that is
/// written there gets into the layer. A folder that starts with `~` stands for that of any user.
pub(super) fn is_mounted(run: &Run, folder: &str) -> bool {
    run.mounts.iter().any(|mount| {
        matches!(mount.mount_type(), "cache" | "tmpfs")
            && target(mount).is_some_and(|target| holds(target, folder))
    })
}

/// A cache is mounted there, whose content stays from build to build.
pub(super) fn has_cache(run: &Run, folder: &str) -> bool {
    run.mounts.iter().any(|mount| {
        mount.mount_type() == "cache" && target(mount).is_some_and(|target| holds(target, folder))
    })
}

/// Where a mount appears.
pub(super) fn target(mount: &Mount) -> Option<&str> {
    ["target", "dst", "destination"]
        .iter()
        .find_map(|name| mount.field(name))
}

fn holds(target: &str, folder: &str) -> bool {
    let target = target.trim_end_matches('/');
    if let Some(below_home) = folder.strip_prefix('~') {
        // `/root/.cache` and `/home/node/.cache/pip` alike; also what only a variable knows in front.
        return below_home
            .match_indices('/')
            .skip(1)
            .map(|(at, _)| &below_home[..at])
            .chain([below_home])
            .any(|folder| target.ends_with(folder));
    }
    folder
        .strip_prefix(target)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::holds;

    #[test]
    fn a_mount_holds_its_folder_and_those_in_it() {
        for (target, folder, expected) in [
            ("/var/lib/apt", "/var/lib/apt/lists", true),
            ("/var/lib/apt/lists/", "/var/lib/apt/lists", true),
            ("/var/lib/ap", "/var/lib/apt/lists", false),
            ("/var/lib/apt/lists/partial", "/var/lib/apt/lists", false),
            ("/root/.cache", "~/.cache/pip", true),
            ("/home/app/.cache/pip/", "~/.cache/pip", true),
            ("/root/.cache/uv", "~/.cache/pip", false),
        ] {
            assert_eq!(holds(target, folder), expected, "{target} {folder}");
        }
    }
}
