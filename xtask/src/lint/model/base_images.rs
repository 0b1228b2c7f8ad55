//! What common base images hold and set. Only what is sure stands here.

use crate::lint::model::base_image::BaseFacts;
use crate::lint::model::distributions::{self, Distribution};
use crate::lint::model::reference::Reference;

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
    "curl", "wget", "git", "ssh", "gpg", "gcc", "g++", "make", "patch", "unzip", "xz", "bzip2", "ps", "python3",
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
        programs: &["php", "docker-php-ext-install", "docker-php-ext-enable", "pecl", "curl"],
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
        programs: &["sh", "ash", "wget", "nc", "vi", "cat", "ls", "cp", "mv", "rm", "mkdir", "adduser", "addgroup"],
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
        environment: &["HTTPD_VERSION", "HTTPD_PREFIX", "HTTPD_SHA256", "HTTPD_PATCHES"],
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
        None => elsewhere(&reference),
    }
}

fn official(image: &Image, reference: &Reference<'_>) -> BaseFacts {
    let named = reference.distribution();
    let (name, release) = match named {
        Some(named) => named,
        // Of a distribution's own image the tag is the release.
        None if image.name == image.distribution => {
            (image.distribution, reference.version(1).unwrap_or_default())
        }
        // Small variants that name no distribution.
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
        facts.accounts.extend([(account, id, false), (account, id, true)]);
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
            facts.accounts.push(("www-data", if name == "alpine" { 82 } else { 33 }, false));
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

fn add_account(facts: &mut BaseFacts, name: &'static str, id: u32) {
    facts.accounts.extend([(name, id, false), (name, id, true)]);
}

/// What the distribution brings.
fn on(facts: &mut BaseFacts, base: &'static Distribution, release: &str) {
    facts.distribution = Some((base.name.to_owned(), release.to_owned()));
    let users = base.users.iter().map(|&(name, id)| (name, id, false));
    let groups = base.groups.iter().map(|&(name, id)| (name, id, true));
    facts.accounts.extend(users.chain(groups));
    facts.some_accounts = base.some_accounts;
    facts.all_accounts = true;
    facts.programs.extend(base.programs);
}

/// Images that are not on Docker Hub under an official name.
fn elsewhere(reference: &Reference<'_>) -> BaseFacts {
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
            environment: vec![("BUN_RUNTIME_TRANSPILER_CACHE_PATH", None), ("BUN_INSTALL_BIN", None)],
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
    let release = image.rsplit_once("-debian").map_or("", |(_, release)| release);
    let is_nonroot = reference.has("nonroot");
    let is_debug = reference.has("debug");
    let mut facts = BaseFacts {
        known: true,
        user: is_nonroot.then_some("65532"),
        workdir: is_nonroot.then_some("/home/nonroot"),
        environment: vec![("SSL_CERT_FILE", Some("/etc/ssl/certs/ca-certificates.crt".to_owned()))],
        distribution: Some(("debian".to_owned(), release.to_owned())),
        all_accounts: true,
        ..BaseFacts::default()
    };
    for is_group in [false, true] {
        let accounts = [("root", 0), ("nonroot", 65532)];
        facts.accounts.extend(accounts.map(|(name, id)| (name, id, is_group)));
    }
    facts.accounts.push(("nobody", 65534, false));
    facts.some_accounts = &["nobody", "tty", "staff"];
    let shell = ["sh", "wget", "cat", "ls"];
    if is_debug {
        facts.programs.extend(shell);
    } else {
        facts.missing_programs.extend(shell);
    }
    facts.missing_programs.extend(["bash", "curl", "apt-get", "apt", "apk", "adduser", "useradd", "npm", "pip"]);
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
    let Some(major) = major.filter(|_| !reference.tag.contains("windows") && !reference.tag.contains("nanoserver")) else {
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
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
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
    facts.programs.push(if kind.contains("minimal") { "microdnf" } else { "dnf" });
    facts
}
