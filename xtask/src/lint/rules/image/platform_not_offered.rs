use super::platform_flag::{is_system, normalized_architecture};
use crate::dockerfile::ReferenceKind;
use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::project::ImageName;

/// Official images of Linux distributions and servers that were never published for Windows.
const LINUX_ONLY: [&str; 26] = [
    "almalinux",
    "alpine",
    "amazonlinux",
    "archlinux",
    "busybox",
    "centos",
    "debian",
    "fedora",
    "haproxy",
    "httpd",
    "mariadb",
    "memcached",
    "mysql",
    "nginx",
    "node",
    "oraclelinux",
    "perl",
    "php",
    "postgres",
    "rabbitmq",
    "redis",
    "rockylinux",
    "ruby",
    "rust",
    "traefik",
    "ubuntu",
];

/// Official images that are published for a few architectures only.
const FEW_ARCHITECTURES: [(&str, &[&str]); 4] = [
    ("amazonlinux", &["amd64", "arm64"]),
    ("archlinux", &["amd64"]),
    ("mysql", &["amd64", "arm64"]),
    ("oraclelinux", &["amd64", "arm64"]),
];

declare! {
    /// ## What it does
    /// Reports a `FROM` whose `--platform` is one that the base image is known not to be published for.
    ///
    /// Known are common official images; the registry is not asked. A platform in a variable is not looked at.
    ///
    /// ## Why it is bad
    /// There is nothing to pull: the build fails, or an engine that has the image of another platform at hand
    /// builds on that and only warns.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM --platform=windows/amd64 alpine:3.20
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM --platform=linux/amd64 alpine:3.20
    /// ```
    ///
    /// ## References
    /// - <https://docs.docker.com/reference/build-checks/invalid-base-image-platform/>
    pub(super) static RULE = Rule {
        code: "InvalidBaseImagePlatform",
        name: "platform-not-offered",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Correctness,
        summary: "the base image is not published for that platform",
        fix: Fixability::None,
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    for image in &subject.model.graph.images {
        let Some(platform) = &image.platform else {
            continue;
        };
        if image.kind != ReferenceKind::From
            || !image.undefined.is_empty()
            || platform.value.contains('$')
        {
            continue;
        }
        let value = platform.value.to_ascii_lowercase();
        let mut parts = value.split('/');
        let first = parts.next().unwrap_or_default();
        let system = first.split('(').next().unwrap_or_default();
        let (system, architecture) = if is_system(system) {
            (Some(system), parts.next())
        } else {
            (None, Some(first))
        };
        let Some(name) = ImageName::parse(&image.reference) else {
            continue;
        };
        if !offered(&name, system, architecture.map(normalized_architecture)) {
            diagnostics
                .report(
                    platform.span,
                    format!(
                        "`{}` is not published for `{}`",
                        image.reference, platform.value
                    ),
                )
                .help("choose a platform that the image has");
        }
    }
}

/// Whether the image may be had for the platform.
fn offered(name: &ImageName, system: Option<&str>, architecture: Option<&str>) -> bool {
    if name.domain == "mcr.microsoft.com" && name.path.starts_with("windows/") {
        return system.is_none_or(|system| system == "windows");
    }
    let Some(official) = name
        .path
        .strip_prefix("library/")
        .filter(|_| name.domain == "docker.io")
    else {
        return true;
    };
    if system.is_some_and(|system| system != "linux") && LINUX_ONLY.contains(&official) {
        return false;
    }
    let few = FEW_ARCHITECTURES
        .iter()
        .find(|(image, _)| *image == official);
    match (few, architecture) {
        (Some((_, architectures)), Some(architecture)) => architectures.contains(&architecture),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::found;

    #[test]
    fn what_may_be_had_is_fine() {
        for text in [
            "FROM --platform=linux/riscv64 alpine:3.20\n",
            "FROM --platform=windows/amd64 golang:1.23\n",
            "FROM --platform=windows/amd64 example/alpine:1\n",
            "FROM --platform=windows/amd64 mcr.microsoft.com/windows/nanoserver:ltsc2022\n",
            "FROM --platform=x86_64 archlinux:base\n",
            "FROM --platform=$P alpine:3.20\n",
        ] {
            assert_eq!(found(&RULE, text), "", "{text}");
        }
    }

    #[test]
    fn what_cannot_be_had_is_named() {
        assert_eq!(
            found(&RULE, "FROM --platform=linux/arm64 archlinux:base\n"),
            "1:17 `archlinux:base` is not published for `linux/arm64`"
        );
        assert_eq!(
            found(&RULE, "ARG V=3\nFROM --platform=windows alpine:$V\n"),
            "2:17 `alpine:3` is not published for `windows`"
        );
    }
}
