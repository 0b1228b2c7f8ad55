//! `ShellCheck` as an external program: what it is given, and where its findings belong.
//!
//! Nothing is started here. A [`Batch`] names the files one process reads; its answer (`-f json1`) becomes findings at
//! the places of the Dockerfile.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::finding::{Finding, Severity};
use crate::lint::model::{Model, ShellKind, Step};
use crate::lint::registry::find;
use crate::mapped_text::MappedText;
use crate::shell::Script;
use crate::source::{Source, Span};

/// So many scripts are worth a process of their own.
const SCRIPTS_PER_BATCH: usize = 200;

/// What is never asked: files that are sourced are not there, and neither is the program named by `#!`.
const POINTLESS: [&str; 4] = ["SC1090", "SC1091", "SC2187", "SC2148"];

/// What one process of `ShellCheck` reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// `sh` or `bash`.
    pub dialect: &'static str,
    /// The scripts, in order.
    pub scripts: Vec<ScriptInput>,
}

/// One script for `ShellCheck`, with the way back to its Dockerfile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScriptInput {
    /// The variables of the build as exports, then the text.
    pub content: String,
    /// SHA-256 of dialect and content: the same script need not be asked about again.
    pub key: String,
    text: MappedText,
    source: Source,
    prelude_lines: usize,
}

/// One finding of `ShellCheck`, as it reports it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Comment {
    /// The file's name as it was given.
    pub file: String,
    /// From 1.
    pub line: usize,
    /// From 1.
    pub end_line: usize,
    /// In characters, from 1.
    pub column: usize,
    /// In characters, from 1; behind the last one.
    pub end_column: usize,
    /// `error`, `warning`, `info`, `style`.
    pub level: String,
    /// Without `SC`.
    pub code: u32,
    /// A sentence.
    pub message: String,
}

#[derive(Deserialize)]
struct Answer {
    comments: Vec<Comment>,
}

/// The shell text of every `RUN`, in batches of one dialect each.
#[must_use]
pub fn batches<'m>(models: impl IntoIterator<Item = &'m Model>) -> Vec<Batch> {
    let mut all: Vec<Batch> = Vec::new();
    for model in models {
        for step in model.steps().filter(|step| step.run().is_some()) {
            let dialect = match step.before().shell_kind() {
                ShellKind::Posix => "sh",
                ShellKind::Bash => "bash",
                _ => continue,
            };
            for script in step.scripts() {
                let input = ScriptInput::new(model, step, script, dialect);
                let open = all.iter_mut().rfind(|batch| {
                    batch.dialect == dialect && batch.scripts.len() < SCRIPTS_PER_BATCH
                });
                match open {
                    Some(batch) => batch.scripts.push(input),
                    None => all.push(Batch {
                        dialect,
                        scripts: vec![input],
                    }),
                }
            }
        }
    }
    all
}

impl ScriptInput {
    fn new(model: &Model, step: Step<'_>, script: &Script, dialect: &'static str) -> Self {
        let mut content = String::new();
        let mut prelude_lines = 0;
        for variable in step.before().variables() {
            let is_name = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
            if variable.name.bytes().all(is_name) {
                content.push_str("export ");
                content.push_str(&variable.name);
                content.push_str("=1\n");
                prelude_lines += 1;
            }
        }
        content.push_str(&script.text.value);
        if !content.ends_with('\n') {
            content.push('\n');
        }
        let key = Sha256::new()
            .chain_update(dialect)
            .chain_update([0])
            .chain_update(&content)
            .finalize();
        Self {
            key: key
                .iter()
                .fold(String::new(), |text, byte| text + &format!("{byte:02x}")),
            content,
            text: script.text.clone(),
            source: model.file.source.clone(),
            prelude_lines,
        }
    }

    /// What was found in this script, as findings of the Dockerfile.
    #[must_use]
    pub fn findings(&self, comments: &[Comment]) -> Vec<Finding> {
        comments
            .iter()
            .filter_map(|comment| self.finding(comment))
            .collect()
    }

    fn finding(&self, comment: &Comment) -> Option<Finding> {
        let code = format!("SC{:04}", comment.code);
        if !find(&code).is_empty() || POINTLESS.contains(&code.as_str()) {
            return None;
        }
        let span = self.place(comment)?;
        let severity = match comment.level.as_str() {
            "error" => Severity::Error,
            "warning" => Severity::Warning,
            "info" => Severity::Note,
            _ => Severity::Style,
        };
        let message = lower_case_sentence(&comment.message);
        let finding = Finding::new(code.clone(), code.to_ascii_lowercase(), severity, message);
        Some(finding.at(self.source.location(span)))
    }

    /// Where it stands in the Dockerfile. `None` for the exports in front, which are not the author's.
    #[must_use]
    pub fn place(&self, comment: &Comment) -> Option<Span> {
        let start = self.offset(comment.line, comment.column)?;
        let end = self.offset(comment.end_line, comment.end_column);
        let end = end.unwrap_or(start).max(start);
        Some(self.text.span_of(&(start..end)))
    }

    /// Where a line and column of what was given are in the text.
    fn offset(&self, line: usize, column: usize) -> Option<usize> {
        let line = line.checked_sub(self.prelude_lines + 1)?;
        let text = self.text.value.as_str();
        let start = match line {
            0 => 0,
            _ => text.match_indices('\n').nth(line - 1)?.0 + 1,
        };
        let rest = &text[start..];
        let rest = &rest[..rest.find('\n').unwrap_or(rest.len())];
        let column = column.saturating_sub(1);
        let within = rest.char_indices().nth(column);
        Some(start + within.map_or(rest.len(), |(at, _)| at))
    }
}

impl Batch {
    /// What the program is given, without the names of the files.
    #[must_use]
    pub fn arguments(&self) -> Vec<String> {
        [
            "--norc",
            "-f",
            "json1",
            "-S",
            "style",
            "-s",
            self.dialect,
            "-e",
        ]
        .into_iter()
        .map(str::to_owned)
        .chain([POINTLESS.join(",")])
        .collect()
    }

    /// The name of a script's file: its place in the batch.
    #[must_use]
    pub fn file_name(index: usize) -> String {
        format!("{index}.sh")
    }

    /// What the program answered, by script: for a cache that knows scripts by their [`ScriptInput::key`].
    ///
    /// # Errors
    /// If it is not what `-f json1` prints.
    pub fn comments(&self, json: &str) -> Result<Vec<Vec<Comment>>, serde_json::Error> {
        let answer: Answer = serde_json::from_str(json)?;
        let mut by_script: Vec<Vec<Comment>> = vec![Vec::new(); self.scripts.len()];
        for comment in answer.comments {
            let name = comment.file.rsplit(['/', '\\']).next().unwrap_or_default();
            let index = name
                .strip_suffix(".sh")
                .and_then(|n| n.parse::<usize>().ok());
            if let Some(comments) = index.and_then(|index| by_script.get_mut(index)) {
                comments.push(comment);
            }
        }
        Ok(by_script)
    }

    /// What the program answered, as findings. Codes that have a rule of our own are left to it.
    ///
    /// # Errors
    /// If it is not what `-f json1` prints.
    pub fn findings(&self, json: &str) -> Result<Vec<Finding>, serde_json::Error> {
        let by_script = self.comments(json)?;
        let scripts = self.scripts.iter().zip(&by_script);
        Ok(scripts
            .flat_map(|(script, comments)| script.findings(comments))
            .collect())
    }
}

/// Messages of this project start small and have no full stop.
fn lower_case_sentence(message: &str) -> String {
    let message = message.trim_end().trim_end_matches('.');
    let mut characters = message.chars();
    let first = characters.next();
    let rest = characters.as_str();
    match first {
        // `POSIX …` stays as it is.
        Some(first) if !rest.starts_with(char::is_uppercase) => {
            first.to_lowercase().collect::<String>() + rest
        }
        _ => message.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::dockerfile::parse;

    fn model(text: &str) -> Model {
        let file = parse(&Source::new("Dockerfile", text));
        Model::new(file, BTreeMap::new(), &|_| None)
    }

    fn comment(code: u32, line: usize, column: usize, end: usize) -> String {
        format!(
            r#"{{"file":"tmp/0.sh","line":{line},"endLine":{line},"column":{column},"endColumn":{end},
            "level":"warning","code":{code},"message":"Some thing.","fix":null}}"#
        )
    }

    #[test]
    fn findings_stand_where_the_text_stands_in_the_file() {
        let text = "FROM a\nARG v\nRUN é \\\n  # why\n  bad word\n";
        let model = model(text);
        let batches = batches([&model]);
        let [batch] = batches.as_slice() else {
            panic!()
        };
        let content = &batch.scripts[0].content;
        assert!(content.ends_with("export v=1\né   bad word\n"), "{content}");
        let line = content.lines().count();
        let json = format!(
            r#"{{"comments":[{},{},{}]}}"#,
            comment(9999, line, 5, 8),
            comment(2086, line, 5, 8),
            comment(9998, 1, 8, 9)
        );
        let findings = batch.findings(&json).unwrap();
        let [finding] = findings.as_slice() else {
            panic!("{findings:?}")
        };
        assert_eq!(finding.code, "SC9999");
        assert_eq!(finding.message, "some thing");
        let location = finding.location.clone().unwrap();
        assert_eq!(location.span.of(text), "bad");
        assert!(batch.findings("no json").is_err());
    }

    #[test]
    fn scripts_are_batched_by_dialect_and_known_by_content() {
        let model = model(
            "FROM a\nRUN a\nSHELL [\"/bin/bash\", \"-c\"]\nRUN a\nRUN b\nSHELL [\"powershell\"]\nRUN c\n",
        );
        let batches = batches([&model, &model]);
        let shown: Vec<_> = batches
            .iter()
            .map(|b| (b.dialect, b.scripts.len()))
            .collect();
        assert_eq!(shown, [("sh", 2), ("bash", 4)]);
        assert_eq!(batches[0].scripts[0].key, batches[0].scripts[1].key);
        assert_ne!(batches[0].scripts[0].key, batches[1].scripts[0].key);
        assert!(batches[1].arguments().contains(&"bash".to_owned()));
    }
}
