use std::cell::LazyCell;

use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::layer::copies::{is_within, target};
use crate::lint::rules::layer::shipped::shipped;
use crate::lint::{Known, StageModel, Step};
use crate::shell::Invocation;

declare! {
    /// ## What it does
    /// Reports, in stages that end up in the image, a `RUN` that removes what an earlier instruction of the same stage brought:
    /// `rm` of a copied path, `npm prune` of copied or installed modules, `apk del` and `apt-get remove` of packages installed in
    /// another `RUN`.
    ///
    /// ## Why it is bad
    /// A layer cannot make an earlier one smaller. The files are hidden, and still stored, pushed and pulled.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM alpine:3.20
    /// COPY sources /src
    /// RUN make -C /src install && rm -rf /src
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM alpine:3.20
    /// RUN --mount=type=bind,source=sources,target=/src make -C /src install
    /// ```
    pub(super) static RULE = Rule {
        code: "DX2101",
        name: "remove-in-later-layer",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Size,
        summary: "what an earlier layer holds is removed in a later one",
        fix: Fixability::None,
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    let shipped = shipped(subject.model);
    for stage in subject.model.stages() {
        if shipped.contains(&stage.index) {
            check_stage(stage, diagnostics);
        }
    }
}

fn check_stage(stage: StageModel<'_>, diagnostics: &mut Diagnostics<'_>) {
    let copied = LazyCell::new(|| Copied::all(stage));
    for step in stage.steps() {
        if step.run().is_none() || step.is_onbuild() {
            continue;
        }
        for invocation in step.invocations() {
            match invocation.program.as_str() {
                "rm" => check_paths(step, invocation, &copied, diagnostics),
                "npm" | "pnpm" if invocation.subcommand() == Some("prune") => {
                    check_prune(step, invocation, diagnostics);
                }
                "apk" if invocation.subcommand() == Some("del") => {
                    check_packages(step, invocation, diagnostics);
                }
                "apt-get" | "apt"
                    if matches!(
                        invocation.subcommand(),
                        Some("remove" | "purge" | "autoremove")
                    ) =>
                {
                    check_packages(step, invocation, diagnostics);
                }
                _ => {}
            }
        }
    }
}

/// What an instruction copied.
struct Copied {
    step: usize,
    keyword: &'static str,
    target: String,
}

impl Copied {
    /// All that the instructions of a stage copy, in order.
    fn all(stage: StageModel<'_>) -> Vec<Self> {
        let mut all = Vec::new();
        for step in stage.steps().filter(|step| !step.is_onbuild()) {
            let (copy, keyword) = match (step.copy(), step.add()) {
                (Some(copy), _) => (copy, "COPY"),
                (_, Some(add)) => (add, "ADD"),
                _ => continue,
            };
            let targets = copy.sources.iter();
            let targets = targets.filter_map(|source| target(step, copy, &source.value));
            all.extend(targets.map(|target| Self {
                step: step.index,
                keyword,
                target,
            }));
        }
        all
    }
}

fn check_paths(
    step: Step<'_>,
    invocation: &Invocation,
    copied: &[Copied],
    diagnostics: &mut Diagnostics<'_>,
) {
    for argument in invocation.words() {
        let Known::Yes(path) = step.before().expand_argument(argument) else {
            continue;
        };
        let Known::Yes(path) = step.before().resolve(&path) else {
            continue;
        };
        let path = path.trim_end_matches("/*");
        if path.len() < 2 || path.contains(['*', '?', '[']) {
            continue;
        }
        let mut before = copied.iter().take_while(|it| it.step < step.index);
        if let Some(Copied { keyword, .. }) = before.find(|it| is_within(&it.target, path)) {
            diagnostics
                .report(
                    argument.span,
                    format!(
                        "the layer of the `{keyword}` above keeps `{}`",
                        argument.text
                    ),
                )
                .help("mount what only the build needs, or build in a stage of its own");
        }
    }
}

fn check_prune(step: Step<'_>, invocation: &Invocation, diagnostics: &mut Diagnostics<'_>) {
    // Installed in the same RUN, nothing is stored twice.
    let installs = |i: &Invocation| {
        i.is_any(&["npm", "pnpm", "yarn"])
            && matches!(i.subcommand(), Some("ci" | "install" | "i" | "add"))
    };
    if step.invocations().iter().any(installs) {
        return;
    }
    let source = step.stage.steps().take(step.index).find_map(|before| {
        let copies = before.copy().is_some_and(|copy| {
            copy.sources
                .iter()
                .any(|source| source.value.trim_end_matches('/').ends_with("node_modules"))
        });
        if copies {
            return Some("COPY");
        }
        (before.run().is_some() && before.invocations().iter().any(installs)).then_some("RUN")
    });
    if let Some(keyword) = source {
        diagnostics
            .report(
                invocation.program_span,
                format!("the layer of the `{keyword}` above keeps what `{} prune` removes", invocation.program),
            )
            .help("prune in the stage that builds, or install there with `--omit=dev`, and copy the result");
    }
}

fn check_packages(step: Step<'_>, invocation: &Invocation, diagnostics: &mut Diagnostics<'_>) {
    let present = step.stage.start().packages();
    let before = step.before().packages();
    for argument in invocation.words().skip(1) {
        let name = argument.text.as_str();
        let installed_here = before.iter().any(|package| {
            package.name.value == name && !present.iter().any(|known| known.name.value == name)
        });
        if installed_here {
            diagnostics
                .report(
                    argument.span,
                    format!("the layer of an earlier `RUN` keeps the package `{name}`"),
                )
                .help("install, use and remove it in one `RUN`");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::found;

    #[test]
    fn what_is_removed_stays_in_the_earlier_layer() {
        for (lines, expected) in [
            (
                "COPY --from=b /app/node_modules ./node_modules\nRUN npm prune --production && npm cache clean --force",
                "3:5 the layer of the `COPY` above keeps what `npm prune` removes",
            ),
            (
                "WORKDIR /w\nADD x.tgz .\nRUN tar xf x.tgz && rm x.tgz",
                "4:24 the layer of the `ADD` above keeps `x.tgz`",
            ),
            (
                "RUN apk add --no-cache gcc make\nRUN make && apk del gcc",
                "3:21 the layer of an earlier `RUN` keeps the package `gcc`",
            ),
        ] {
            assert_eq!(
                found(&RULE, &format!("FROM alpine:3.20\n{lines}\n")),
                expected,
                "{lines}"
            );
        }
    }

    #[test]
    fn one_layer_and_stages_that_are_left_behind_are_fine() {
        for text in [
            "FROM alpine:3.20\nRUN apk add gcc && make && apk del gcc\n",
            "FROM alpine:3.20\nRUN npm ci && npm prune --omit=dev\n",
            "FROM alpine:3.20 AS b\nCOPY a /a\nRUN rm -rf /a\nFROM scratch\nCOPY --from=b /b /b\n",
            "FROM alpine:3.20\nCOPY a /a\nRUN rm -rf /ab /a/tmp /tmp/*\n",
            "FROM alpine:3.20\nCOPY a /a\nRUN rm -rf $X / *\n",
        ] {
            assert_eq!(found(&RULE, text), "", "{text}");
        }
    }
}
