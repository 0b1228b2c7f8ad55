//! What is known about the root file systems of common distributions: accounts and programs.

/// A distribution as base images hold it.
#[derive(Debug)]
pub(super) struct Distribution {
    /// `alpine`.
    pub(super) name: &'static str,
    /// Users that are surely there.
    pub(super) users: &'static [(&'static str, u32)],
    /// Groups that are surely there.
    pub(super) groups: &'static [(&'static str, u32)],
    /// Accounts that some releases have. There are no others.
    pub(super) some_accounts: &'static [&'static str],
    /// Programs that are surely there.
    pub(super) programs: &'static [&'static str],
    /// Programs that are surely not, unless something is installed.
    pub(super) missing: &'static [&'static str],
}

/// The distribution of this name.
pub(super) fn distribution(name: &str) -> Option<&'static Distribution> {
    ALL.iter().copied().find(|known| known.name == name)
}

const ALL: &[&Distribution] = &[
    &ALPINE, &DEBIAN, &UBUNTU, &FEDORA, &ROCKY, &ALMA, &CENTOS, &AMAZON, &UBI, &ORACLE,
];

const ALPINE: Distribution = Distribution {
    name: "alpine",
    users: &[
        ("root", 0),
        ("bin", 1),
        ("daemon", 2),
        ("lp", 4),
        ("sync", 5),
        ("shutdown", 6),
        ("halt", 7),
        ("mail", 8),
        ("news", 9),
        ("uucp", 10),
        ("ntp", 123),
        ("guest", 405),
        ("nobody", 65534),
    ],
    groups: &[
        ("root", 0),
        ("bin", 1),
        ("daemon", 2),
        ("sys", 3),
        ("adm", 4),
        ("tty", 5),
        ("disk", 6),
        ("lp", 7),
        ("kmem", 9),
        ("wheel", 10),
        ("floppy", 11),
        ("mail", 12),
        ("news", 13),
        ("uucp", 14),
        ("audio", 18),
        ("cdrom", 19),
        ("dialout", 20),
        ("input", 23),
        ("tape", 26),
        ("video", 27),
        ("kvm", 34),
        ("games", 35),
        ("shadow", 42),
        ("www-data", 82),
        ("users", 100),
        ("ntp", 123),
        ("nogroup", 65533),
        ("nobody", 65534),
    ],
    some_accounts: &[
        "adm", "operator", "man", "postmaster", "cron", "ftp", "sshd", "at", "squid", "xfs", "games",
        "cyrus", "vpopmail", "smmsp", "svn", "nut", "netdev", "abuild", "utmp", "ping", "readproc",
        "klogd", "usb", "messagebus",
    ],
    programs: &[
        "sh", "ash", "apk", "wget", "nc", "vi", "tar", "unzip", "gzip", "sed", "awk", "grep", "find",
        "xargs", "ps", "top", "ping", "id", "su", "adduser", "addgroup", "deluser", "delgroup",
        "sha256sum", "nslookup", "cat", "cp", "mv", "rm", "ln", "ls", "mkdir", "chown", "chmod", "env",
        "test", "true", "false", "sleep", "pgrep", "kill", "killall", "install", "date",
    ],
    missing: &[
        "bash", "curl", "git", "python3", "python", "pip", "pip3", "node", "npm", "npx", "yarn",
        "make", "gcc", "g++", "cmake", "jq", "sudo", "gosu", "su-exec", "tini", "dumb-init", "perl",
        "ssh", "useradd", "groupadd", "usermod", "groupmod", "java", "ruby", "php", "go", "cargo",
        "rsync", "gpg", "zip", "openssl", "apt-get", "apt", "dpkg", "dnf", "yum", "psql", "docker",
        "envsubst", "setpriv",
    ],
};

const DEBIAN_USERS: &[(&str, u32)] = &[
    ("root", 0),
    ("daemon", 1),
    ("bin", 2),
    ("sys", 3),
    ("sync", 4),
    ("games", 5),
    ("man", 6),
    ("lp", 7),
    ("mail", 8),
    ("news", 9),
    ("uucp", 10),
    ("proxy", 13),
    ("www-data", 33),
    ("backup", 34),
    ("list", 38),
    ("irc", 39),
    ("nobody", 65534),
];

const DEBIAN_GROUPS: &[(&str, u32)] = &[
    ("root", 0),
    ("daemon", 1),
    ("bin", 2),
    ("sys", 3),
    ("adm", 4),
    ("tty", 5),
    ("disk", 6),
    ("lp", 7),
    ("mail", 8),
    ("news", 9),
    ("uucp", 10),
    ("man", 12),
    ("proxy", 13),
    ("kmem", 15),
    ("dialout", 20),
    ("fax", 21),
    ("voice", 22),
    ("cdrom", 24),
    ("floppy", 25),
    ("tape", 26),
    ("sudo", 27),
    ("audio", 29),
    ("dip", 30),
    ("www-data", 33),
    ("backup", 34),
    ("operator", 37),
    ("list", 38),
    ("irc", 39),
    ("src", 40),
    ("shadow", 42),
    ("utmp", 43),
    ("video", 44),
    ("sasl", 45),
    ("plugdev", 46),
    ("staff", 50),
    ("games", 60),
    ("users", 100),
    ("nogroup", 65534),
];

/// What packages of larger variants bring, too.
const DEBIAN_SOME: &[&str] = &["gnats", "_apt", "messagebus", "ssh", "_ssh", "crontab", "input", "kvm", "render", "sgx"];

const DEBIAN_PROGRAMS: &[&str] = &[
    "sh", "dash", "bash", "apt-get", "apt", "dpkg", "tar", "gzip", "sed", "grep", "find", "xargs",
    "perl", "id", "su", "useradd", "usermod", "groupadd", "groupmod", "userdel", "sha256sum", "cat",
    "cp", "mv", "rm", "ln", "ls", "mkdir", "chown", "chmod", "env", "test", "true", "false", "sleep",
    "install", "date", "setpriv",
];

const DEBIAN_MISSING: &[&str] = &[
    "curl", "wget", "git", "python3", "python", "pip", "pip3", "node", "npm", "npx", "yarn", "make",
    "gcc", "g++", "cmake", "jq", "sudo", "gosu", "su-exec", "tini", "dumb-init", "ping", "nc", "ssh",
    "vim", "vi", "nano", "unzip", "zip", "apk", "dnf", "yum", "java", "ruby", "php", "go", "cargo",
    "rsync", "telnet", "nslookup", "dig", "psql", "docker", "killall", "envsubst",
];

const DEBIAN: Distribution = Distribution {
    name: "debian",
    users: DEBIAN_USERS,
    groups: DEBIAN_GROUPS,
    some_accounts: DEBIAN_SOME,
    programs: DEBIAN_PROGRAMS,
    missing: DEBIAN_MISSING,
};

const UBUNTU: Distribution = Distribution {
    name: "ubuntu",
    users: DEBIAN_USERS,
    groups: DEBIAN_GROUPS,
    // Since 23.04 there is a user `ubuntu` with the number 1000.
    some_accounts: &["gnats", "_apt", "ubuntu", "messagebus", "ssh", "_ssh"],
    programs: DEBIAN_PROGRAMS,
    missing: DEBIAN_MISSING,
};

const FEDORA_USERS: &[(&str, u32)] = &[
    ("root", 0),
    ("bin", 1),
    ("daemon", 2),
    ("adm", 3),
    ("lp", 4),
    ("sync", 5),
    ("shutdown", 6),
    ("halt", 7),
    ("mail", 8),
    ("operator", 11),
    ("games", 12),
    ("ftp", 14),
];

const FEDORA_GROUPS: &[(&str, u32)] = &[
    ("root", 0),
    ("bin", 1),
    ("daemon", 2),
    ("sys", 3),
    ("adm", 4),
    ("tty", 5),
    ("disk", 6),
    ("lp", 7),
    ("mem", 8),
    ("kmem", 9),
    ("wheel", 10),
    ("mail", 12),
    ("man", 15),
    ("games", 20),
    ("ftp", 50),
    ("users", 100),
];

const FEDORA_SOME: &[&str] = &[
    "nobody", "dbus", "tss", "polkitd", "cdrom", "dialout", "floppy", "tape", "video", "lock",
    "audio", "utmp", "utempter", "input", "kvm", "render", "sgx", "clock", "tty", "unbound",
    "sshd", "ssh_keys", "cgred", "avahi-autoipd",
];

const FEDORA_PROGRAMS: &[&str] = &[
    "sh", "bash", "rpm", "sed", "grep", "cat", "cp", "mv", "rm", "ln", "ls", "mkdir", "chown", "chmod",
    "env", "test", "true", "false", "sleep", "date", "curl",
];

const FEDORA_MISSING: &[&str] = &[
    "git", "node", "npm", "npx", "yarn", "make", "gcc", "g++", "cmake", "gosu", "su-exec", "tini",
    "dumb-init", "apk", "apt-get", "apt", "java", "ruby", "php", "go", "cargo", "psql", "docker",
];

const fn fedora(name: &'static str) -> Distribution {
    Distribution {
        name,
        users: FEDORA_USERS,
        groups: FEDORA_GROUPS,
        some_accounts: FEDORA_SOME,
        programs: FEDORA_PROGRAMS,
        missing: FEDORA_MISSING,
    }
}

const FEDORA: Distribution = fedora("fedora");
const ROCKY: Distribution = fedora("rockylinux");
const ALMA: Distribution = fedora("almalinux");
const CENTOS: Distribution = fedora("centos");
const AMAZON: Distribution = fedora("amazonlinux");
const UBI: Distribution = fedora("ubi");
const ORACLE: Distribution = fedora("oraclelinux");
