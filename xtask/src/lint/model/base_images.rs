//! What common base images hold and set. Only what is sure stands here.

use crate::lint::model::base_image::BaseFacts;
use crate::lint::model::distributions::{self, Distribution};
use crate::lint::model::other_registries;
use crate::lint::model::reference::{Reference, UNKNOWN};

/// An image: its official name, and what it has beyond its distribution.
struct Image {
    name: &'static str,
    /// Which distribution it is of if the tag does not say so; empty: nobody can tell.
    distribution: &'static str,
    user: Option<&'static str>,
    workdir: Option<&'static str>,
    /// The variable that holds the version, if a full tag tells it.
    version: Option<&'static str>,
    environment: &'static [&'static str],
    entrypoint: Option<&'static [&'static str]>,
    accounts: &'static [(&'static str, u32)],
    programs: &'static [&'static str],
    /// Whether nothing but these programs comes on top of the distribution in small variants.
    is_lean: bool,
    /// Whether the variant without a suffix holds compilers and version control.
    has_tools: bool,
}

const fn image(name: &'static str, distribution: &'static str) -> Image {
    Image {
        name,
        distribution,
        user: None,
        workdir: None,
        version: None,
        environment: &[],
        entrypoint: None,
        accounts: &[],
        programs: &[],
        is_lean: false,
        has_tools: false,
    }
}

const fn lean(name: &'static str, distribution: &'static str) -> Image {
    Image {
        is_lean: true,
        ..image(name, distribution)
    }
}

const ENTRYPOINT: Option<&[&str]> = Some(&["docker-entrypoint.sh"]);

/// What `buildpack-deps` holds.
const TOOLS: &[&str] = &[
    "curl", "wget", "git", "ssh", "gpg", "gcc", "g++", "make", "patch", "unzip", "xz", "bzip2",
    "ps", "python3",
];

const IMAGES: &[Image] = &[
    Image {
        version: Some("NODE_VERSION"),
        environment: &["NODE_VERSION", "YARN_VERSION"],
        entrypoint: ENTRYPOINT,
        accounts: &[("node", 1000)],
        programs: &["node", "npm", "npx", "yarn"],
        is_lean: true,
        has_tools: true,
        ..image("node", "debian")
    },
    Image {
        version: Some("PYTHON_VERSION"),
        environment: &["PYTHON_VERSION", "PYTHON_SHA256", "LANG", "GPG_KEY"],
        programs: &["python3", "python", "pip", "pip3"],
        is_lean: true,
        has_tools: true,
        ..image("python", "debian")
    },
    Image {
        version: Some("GOLANG_VERSION"),
        environment: &["GOLANG_VERSION", "GOTOOLCHAIN", "GOPATH"],
        workdir: Some("/go"),
        programs: &["go", "gofmt"],
        has_tools: true,
        ..image("golang", "debian")
    },
    Image {
        version: Some("RUST_VERSION"),
        environment: &["RUST_VERSION", "RUSTUP_HOME", "CARGO_HOME"],
        programs: &["cargo", "rustc", "rustup"],
        has_tools: true,
        ..image("rust", "debian")
    },
    Image {
        version: Some("RUBY_VERSION"),
        environment: &[
            "RUBY_VERSION",
            "RUBY_DOWNLOAD_URL",
            "RUBY_DOWNLOAD_SHA256",
            "LANG",
            "GEM_HOME",
            "BUNDLE_SILENCE_ROOT_WARNING",
            "BUNDLE_APP_CONFIG",
        ],
        programs: &["ruby", "gem", "bundle", "irb"],
        has_tools: true,
        ..image("ruby", "debian")
    },
    Image {
        version: Some("PHP_VERSION"),
        environment: &[
            "PHP_VERSION",
            "PHP_INI_DIR",
            "PHPIZE_DEPS",
            "PHP_CFLAGS",
            "PHP_CPPFLAGS",
            "PHP_LDFLAGS",
            "PHP_URL",
            "PHP_ASC_URL",
            "PHP_SHA256",
            "GPG_KEYS",
            "APACHE_CONFDIR",
            "APACHE_ENVVARS",
        ],
        entrypoint: Some(&["docker-php-entrypoint"]),
        programs: &[
            "php",
            "docker-php-ext-install",
            "docker-php-ext-enable",
            "pecl",
            "curl",
        ],
        ..image("php", "debian")
    },
    lean("alpine", "alpine"),
    lean("debian", "debian"),
    lean("ubuntu", "ubuntu"),
    image("fedora", "fedora"),
    image("rockylinux", "rockylinux"),
    image("almalinux", "almalinux"),
    image("centos", "centos"),
    image("amazonlinux", "amazonlinux"),
    image("oraclelinux", "oraclelinux"),
    Image {
        accounts: &[("root", 0)],
        programs: &[
            "sh", "ash", "wget", "nc", "vi", "cat", "ls", "cp", "mv", "rm", "mkdir", "adduser",
            "addgroup",
        ],
        ..image("busybox", "")
    },
    Image {
        has_tools: true,
        ..image("buildpack-deps", "debian")
    },
    Image {
        version: Some("NGINX_VERSION"),
        environment: &[
            "NGINX_VERSION",
            "NJS_VERSION",
            "NJS_RELEASE",
            "PKG_RELEASE",
            "DYNPKG_RELEASE",
            "ACME_VERSION",
        ],
        entrypoint: Some(&["/docker-entrypoint.sh"]),
        accounts: &[("nginx", 101)],
        programs: &["nginx", "envsubst"],
        ..image("nginx", "debian")
    },
    Image {
        version: Some("HTTPD_VERSION"),
        environment: &[
            "HTTPD_VERSION",
            "HTTPD_PREFIX",
            "HTTPD_SHA256",
            "HTTPD_PATCHES",
        ],
        workdir: Some("/usr/local/apache2"),
        programs: &["httpd"],
        ..image("httpd", "debian")
    },
    Image {
        environment: &[
            "LANG",
            "PG_MAJOR",
            "PG_VERSION",
            "PG_SHA256",
            "PGDATA",
            "GOSU_VERSION",
            "DOCKER_PG_LLVM_DEPS",
        ],
        entrypoint: ENTRYPOINT,
        programs: &["postgres", "psql", "pg_isready", "pg_dump", "gosu"],
        ..image("postgres", "debian")
    },
    Image {
        environment: &[
            "REDIS_VERSION",
            "REDIS_DOWNLOAD_URL",
            "REDIS_DOWNLOAD_SHA",
            "GOSU_VERSION",
        ],
        workdir: Some("/data"),
        entrypoint: ENTRYPOINT,
        programs: &["redis-server", "redis-cli"],
        ..image("redis", "debian")
    },
    Image {
        environment: &["JAVA_HOME", "LANG", "LANGUAGE", "LC_ALL", "JAVA_VERSION"],
        entrypoint: Some(&["/__cacert_entrypoint.sh"]),
        programs: &["java"],
        ..image("eclipse-temurin", "ubuntu")
    },
    Image {
        environment: &["JAVA_HOME", "LANG", "JAVA_VERSION"],
        programs: &["java"],
        ..image("openjdk", "")
    },
    Image {
        environment: &[
            "JAVA_HOME",
            "LANG",
            "LANGUAGE",
            "LC_ALL",
            "JAVA_VERSION",
            "MAVEN_HOME",
            "MAVEN_CONFIG",
        ],
        entrypoint: Some(&["/usr/local/bin/mvn-entrypoint.sh"]),
        programs: &["java", "mvn"],
        ..image("maven", "")
    },
    Image {
        version: Some("GRADLE_VERSION"),
        environment: &[
            "JAVA_HOME",
            "LANG",
            "LANGUAGE",
            "LC_ALL",
            "JAVA_VERSION",
            "GRADLE_HOME",
            "GRADLE_VERSION",
        ],
        workdir: Some("/home/gradle"),
        accounts: &[("gradle", 1000)],
        programs: &["java", "gradle"],
        ..image("gradle", "")
    },
    Image {
        user: Some("haproxy"),
        version: Some("HAPROXY_VERSION"),
        environment: &["HAPROXY_VERSION", "HAPROXY_URL", "HAPROXY_SHA256"],
        workdir: Some("/var/lib/haproxy"),
        entrypoint: ENTRYPOINT,
        accounts: &[("haproxy", 99)],
        programs: &["haproxy"],
        ..image("haproxy", "debian")
    },
];

/// What is known about an image by its reference, variables that are not known marked in it.
pub(super) fn facts(marked: &str) -> BaseFacts {
    let Some(reference) = Reference::parse(marked) else {
        return BaseFacts::default();
    };
    let found = reference
        .official()
        .and_then(|name| IMAGES.iter().find(|image| image.name == name));
    match found {
        Some(image) => official(image, &reference),
        None => other_registries::facts(&reference),
    }
}

fn official(image: &Image, reference: &Reference<'_>) -> BaseFacts {
    if reference.tag.contains("windows") || reference.tag.contains("nanoserver") {
        return BaseFacts::default();
    }
    let (name, release) = match reference.distribution() {
        Some(("alpine", "")) if image.name == "node" => ("alpine", alpine_of_node(reference)),
        Some(named) => named,
        // Of a distribution's own image the tag is the release.
        None if image.name == image.distribution => {
            (image.distribution, reference.version(1).unwrap_or_default())
        }
        None if reference.tag.contains(UNKNOWN) => ("", ""),
        None => (image.distribution, ""),
    };
    let base = distributions::distribution(name);
    let is_small = name == "alpine" || reference.has("slim") || image.name == image.distribution;
    let mut facts = BaseFacts {
        known: true,
        user: image.user,
        workdir: image.workdir,
        entrypoint: image.entrypoint,
        environment: image
            .environment
            .iter()
            .map(|variable| {
                let version = (image.version == Some(variable))
                    .then(|| reference.version(3))
                    .flatten();
                (*variable, version.map(str::to_owned))
            })
            .collect(),
        programs: image.programs.to_vec(),
        ..BaseFacts::default()
    };
    for &(account, id) in image.accounts {
        facts
            .accounts
            .extend([(account, id, false), (account, id, true)]);
    }
    match (image.name, name) {
        // The numbers differ with the distribution.
        ("postgres", "alpine") => add_account(&mut facts, "postgres", 70),
        ("postgres", _) => add_account(&mut facts, "postgres", 999),
        ("redis", _) => add_account(&mut facts, "redis", 999),
        ("php", _) if reference.has("fpm") || reference.has("apache") => {
            facts.workdir = Some("/var/www/html");
        }
        _ => {}
    }
    if let Some(base) = base {
        on(&mut facts, base, release);
        // `www-data` is a group of Alpine, and a user of those images that need it.
        if image.name == "php" || image.name == "httpd" {
            facts
                .accounts
                .push(("www-data", if name == "alpine" { 82 } else { 33 }, false));
        }
        if image.is_lean && is_small {
            let missing = base.missing.iter().copied();
            facts.missing_programs = missing.filter(|p| !image.programs.contains(p)).collect();
        }
        if image.has_tools && !is_small && name == "debian" {
            facts.programs.extend(TOOLS.iter().filter(|tool| {
                image.name != "golang" || !matches!(**tool, "python3" | "unzip" | "xz" | "bzip2")
            }));
        }
    }
    facts
}

pub(super) fn add_account(facts: &mut BaseFacts, name: &'static str, id: u32) {
    facts.accounts.extend([(name, id, false), (name, id, true)]);
}

/// Versions that were replaced while Alpine 3.20 was the newest.
fn alpine_of_node(reference: &Reference<'_>) -> &'static str {
    match reference.version(3) {
        Some(
            "18.20.4" | "20.15.1" | "20.16.0" | "20.17.0" | "20.18.0" | "22.5.1" | "22.6.0"
            | "22.7.0" | "22.8.0" | "22.9.0" | "22.10.0" | "22.11.0",
        ) => "3.20",
        _ => "",
    }
}

/// What the distribution brings.
pub(super) fn on(facts: &mut BaseFacts, base: &'static Distribution, release: &str) {
    // What is told apart: `3.20` of Alpine and Ubuntu, `12` of the others.
    let parts = if matches!(base.name, "alpine" | "ubuntu") {
        2
    } else {
        1
    };
    let parts: Vec<&str> = release.split('.').take(parts).collect();
    facts.distribution = Some((base.name.to_owned(), parts.join(".")));
    let users = base.users.iter().map(|&(name, id)| (name, id, false));
    let groups = base.groups.iter().map(|&(name, id)| (name, id, true));
    facts.accounts.extend(users.chain(groups));
    facts.some_accounts = base.some_accounts;
    facts.all_accounts = true;
    facts.programs.extend(base.programs);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::Known;

    fn told(reference: &str) -> String {
        let facts = facts(reference);
        let (name, release) = facts.distribution.clone().unwrap_or_default();
        let user = facts.user.unwrap_or("-");
        let workdir = facts.workdir.unwrap_or("-");
        format!("{} {name} {release} {user} {workdir}", facts.known)
    }

    #[test]
    fn tags_tell_the_distribution() {
        for (reference, expected) in [
            ("node:20.18.0-alpine", "true alpine 3.20 - -"),
            ("node:20-alpine3.19", "true alpine 3.19 - -"),
            ("node:20-alpine", "true alpine  - -"),
            ("node:22-bookworm-slim", "true debian 12 - -"),
            ("node", "true debian  - -"),
            ("node:\u{fffd}", "true   - -"),
            ("node:\u{fffd}-alpine", "true alpine  - -"),
            ("\u{fffd}/node:20", "false   - -"),
            (
                "docker.io/library/alpine:3.20.3@sha256:ab",
                "true alpine 3.20 - -",
            ),
            (
                "public.ecr.aws/docker/library/debian:12.5-slim",
                "true debian 12 - -",
            ),
            ("ubuntu:22.04", "true ubuntu 22.04 - -"),
            ("ubuntu:noble", "true ubuntu 24.04 - -"),
            ("golang:1.23", "true debian  - /go"),
            ("golang:1.23-nanoserver", "false   - -"),
            (
                "gcr.io/distroless/nodejs20-debian12:nonroot",
                "true debian 12 65532 /home/nonroot",
            ),
            (
                "mcr.microsoft.com/dotnet/aspnet:8.0-alpine",
                "true alpine  - -",
            ),
            (
                "mcr.microsoft.com/dotnet/runtime:9.0-noble-chiseled",
                "true   1654 -",
            ),
            (
                "registry.access.redhat.com/ubi9/ubi-minimal:9.4",
                "true ubi 9 - -",
            ),
            ("rockylinux:9", "true rockylinux 9 - -"),
            ("ghcr.io/o/node:20", "false   - -"),
            ("example.com:5000/node", "false   - -"),
        ] {
            assert_eq!(told(reference), expected, "{reference}");
        }
    }

    #[test]
    fn accounts_and_programs_are_only_told_where_they_are_sure() {
        let node = facts("node:20.18.0-alpine");
        for (name, is_group, expected) in [
            ("node", false, Known::Yes(true)),
            ("1000", true, Known::Yes(true)),
            ("nodejs", false, Known::Yes(false)),
            ("nextjs", false, Known::Yes(false)),
            ("operator", false, Known::Unknown),
            ("systemd-network", true, Known::Unknown),
        ] {
            assert_eq!(node.has_account(name, is_group), expected, "{name}");
        }
        assert_eq!(
            facts("example.com/x").has_account("app", false),
            Known::Unknown
        );
        assert_eq!(
            facts("postgres:16-alpine").has_account("70", false),
            Known::Yes(true)
        );
        for (reference, program, expected) in [
            ("node:20-alpine", "curl", Known::Yes(false)),
            ("node:20-alpine", "wget", Known::Yes(true)),
            ("node:20-alpine", "npx", Known::Yes(true)),
            ("node:20", "curl", Known::Yes(true)),
            ("node:20-slim", "curl", Known::Yes(false)),
            ("nginx:alpine", "curl", Known::Unknown),
            ("python:3.12-slim", "python3", Known::Yes(true)),
            ("ubuntu:24.04", "bash", Known::Yes(true)),
            ("gcr.io/distroless/static", "sh", Known::Yes(false)),
            ("gcr.io/distroless/static:debug", "sh", Known::Yes(true)),
            ("x", "sh", Known::Unknown),
        ] {
            assert_eq!(
                facts(reference).has_program(program),
                expected,
                "{reference} {program}"
            );
        }
    }

    #[test]
    fn full_tags_tell_versions() {
        let value = |reference: &str| facts(reference).environment[0].clone();
        assert_eq!(
            value("node:20.18.0-alpine"),
            ("NODE_VERSION", Some("20.18.0".to_owned()))
        );
        assert_eq!(value("node:20"), ("NODE_VERSION", None));
        assert_eq!(facts("node:20-alpine").package_manager(), Some("apk"));
    }
}
