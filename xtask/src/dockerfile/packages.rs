//! The packages a `RUN` installs with `apk add`.

use crate::dockerfile::shell_words::{Word, commands};
use crate::dockerfile::{CommandLine, Run, heredoc};

/// What `apk add` was given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ApkPackages {
    /// In order.
    pub packages: Vec<ApkPackage>,
    /// Words whose name only the shell knows at run time, as written without quotes.
    pub unknown: Vec<String>,
}

/// One package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApkPackage {
    /// The name alone.
    pub name: String,
    /// What follows the name: `=1.2`, `~=3`, `>4`, variables included.
    pub constraint: Option<String>,
}

/// Options of `apk` that take the next word as their value.
const VALUE_OPTIONS: [&str; 14] = [
    "-t",
    "--virtual",
    "-X",
    "--repository",
    "-p",
    "--root",
    "--arch",
    "--cache-dir",
    "--cache-max-age",
    "--keys-dir",
    "--repositories-file",
    "--wait",
    "--progress-fd",
    "--timeout",
];

/// The packages of all `apk add` in a `RUN`, here-documents that are run included.
#[must_use]
pub fn apk_packages(run: &Run) -> ApkPackages {
    let mut found = ApkPackages::default();
    match &run.command {
        CommandLine::Exec(words) => {
            let words = words.iter().map(|word| Word {
                text: word.value.clone(),
                unknown_from: None,
            });
            command(&words.collect::<Vec<_>>(), &mut found);
        }
        CommandLine::Shell(text) => {
            script(&text.value, &mut found);
            let is_script = |program: &Word| {
                matches!(
                    program.text.rsplit('/').next(),
                    Some("sh" | "ash" | "bash" | "dash")
                )
            };
            let only_heredoc = matches!(heredoc::parse(&text.value), Ok(Some(_)));
            let fed_to_shell = commands(&text.value)
                .last()
                .and_then(|words| words.first())
                .is_some_and(is_script);
            if only_heredoc || fed_to_shell {
                for heredoc in &run.heredocs {
                    // A script in another language names its interpreter.
                    let first = heredoc.content.value.lines().next().unwrap_or_default();
                    if !first.starts_with("#!") || first.contains("sh") {
                        script(&heredoc.content.value, &mut found);
                    }
                }
            }
        }
    }
    found
}

fn script(text: &str, found: &mut ApkPackages) {
    for words in commands(text) {
        command(&words, found);
    }
}

/// Words that may stand before the command itself.
fn is_prefix(word: &Word) -> bool {
    let text = word.text.as_str();
    let assignment = text.split_once('=').is_some_and(|(name, _)| {
        !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
    });
    assignment
        || matches!(
            text,
            "sudo"
                | "env"
                | "exec"
                | "time"
                | "command"
                | "nice"
                | "if"
                | "then"
                | "else"
                | "elif"
                | "do"
                | "while"
                | "until"
                | "!"
                | "{"
        )
}

fn command(words: &[Word], found: &mut ApkPackages) {
    let start = words.iter().take_while(|word| is_prefix(word)).count();
    let Some((program, arguments)) = words[start..].split_first() else {
        return;
    };
    match program.text.rsplit('/').next() {
        Some("apk") => add(arguments, found),
        Some("sh" | "ash" | "bash" | "dash") => {
            // `sh -c 'script'`.
            let option = |word: &&Word| word.text.starts_with('-') && word.text.ends_with('c');
            if let [options @ .., text] = arguments
                && options.iter().rfind(option).is_some()
            {
                script_once(&text.text, found);
            }
        }
        _ => {}
    }
}

/// A script inside a script, but no further down.
fn script_once(text: &str, found: &mut ApkPackages) {
    for words in commands(text) {
        let start = words.iter().take_while(|word| is_prefix(word)).count();
        if let Some((program, arguments)) = words[start..].split_first()
            && program.text.rsplit('/').next() == Some("apk")
        {
            add(arguments, found);
        }
    }
}

fn add(arguments: &[Word], found: &mut ApkPackages) {
    let mut applet_seen = false;
    let mut options_end = false;
    let mut arguments = arguments.iter();
    while let Some(word) = arguments.next() {
        let text = word.text.as_str();
        if !options_end && text.starts_with('-') && text.len() > 1 {
            if text == "--" {
                options_end = true;
            } else if takes_value(text) {
                arguments.next();
            }
        } else if applet_seen {
            package(word, found);
        } else if text == "add" {
            applet_seen = true;
        } else {
            // Another applet: `apk del` and its like.
            return;
        }
    }
}

/// Whether the option's value is the next word. Of bundled letters, as in `-Ut NAME`, the last one may take it.
fn takes_value(option: &str) -> bool {
    if VALUE_OPTIONS.contains(&option) {
        return true;
    }
    if option.starts_with("--") {
        return false;
    }
    let takes = |c: char| matches!(c, 't' | 'X' | 'p');
    option.find(takes).is_some_and(|at| at + 1 == option.len())
}

fn package(word: &Word, found: &mut ApkPackages) {
    let text = word.text.as_str();
    let end = text.find(['=', '<', '>', '~', '@']).unwrap_or(text.len());
    let is_known = word.unknown_from.is_none_or(|at| at > end);
    if !is_known || text.contains('/') || text.is_empty() {
        found.unknown.push(text.to_owned());
        return;
    }
    let (name, constraint) = text.split_at(end);
    // `!name` keeps a package out.
    if name.starts_with('!') || name.is_empty() {
        return;
    }
    found.packages.push(ApkPackage {
        name: name.to_owned(),
        constraint: (!constraint.is_empty()).then(|| constraint.to_owned()),
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dockerfile::{InstructionKind, parse};
    use crate::source::Source;

    fn found(run: &str) -> String {
        let text = format!("FROM a\n{run}\n");
        let file = parse(&Source::new("Dockerfile", text));
        assert_eq!(file.errors, []);
        let InstructionKind::Run(run) = &file.stages[0].instructions[0].kind else {
            panic!()
        };
        let found = apk_packages(run);
        let mut words: Vec<String> = found
            .packages
            .iter()
            .map(|p| format!("{}{}", p.name, p.constraint.as_deref().unwrap_or_default()))
            .collect();
        words.extend(found.unknown.iter().map(|word| format!("?{word}")));
        words.join(" ")
    }

    #[test]
    fn names_constraints_and_options() {
        for (run, expected) in [
            ("RUN apk add --no-cache dumb-init curl", "dumb-init curl"),
            (
                "RUN apk add --no-cache \\\n  # why\n  'py3-numpy>1.2' \\\n  nodejs~=20 git=2.1-r0\\\n && rm -rf /x",
                "py3-numpy>1.2 nodejs~=20 git=2.1-r0",
            ),
            (
                "RUN apk --no-cache add --virtual .deps g++ -t x make -Ut y z --repository=http://r foo@edge -X u bar",
                "g++ make z foo@edge bar",
            ),
            (
                "RUN apk update; apk del a; apk add b >/dev/null 2>&1 || apk add c | cat",
                "b c",
            ),
            (
                "RUN --mount=type=cache,target=/var/cache/apk A=1 sudo /sbin/apk add -- a -b",
                "a -b",
            ),
            ("RUN if true; then apk add x; fi", "x"),
            (
                "RUN apk add $PKG node=$V ${A}b \"c$D\" !bad ./local.apk e",
                "node=$V e ?$PKG ?${A}b ?c$D ?./local.apk",
            ),
            ("RUN [\"apk\", \"add\", \"a b\", \"c\"]", "a b c"),
            (
                "RUN [\"/bin/sh\", \"-ec\", \"apk add a && apk add b\"]",
                "a b",
            ),
            ("RUN sh -c 'apk add a'", "a"),
            ("RUN echo 'apk add no' # apk add no", ""),
            ("RUN apk", ""),
        ] {
            assert_eq!(found(run), expected, "{run}");
        }
    }

    #[test]
    fn heredoc_scripts_are_read_where_a_shell_runs_them() {
        assert_eq!(
            found("RUN <<EOF\n# c\napk add \\\n  a\napk add b\nEOF"),
            "a b"
        );
        assert_eq!(found("RUN <<EOF\n#!/bin/sh -e\napk add a\nEOF"), "a");
        assert_eq!(
            found("RUN <<EOF\n#!/usr/bin/env python3\napk add a\nEOF"),
            ""
        );
        assert_eq!(found("RUN sh -e <<EOF\napk add a\nEOF"), "a");
        assert_eq!(found("RUN cat <<EOF >/x && apk add b\napk add a\nEOF"), "b");
    }
}
