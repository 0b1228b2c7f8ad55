use super::texts::leaks;
use crate::finding::Severity;
use crate::scan::hardening::findings::Findings;
use crate::scan::hardening::image::Image;
use crate::scan::hardening::{Identity, Shared};

/// A variable, label or build argument whose name says that its value is secret.
pub(super) static SHARED: Shared = Shared {
    identity: Identity {
        code: "DL3064",
        name: "secret-in-arg-or-env",
        aliases: &["SecretsUsedInArgOrEnv", "CIS-DI-0010"],
        severity: Severity::Error,
    },
    check,
};

fn check(image: &Image<'_>, findings: &mut Findings<'_>) {
    for leak in leaks(image)
        .into_iter()
        .filter(|leak| leak.found.rule.by_name)
    {
        let message = format!(
            "{} has a value that is secret by its name ({})",
            leak.place, leak.found.redacted
        );
        let found = match leak.step {
            Some(step) => findings.step(step, message),
            None => findings.setting(&["ENV"], message),
        };
        found
            .help("change the secret: everybody has it who can pull the image; hand it to the container when it starts, or to a `RUN` with `--mount=type=secret`")
            .property("rule", leak.found.rule.id);
    }
}

#[cfg(test)]
mod tests {
    use crate::scan::hardening::samples::found;

    #[test]
    fn in_variables_labels_and_arguments() {
        let image = "ENV DB_PASSWORD=hunter2-9fk3Lq\nLABEL api_token=Zk39dkfLs0qP1mX8\nRUN |1 NPM_TOKEN=Zk39dkfLs0qP1mX8vv /bin/sh -c npm ci\n";
        let found = found("DL3064", image);
        let lines: Vec<&str> = found.lines().collect();
        assert_eq!(lines.len(), 3, "{found}");
        assert!(
            lines[0].starts_with("1: the variable `DB_PASSWORD` has"),
            "{found}"
        );
        assert!(
            lines[1].starts_with("2: the label `api_token` has"),
            "{found}"
        );
        assert!(
            lines[2].starts_with("3: the build argument `NPM_TOKEN`"),
            "{found}"
        );
        assert!(
            !found.contains("hunter2") && !found.contains("Zk39"),
            "{found}"
        );
    }

    #[test]
    fn what_is_taken_back_stays_in_the_history() {
        let image = "ENV DB_PASSWORD=hunter2-9fk3Lq\nENV DB_PASSWORD=\n";
        assert!(
            found("DL3064", image).starts_with("1: an earlier value of the variable `DB_PASSWORD`")
        );
    }

    #[test]
    fn what_official_images_have_is_no_secret() {
        for text in [
            "ENV GPG_KEY=7169605F62C751356D054A26A821E680E5FA6305",
            "ENV PYTHON_SHA256=5d2aae3ccf3cdd6b3a5c4d7a5a1e3f2b6f0f8f3f3f3f3f3f3f3f3f3f3f3f3f3f",
            "ENV DB_PASSWORD_FILE=/run/secrets/db",
            "ENV DB_PASSWORD=",
            "ENV API_KEY=${API_KEY}",
            "ENV NGINX_GPGKEYS=573BFD6B3D8FBC641079A6ABABF5BD827BD9BF62",
            "RUN |1 TOKEN= /bin/sh -c x",
        ] {
            assert_eq!(found("DL3064", &format!("{text}\n")), "", "{text}");
            assert_eq!(found("DX1302", &format!("{text}\n")), "", "{text}");
        }
    }
}
