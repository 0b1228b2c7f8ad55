use camino::Utf8Path;

use super::files::runs;
use crate::context::{BuildContexts, IgnoreFile};
use crate::dockerignore::{Decision, Pattern};
use crate::edit::Safety;
use crate::finding::Severity;
use crate::lint::rule::{Category, Check, Fixability, declare};
use crate::lint::{Diagnostics, Options, Surroundings};
use crate::source::whole_lines;
use crate::text_search::last_part;

declare! {
    /// ## What it does
    /// Reports an exception (`!`) of an ignore file that takes nothing back in: nothing before it leaves that path out, or
    /// a later pattern leaves it out again.
    ///
    /// ## Why it is bad
    /// Patterns are carried out in order and the last one that matches decides. The file that was to enter the build stays
    /// out, or the line is there for nothing.
    ///
    /// An exception for a folder does not reach what was left out below it by its own pattern: after `docs/api`, `!docs`
    /// changes nothing.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM scratch
    /// COPY . /
    /// ```
    /// ```text path=.dockerignore
    /// !README.md
    /// *.md
    /// !docs
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM scratch
    /// COPY . /
    /// ```
    /// ```text path=.dockerignore
    /// *.md
    /// !README.md
    /// ```
    ///
    /// ## Fix safety
    /// Unsafe: the line goes, and it may have been meant to work; where a later pattern leaves the path out again, there
    /// is no fix.
    pub(super) static RULE = Rule {
        code: "DX3304",
        name: "ignore-exception-without-effect",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Correctness,
        summary: "an exception of the ignore file takes nothing back in",
        fix: Fixability::Sometimes(Safety::Unsafe),
        check: Check::Repository(check),
    };
}

fn check(surroundings: &Surroundings, _: &Options, diagnostics: &mut Diagnostics<'_>) {
    let Some(contexts) = &surroundings.build_contexts else {
        return;
    };
    for (view, context) in contexts.views.iter().enumerate() {
        if let Some(ignore) = &context.ignore
            && ignore.patterns.has_exceptions()
        {
            judge(contexts, view, ignore, diagnostics);
        }
    }
}

fn judge(
    contexts: &BuildContexts,
    view: usize,
    ignore: &IgnoreFile,
    diagnostics: &mut Diagnostics<'_>,
) {
    let patterns = ignore.patterns.patterns();
    let mut decides = vec![false; patterns.len()];
    let tree = &contexts.tree;
    for node in tree.nodes() {
        let decision = tree.decision(view, node);
        if let Some(pattern) = decision.and_then(|decision| decision.pattern) {
            decides[pattern] = true;
        }
    }
    let text = ignore.source.text();
    let runs = runs(patterns);
    for (place, pattern) in patterns.iter().enumerate() {
        // The first run takes back from nothing: another rule says so.
        let is_first = runs[place] == 0;
        if !pattern.is_exception() || decides[place] || is_first || is_defensive(pattern) {
            continue;
        }
        let Some(paths) = samples(pattern.text()) else {
            continue;
        };
        let decisions: Vec<Decision> = paths
            .iter()
            .map(|path| ignore.patterns.decide(Utf8Path::new(path)))
            .collect();
        if decisions
            .iter()
            .any(|decision| decision.pattern == Some(place))
        {
            continue;
        }
        let written = pattern.span().of(text);
        let line = |place: usize| ignore.source.line_column(patterns[place].span().start).line;
        let again = decisions.iter().find_map(|decision| {
            decision
                .pattern
                .filter(|by| decision.ignored && *by > place)
        });
        if let Some(by) = again {
            let by_written = patterns[by].span().of(text);
            diagnostics
                .report_in(
                    &ignore.source,
                    pattern.span(),
                    format!("`{written}` takes nothing back in: `{by_written}` in line {} leaves it out again", line(by)),
                )
                .help(format!("move it behind line {}", line(by)));
            continue;
        }
        // A later exception that decides the same is a matter of style.
        if decisions.iter().any(|decision| {
            decision
                .pattern
                .is_some_and(|by| patterns[by].is_exception())
        }) {
            continue;
        }
        let inside = format!("{}/", pattern.text());
        let below = patterns[..place]
            .iter()
            .position(|other| !other.is_exception() && other.text().starts_with(&inside));
        let (message, help) = match below {
            Some(below) => (
                format!(
                    "`{written}` does not reach `{}` of line {}, which stays out",
                    patterns[below].text(),
                    line(below)
                ),
                format!("write `!{}` if that is to enter", patterns[below].text()),
            ),
            None => (
                format!("`{written}` takes nothing back in: no pattern before it leaves that out"),
                "remove it, or move it behind the pattern that it is an exception to".to_owned(),
            ),
        };
        diagnostics
            .report_in(&ignore.source, pattern.span(), message)
            .help(help)
            .unsafe_fix(
                "remove the line",
                [(whole_lines(text, pattern.span()), String::new())],
            );
    }
}

/// Paths that a pattern matches, and one in a folder of that name; `None` where wildcards allow too many.
fn samples(text: &str) -> Option<Vec<String>> {
    let (folders, name) = match text.strip_prefix("**/") {
        Some(name) => (&["", "x/", "x/y/"][..], name),
        None => (&[""][..], text),
    };
    if name.contains(['*', '?', '[', ']', '\\', '|', '^', '{', '}']) {
        return None;
    }
    Some(
        folders
            .iter()
            .flat_map(|folder| [format!("{folder}{name}"), format!("{folder}{name}/x")])
            .collect(),
    )
}

/// `!.env.example` is good to have before anything leaves it out: the next pattern might.
fn is_defensive(pattern: &Pattern) -> bool {
    let name = last_part(pattern.text());
    crate::secrets::names::is_template(name)
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::Repository;

    fn found(ignore: &str) -> String {
        Repository::new("FROM scratch\nCOPY . /\n")
            .file(".dockerignore", ignore)
            .file("docs/a.md", "")
            .found(&RULE)
    }

    #[test]
    fn the_reason_is_named() {
        for (ignore, words) in [
            (
                "*.md\n!x.md\n**/*.md\n",
                "`**/*.md` in line 3 leaves it out again",
            ),
            (
                "*.txt\n!a.md\n**/*.md\n",
                "`**/*.md` in line 3 leaves it out again",
            ),
            ("docs/api\n!docs\n", "does not reach `docs/api` of line 1"),
            ("*.txt\n!other\n", "no pattern before it leaves that out"),
        ] {
            let found = found(ignore);
            assert!(found.contains(words), "{ignore:?}: {found}");
            assert_eq!(found.is_empty(), words.is_empty(), "{ignore:?}: {found}");
        }
    }

    #[test]
    fn what_works_or_may_work_is_left_alone() {
        for ignore in [
            "*\n!docs\n",
            "*\n!not-there-yet\n",
            "**/.env*\n!**/.env.example\n",
            "**/*.md\n!docs/*.md\n",
            "*.txt\n!x*.md\n",
            "docs\n!docs/a.md\n",
        ] {
            assert_eq!(found(ignore), "", "{ignore:?}");
        }
    }
}
