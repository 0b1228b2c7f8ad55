use super::options;
use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::packages::{self, Call, Manager};
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::commands::is_mounted;
use crate::lint::{Known, Step};

declare! {
    /// ## What it does
    /// Reports a `pip install` whose cache ends up in the layer: without `--no-cache-dir`, without `PIP_NO_CACHE_DIR`
    /// in the
    /// environment, without a cache mount over `~/.cache/pip`, and without cleaning up in the same `RUN`.
    ///
    /// Unlike hadolint, an `ARG PIP_NO_CACHE_DIR`, the short `--no-cache` and `pip cache purge` count too.
    ///
    /// ## Why it is bad
    /// Every downloaded archive and every wheel that is built stays in the layer a second time.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM python:3.12
    /// RUN pip install flask==3.0.3
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM python:3.12
    /// RUN pip install --no-cache-dir flask==3.0.3
    /// ```
    ///
    /// ## Fix safety
    /// Safe: the same packages are installed.
    pub(super) static RULE = Rule {
        code: "DL3042",
        name: "pip-without-no-cache-dir",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Size,
        summary: "`pip install` leaves its cache in the image",
        fix: Fixability::Sometimes(crate::edit::Safety::Safe),
        check: Check::Dockerfile(check),
    };
}

const VARIABLE: &str = "PIP_NO_CACHE_DIR";

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    for (step, call) in options::calls(subject.model, &[Manager::Pip]) {
        let is_pip = call.is("install") && !call.invocation.is("pipx");
        if !is_pip || call.has_option(&["--no-cache-dir", "--no-cache"]) {
            continue;
        }
        if call
            .invocation
            .assignments
            .iter()
            .any(|name| name == VARIABLE)
            || is_off_in_environment(step)
            || is_cached_elsewhere(step, &call)
            || is_cleaned(step)
        {
            continue;
        }
        let found = diagnostics
            .report(
                options::head(&call),
                "`pip install` leaves its cache in the image",
            )
            .help("add `--no-cache-dir`, or mount a cache over `/root/.cache/pip`");
        options::add(found, step, &call, "--no-cache-dir");
    }
}

/// Any value but the empty one turns the cache off, `0` and `false` too.
fn is_off_in_environment(step: Step<'_>) -> bool {
    step.before().variable(VARIABLE).is_some_and(|variable| {
        !matches!(&variable.value, Known::Yes(value) if value.as_deref().is_none_or(str::is_empty))
    })
}

fn is_cached_elsewhere(step: Step<'_>, call: &Call<'_>) -> bool {
    let folder = call
        .option_value(&["--cache-dir"])
        .unwrap_or("~/.cache/pip");
    step.run().is_some_and(|run| is_mounted(run, folder))
}

/// `pip cache purge`, `rm -rf ~/.cache`, `pip config set global.no-cache-dir`, `export PIP_NO_CACHE_DIR=1`.
fn is_cleaned(step: Step<'_>) -> bool {
    step.invocations().iter().any(|invocation| {
        let has = |text: &str| invocation.arguments.iter().any(|it| it.text.contains(text));
        match invocation.program.as_str() {
            "export" => has(VARIABLE),
            "rm" => has(".cache"),
            _ => packages::call_of(invocation, &[Manager::Pip]).is_some_and(|call| {
                call.is("cache") && has("purge") || call.is("config") && has("no-cache-dir")
            }),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::{fixed, found};

    #[test]
    fn what_keeps_no_cache() {
        for text in [
            "RUN pip install --no-cache-dir a",
            "RUN pip --no-cache-dir install a",
            "RUN PIP_NO_CACHE_DIR=1 pip install a",
            "RUN export PIP_NO_CACHE_DIR=1 && pip install a",
            "RUN --mount=type=cache,target=/root/.cache/pip pip install a",
            "RUN --mount=type=cache,target=/home/app/.cache,uid=1000 pip install a",
            "RUN pip install a && rm -rf /root/.cache",
            "RUN pip install a && python3 -m pip cache purge",
            "ENV PIP_NO_CACHE_DIR=0\nRUN pip install a",
            "ARG PIP_NO_CACHE_DIR=1\nRUN pip install a",
            "RUN pip download a",
            "RUN pipx install a",
        ] {
            assert_eq!(
                found(&RULE, &format!("FROM python:3.12\n{text}\n")),
                "",
                "{text}"
            );
        }
    }

    #[test]
    fn what_keeps_one() {
        for (run, expected) in [
            (
                "python3.12 -m pip install -r x.txt",
                "python3.12 -m pip install --no-cache-dir -r x.txt",
            ),
            (
                "pip3 install \\\n  a",
                "pip3 install --no-cache-dir \\\n  a",
            ),
            (
                "--mount=type=cache,target=/root/.npm pip install a",
                "--mount=type=cache,target=/root/.npm pip install --no-cache-dir a",
            ),
        ] {
            assert_eq!(
                fixed(&RULE, &format!("FROM python:3.12\nRUN {run}\n")),
                format!("FROM python:3.12\nRUN {expected}\n")
            );
        }
    }
}
