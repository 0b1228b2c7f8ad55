use foldhash::HashSet;

use super::download_piped_to_shell::INTERPRETERS;
use crate::dockerfile::FileTransfer;
use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::commands::is_unix;
use crate::shell::{Argument, Invocation};
use crate::text_search::last_part;

declare! {
    /// ## What it does
    /// Reports a file that `curl`, `wget` or `ADD` brings and that is run in the same stage, if nothing compares a checksum
    /// or a signature in between.
    ///
    /// ## Why it is bad
    /// Whoever controls the address, or the way to it, runs code in the build, and tomorrow's program is not today's.
    /// Nobody can say later what was run.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM debian:12
    /// RUN curl -fsSLo /tmp/install.sh https://example.com/install.sh && sh /tmp/install.sh
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM debian:12
    /// ADD --checksum=sha256:24454f830cdb571e2c4ad15481119c43b3cafd48dd869a9b2945d1036d1dc68d https://example.com/install.sh /tmp/install.sh
    /// RUN sh /tmp/install.sh && rm /tmp/install.sh
    /// ```
    pub(super) static RULE = Rule {
        code: "DX2013",
        name: "download-run-unchecked",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Security,
        summary: "a download is run and nothing checks what it is",
        fix: Fixability::None,
        check: Check::Dockerfile(check),
    };
}

/// What tells whether a file is the one that is meant.
pub(super) const CHECKS: &[&str] = &[
    "sha1sum",
    "sha224sum",
    "sha256sum",
    "sha384sum",
    "sha512sum",
    "shasum",
    "b2sum",
    "md5sum",
    "cksum",
    "rhash",
    "gpg",
    "gpg2",
    "gpgv",
    "openssl",
    "minisign",
    "signify",
    "cosign",
    "slsa-verifier",
];

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    let text = subject.model.file.source.text();
    let mut stage = None;
    // The names of files that came from outside, and that nothing has checked yet.
    let mut unchecked = HashSet::default();
    for step in subject.model.steps() {
        if stage != Some(step.stage.index) {
            stage = Some(step.stage.index);
            unchecked.clear();
        }
        if let Some(add) = step.add() {
            unchecked.extend(added(add));
        }
        if step.run().is_none() || step.invocations().is_empty() || !is_unix(step) {
            continue;
        }
        for invocation in step.invocations() {
            if invocation.is_any(&["curl", "wget"]) {
                unchecked.extend(downloaded(invocation, text));
            } else if unchecked.is_empty() {
                // As in most files.
            } else if invocation.is_any(CHECKS) {
                unchecked.clear();
            } else if let Some(name) = started(invocation, text)
                && unchecked.remove(name)
            {
                diagnostics
                    .report(
                        invocation.span,
                        format!("`{name}` is run as it was downloaded"),
                    )
                    .help("compare its checksum first");
            }
        }
    }
}

/// The names of the files that an `ADD` without a checksum downloads.
fn added(add: &FileTransfer) -> Vec<&str> {
    if add.flag("checksum").is_some() {
        return Vec::new();
    }
    let destination = add.destination.value.as_str();
    let to_folder = destination.ends_with(['/', '.']);
    add.sources
        .iter()
        .filter(|source| is_address(&source.value))
        .map(|source| {
            if to_folder {
                name_in_address(&source.value)
            } else {
                file_name(destination)
            }
        })
        .collect()
}

/// The names of the files that `curl` or `wget` writes.
pub(super) fn downloaded<'t>(invocation: &'t Invocation, text: &'t str) -> Vec<&'t str> {
    let is_curl = invocation.is("curl");
    let (letter, long) = if is_curl {
        ('o', "--output")
    } else {
        ('O', "--output-document")
    };
    let to_output = |it: &Argument| is_group(&it.text) && it.text.ends_with("O-");
    if !is_curl && invocation.options().any(to_output) {
        return Vec::new();
    }
    let mut names = Vec::new();
    let mut arguments = invocation.arguments.iter().map(|it| it.text.as_str());
    while let Some(word) = arguments.next() {
        if let Some(path) = word.strip_prefix(long).and_then(|it| it.strip_prefix('=')) {
            names.push(file_name(path));
        } else if word == long || is_group(word) && word.ends_with(letter) {
            names.extend(arguments.next().map(file_name));
        }
    }
    let written = invocation.span.of(text);
    if let Some((_, target)) = written.rsplit_once('>') {
        let target = target
            .trim_start()
            .split([' ', '\t', '\n', ';', '\\'])
            .next();
        names.extend(target.map(|it| file_name(it.trim_matches(['"', '\'']))));
    }
    let keeps_name = !is_curl
        || invocation
            .options()
            .any(|it| it.text == "--remote-name" || is_group(&it.text) && it.text.contains('O'));
    if names.is_empty() && keeps_name {
        let addresses = invocation.arguments.iter().map(|it| it.text.as_str());
        names.extend(addresses.filter(|it| is_address(it)).map(name_in_address));
    }
    names.retain(|name| !name.is_empty() && *name != "-");
    names
}

/// The name of the file that a command runs: as a program with its path, or as an interpreter's script.
fn started<'t>(invocation: &'t Invocation, text: &str) -> Option<&'t str> {
    if invocation.is_any(INTERPRETERS) || invocation.is_any(&[".", "source"]) {
        let script = invocation.words().next()?;
        return Some(file_name(&script.text));
    }
    let is_path = invocation.program_span.of(text).contains('/');
    is_path.then_some(invocation.program.as_str())
}

/// Letters behind one `-`.
fn is_group(word: &str) -> bool {
    word.starts_with('-') && !word.starts_with("--")
}

fn is_address(word: &str) -> bool {
    ["https://", "http://", "ftp://"]
        .iter()
        .any(|scheme| word.starts_with(scheme))
}

fn name_in_address(address: &str) -> &str {
    let path = address.split(['?', '#']).next().unwrap_or_default();
    file_name(path)
}

fn file_name(path: &str) -> &str {
    last_part(path)
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::found;

    #[test]
    fn downloads_that_are_checked_or_not_run() {
        for text in [
            "RUN curl -fsSLo x.sh https://a/b && echo \"$SUM  x.sh\" | sha256sum -c && sh x.sh",
            "RUN wget https://a/x.sh https://a/x.sh.asc && gpg --verify x.sh.asc && ./x.sh",
            "RUN curl -fsSLo /usr/bin/x https://a/b && chmod +x /usr/bin/x",
            "RUN curl -fsSL https://a/x.tar.gz | tar xz && ./x/install.sh",
            "RUN sh x.sh && curl -fsSLo x.sh https://a/b",
            "RUN curl -fsSO https://a/x.sh\nFROM debian:12\nRUN sh x.sh",
            "ADD --checksum=sha256:ab https://a/x.sh /x.sh\nRUN sh /x.sh",
            "ADD x.sh /x.sh\nRUN sh /x.sh",
            "RUN wget -qO- https://a/x.sh > /dev/null; sh y.sh",
        ] {
            let text = format!("FROM debian:12\n{text}\n");
            assert_eq!(found(&RULE, &text), "", "{text}");
        }
    }

    #[test]
    fn downloads_that_are_run_as_they_are() {
        for text in [
            "RUN wget https://a/x.sh?y=1 && bash ./x.sh -b",
            "RUN wget -qO /tmp/x.sh https://a && chmod +x /tmp/x.sh && /tmp/x.sh",
            "RUN wget --output-document=/tmp/x.sh https://a && sudo sh -e /tmp/x.sh",
            "RUN curl -fsSO https://a/x.sh && sh x.sh && sh x.sh",
            "RUN curl -fsSL https://a > \"x.sh\" && \\\n    . ./x.sh",
            "RUN curl -fsSLo x.sh https://a\nRUN sh x.sh",
            "ADD https://a/x.sh /tmp/\nRUN sh /tmp/x.sh",
            "ADD https://a/b /tmp/x.sh\nRUN sh /tmp/x.sh",
        ] {
            let text = format!("FROM debian:12\n{text}\n");
            let found = found(&RULE, &text);
            assert_eq!(found.lines().count(), 1, "{text}");
            assert!(
                found.ends_with(" `x.sh` is run as it was downloaded"),
                "{found}"
            );
        }
    }
}
