//! Well-known programs that images have without a package: `node` of the official image, a copied `python3.12`.
//!
//! Each is known by the name of its file and a text that it prints itself, with the version in it. A file of that name
//! without the text is none; the text in another file may be anything.

use super::Hit;

/// How a program is known.
pub(super) struct Signature {
    /// What it is called in the inventory.
    pub name: &'static str,
    /// Names of its files; `*` at the end stands for anything.
    files: &'static [&'static str],
    /// What stands beside the version.
    pub text: &'static [u8],
    /// The version, from what stands around the text.
    read: fn(&Hit<'_>, &[u8]) -> Option<String>,
}

pub(super) static SIGNATURES: &[Signature] = &[
    Signature {
        name: "node",
        files: &["node", "nodejs"],
        text: b"node.js/v",
        read: behind,
    },
    // Node brings its own. What only was built with one names the version of that day: not asked.
    Signature {
        name: "openssl",
        files: &["node", "nodejs", "libcrypto.so*"],
        text: b"OpenSSL ",
        read: dated,
    },
    Signature {
        name: "nginx",
        files: &["nginx", "nginx-debug"],
        text: b"nginx version: ",
        read: behind_slash,
    },
    Signature {
        name: "redis",
        files: &["redis-server", "redis-check-rdb", "redis-check-aof"],
        text: b"000000000\0",
        read: build_of_redis,
    },
    Signature {
        name: "postgresql",
        files: &["postgres"],
        text: b"postgres (PostgreSQL) ",
        read: behind,
    },
    Signature {
        name: "busybox",
        files: &["busybox", "busybox-*", "busybox.*"],
        text: b"BusyBox v",
        read: behind,
    },
    Signature {
        name: "memcached",
        files: &["memcached"],
        text: b"memcached ",
        read: behind,
    },
    Signature {
        name: "httpd",
        files: &["httpd", "apache2"],
        text: b"Apache/",
        read: behind_long,
    },
    Signature {
        name: "haproxy",
        files: &["haproxy"],
        text: b" version ",
        read: released,
    },
    Signature {
        name: "ruby",
        files: &["ruby", "ruby2*", "ruby3*", "ruby4*", "libruby*"],
        text: b"ruby ",
        read: dated_in_parentheses,
    },
    Signature {
        name: "php",
        files: &["php", "php-fpm*", "php-cgi*", "php7*", "php8*", "libphp*"],
        text: b"X-Powered-By: PHP/",
        read: behind,
    },
    Signature {
        name: "mariadb",
        files: &["mariadb", "mariadbd", "mysql", "mysqld"],
        text: b"-MariaDB",
        read: before,
    },
];

impl Signature {
    pub(super) fn is_of(&self, file: &[u8]) -> bool {
        self.files.iter().any(|name| match name.strip_suffix('*') {
            Some(start) => file.starts_with(start.as_bytes()),
            None => file == name.as_bytes(),
        })
    }

    pub(super) fn version(&self, hit: &Hit<'_>) -> Option<String> {
        (self.read)(hit, self.text)
    }
}

/// What comes before the version in a `python3.12` or `libpython3.12.so.1.0`: the start of a text, and the first two
/// numbers, of which the file's name tells.
pub(super) fn python(file: &[u8]) -> Option<Vec<u8>> {
    let rest = file
        .strip_prefix(b"libpython")
        .or_else(|| file.strip_prefix(b"python"))?;
    let digits = |bytes: &[u8]| {
        bytes
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count()
    };
    let major = digits(rest);
    let minor = digits(rest.get(major + 1..)?);
    let is_version = major == 1 && rest[1] == b'.' && matches!(minor, 1 | 2);
    is_version.then(|| [b"\0", &rest[..major + 1 + minor], b"."].concat())
}

/// Python's version, which is a text of its own.
pub(super) fn python_version(hit: &Hit<'_>) -> Option<String> {
    let (version, rest) = version(hit.bytes.get(1..)?)?;
    // `3.12.0rc1+` was built from a checkout.
    (matches!(rest, [0, ..] | [b'+', 0, ..]) && dots(&version) == 2).then_some(version)
}

fn behind(hit: &Hit<'_>, text: &[u8]) -> Option<String> {
    Some(version(hit.bytes.get(text.len()..)?)?.0)
}

fn behind_long(hit: &Hit<'_>, text: &[u8]) -> Option<String> {
    behind(hit, text).filter(|version| dots(version) == 2)
}

fn behind_slash(hit: &Hit<'_>, text: &[u8]) -> Option<String> {
    let rest = hit.bytes.get(text.len()..)?;
    let slash = rest.iter().take(32).position(|byte| *byte == b'/')?;
    Some(version(&rest[slash + 1..])?.0)
}

/// `OpenSSL 3.0.13+quic 30 Jan 2024`
fn dated(hit: &Hit<'_>, text: &[u8]) -> Option<String> {
    let (version, rest) = version(hit.bytes.get(text.len()..)?)?;
    let line = &rest[..rest.len().min(48)];
    let line = line.split(|byte| *byte == 0).next()?;
    // Old ones have two spaces before the day. The first word is what the version goes on with, such as `+quic`.
    let words: Vec<&[u8]> = line.split(|byte| *byte == b' ').collect();
    let words: Vec<&[u8]> = words[..1]
        .iter()
        .chain(words[1..].iter().filter(|word| !word.is_empty()))
        .copied()
        .collect();
    let is_number = |word: &[u8]| !word.is_empty() && word.iter().all(u8::is_ascii_digit);
    let is_dated = matches!(words[..], [_, day, month, year, ..]
        if is_number(day) && month.len() == 3 && is_number(year) && year.len() == 4);
    is_dated.then_some(version)
}

/// `ruby 3.3.0 (2023-12-25 revision 5124f9ac75)`
fn dated_in_parentheses(hit: &Hit<'_>, text: &[u8]) -> Option<String> {
    let (version, rest) = version(hit.bytes.get(text.len()..)?)?;
    let space = rest.iter().take(8).position(|byte| *byte == b' ')?;
    rest[space..].starts_with(b" (20").then_some(version)
}

/// ` version 2.6.12-1, released 2025/10/03`
fn released(hit: &Hit<'_>, text: &[u8]) -> Option<String> {
    let (version, rest) = version(hit.bytes.get(text.len()..)?)?;
    let comma = rest.iter().take(48).position(|byte| *byte == b',')?;
    rest[comma..].starts_with(b", released ").then_some(version)
}

/// `10.11.14-MariaDB`
fn before(hit: &Hit<'_>, _: &[u8]) -> Option<String> {
    let is_part = |byte: &u8| byte.is_ascii_digit() || *byte == b'.';
    let length = hit
        .before
        .iter()
        .rev()
        .take_while(|byte| is_part(byte))
        .count();
    let (version, _) = version(&hit.before[hit.before.len() - length..])?;
    (dots(&version) == 2).then_some(version)
}

/// Redis puts its build together from the version, the machine and the second, and what git says: nothing, in a
/// release. `7.0.14buildkitsandbox-1702957741000000000`, `7.0.151778644800000000000`.
fn build_of_redis(hit: &Hit<'_>, _: &[u8]) -> Option<String> {
    let (rest, second) = hit.before.split_at(hit.before.len().checked_sub(10)?);
    if !second.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let is_machine = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
    let length = rest
        .iter()
        .rev()
        .take_while(|byte| is_machine(byte))
        .count();
    let build = &rest[rest.len() - length..];
    (0..build.len()).find_map(|start| {
        let is_start = start == 0 || !build[start - 1].is_ascii_digit() && build[start - 1] != b'.';
        let (version, rest) = version(&build[start..])?;
        let is_end = rest.is_empty() || rest.ends_with(b"-");
        (is_start && is_end && dots(&version) == 2).then_some(version)
    })
}

fn dots(version: &str) -> usize {
    version.bytes().filter(|byte| *byte == b'.').count()
}

/// The version at the start of a text, and what follows it: numbers with dots, and perhaps what comes before a release
/// (`rc1`), or a single letter (`1.1.1w`).
fn version(text: &[u8]) -> Option<(String, &[u8])> {
    /// Most digits of a number: what is longer is no version.
    const MOST_DIGITS: usize = 6;
    let digits = |bytes: &[u8]| {
        bytes
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count()
    };
    let mut length = 0;
    loop {
        let more = digits(&text[length..]);
        if more == 0 || more > MOST_DIGITS {
            return None;
        }
        length += more;
        if text.get(length) != Some(&b'.') || digits(&text[length + 1..]) == 0 {
            break;
        }
        length += 1;
    }
    let suffix = text[length..]
        .iter()
        .take_while(|byte| byte.is_ascii_alphanumeric())
        .count();
    let suffix = &text[length..length + suffix];
    let is_early = ["alpha", "beta", "rc", "RC", "dev", "preview"]
        .iter()
        .any(|word| suffix.starts_with(word.as_bytes()));
    if is_early || matches!(suffix, [b'a'..=b'z']) || is_python_early(suffix) {
        length += suffix.len();
    }
    let version = &text[..length];
    let is_version = version.contains(&b'.') || is_early;
    is_version.then(|| {
        (
            String::from_utf8_lossy(version).into_owned(),
            &text[length..],
        )
    })
}

/// `3.13.0a4`, `3.13.0b1`
fn is_python_early(suffix: &[u8]) -> bool {
    matches!(suffix, [b'a' | b'b', digits @ ..] if digits.iter().all(u8::is_ascii_digit) && digits.len() <= 2)
}

#[cfg(test)]
mod tests {
    use super::super::elf::tests::file;
    use super::super::tests::looked;

    fn told(name: &str, text: &[u8]) -> Vec<String> {
        let bytes = file(text, b"", &[]);
        let found = [3, 1_000, 1 << 20].map(|piece| looked(name, &bytes, piece).unwrap());
        assert!(found.iter().all(|one| *one == found[0]));
        let programs = found[0].programs.iter();
        programs
            .map(|program| format!("{} {}", program.name, program.version))
            .collect()
    }

    #[test]
    fn programs_are_known_by_what_they_print() {
        for (name, text, expected) in [
            ("node", &b"\0node.js/v20.18.0\0"[..], "node 20.18.0"),
            (
                "node",
                b"OpenSSL 3.0.13+quic 30 Jan 2024\0",
                "openssl 3.0.13",
            ),
            (
                "libcrypto.so.1.1",
                b"OpenSSL 1.1.1w  11 Sep 2023\0",
                "openssl 1.1.1w",
            ),
            (
                "libcrypto.so.1.1",
                b"OpenSSL 1.1.1w 11 Sep 2023\0",
                "openssl 1.1.1w",
            ),
            ("libcrypto.so.3", b"OpenSSL 3.0.0\0", ""),
            ("python3.11", b"x\x003.11.2\0", "python 3.11.2"),
            (
                "libpython3.13t.so.1.0",
                b"x\x003.13.0rc2\0",
                "python 3.13.0rc2",
            ),
            ("python3.12", b"x\x003.11.2\0 3.12.1\0 \x003.12.1 \0", ""),
            ("python3", b"x\x003.11.2\0", ""),
            ("nginx", b"nginx version: nginx/1.22.1\n", "nginx 1.22.1"),
            (
                "nginx",
                b"nginx version: openresty/1.25.3.1\n",
                "nginx 1.25.3.1",
            ),
            (
                "redis-server",
                b"A7.0.151778644800000000000\0",
                "redis 7.0.15",
            ),
            (
                "redis-server",
                b"\x007.0.14buildkitsandbox-1702957741000000000\0",
                "redis 7.0.14",
            ),
            ("redis-server", b"\x0041702957741000000000\0", ""),
            (
                "postgres",
                b"postgres (PostgreSQL) 15.18 (Debian)",
                "postgresql 15.18",
            ),
            (
                "postgres",
                b"postgres (PostgreSQL) 17beta1\n",
                "postgresql 17beta1",
            ),
            ("busybox", b"BusyBox v1.36.1 (2023)", "busybox 1.36.1"),
            ("memcached", b"memcached 1.6.18\0", "memcached 1.6.18"),
            (
                "httpd",
                b"Apache/2 Apache/2.4 Apache/2.4.67 (Debian)",
                "httpd 2.4.67",
            ),
            (
                "haproxy",
                b" version 2.6.12-1+deb12u3, released 2025",
                "haproxy 2.6.12",
            ),
            (
                "ruby",
                b"ruby 3.1.2p20 (2022-04-12 revision 4)",
                "ruby 3.1.2",
            ),
            ("php", b"X-Powered-By: PHP/8.3.0RC2\0", "php 8.3.0RC2"),
            ("mariadbd", b"\x0010.11.14-MariaDB\0", "mariadb 10.11.14"),
            ("main", b"node.js/v20.18.0 BusyBox v1.36.1", ""),
            ("node", b"node.js/v20.18.1234567", ""),
        ] {
            let expected: Vec<&str> = expected.split_terminator(';').collect();
            assert_eq!(told(name, text), expected, "{name}");
        }
    }

    #[test]
    fn a_program_is_told_once() {
        assert_eq!(
            told("busybox", b"BusyBox v1.36.1 BusyBox v1.36.1"),
            ["busybox 1.36.1"]
        );
    }
}
