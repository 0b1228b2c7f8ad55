use crate::finding::Severity;
use crate::scan::hardening::findings::Findings;
use crate::scan::hardening::image::Image;
use crate::scan::hardening::start::{Program, find, without_launchers};
use crate::scan::hardening::{Identity, Shared};

/// The program that the container starts is not in the image, nor the script that an interpreter is given.
pub(super) static SHARED: Shared = Shared {
    identity: Identity {
        code: "DX1207",
        name: "command-not-produced",
        aliases: &[],
        severity: Severity::Error,
    },
    check,
};

/// Programs whose first word is a file.
const INTERPRETERS: [&str; 7] = ["node", "python", "python3", "ruby", "php", "perl", "bun"];

fn check(image: &Image<'_>, findings: &mut Findings<'_>) {
    let words = &image.start.words;
    if image.start.program == Program::Missing {
        return report(findings, &words[0], "no container starts");
    }
    let rest = without_launchers(words);
    let Some((program, arguments)) = rest.split_first() else {
        return;
    };
    let at = |word: &str| find(word, image.settings(), image.subject.filesystem);
    if rest.len() < words.len() && at(program) == Program::Missing {
        return report(findings, program, "the container ends at once");
    }
    let name = program.rsplit('/').next().unwrap_or_default();
    let script = arguments.first().filter(|word| !word.starts_with('-'));
    if let Some(script) = script.filter(|_| INTERPRETERS.contains(&name)) {
        let path = if script.starts_with('/') {
            script.clone()
        } else {
            format!("{}/{script}", image.settings().working_dir)
        };
        let has = |ending: &str| {
            image
                .subject
                .filesystem
                .resolve(format!("{path}{ending}").as_bytes())
                .is_some()
        };
        // Node finds `main` for `main.js`, and a folder's `index.js`.
        if !["", ".js", ".cjs", ".json", ".node"]
            .iter()
            .any(|ending| has(ending))
            && !path.contains('$')
        {
            report(findings, &path, "the container ends at once");
        }
    }
}

fn report(findings: &mut Findings<'_>, program: &str, what: &str) {
    findings
        .setting(
            &["CMD", "ENTRYPOINT"],
            format!("the container starts `{program}`, which is not in the image: {what}"),
        )
        .help("copy it into the last stage, or correct the path");
}

#[cfg(test)]
mod tests {
    use crate::scan::hardening::samples::found;

    #[test]
    fn programs_launchers_and_scripts() {
        let image = "FROM x\nENV PATH=/usr/bin\n-rwxr-xr-x 0 0 usr/bin/node\n-rwxr-xr-x 0 0 usr/bin/dumb-init\n-rw-r--r-- 0 0 app/main.js\nWORKDIR /app\n";
        for (start, expected) in [
            ("CMD [\"node\", \"main.js\"]", ""),
            ("CMD [\"node\", \"main\"]", ""),
            ("CMD [\"node\", \"/app/main.js\"]", ""),
            ("CMD [\"node\", \"--flag\", \"x\"]", ""),
            (
                "ENTRYPOINT [\"dumb-init\", \"--\"]\nCMD [\"node\", \"main.js\"]",
                "",
            ),
            (
                "CMD [\"deno\"]",
                "7: the container starts `deno`, which is not in the image: no container starts",
            ),
            (
                "CMD [\"./start\"]",
                "7: the container starts `./start`, which is not in the image: no container starts",
            ),
            (
                "CMD [\"node\", \"dist/main.js\"]",
                "7: the container starts `/app/dist/main.js`, which is not in the image: the container ends at once",
            ),
            (
                "CMD [\"dumb-init\", \"deno\"]",
                "7: the container starts `deno`, which is not in the image: the container ends at once",
            ),
        ] {
            assert_eq!(
                found("DX1207", &format!("{image}{start}\n")),
                expected,
                "{start}"
            );
        }
    }
}
