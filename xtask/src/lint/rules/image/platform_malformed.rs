use super::platform_flag::{is_architecture, is_system};
use crate::edit::Safety;
use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};

declare! {
    /// ## What it does
    /// Reports a `--platform` of a `FROM` that names no operating system or no architecture there is, or that is not
    /// written `system/architecture[/variant]`.
    ///
    /// ## Why it is bad
    /// No image has such a platform: the build ends with "no match for platform", after a while and far from the line.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM --platform=amd64/linux alpine:3.20
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM --platform=linux/amd64 alpine:3.20
    /// ```
    ///
    /// ## Fix safety
    /// Unsafe: the platform that is most likely meant is written. There is a fix where one is.
    ///
    /// ## References
    /// - <https://docs.docker.com/build/building/multi-platform/>
    pub(super) static RULE = Rule {
        code: "DX1502",
        name: "platform-malformed",
        aliases: &[],
        severity: Severity::Error,
        enabled: true,
        category: Category::Correctness,
        summary: "`--platform` of a `FROM` names no platform",
        fix: Fixability::Sometimes(Safety::Unsafe),
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    for stage in &subject.model.file.stages {
        let Some(platform) = &stage.platform else {
            continue;
        };
        if platform.value.contains('$') {
            continue;
        }
        let value = platform.value.to_ascii_lowercase();
        let Some(problem) = problem(&value) else {
            continue;
        };
        let found = diagnostics
            .report(
                platform.span,
                format!("`{}` is no platform: {problem}", platform.value),
            )
            .help("write `system/architecture[/variant]`, such as `linux/arm64`");
        if let Some(meant) = meant(&value) {
            found.unsafe_fix(format!("write `{meant}`"), [(platform.span, meant)]);
        }
    }
}

fn problem(value: &str) -> Option<String> {
    let mut parts = value.split('/');
    let first = parts.next().unwrap_or_default();
    // `windows(10.0.17763)/amd64` names a version of the system.
    let system = first.split('(').next().unwrap_or_default();
    let Some(architecture) = parts.next() else {
        return (!is_system(system) && !is_architecture(first))
            .then(|| format!("`{first}` is neither a system nor an architecture"));
    };
    if !is_system(system) {
        return Some(format!("`{first}` is no operating system"));
    }
    if !is_architecture(architecture) {
        return Some(format!("`{architecture}` is no architecture"));
    }
    let variant = parts.next();
    (variant == Some("") || parts.next().is_some()).then(|| "it has too many parts".to_owned())
}

/// The platform that a slip most likely stands for.
fn meant(value: &str) -> Option<String> {
    let architecture = |name: &str| {
        let meant = match name {
            "x64" | "x86-64" | "amd" => "amd64",
            "x86" => "386",
            "arm64v8" | "armv8" => "arm64",
            "armv7" | "arm32v7" | "armv7l" => "arm/v7",
            "armv6" | "arm32v6" | "armv6l" => "arm/v6",
            other if is_architecture(other) => other,
            _ => return None,
        };
        Some(meant.to_owned())
    };
    let (first, second) = value.split_once(['/', '-', '_'])?;
    if is_system(second) && !is_system(first) {
        return Some(format!("{second}/{}", architecture(first)?));
    }
    is_system(first)
        .then(|| architecture(second))
        .flatten()
        .map(|architecture| format!("{first}/{architecture}"))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::{fixed, found};

    #[test]
    fn what_containerd_understands_is_fine() {
        for platform in [
            "linux/amd64",
            "linux/arm/v7",
            "linux",
            "arm64",
            "linux/x86_64",
            "Linux/AMD64",
            "windows(10.0.17763)/amd64",
            "$X/y",
            "wasip1/wasm",
        ] {
            assert_eq!(
                found(&RULE, &format!("FROM --platform={platform} a:1\n")),
                "",
                "{platform}"
            );
        }
    }

    #[test]
    fn slips_are_named_and_mended() {
        assert_eq!(
            found(&RULE, "FROM --platform=linux/x64 a:1\n"),
            "1:17 `linux/x64` is no platform: `x64` is no architecture"
        );
        for (slip, meant) in [
            ("linux-arm64", "linux/arm64"),
            ("linux/arm64v8", "linux/arm64"),
            ("linux/armv7", "linux/arm/v7"),
            ("linux/x64", "linux/amd64"),
            ("linux/toaster", "linux/toaster"),
        ] {
            assert_eq!(
                fixed(&RULE, &format!("FROM --platform={slip} a:1\n")),
                format!("FROM --platform={meant} a:1\n")
            );
        }
    }
}
