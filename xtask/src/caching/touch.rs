//! The smallest change of a file that means nothing: a comment in the file's own language.
//!
//! To the engine's cache any other content is another content, so a comment does what any edit does. What is made of the
//! file may come out the same, though, and then the steps behind stay cached: forecasts call those uncertain.

use camino::Utf8Path;

/// How a file is changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Touch {
    /// Something is added at its end.
    Append(Manner),
    /// A line is added before a line, counted from 1. `{mark}` in it stands for a text that no other run has.
    Insert {
        /// Where.
        line: usize,
        /// The line, without its end.
        text: String,
    },
}

/// What can be added to a file without changing what it means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Manner {
    /// A comment: what stands before it and behind it.
    Comment(&'static str, &'static str),
    /// Space at the end: for languages without comments, and for those that nobody knows here.
    Space,
}

/// Languages by the ends of their files' names, or by whole names.
const COMMENTS: &[(&str, &str, &[&str])] = &[
    (
        "// ",
        "",
        &[
            ".c", ".cc", ".cjs", ".cpp", ".cs", ".cts", ".dart", ".go", ".h", ".hpp", ".java",
            ".js", ".jsx", ".kt", ".kts", ".less", ".mjs", ".mts", ".proto", ".rs", ".scala",
            ".scss", ".swift", ".ts", ".tsx", ".zig", "go.mod",
        ],
    ),
    (
        "# ",
        "",
        &[
            ".bash",
            ".conf",
            ".dockerfile",
            ".dockerignore",
            ".ex",
            ".exs",
            ".graphql",
            ".nix",
            ".pl",
            ".properties",
            ".py",
            ".r",
            ".rb",
            ".sh",
            ".tf",
            ".toml",
            ".yaml",
            ".yml",
            "Cargo.lock",
            "Containerfile",
            "Dockerfile",
            "Gemfile",
            "Makefile",
            "poetry.lock",
            "requirements.txt",
            "uv.lock",
            "yarn.lock",
        ],
    ),
    ("-- ", "", &[".hs", ".lua", ".sql"]),
    ("/* ", " */", &[".css"]),
    (
        "<!-- ",
        " -->",
        &[".htm", ".html", ".md", ".svg", ".vue", ".xml"],
    ),
];

/// What can be added to a file of this name.
#[must_use]
pub fn manner(path: &Utf8Path) -> Manner {
    let name = path.file_name().unwrap_or_default();
    for (before, after, ends) in COMMENTS {
        let is_such = |end: &&&str| {
            name == **end || end.starts_with('.') && name.len() > end.len() && name.ends_with(**end)
        };
        // A file may be called by its whole name, such as `.dockerignore`.
        if ends.iter().any(|end| is_such(&end)) {
            return Manner::Comment(before, after);
        }
    }
    Manner::Space
}

impl Touch {
    /// The file's bytes after the change; `mark` is a text that no other run has, of hexadecimal digits.
    #[must_use]
    pub fn apply(&self, bytes: &[u8], mark: &str) -> Vec<u8> {
        match self {
            Self::Append(manner) => {
                let mut changed = bytes.to_vec();
                if !matches!(bytes.last(), Some(b'\n') | None) {
                    changed.push(b'\n');
                }
                match manner {
                    Manner::Comment(before, after) => {
                        changed.extend_from_slice(format!("{before}{mark}{after}\n").as_bytes());
                    }
                    Manner::Space => {
                        changed.extend(spaces(mark));
                        changed.push(b'\n');
                    }
                }
                changed
            }
            Self::Insert { line, text } => {
                let at = line.saturating_sub(1);
                let mut changed = Vec::with_capacity(bytes.len() + text.len());
                let mut written = false;
                let inserted = format!("{}\n", text.replace("{mark}", mark));
                for (index, piece) in bytes.split_inclusive(|byte| *byte == b'\n').enumerate() {
                    if index == at {
                        changed.extend_from_slice(inserted.as_bytes());
                        written = true;
                    }
                    changed.extend_from_slice(piece);
                }
                if !written {
                    if !matches!(changed.last(), Some(b'\n') | None) {
                        changed.push(b'\n');
                    }
                    changed.extend_from_slice(inserted.as_bytes());
                }
                changed
            }
        }
    }

    /// What is done, in words.
    #[must_use]
    pub fn told(&self) -> String {
        match self {
            Self::Append(Manner::Comment(..)) => "a comment at the end".to_owned(),
            Self::Append(Manner::Space) => "white space at the end".to_owned(),
            Self::Insert { line, text } => {
                format!("`{}` before line {line}", text.replace("{mark}", "…"))
            }
        }
    }
}

/// A mark as spaces and tabs, a digit as four of them.
fn spaces(mark: &str) -> impl Iterator<Item = u8> + '_ {
    let digits = mark.chars().filter_map(|digit| digit.to_digit(16));
    digits.flat_map(|digit| (0..4).map(move |bit| if digit >> bit & 1 == 1 { b'\t' } else { b' ' }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn touched(name: &str, text: &str) -> String {
        let touch = Touch::Append(manner(Utf8Path::new(name)));
        String::from_utf8(touch.apply(text.as_bytes(), "0f")).unwrap()
    }

    #[test]
    fn a_file_gets_a_comment_of_its_own_language() {
        for (name, text, expected) in [
            ("a/main.ts", "x", "x\n// 0f\n"),
            ("a.test.ts", "x\n", "x\n// 0f\n"),
            ("Dockerfile", "FROM x\n", "FROM x\n# 0f\n"),
            (".dockerignore", "", "# 0f\n"),
            ("README.md", "x\n", "x\n<!-- 0f -->\n"),
            ("package.json", "{}\n", "{}\n    \t\t\t\t\n"),
            ("ts", "x\n", "x\n    \t\t\t\t\n"),
            ("go.mod", "module x\n", "module x\n// 0f\n"),
        ] {
            assert_eq!(touched(name, text), expected, "{name}");
        }
    }

    #[test]
    fn json_stays_json() {
        let value: serde_json::Value =
            serde_json::from_str(&touched("a.json", "{\"a\": 1}")).unwrap();
        assert_eq!(value["a"], 1);
    }

    #[test]
    fn a_line_goes_where_it_is_told() {
        let insert = |line, text: &str| {
            let touch = Touch::Insert {
                line,
                text: "ENV A={mark}".to_owned(),
            };
            String::from_utf8(touch.apply(text.as_bytes(), "1")).unwrap()
        };
        assert_eq!(insert(2, "a\nb\n"), "a\nENV A=1\nb\n");
        assert_eq!(insert(1, "a"), "ENV A=1\na");
        assert_eq!(insert(9, "a"), "a\nENV A=1\n");
    }
}
