//! Image references in their full form.

/// `node` as `docker.io/library/node:latest`: host, name, and a tag if there is neither tag nor digest. A text that is
/// no reference comes back in the same way; nothing is checked.
#[must_use]
pub fn image_name(reference: &str) -> String {
    let (host, rest) = match reference.split_once('/') {
        Some((host, rest))
            if host.contains(['.', ':'])
                || host == "localhost"
                || host.chars().any(char::is_uppercase) =>
        {
            (host, rest)
        }
        _ => ("docker.io", reference),
    };
    let host = if host == "index.docker.io" {
        "docker.io"
    } else {
        host
    };
    let library = if host == "docker.io" && !rest.contains('/') {
        "library/"
    } else {
        ""
    };
    let last = rest.rsplit('/').next().unwrap_or_default();
    let tag = if last.contains([':', '@']) {
        ""
    } else {
        ":latest"
    };
    format!("{host}/{library}{rest}{tag}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_filled_in() {
        for (short, full) in [
            ("node", "docker.io/library/node:latest"),
            ("node:20-alpine", "docker.io/library/node:20-alpine"),
            ("ev/base", "docker.io/ev/base:latest"),
            ("localhost/x", "localhost/x:latest"),
            ("reg:5000/a/b:c", "reg:5000/a/b:c"),
            ("node@sha256:ab", "docker.io/library/node@sha256:ab"),
            ("ghcr.io/a/b", "ghcr.io/a/b:latest"),
        ] {
            assert_eq!(image_name(short), full);
        }
    }
}
