//! Names that say that a value is secret.

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
pub(super) fn is_secret(name: &str) -> bool {
    let upper = name.to_ascii_uppercase().replace(['-', '.'], "_");
    let words: Vec<&str> = upper.split('_').filter(|word| !word.is_empty()).collect();
    let Some(last) = words.last() else {
        return false;
    };
    // `SSH_AUTH_SOCK` and `PWD` are paths.
    if words.contains(&"PUBLIC")
        || words.contains(&"DONT")
        || ABOUT.contains(last)
        || *last == "SOCK"
        || upper == "PWD"
        || upper == "OLDPWD"
    {
        return false;
    }
    words.iter().any(|word| SECRET.contains(word))
}

/// Whether a value is none that anybody has to hide: empty, a switch, a path, or taken from elsewhere.
pub(super) fn is_harmless(value: &str) -> bool {
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
    use super::{is_harmless, is_secret};

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
