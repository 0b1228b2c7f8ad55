//! What packages bring along: programs, and users for the services they hold.

use crate::lint::model::Known;

/// Packages whose programs are not called as the package is. Names of several distributions.
const PROGRAMS: &[(&str, &[&str])] = &[
    ("nodejs", &["node"]),
    ("nodejs-current", &["node"]),
    ("npm", &["npm", "npx"]),
    ("python3", &["python3"]),
    ("py3-pip", &["pip", "pip3"]),
    ("python3-pip", &["pip3"]),
    ("build-base", &["gcc", "g++", "make", "ld", "as", "patch"]),
    (
        "build-essential",
        &["gcc", "g++", "make", "ld", "as", "patch", "perl", "xz"],
    ),
    ("g++", &["g++", "c++", "gcc"]),
    ("gcc", &["gcc", "cc", "ld", "as"]),
    ("procps", &["ps", "top", "free", "pgrep", "pkill"]),
    ("procps-ng", &["ps", "top", "free", "pgrep", "pkill"]),
    ("netcat-openbsd", &["nc"]),
    ("netcat-traditional", &["nc"]),
    ("gnupg", &["gpg"]),
    (
        "openssh-client",
        &["ssh", "scp", "sftp", "ssh-keygen", "ssh-keyscan"],
    ),
    (
        "openssh-clients",
        &["ssh", "scp", "sftp", "ssh-keygen", "ssh-keyscan"],
    ),
    ("postgresql-client", &["psql", "pg_dump", "pg_isready"]),
    ("redis-tools", &["redis-cli"]),
    ("redis", &["redis-server", "redis-cli"]),
    ("default-mysql-client", &["mysql", "mysqladmin"]),
    ("mysql-client", &["mysql", "mysqladmin"]),
    ("ca-certificates", &["update-ca-certificates"]),
    (
        "shadow",
        &["useradd", "usermod", "groupadd", "groupmod", "userdel"],
    ),
    ("iputils-ping", &["ping"]),
    ("dnsutils", &["dig", "nslookup"]),
    ("bind-tools", &["dig", "nslookup", "host"]),
    (
        "coreutils",
        &["ls", "cp", "mv", "rm", "mkdir", "cat", "date", "env"],
    ),
    ("util-linux", &["mount", "lsblk", "setpriv"]),
    ("xz-utils", &["xz", "unxz"]),
    ("dumb-init", &["dumb-init"]),
    ("golang", &["go", "gofmt"]),
    ("cargo", &["cargo", "rustc"]),
    ("docker-cli", &["docker"]),
    ("docker.io", &["docker"]),
];

/// Packages that bring nothing but themselves and libraries.
const PLAIN: &[&str] = &[
    "apt-transport-https",
    "bash",
    "build-base",
    "ca-certificates",
    "coreutils",
    "curl",
    "dumb-init",
    "g++",
    "gcc",
    "git",
    "gosu",
    "jq",
    "libc6-compat",
    "libstdc++",
    "make",
    "musl-dev",
    "nano",
    "netcat-openbsd",
    "openssl",
    "procps",
    "su-exec",
    "tini",
    "tzdata",
    "unzip",
    "vim",
    "wget",
    "zip",
];

/// Users and groups of services that are not called as their package is.
const ACCOUNTS: &[(&str, &str)] = &[
    ("apache2", "www-data"),
    ("docker-cli", "docker"),
    ("openssh", "sshd"),
    ("php", "www-data"),
    ("postgresql", "postgres"),
    ("rabbitmq", "rabbitmq"),
];

/// Whether a package brings a program.
pub(super) fn brings(manager: &str, package: &str, program: &str) -> Known<bool> {
    if package == program {
        return Known::Yes(true);
    }
    let listed = PROGRAMS.iter().find(|(name, _)| *name == package);
    if listed.is_some_and(|(_, programs)| programs.contains(&program)) {
        return Known::Yes(true);
    }
    if PLAIN.contains(&package) && matches!(manager, "apk" | "apt" | "dnf") {
        return Known::Yes(false);
    }
    Known::Unknown
}

/// Whether a package may make a user or group of this name.
pub(super) fn may_make_account(package: &str, account: &str) -> bool {
    !account.is_empty()
        && (package.contains(account)
            || account.contains(package)
            || ACCOUNTS
                .iter()
                .any(|(name, made)| package.starts_with(name) && *made == account))
}
