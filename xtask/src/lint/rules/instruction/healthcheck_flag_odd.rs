use std::time::Duration;

use crate::dockerfile::{Flag, Healthcheck, InstructionKind, parse_duration};
use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};

declare! {
    /// ## What it does
    /// Reports flags of `HEALTHCHECK` that do not do what they seem to: a zero, which stands for the default; times below
    /// one second; a `--start-interval` without a `--start-period`.
    ///
    /// ## Why it is bad
    /// `--retries=0` does not mean "never unhealthy" but three, `--interval=0` not "always" but every 30 seconds.
    /// A check several times a second costs more than the service it checks, and one that must answer within less fails as
    /// soon as the machine is busy. `--start-interval` counts during the start period only, which is zero by default.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM nginx:1.27.2
    /// HEALTHCHECK --retries=0 CMD ["curl", "--fail", "http://localhost/"]
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM nginx:1.27.2
    /// HEALTHCHECK --retries=5 CMD ["curl", "--fail", "http://localhost/"]
    /// ```
    ///
    /// ## References
    /// - <https://docs.docker.com/reference/dockerfile/#healthcheck>
    pub(super) static RULE = Rule {
        code: "DX1802",
        name: "healthcheck-flag-odd",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Correctness,
        summary: "a flag of `HEALTHCHECK` does not do what it seems to",
        fix: Fixability::None,
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    for step in subject.model.steps() {
        let InstructionKind::Healthcheck(Some(healthcheck)) = step.kind() else {
            continue;
        };
        for flag in &healthcheck.flags {
            let Some(value) = &flag.value else { continue };
            if let Some((message, help)) = judge(flag, &value.value, healthcheck) {
                diagnostics.report(value.span, message).help(help);
            }
        }
    }
}

fn judge(flag: &Flag, value: &str, healthcheck: &Healthcheck) -> Option<(String, &'static str)> {
    let name = flag.name.value.as_str();
    if name == "retries" {
        return (value.parse() == Ok(0)).then(|| {
            (
                "`--retries=0` stands for the default, which is 3".to_owned(),
                "write how many failures it takes",
            )
        });
    }
    let duration = parse_duration(value)?;
    let default = match name {
        "interval" | "timeout" => "30s",
        "start-interval" => "5s",
        _ => return None,
    };
    if duration.is_zero() {
        let message = format!("`--{name}={value}` stands for the default, which is {default}");
        return Some((
            message,
            "write the time that is meant, or leave the flag out",
        ));
    }
    let has_period = healthcheck.flags.iter().any(|flag| {
        let value = flag
            .value
            .as_ref()
            .and_then(|value| parse_duration(&value.value));
        flag.name.value == "start-period" && value.is_some_and(|value| !value.is_zero())
    });
    if name == "start-interval" && !has_period {
        let message =
            "`--start-interval` counts during the start period, and there is none".to_owned();
        return Some((message, "add `--start-period`"));
    }
    (duration < Duration::from_secs(1)).then(|| {
        (
            format!("`--{name}={value}` is less than a second"),
            "write a second at least",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::found;

    #[test]
    fn usual_flags_are_fine() {
        for flags in [
            "",
            "--interval=10s --timeout=3s --start-period=30s --start-interval=1s --retries=3 ",
            "--start-period=0s ",
            "--interval=1m30s --retries=1 ",
        ] {
            assert_eq!(
                found(&RULE, &format!("FROM a:1\nHEALTHCHECK {flags}CMD x\n")),
                "",
                "{flags}"
            );
        }
        assert_eq!(found(&RULE, "FROM a:1\nHEALTHCHECK NONE\n"), "");
    }

    #[test]
    fn each_odd_flag_is_reported_at_its_value() {
        for (flag, message) in [
            (
                "--retries=0",
                "2:23 `--retries=0` stands for the default, which is 3",
            ),
            (
                "--interval=0s",
                "2:24 `--interval=0s` stands for the default, which is 30s",
            ),
            (
                "--timeout=500ms",
                "2:23 `--timeout=500ms` is less than a second",
            ),
            (
                "--start-interval=2s",
                "2:30 `--start-interval` counts during the start period, and there is none",
            ),
        ] {
            assert_eq!(
                found(&RULE, &format!("FROM a:1\nHEALTHCHECK {flag} CMD x\n")),
                message
            );
        }
    }
}
