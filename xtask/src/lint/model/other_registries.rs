//! What is known about images that are not on Docker Hub under an official name.

use crate::lint::model::base_image::BaseFacts;
use crate::lint::model::base_images::{add_account, on};
use crate::lint::model::distributions;
use crate::lint::model::reference::Reference;

/// What is known about such an image.
pub(super) fn facts(reference: &Reference<'_>) -> BaseFacts {
    let name = reference.name.as_str();
    if let Some(image) = name.strip_prefix("gcr.io/distroless/") {
        return distroless(image, reference);
    }
    if let Some(image) = name.strip_prefix("mcr.microsoft.com/dotnet/") {
        return dotnet(image, reference);
    }
    if name.starts_with("mcr.microsoft.com/windows/") {
        return BaseFacts {
            shell: Some(&["cmd", "/S", "/C"]),
            ..BaseFacts::default()
        };
    }
    if let Some(image) = ["registry.access.redhat.com/", "registry.redhat.io/"]
        .iter()
        .find_map(|host| name.strip_prefix(host))
    {
        return ubi(image);
    }
    match name {
        "docker.io/nginxinc/nginx-unprivileged" => BaseFacts {
            known: true,
            user: Some("101"),
            environment: ["NGINX_VERSION", "NJS_VERSION", "NJS_RELEASE", "PKG_RELEASE"]
                .iter()
                .map(|variable| (*variable, None))
                .collect(),
            accounts: vec![("nginx", 101, false), ("nginx", 101, true)],
            programs: vec!["nginx"],
            ..BaseFacts::default()
        },
        "docker.io/oven/bun" => BaseFacts {
            workdir: Some("/home/bun/app"),
            accounts: vec![("bun", 1000, false), ("bun", 1000, true)],
            programs: vec!["bun"],
            known: true,
            environment: vec![
                ("BUN_RUNTIME_TRANSPILER_CACHE_PATH", None),
                ("BUN_INSTALL_BIN", None),
            ],
            ..BaseFacts::default()
        },
        "quay.io/centos/centos" | "quay.io/fedora/fedora" | "docker.io/rockylinux/rockylinux" => {
            let distribution = match name {
                "quay.io/centos/centos" => "centos",
                "quay.io/fedora/fedora" => "fedora",
                _ => "rockylinux",
            };
            let mut facts = BaseFacts {
                known: true,
                ..BaseFacts::default()
            };
            if let Some(base) = distributions::distribution(distribution) {
                on(&mut facts, base, reference.version(1).unwrap_or_default());
            }
            facts
        }
        _ => BaseFacts::default(),
    }
}

fn distroless(image: &str, reference: &Reference<'_>) -> BaseFacts {
    let release = image
        .rsplit_once("-debian")
        .map_or("", |(_, release)| release);
    let is_nonroot = reference.has("nonroot");
    let is_debug = reference.has("debug");
    let mut facts = BaseFacts {
        known: true,
        user: is_nonroot.then_some("65532"),
        workdir: is_nonroot.then_some("/home/nonroot"),
        environment: vec![(
            "SSL_CERT_FILE",
            Some("/etc/ssl/certs/ca-certificates.crt".to_owned()),
        )],
        distribution: Some(("debian".to_owned(), release.to_owned())),
        all_accounts: true,
        ..BaseFacts::default()
    };
    for is_group in [false, true] {
        let accounts = [("root", 0), ("nonroot", 65532)];
        facts
            .accounts
            .extend(accounts.map(|(name, id)| (name, id, is_group)));
    }
    facts.accounts.push(("nobody", 65534, false));
    facts.some_accounts = &["nobody", "tty", "staff"];
    let shell = ["sh", "wget", "cat", "ls"];
    if is_debug {
        facts.programs.extend(shell);
    } else {
        facts.missing_programs.extend(shell);
    }
    facts.missing_programs.extend([
        "bash", "curl", "apt-get", "apt", "apk", "adduser", "useradd", "npm", "pip",
    ]);
    facts
}

fn dotnet(image: &str, reference: &Reference<'_>) -> BaseFacts {
    if !["sdk", "aspnet", "runtime", "runtime-deps"].contains(&image) {
        return BaseFacts::default();
    }
    let major = reference
        .version(1)
        .and_then(|version| version.split('.').next()?.parse::<u32>().ok());
    // Windows, or nobody knows which.
    let Some(major) = major
        .filter(|_| !reference.tag.contains("windows") && !reference.tag.contains("nanoserver"))
    else {
        return BaseFacts::default();
    };
    let is_distroless = reference.tag.contains("chiseled") || reference.tag.contains("distroless");
    let names = [
        "APP_UID",
        "ASPNETCORE_HTTP_PORTS",
        "ASPNETCORE_URLS",
        "ASPNET_VERSION",
        "DOTNET_VERSION",
        "DOTNET_SDK_VERSION",
        "DOTNET_RUNNING_IN_CONTAINER",
        "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT",
        "DOTNET_USE_POLLING_FILE_WATCHER",
        "DOTNET_GENERATE_ASPNET_CERTIFICATE",
        "DOTNET_NOLOGO",
        "NUGET_XMLDOC_MODE",
        "POWERSHELL_DISTRIBUTION_CHANNEL",
    ];
    let value = |name: &str| (name == "APP_UID" && major >= 8).then(|| "1654".to_owned());
    let mut facts = BaseFacts {
        known: true,
        user: is_distroless.then_some(if major >= 8 { "1654" } else { "app" }),
        environment: names.iter().map(|name| (*name, value(name))).collect(),
        ..BaseFacts::default()
    };
    if image != "runtime-deps" {
        facts.programs.push("dotnet");
    }
    let default = match major {
        8 | 9 => Some(("debian", "12")),
        10 => Some(("ubuntu", "24.04")),
        _ => None,
    };
    if let Some((name, release)) = reference.distribution().or(default)
        && let Some(base) = distributions::distribution(name).filter(|_| !is_distroless)
    {
        on(&mut facts, base, release);
    }
    if major >= 8 {
        add_account(&mut facts, "app", 1654);
    }
    facts
}

/// `ubi9`, `ubi9/ubi`, `ubi9-minimal`, `ubi9/ubi-minimal`.
fn ubi(image: &str) -> BaseFacts {
    let Some(rest) = image.strip_prefix("ubi") else {
        return BaseFacts::default();
    };
    let end = rest
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(rest.len());
    let (release, kind) = rest.split_at(end);
    let is_plain = matches!(
        kind,
        "" | "/ubi" | "-minimal" | "/ubi-minimal" | "-init" | "/ubi-init"
    );
    if release.is_empty() || !is_plain {
        return BaseFacts::default();
    }
    let mut facts = BaseFacts {
        known: true,
        environment: vec![("container", Some("oci".to_owned()))],
        ..BaseFacts::default()
    };
    if let Some(base) = distributions::distribution("ubi") {
        on(&mut facts, base, release);
    }
    facts.programs.push(if kind.contains("minimal") {
        "microdnf"
    } else {
        "dnf"
    });
    facts
}
