//! What a pattern means, in words.

use std::fmt;

use super::pattern::{Matcher, Pattern};

/// Where and what a pattern matches, as the rest of a sentence: ``everything below `dist` ``.
#[derive(Clone, Copy, Debug)]
pub struct Meaning<'p>(&'p Pattern);

impl Pattern {
    /// What it means, in words. Whether it is an exception is not said.
    #[must_use]
    pub const fn meaning(&self) -> Meaning<'_> {
        Meaning(self)
    }
}

impl fmt::Display for Meaning<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.0.text();
        if text.split('/').any(|part| matches!(part, "" | "." | "..")) {
            return f.write_str("nothing: it leads out of the context, or is the context itself");
        }
        if matches!(text, "*" | "**" | "**/*" | "**/**") {
            return f.write_str("everything");
        }
        match self.0.matcher() {
            Matcher::Exact => {
                let place = if text.contains('/') {
                    ""
                } else {
                    " in the root only"
                };
                write!(f, "`{text}`{place}, with everything below it")
            }
            Matcher::Prefix => match text.strip_suffix("/**") {
                Some(folder) => write!(f, "everything below `{folder}`, which stays"),
                None => write!(
                    f,
                    "every path that starts with `{}`",
                    &text[..text.len() - 2]
                ),
            },
            Matcher::Suffix => match text.strip_prefix("**/") {
                Some(name) => write!(f, "`{name}` in any folder, with everything below it"),
                None => match text.strip_prefix("**") {
                    Some(end) => write!(
                        f,
                        "every path that ends with `{end}`, with everything below it"
                    ),
                    None => f.write_str("nothing: a byte order mark stands before it"),
                },
            },
            Matcher::Name { anywhere: true } => {
                write!(
                    f,
                    "names like `{}` in any folder, with everything below them",
                    &text[3..]
                )
            }
            Matcher::Name { anywhere: false } => {
                write!(
                    f,
                    "names like `{text}` in the root only, with everything below them"
                )
            }
            Matcher::Regex(_) => self.expression(f),
        }
    }
}

impl Meaning<'_> {
    fn expression(self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.0.text();
        let is_plain = |text: &str| !text.contains(['*', '?', '[', ']', '\\', '{', '|', '^']);
        if let Some(folder) = text.strip_suffix("/*").filter(|folder| is_plain(folder)) {
            return write!(f, "everything below `{folder}`, which stays");
        }
        match text.strip_prefix("**/") {
            Some(rest) => write!(
                f,
                "paths like `{rest}` in any folder, with everything below them"
            )?,
            None if !text.contains('/') => {
                write!(
                    f,
                    "paths like `{text}` in the root only, with everything below them"
                )?;
            }
            None => write!(
                f,
                "paths like `{text}` from the root, with everything below them"
            )?,
        }
        if text.contains(['|', '^', '{']) {
            f.write_str("; `|`, `^` and `{}` mean what they mean in a regular expression")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::dockerignore::Patterns;
    use crate::source::Source;

    #[test]
    fn patterns_are_put_into_words() {
        let text = "node_modules\napps/web/dist\n**/node_modules\n**.log\ndist/**\ndist/*\nbuild**\n*.md\n**/*.md\n\
                    *\n**/**\n..\napps/*/dist\n**/test/*.snap\n[ab]\na|b*\n";
        let (patterns, _) = Patterns::parse(&Source::new("x", text));
        let words: Vec<String> = patterns
            .patterns()
            .iter()
            .map(|pattern| format!("{}: {}", pattern.text(), pattern.meaning()))
            .collect();
        insta::assert_snapshot!(words.join("\n"), @r"
        node_modules: `node_modules` in the root only, with everything below it
        apps/web/dist: `apps/web/dist`, with everything below it
        **/node_modules: `node_modules` in any folder, with everything below it
        **.log: every path that ends with `.log`, with everything below it
        dist/**: everything below `dist`, which stays
        dist/*: everything below `dist`, which stays
        build**: every path that starts with `build`
        *.md: names like `*.md` in the root only, with everything below them
        **/*.md: names like `*.md` in any folder, with everything below them
        *: everything
        **/**: everything
        ..: nothing: it leads out of the context, or is the context itself
        apps/*/dist: paths like `apps/*/dist` from the root, with everything below them
        **/test/*.snap: paths like `test/*.snap` in any folder, with everything below them
        [ab]: paths like `[ab]` in the root only, with everything below them
        a|b*: paths like `a|b*` in the root only, with everything below them; `|`, `^` and `{}` mean what they mean in a regular expression
        ");
    }
}
