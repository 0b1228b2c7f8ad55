use crate::dockerfile::InstructionKind;
use crate::edit::Safety;
use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::Step;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::lines::removed;
use crate::lint::rules::mentions::mentions;
use crate::secrets::variables::{is_harmless, is_secret};
use crate::source::{Span, Spanned};

declare! {
    /// ## What it does
    /// Reports an `ARG` or `ENV` whose name says that its value is secret: `PASSWORD`, `…_TOKEN`, `API_KEY`.
    ///
    /// Unlike hadolint and BuildKit, names that only describe a secret (`DB_PASSWORD_FILE`, `TOKEN_TTL`, `GOPRIVATE`) are fine, and so
    /// are values that nobody has to hide: empty ones, switches, paths.
    ///
    /// ## Why it is bad
    /// `ENV` is in the configuration of the image, `ARG` in its history and in the provenance of the build: everyone who can pull the
    /// image reads them.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM alpine:3.20
    /// ARG ACCESS_TOKEN
    /// RUN fetch --token "$ACCESS_TOKEN"
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM alpine:3.20
    /// RUN --mount=type=secret,id=ACCESS_TOKEN,env=ACCESS_TOKEN fetch --token "$ACCESS_TOKEN"
    /// ```
    ///
    /// ## Fix safety
    /// Unsafe: an `ARG` without default becomes a secret mount of the `RUN`s of the stage that name it, or of all if none does. The
    /// build then needs `--secret id=NAME` instead of `--build-arg`.
    ///
    /// ## References
    /// - <https://docs.docker.com/reference/build-checks/secrets-used-in-arg-or-env/>
    /// - <https://docs.docker.com/build/building/secrets/>
    pub(super) static RULE = Rule {
        code: "DL3064",
        name: "secret-in-arg-or-env",
        aliases: &["SecretsUsedInArgOrEnv", "CIS-DI-0010"],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Security,
        summary: "an `ARG` or `ENV` has the name of a secret",
        fix: Fixability::Sometimes(Safety::Unsafe),
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    for declaration in &subject.model.file.global_args {
        let value = declaration.default.as_ref();
        if is_secret(&declaration.name.value)
            && !value.is_some_and(|value| is_harmless(&value.value))
        {
            report("ARG", &declaration.name, diagnostics);
        }
    }
    for step in subject.model.steps() {
        match step.kind() {
            InstructionKind::Arg(declarations) => {
                for declaration in declarations {
                    let name = &declaration.name;
                    let value = declaration.default.as_ref();
                    if !is_secret(&name.value)
                        || value.is_some_and(|value| is_harmless(&value.value))
                    {
                        continue;
                    }
                    let found = report("ARG", name, diagnostics);
                    if value.is_none()
                        && declarations.len() == 1
                        && let Some(edits) = mounts(step, &name.value)
                    {
                        found.unsafe_fix("mount the secret instead", edits);
                    }
                }
            }
            InstructionKind::Env(pairs) => {
                for pair in pairs {
                    if is_secret(&pair.key.value)
                        && !is_passed_on(&pair.key.value, &pair.value.value)
                    {
                        report("ENV", &pair.key, diagnostics);
                    }
                }
            }
            _ => {}
        }
    }
}

/// `ENV TOKEN=$TOKEN` keeps a secret; `ENV TOKEN=` and paths do not.
fn is_passed_on(name: &str, value: &str) -> bool {
    is_harmless(value) && !mentions(value, name) && !value.trim_matches('"').starts_with('$')
}

fn report<'d>(
    keyword: &str,
    name: &Spanned<String>,
    diagnostics: &'d mut Diagnostics<'_>,
) -> crate::lint::Diagnostic<'d> {
    diagnostics
        .report(
            name.span,
            format!(
                "the value of `{keyword} {}` can be read from the image",
                name.value
            ),
        )
        .help(format!(
            "mount it where it is needed: `RUN --mount=type=secret,id={0},env={0}`",
            name.value
        ))
}

/// The `ARG` goes, and the `RUN`s that may need it mount a secret. `None` where something else reads it.
fn mounts(step: Step<'_>, name: &str) -> Option<Vec<(Span, String)>> {
    let model = step.stage.model;
    let text = model.file.source.text();
    let later: Vec<Step<'_>> = step.stage.steps().skip(step.index + 1).collect();
    let reads = |step: &Step<'_>| mentions(step.written().span.of(text), name);
    let elsewhere = model
        .stages()
        .filter(|stage| stage.index != step.stage.index);
    if step.is_onbuild()
        || later
            .iter()
            .any(|later| reads(later) && (later.run().is_none() || later.is_onbuild()))
        || elsewhere
            .flat_map(crate::lint::StageModel::steps)
            .any(|step| reads(&step))
    {
        return None;
    }
    let runs: Vec<&Step<'_>> = later
        .iter()
        .filter(|step| step.run().is_some() && !step.is_onbuild())
        .collect();
    let named: Vec<&Step<'_>> = runs.iter().copied().filter(|step| reads(step)).collect();
    let takers = if named.is_empty() { runs } else { named };
    if takers.is_empty() {
        return None;
    }
    let mut edits = vec![removed(model, step.written())];
    for taker in takers {
        let at = taker.instruction().keyword.span.end;
        edits.push((
            Span::new(at, at),
            format!(" --mount=type=secret,id={name},env={name}"),
        ));
    }
    Some(edits)
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::{fixed, found};

    #[test]
    fn names_of_secrets_are_reported_where_they_stand() {
        let text = "FROM a\nARG BUILD_ENV=production\nARG NX_CLOUD_ACCESS_TOKEN\n# build\nRUN npm run build\n";
        assert_eq!(
            found(&RULE, text),
            "3:5 the value of `ARG NX_CLOUD_ACCESS_TOKEN` can be read from the image"
        );
        assert_eq!(
            fixed(&RULE, text),
            "FROM a\nARG BUILD_ENV=production\n# build\nRUN --mount=type=secret,id=NX_CLOUD_ACCESS_TOKEN,env=NX_CLOUD_ACCESS_TOKEN npm run build\n"
        );
        assert_eq!(
            found(
                &RULE,
                "ARG A_KEY=x\nFROM a\nENV B=1 \\\n  DB_PASSWORD=hunter2\n"
            ),
            "1:5 the value of `ARG A_KEY` can be read from the image\n4:3 the value of `ENV DB_PASSWORD` can be read from the image"
        );
    }

    #[test]
    fn what_only_describes_a_secret_is_fine() {
        for line in [
            "ENV GOPRIVATE=a.b",
            "ENV DB_PASSWORD_FILE=/run/secrets/db",
            "ARG ALLOW_EMPTY_PASSWORD=yes",
            "ENV PASSWORD=",
            "ENV SSH_KEY=/root/.ssh/id",
            "ARG PUBLIC_KEY",
        ] {
            assert_eq!(found(&RULE, &format!("FROM a\n{line}\n")), "", "{line}");
        }
    }
}
