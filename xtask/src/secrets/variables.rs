//! Names that say that a value is secret.

use smol_str::StrExt as _;

/// Words that mean a secret, as parts of a name between underscores.
const SECRET: [&str; 16] = [
    "APIKEY",
    "AUTH",
    "CREDENTIAL",
    "CREDENTIALS",
    "KEY",
    "PASS",
    "PASSPHRASE",
    "PASSWD",
    "PASSWORD",
    "PAT",
    "PRIVATEKEY",
    "PWD",
    "PWORD",
    "SECRET",
    "SECRETKEY",
    "TOKEN",
];

/// Last words that say that the value only describes a secret.
const ABOUT: [&str; 29] = [
    "ALG",
    "ALGORITHM",
    "COUNT",
    "DIR",
    "DISABLED",
    "ENABLED",
    "ENDPOINT",
    "EXPIRES",
    "EXPIRY",
    "FILE",
    "HEADER",
    "HOST",
    "ID",
    "ISSUER",
    "LENGTH",
    "METHOD",
    "MODE",
    "NAME",
    "PATH",
    "PORT",
    "PREFIX",
    "PROVIDER",
    "SERVER",
    "SIZE",
    "TTL",
    "TYPE",
    "URI",
    "URL",
    "VERSION",
];

/// Whether a variable of this name holds a secret.
#[must_use]
pub fn is_secret(name: &str) -> bool {
    let upper = name.to_ascii_uppercase_smolstr();
    let words = || upper.split(['_', '-', '.']).filter(|word| !word.is_empty());
    // As most names do not.
    if !words().any(|word| SECRET.contains(&word)) {
        return false;
    }
    // `SSH_AUTH_SOCK` and `PWD` are paths.
    words().next_back().is_some_and(|last| {
        !words().any(|word| matches!(word, "PUBLIC" | "DONT"))
            && !ABOUT.contains(&last)
            && last != "SOCK"
            && upper != "PWD"
            && upper != "OLDPWD"
    })
}

/// Words that leave no doubt, also in source code, where many names have `key` or `auth` in them.
const CLEAR: [&str; 13] = [
    "APIKEY",
    "CREDENTIAL",
    "CREDENTIALS",
    "PASS",
    "PASSPHRASE",
    "PASSWD",
    "PASSWORD",
    "PRIVATEKEY",
    "PWD",
    "PWORD",
    "SECRET",
    "SECRETKEY",
    "TOKEN",
];

/// Words that make a `KEY` behind them a secret.
const KEYS: [&str; 15] = [
    "ACCESS",
    "ACCOUNT",
    "ADMIN",
    "API",
    "APP",
    "AUTH",
    "DEPLOY",
    "ENCRYPTION",
    "JWT",
    "LICENSE",
    "MASTER",
    "PRIVATE",
    "SERVICE",
    "SHARED",
    "SIGNING",
];

/// Last words of names in source code whose value is made from a secret, speaks of one, or is for tests.
const ABOUT_IN_CODE: [&str; 22] = [
    "CHECKSUM",
    "COLUMN",
    "DESCRIPTION",
    "DIGEST",
    "ERROR",
    "EXAMPLE",
    "FIELD",
    "FINGERPRINT",
    "FORMAT",
    "HASH",
    "HELP",
    "HINT",
    "LABEL",
    "MESSAGE",
    "PATTERN",
    "PLACEHOLDER",
    "REF",
    "REGEX",
    "SALT",
    "TEXT",
    "TITLE",
    "URN",
];

const FOR_TESTS: [&str; 6] = ["DUMMY", "EXAMPLE", "FAKE", "MOCK", "SAMPLE", "TEST"];

/// What the name of a variable says of its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Secrecy {
    /// It may be secret: `AUTH`, `CACHE_KEY`.
    Unclear,
    /// It is secret: `dbPassword`, `API_KEY`.
    Clear,
}

/// What the name of a variable in settings or source code says; `camelCase` has its words, too.
#[must_use]
pub fn secrecy(name: &str) -> Option<Secrecy> {
    let mut separated = String::with_capacity(name.len() + 4);
    let mut was_small = false;
    for letter in name.chars() {
        if was_small && letter.is_ascii_uppercase() {
            separated.push('_');
        }
        was_small = letter.is_ascii_lowercase();
        // `token2` is a token.
        separated.push(if letter.is_ascii_alphabetic() {
            letter.to_ascii_uppercase()
        } else {
            '_'
        });
    }
    if !is_secret(&separated) {
        return None;
    }
    let words: Vec<&str> = separated
        .split('_')
        .filter(|word| !word.is_empty())
        .collect();
    let is_about = words
        .last()
        .is_some_and(|last| ABOUT_IN_CODE.contains(last))
        || words.iter().any(|word| FOR_TESTS.contains(word));
    if is_about {
        return None;
    }
    let is_clear = words.iter().any(|word| CLEAR.contains(word))
        || words
            .windows(2)
            .any(|pair| pair[1] == "KEY" && KEYS.contains(&pair[0]));
    Some(if is_clear {
        Secrecy::Clear
    } else {
        Secrecy::Unclear
    })
}

/// Whether a value is none that anybody has to hide: empty, a switch, a path, or taken from elsewhere.
#[must_use]
pub fn is_harmless(value: &str) -> bool {
    let value = value.trim_matches(['"', '\'']);
    let lower = value.to_ascii_lowercase();
    value.is_empty()
        || value.starts_with(['/', '$'])
        || matches!(
            lower.as_str(),
            "true" | "false" | "yes" | "no" | "on" | "off" | "0" | "1" | "none" | "null"
        )
}

#[cfg(test)]
mod tests {
    use super::{Secrecy, is_harmless, is_secret, secrecy};

    #[test]
    fn names_in_source_code() {
        for name in [
            "dbPassword",
            "API_KEY",
            "apiKey",
            "config.client-secret",
            "jwtSigningKey",
            "accessToken2",
        ] {
            assert_eq!(secrecy(name), Some(Secrecy::Clear), "{name}");
        }
        for name in ["cacheKey", "auth", "KEY"] {
            assert_eq!(secrecy(name), Some(Secrecy::Unclear), "{name}");
        }
        for name in [
            "publicKeyToken",
            "passwordHash",
            "tokenType",
            "TEST_TOKEN",
            "monkey",
            "secretName",
            "",
        ] {
            assert_eq!(secrecy(name), None, "{name}");
        }
    }

    #[test]
    fn names_of_secrets() {
        for name in [
            "NX_CLOUD_ACCESS_TOKEN",
            "PASSWORD",
            "db-password",
            "AWS_SECRET_ACCESS_KEY",
            "NPM_AUTH",
            "github_token",
        ] {
            assert!(is_secret(name), "{name}");
        }
        for name in [
            "GOPRIVATE",
            "APT_KEY_DONT_WARN_ON_DANGEROUS_USAGE",
            "DB_PASSWORD_FILE",
            "PUBLIC_KEY",
            "KEYBOARD",
            "TOKEN_TTL",
            "SSH_AUTH_SOCK",
            "PWD",
            "MONKEY",
            "",
            "API_KEY_ID",
            "AUTH_URL",
        ] {
            assert!(!is_secret(name), "{name}");
        }
        assert!(is_harmless("\"\"") && is_harmless("/run/secrets/x") && !is_harmless("hunter2"));
    }
}
