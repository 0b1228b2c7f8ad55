use super::own;
use crate::finding::Severity;
use crate::rule::Category;
use crate::scan::hardening::files::ending;
use crate::scan::hardening::findings::Findings;
use crate::scan::hardening::image::Image;
use crate::scan::hardening::rule::declare;
use crate::shell::Invocation;

declare! {
    /// ## What it does
    /// Reports a step that fetches the list of packages (`apt-get update`, `apk update`) and installs nothing by it in the same step.
    ///
    /// ## Why it is bad
    /// The step is cached, so the list grows old: the next `install` fetches packages that are gone, or old ones with known flaws. And the
    /// list stays in the layer.
    ///
    /// ## Example
    /// ```text image
    /// RUN apt-get update
    /// ```
    ///
    /// ## Use instead
    /// ```text image
    /// RUN apt-get update; apt-get install -y tzdata
    /// ```
    ///
    /// ## References
    /// - CIS Docker Benchmark 4.7
    pub(super) static RULE = Rule {
        code: "DX5502",
        name: "update-without-install",
        aliases: &["CIS-DI-0007"],
        severity: Severity::Warning,
        category: Category::Reproducibility,
        summary: "a step fetches the list of packages and installs nothing",
    } by check;
}

fn check(image: &Image<'_>, findings: &mut Findings<'_>) {
    for step in own(image) {
        let updates = step.invocations.iter().position(is_update);
        let Some(at) = updates else {
            continue;
        };
        let rest = &step.invocations[at + 1..];
        // What a script of the image does, nobody sees.
        if rest
            .iter()
            .any(|it| uses_list(it) || ending(&it.program) == "sh")
        {
            continue;
        }
        let it = &step.invocations[at];
        findings
            .step(step.index, format!("`{} update` stands in a step that installs nothing", it.program))
            .help("update and install in one step, and mount the lists as a cache or remove them there");
    }
}

fn is_update(it: &Invocation) -> bool {
    matches!(it.program.as_str(), "apt" | "apt-get" | "aptitude" | "apk")
        && it.subcommand() == Some("update")
}

fn uses_list(it: &Invocation) -> bool {
    match it.program.as_str() {
        "apt" | "apt-get" | "aptitude" => matches!(
            it.subcommand(),
            Some(
                "install"
                    | "upgrade"
                    | "dist-upgrade"
                    | "full-upgrade"
                    | "safe-upgrade"
                    | "build-dep"
                    | "download"
                    | "source"
            )
        ),
        "apk" => matches!(it.subcommand(), Some("add" | "upgrade" | "fetch")),
        "apt-cache" | "aptitude-install" | "playwright" | "debootstrap" | "add-apt-repository" => {
            true
        }
        // `npx playwright install-deps` and the like install by the list, too.
        _ => it
            .arguments
            .iter()
            .any(|word| word.text == "install" || word.text == "install-deps"),
    }
}

#[cfg(test)]
mod tests {
    use crate::scan::hardening::samples::found;

    #[test]
    fn however_the_step_is_written() {
        for (script, is_found) in [
            ("apt-get update", true),
            ("apt-get -qq update && rm -rf /var/lib/apt/lists/*", true),
            ("apt-get install -y x && apt-get update", true),
            ("apk update", true),
            ("apt-get update && apt-get install -y x", false),
            (
                "apt-get update; apt-get -y --no-install-recommends install x",
                false,
            ),
            ("apt-get update\\napt-get install x", false),
            (
                "set -eux; if true; then apt-get update; fi; apt-get install x",
                false,
            ),
            ("apk update && apk add x", false),
            ("apt-get update && npx playwright install-deps", false),
        ] {
            assert_eq!(
                !found("DX5502", &format!("RUN {script}\n")).is_empty(),
                is_found,
                "{script}"
            );
        }
    }
}
