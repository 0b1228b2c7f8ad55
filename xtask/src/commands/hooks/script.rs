//! The hooks as scripts.

use camino::Utf8Path;
use clap::ValueEnum;

/// How a hook calls this tool.
pub(super) const DEFAULT_COMMAND: &str = "cargo --quiet xtask";

/// The line by which our hooks are known.
pub(super) const MARK: &str =
    "# Written by `docker-hooks install`; `docker-hooks uninstall` removes it. Changes are lost.";

/// What is put behind the name of a hook that was there before.
pub(super) const BEFORE: &str = ".before-docker-hooks";

/// A hook that can be installed (githooks(5)).
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Hook {
    /// Before a commit is made.
    PreCommit,
    /// Before commits are pushed.
    PrePush,
}

impl Hook {
    /// Its file's name.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::PreCommit => "pre-commit",
            Self::PrePush => "pre-push",
        }
    }

    /// Its text. `inside` is the folder to work in, from the top of the work tree, where git starts hooks.
    pub(super) fn script(self, command: &str, inside: &Utf8Path) -> String {
        let enter = if inside.as_str().is_empty() {
            String::new()
        } else {
            // Once git has named its folder (it does in work trees beside the first), it takes where one stands for the
            // top.
            format!(
                "GIT_DIR=$(git rev-parse --absolute-git-dir)\nGIT_WORK_TREE=$PWD\n\
                 export GIT_DIR GIT_WORK_TREE\ncd -- '{}'\n",
                inside.as_str().replace('\'', r"'\''")
            )
        };
        let name = self.name();
        // `$0` is another name where a manager has put this hook aside and calls it.
        let before = format!("before=\"$(dirname -- \"$0\")/{name}{BEFORE}\"");
        match self {
            Self::PreCommit => format!(
                "#!/bin/sh\n{MARK}\nset -eu\n\n{before}\nif [ -x \"$before\" ]; then\n    \"$before\" \"$@\"\nfi\n\n\
                 {enter}exec {command} docker-check --staged\n"
            ),
            Self::PrePush => format!(
                "#!/bin/sh\n{MARK}\nset -eu\n\n\
                 # One line for each ref: its name and commit here, its name and commit there.\nrefs=$(cat)\n\n\
                 {before}\nif [ -x \"$before\" ]; then\n    if [ -n \"$refs\" ]; then printf '%s\\n' \"$refs\"; fi | \"$before\" \"$@\"\nfi\n\n\
                 {enter}printf '%s\\n' \"$refs\" | cut -s -d ' ' -f 2 | sort -u | while read -r commit; do\n    \
                 case \"$commit\" in\n        *[!0]*) {command} docker-check --commit \"$commit\" ;;\n    esac\ndone\n"
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scripts_call_the_tool_from_the_right_folder() {
        let script = Hook::PreCommit.script(DEFAULT_COMMAND, Utf8Path::new(""));
        assert!(
            script.starts_with(&format!("#!/bin/sh\n{MARK}\n")),
            "{script}"
        );
        assert!(
            script.ends_with("exec cargo --quiet xtask docker-check --staged\n"),
            "{script}"
        );
        let script = Hook::PrePush.script(DEFAULT_COMMAND, Utf8Path::new("it's/here"));
        assert!(script.contains("\ncd -- 'it'\\''s/here'\n"), "{script}");
        assert!(
            script.contains("docker-check --commit \"$commit\""),
            "{script}"
        );
    }
}
