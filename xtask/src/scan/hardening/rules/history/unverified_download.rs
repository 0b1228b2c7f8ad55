use super::own;
use crate::finding::Severity;
use crate::rule::Category;
use crate::scan::hardening::findings::Findings;
use crate::scan::hardening::image::Image;
use crate::scan::hardening::rule::declare;
use crate::shell::Invocation;

declare! {
    /// ## What it does
    /// Reports steps that turn off the checks of what is downloaded: signatures of packages (`--allow-unauthenticated`,
    /// `--allow-untrusted`, `--nogpgcheck`, `trusted=yes`) and certificates (`curl -k`, `wget --no-check-certificate`,
    /// `pip --trusted-host`, `strict-ssl false`).
    ///
    /// ## Why it is bad
    /// Whoever is between the builder and the server decides what is in the image.
    ///
    /// ## Example
    /// ```text image
    /// RUN apk add --allow-untrusted ./tool.apk
    /// ```
    ///
    /// ## Use instead
    /// ```text image
    /// RUN apk add tool
    /// ```
    ///
    /// ## References
    /// - CIS Docker Benchmark 4.11
    pub(super) static RULE = Rule {
        code: "DX5503",
        name: "unverified-download",
        aliases: &["CIS-DI-0011"],
        severity: Severity::Warning,
        category: Category::Security,
        summary: "a step turns off the checks of what it downloads",
    } by check;
}

fn check(image: &Image<'_>, findings: &mut Findings<'_>) {
    for step in own(image) {
        for it in &step.invocations {
            if let Some(option) = turned_off(it) {
                findings
                    .step(
                        step.index,
                        format!(
                            "`{} {option}` turns off the check of what is downloaded",
                            it.program
                        ),
                    )
                    .help("add the key or the certificate that is missing, as a file of the build");
            }
        }
        if step.keyword == "RUN" && step.text.contains("[trusted=yes]") {
            findings
                .step(
                    step.index,
                    "`[trusted=yes]` turns off the check of a repository's packages",
                )
                .help("name its key: `[signed-by=…]`");
        }
    }
}

fn turned_off(it: &Invocation) -> Option<&'static str> {
    let has = |names: &[&'static str]| names.iter().copied().find(|name| it.has_option(&[name]));
    match it.program.as_str() {
        "apt" | "apt-get" => has(&[
            "--allow-unauthenticated",
            "--force-yes",
            "--allow-insecure-repositories",
        ]),
        "apk" => has(&["--allow-untrusted"]),
        "dnf" | "yum" | "microdnf" => has(&["--nogpgcheck"]),
        "rpm" => has(&["--nosignature", "--nodigest"]),
        "zypper" => has(&["--no-gpg-checks"]),
        "curl" => has(&["--insecure", "-k"]),
        "wget" => has(&["--no-check-certificate"]),
        "pip" | "pip3" => has(&["--trusted-host"]),
        "npm" | "yarn" | "pnpm" => {
            let words: Vec<&str> = it.arguments.iter().map(|word| word.text.as_str()).collect();
            let is_set = words
                .windows(2)
                .any(|pair| matches!(pair, ["strict-ssl" | "--strict-ssl", "false"]));
            (is_set
                || words.iter().any(|word| {
                    matches!(
                        *word,
                        "strict-ssl=false" | "--strict-ssl=false" | "--no-strict-ssl"
                    )
                }))
            .then_some("strict-ssl=false")
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::scan::hardening::samples::found;

    #[test]
    fn each_manager_and_program() {
        for script in [
            "apt-get install -y --allow-unauthenticated x",
            "curl -fsSLk https://x",
            "curl --insecure https://x",
            "wget --no-check-certificate https://x",
            "pip install --trusted-host x y",
            "npm config set strict-ssl false",
            "yum install --nogpgcheck x",
            "echo deb [trusted=yes] http://x > /etc/apt/sources.list",
        ] {
            assert_ne!(found("DX5503", &format!("RUN {script}\n")), "", "{script}");
        }
        for script in ["curl -fsSL https://x", "apk add x", "npm ci", "wget -k x"] {
            assert_eq!(found("DX5503", &format!("RUN {script}\n")), "", "{script}");
        }
    }
}
