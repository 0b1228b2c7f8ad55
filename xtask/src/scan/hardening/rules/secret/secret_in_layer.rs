use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::finding::Severity;
use crate::rule::Category;
use crate::scan::hardening::FoundSecret;
use crate::scan::hardening::findings::Findings;
use crate::scan::hardening::image::Image;
use crate::scan::hardening::rule::declare;
use crate::secrets::content::Certainty;

declare! {
    /// ## What it does
    /// Reports files whose content is secret by its form: private keys, tokens of services, passwords in URLs and settings. Every layer is
    /// looked at, also what later layers removed or replaced. The secret itself is not shown.
    ///
    /// ## Why it is bad
    /// Whoever can pull the image has every layer of it. A `rm` in a later step hides a file from containers, not from people.
    ///
    /// ## Example
    /// ```text image
    /// COPY deploy.sh /
    /// -rw-r--r-- 0 0 deploy.sh
    /// ! 3 github-token
    /// RUN rm /deploy.sh
    /// -rw-r--r-- 0 0 .wh.deploy.sh
    /// ```
    ///
    /// ## Use instead
    /// ```text image
    /// RUN --mount=type=secret,id=token ./deploy.sh
    /// -rw-r--r-- 0 0 deploy.log
    /// ```
    ///
    /// ## References
    /// - <https://docs.docker.com/build/building/secrets/>
    pub(super) static RULE = Rule {
        code: "DX5201",
        name: "secret-in-layer",
        aliases: &["CIS-DI-0010"],
        severity: Severity::Error,
        category: Category::Security,
        summary: "a file of a layer holds a secret",
    } by check;
}

fn check(image: &Image<'_>, findings: &mut Findings<'_>) {
    // One finding for each file and kind: a file of a hundred tokens is one mistake.
    let mut by_file: BTreeMap<(usize, &str, &str), (usize, &FoundSecret)> = BTreeMap::new();
    for secret in image.subject.secrets {
        let key = (secret.layer, secret.path.as_str(), secret.rule.id);
        by_file.entry(key).or_insert((0, secret)).0 += 1;
    }
    for ((layer, path, rule), (count, secret)) in by_file {
        let file = image.subject.filesystem.find(path.as_bytes());
        let is_hidden = file.is_none_or(|file| file.layer != layer);
        let mut message = format!(
            "`/{path}`, line {}, holds {} ({})",
            secret.line, secret.rule.description, secret.redacted
        );
        if count > 1 {
            // Writing to a string cannot fail.
            let _ = write!(message, " and {} more", count - 1);
        }
        if is_hidden {
            message.push_str("; a later layer hides the file, and everybody can still read it");
        }
        let found = findings.layer(layer, message);
        let found = if secret.rule.certainty == Certainty::Possible {
            found.severity(Severity::Warning)
        } else {
            found
        };
        found
            .help("change the secret: everybody has it who can pull the image; mount it for the step that needs it: `RUN --mount=type=secret`")
            .property("rule", rule)
            .property("paths", vec![format!("/{path}")])
            .property("hidden", is_hidden);
    }
}

#[cfg(test)]
mod tests {
    use crate::scan::hardening::samples::found;

    #[test]
    fn one_finding_for_each_file_and_kind() {
        let image = "COPY a /\n-rw-r--r-- 0 0 a\n! 3 github-token\n! 9 github-token\n-rw-r--r-- 0 0 b\n! 1 private-key\n";
        let found = found("DX5201", image);
        assert_eq!(found.lines().count(), 2, "{found}");
        assert!(
            found.starts_with("1: `/a`, line 3, holds a token of GitHub"),
            "{found}"
        );
        assert!(
            found.contains(" and 1 more") && !found.contains("hides"),
            "{found}"
        );
    }
}
