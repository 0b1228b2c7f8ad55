//! The files that GitHub Actions collects from steps
//! (<https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands>).

use camino::Utf8Path;
use serde_json::Value;

use crate::environment::Environment;
use crate::error::{Error, Result};
use crate::source::Source;

/// Adds to the end of a file, which is made if it is missing.
///
/// # Errors
/// It cannot be written.
pub(super) fn append(file: &Utf8Path, text: &str) -> Result<()> {
    use std::io::Write as _;
    std::fs::OpenOptions::new()
        .append(true)
        .create(true)
        .open(file)
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .map_err(|e| Error::usage(format!("failed to write {file}")).because(e))
}

/// An output or a variable as `GITHUB_OUTPUT` and `GITHUB_ENV` take it, with any text as its value.
pub(super) fn assignment(name: &str, value: &str) -> String {
    // A line of the value must not end it.
    let mut end = "end".to_owned();
    while value.contains(&end) {
        end.push('-');
    }
    format!("{name}<<{end}\n{value}\n{end}\n")
}

/// The largest payload that is read, in bytes: GitHub sends none larger than 25 MB.
const MAX_PAYLOAD: u64 = 32 * 1024 * 1024;

/// What GitHub says about the event; nothing outside of workflows.
///
/// # Errors
/// The file that it is in cannot be read.
pub(super) fn payload(environment: &Environment) -> Result<Value> {
    let Some(file) = environment.variable("GITHUB_EVENT_PATH") else {
        return Ok(Value::Null);
    };
    let path = environment.current_dir.join(file);
    let wrong =
        |error: Error| error.help("`GITHUB_EVENT_PATH` names the file with the event of GitHub");
    let source = Source::read_up_to(Utf8Path::new(""), &path, MAX_PAYLOAD).map_err(wrong)?;
    serde_json::from_str(source.text())
        .map_err(|error| wrong(Error::usage(format!("{file} is no JSON")).because(error)))
}

#[cfg(test)]
mod tests {
    use super::assignment;

    #[test]
    fn a_value_of_many_lines_ends_where_it_should() {
        for value in ["a\nb", "a\nend\nb", "end--", ""] {
            let text = assignment("tags", value);
            let (head, rest) = text.split_once('\n').unwrap();
            let end = head.strip_prefix("tags<<").unwrap();
            assert!(value.lines().all(|line| line != end), "{value}");
            assert_eq!(rest, format!("{value}\n{end}\n"));
        }
    }
}
