use super::files::ignore_files;
use crate::dockerignore::Pattern;
use crate::edit::Safety;
use crate::finding::Severity;
use crate::lint::rule::{Category, Check, Fixability, declare};
use crate::lint::{Diagnostics, Options, Surroundings};
use crate::source::{Span, line_ending, line_start};

declare! {
    /// ## What it does
    /// Reports what means something else in a `.dockerignore` than in a `.gitignore` or in a shell: `{a,b}`, `[!a]`,
    /// `**name`, `a|b`, `^`.
    ///
    /// ## Why it is bad
    /// A pattern becomes a regular expression, and few characters are escaped on the way. `*.{js,ts}` matches no script.
    /// `[!a]` matches an exclamation mark and an `a`. `**env` matches every path that ends so, `apps/my-env`, too. `a|b`
    /// is two halves, of which the first matches every path that begins with `a`, the other every path that ends with
    /// `b`.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM scratch
    /// COPY . /
    /// ```
    /// ```text path=.dockerignore
    /// **/*.{log,tmp}
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM scratch
    /// COPY . /
    /// ```
    /// ```text path=.dockerignore
    /// **/*.log
    /// **/*.tmp
    /// ```
    ///
    /// ## Fix safety
    /// Unsafe: other files are left out than before. A name may even hold such a character, though few do.
    ///
    /// ## References
    /// - <https://docs.docker.com/build/concepts/context/#syntax>
    pub(super) static RULE = Rule {
        code: "DX3305",
        name: "gitignore-habit",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Correctness,
        summary: "a pattern of the ignore file means something else than it would in another language",
        fix: Fixability::Sometimes(Safety::Unsafe),
        check: Check::Repository(check),
    };
}

/// What is odd about a pattern.
struct Habit {
    message: String,
    help: String,
    /// The patterns to write instead, as they are written.
    instead: Vec<String>,
}

/// More alternatives are no slip of a hand.
const MAX_ALTERNATIVES: usize = 32;

fn check(surroundings: &Surroundings, _: &Options, diagnostics: &mut Diagnostics<'_>) {
    for file in ignore_files(surroundings) {
        let text = file.source.text();
        for pattern in file.patterns.patterns() {
            let written = pattern.span().of(text);
            let Some(habit) = habit(pattern, written) else {
                continue;
            };
            let found = diagnostics
                .report_in(&file.source, pattern.span(), habit.message)
                .help(habit.help);
            if !habit.instead.is_empty() {
                let at = pattern.span().start;
                let indentation = text[line_start(text, at)..at].trim_start_matches('\u{feff}');
                let instead = habit
                    .instead
                    .join(&format!("{}{indentation}", line_ending(text)));
                found.unsafe_fix(
                    format!("write `{}`", habit.instead.join("`, `")),
                    [(pattern.span(), instead)],
                );
            }
        }
    }
}

fn habit(pattern: &Pattern, written: &str) -> Option<Habit> {
    let outside = outside_of_classes(written);
    let has = |character: char| outside.iter().any(|(_, c)| *c == character);
    if let Some(alternatives) = alternatives(written, &outside) {
        return Some(Habit {
            message: format!(
                "`{written}` holds no list of alternatives: braces are part of the name here"
            ),
            help: "write a line for each".to_owned(),
            instead: alternatives,
        });
    }
    if let Some(at) = written.find("[!") {
        let instead = format!("{}[^{}", &written[..at], &written[at + 2..]);
        return Some(Habit {
            message: format!(
                "`[!` in `{written}` matches an exclamation mark, too: `[^` stands for \"none of these\" here"
            ),
            help: "write `[^`".to_owned(),
            instead: vec![instead],
        });
    }
    if has('|') {
        return Some(Habit {
            message: format!(
                "`|` parts `{written}` in two: one half matches what begins with it, the other what ends with it"
            ),
            help: "write a line for each, or `\\|` for a bar in a name".to_owned(),
            instead: Vec::new(),
        });
    }
    if has('^') {
        return Some(Habit {
            message: format!(
                "`^` stands for a path's start here, and `{written}` matches nothing or not that character"
            ),
            help: "write `\\^` for the character".to_owned(),
            instead: Vec::new(),
        });
    }
    let name = pattern.text().strip_prefix("**")?;
    let first = name.chars().next()?;
    (first != '/' && first != '.' && first != '*').then(|| {
        let at = written.find("**").map_or(0, |at| at + 2);
        Habit {
            message: format!("`{written}` matches every path that ends so, `my-{name}`, too"),
            help: format!("write `**/{name}` for the name, or `**/*{name}`"),
            instead: vec![format!("{}/{}", &written[..at], &written[at..])],
        }
    })
}

/// The characters that are neither escaped nor in a class, with their places.
fn outside_of_classes(text: &str) -> Vec<(usize, char)> {
    let mut outside = Vec::new();
    let mut in_class = false;
    let mut characters = text.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '\\' => {
                characters.next();
            }
            '[' => in_class = true,
            ']' => in_class = false,
            _ if in_class => {}
            _ => outside.push((at, character)),
        }
    }
    outside
}

/// The patterns that one with braces would be in a shell; `None` if it has no such list.
fn alternatives(written: &str, outside: &[(usize, char)]) -> Option<Vec<String>> {
    let open = outside.iter().find(|(_, c)| *c == '{')?.0;
    let close = outside.iter().find(|(at, c)| *c == '}' && *at > open)?.0;
    let list = Span::new(open + 1, close).of(written);
    let count = list.split(',').count();
    if !(2..=MAX_ALTERNATIVES).contains(&count) {
        return None;
    }
    let is_nested = outside.iter().filter(|(_, c)| *c == '{').count() > 1;
    Some(if is_nested {
        Vec::new()
    } else {
        list.split(',')
            .map(|one| {
                format!(
                    "{}{}{}",
                    &written[..open],
                    one.trim(),
                    &written[close + 1..]
                )
            })
            .collect()
    })
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::Repository;

    fn findings(ignore: &str) -> Vec<(String, Option<String>)> {
        Repository::new("FROM scratch\nCOPY . /\n")
            .file(".dockerignore", ignore)
            .findings(&RULE)
            .into_iter()
            .map(|finding| {
                let instead = finding.fix.map(|fix| fix.edits[0].replacement.clone());
                (finding.message, instead)
            })
            .collect()
    }

    #[test]
    fn each_habit_has_its_words() {
        for (ignore, words, instead) in [
            ("!*.{js,ts}\n", "no list", Some("!*.js\n!*.ts")),
            ("  {a,b}/c\n", "no list", Some("a/c\n  b/c")),
            ("{a,{b,c}}\n", "no list", None),
            ("x[!a]\n", "exclamation mark", Some("x[^a]")),
            ("a|b\n", "parts `a|b` in two", None),
            ("a^b\n", "path's start", None),
            ("**env\n", "`my-env`", Some("**/env")),
        ] {
            let found = findings(ignore);
            assert_eq!(found.len(), 1, "{ignore:?}");
            assert!(found[0].0.contains(words), "{ignore:?}: {}", found[0].0);
            assert_eq!(found[0].1.as_deref(), instead, "{ignore:?}");
        }
    }

    #[test]
    fn what_is_meant_is_left_alone() {
        for ignore in [
            "{a}\n", "a\\|b\n", "[|^]\n", "[^a]\n", "**/env\n", "**.log\n", "**\n", "a/**\n",
            "# a|b\n",
        ] {
            assert_eq!(findings(ignore), [], "{ignore:?}");
        }
    }
}
