use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::process::start::first_process;

declare! {
    /// ## What it does
    /// Reports a `CMD` or `ENTRYPOINT` that makes `npm`, `yarn`, `pnpm` or `npx` the first process, with no init before it.
    ///
    /// ## Why it is bad
    /// The package manager starts a shell, the shell the program. `docker stop` reaches the package manager only: the program is
    /// killed ten seconds later with its work half done, and processes that end without a parent stay as zombies.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM node:20-alpine
    /// CMD ["npm", "run", "start"]
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM node:20-alpine
    /// CMD ["node", "server.js"]
    /// ```
    pub(super) static RULE = Rule {
        code: "DX1201",
        name: "package-manager-as-pid1",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Correctness,
        summary: "a package manager is the first process of the container",
        fix: Fixability::None,
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    for stage in subject.model.stages() {
        let Some(first) = first_process(stage) else {
            continue;
        };
        let is_manager = matches!(
            first.program.as_str(),
            "npm" | "npx" | "yarn" | "pnpm" | "pnpx"
        );
        if is_manager && first.has_arguments && !first.has_init {
            diagnostics
                .report(
                    first.span,
                    format!("`{}` is the first process: signals do not reach the program it starts", first.program),
                )
                .help("start the program itself (`node …`), or put an init such as `tini` or `dumb-init` before it");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::found;

    #[test]
    fn only_without_an_init() {
        assert_eq!(
            found(
                &RULE,
                "FROM node:20-alpine AS base\nFROM base AS development\nCMD [\"npm\", \"run\", \"dev\"]\nFROM base\nENTRYPOINT [\"dumb-init\", \"--\"]\nCMD [\"npm\", \"start\"]\n"
            ),
            "3:6 `npm` is the first process: signals do not reach the program it starts"
        );
        for text in [
            "FROM node:20\nCMD [\"node\", \"npm\"]\n",
            "FROM node:20\nENTRYPOINT [\"npm\"]\n",
            "FROM node:20\nENTRYPOINT [\"tini\", \"-g\", \"--\"]\nCMD [\"yarn\", \"start\"]\n",
            "FROM example.com/with-init\nCMD [\"npm\", \"start\"]\n",
            "FROM node:20\nENTRYPOINT [\"/start.sh\"]\nCMD [\"npm\", \"start\"]\n",
        ] {
            assert_eq!(found(&RULE, text), "", "{text}");
        }
    }
}
