use crate::dockerfile::Mount;
use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::Step;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::mentions::mentions;
use crate::shell::Invocation;

declare! {
    /// ## What it does
    /// Reports a `RUN` with a secret mount that copies the secret's file, or writes the secret's variable to a file, and does not remove
    /// that file again.
    ///
    /// ## Why it is bad
    /// A mount is gone after its `RUN`; a copy is not. It is part of the layer, and of every image that holds it.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM alpine:3.20
    /// RUN --mount=type=secret,id=npmrc cp /run/secrets/npmrc /root/.npmrc && npm ci
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM alpine:3.20
    /// RUN --mount=type=secret,id=npmrc,target=/root/.npmrc npm ci
    /// ```
    pub(super) static RULE = Rule {
        code: "DX1303",
        name: "secret-mount-copied",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Security,
        summary: "a mounted secret is written into the layer",
        fix: Fixability::None,
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    for step in subject.model.steps() {
        let Some(run) = step.run() else {
            continue;
        };
        for mount in run
            .mounts
            .iter()
            .filter(|mount| mount.mount_type() == "secret")
        {
            check_mount(step, mount, diagnostics);
        }
    }
}

fn check_mount(step: Step<'_>, mount: &Mount, diagnostics: &mut Diagnostics<'_>) {
    let field = |names: &[&str]| names.iter().find_map(|name| mount.field(name));
    let variable = field(&["env"]);
    let path = match (
        field(&["target", "dst", "destination"]),
        field(&["id", "source", "src"]),
    ) {
        (Some(target), _) => target.to_owned(),
        (None, Some(id)) if variable.is_none() => format!("/run/secrets/{id}"),
        _ => String::new(),
    };
    let text = step.stage.model.file.source.text();
    for invocation in step.invocations() {
        let written = match copied_to(invocation, &path) {
            Some(target) => Some(target),
            None => redirected_to(invocation.span.of(text), &path, variable),
        };
        let Some(target) = written else {
            continue;
        };
        let removed = step.invocations().iter().any(|other| {
            other.is_any(&["rm", "shred", "unlink"])
                && other
                    .words()
                    .any(|word| word.text.trim_matches('"') == target)
        });
        let is_kept = !target.starts_with("/dev/") && !target.starts_with("/tmp/") && !removed;
        if is_kept {
            diagnostics
                .report(invocation.span, format!("the secret is written to `{target}`, which stays in the layer"))
                .help("mount the secret where the program looks for it: `--mount=type=secret,id=…,target=…`");
        }
    }
}

fn copied_to(invocation: &Invocation, path: &str) -> Option<String> {
    if path.is_empty()
        || !invocation.is_any(&["cp", "mv", "install", "ln"])
        || invocation.has_option(&["-s", "--symbolic"])
    {
        return None;
    }
    let words: Vec<&str> = invocation.words().map(|word| word.text.as_str()).collect();
    let (target, sources) = words.split_last()?;
    sources.contains(&path).then(|| (*target).to_owned())
}

/// Where `echo "$TOKEN" > file` or `cat /run/secrets/x > file` goes.
fn redirected_to(command: &str, path: &str, variable: Option<&str>) -> Option<String> {
    let reads = (!path.is_empty() && command.contains(path))
        || variable.is_some_and(|name| mentions(command, name));
    let (before, after) = command.rsplit_once('>')?;
    let is_output = !before.ends_with('2') && !after.starts_with('&');
    if !reads || !is_output {
        return None;
    }
    let target = after.trim_start_matches('|').split_whitespace().next()?;
    Some(target.trim_matches(['"', '\'']).to_owned())
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::found;

    #[test]
    fn copies_that_stay() {
        for (command, target) in [
            (
                "--mount=type=secret,id=a cat /run/secrets/a > /etc/a",
                "/etc/a",
            ),
            (
                "--mount=type=secret,id=a,env=TOKEN echo \"//r/:_authToken=$TOKEN\" >> .npmrc",
                ".npmrc",
            ),
            ("--mount=type=secret,id=a,target=/x mv /x /y", "/y"),
        ] {
            let text = found(&RULE, &format!("FROM alpine:3.20\nRUN {command}\n"));
            assert!(
                text.ends_with(&format!("written to `{target}`, which stays in the layer")),
                "{command}: {text}"
            );
        }
        for command in [
            "--mount=type=secret,id=a cat /run/secrets/a > /etc/a && use && rm /etc/a",
            "--mount=type=secret,id=a use --file /run/secrets/a > /dev/null",
            "--mount=type=secret,id=a,env=TOKEN use $TOKEN 2>/log",
            "--mount=type=secret,id=a cp b c",
            "cp /run/secrets/a /b",
        ] {
            assert_eq!(
                found(&RULE, &format!("FROM alpine:3.20\nRUN {command}\n")),
                "",
                "{command}"
            );
        }
    }
}
