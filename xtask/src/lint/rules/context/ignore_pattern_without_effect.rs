use std::collections::BTreeSet;

use crate::dockerignore::Pattern;
use crate::finding::Severity;
use crate::lint::build_context::{BuildContext, NamePattern};
use crate::lint::ignore_files::Ignore;
use crate::lint::rule::{Category, Check, Fixability, declare};
use crate::lint::{Diagnostics, Options, Surroundings};
use crate::project::suggestion::nearest;

declare! {
    /// ## What it does
    /// Reports a pattern of an ignore file that can have no effect, or that has none and looks like a slip: a comment
    /// behind a pattern, quotes, a backslash for a slash, a path that leads out of the context, an exception that nothing
    /// stands before, a name that nearly is one in the context.
    ///
    /// ## Why it is bad
    /// What was meant to stay out enters the build, and nobody is told.
    ///
    /// A pattern that just matches nothing today is not reported: `.env` is good to have before there is one.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM scratch
    /// COPY . /
    /// ```
    /// ```text path=.dockerignore
    /// dist # build output
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM scratch
    /// COPY . /
    /// ```
    /// ```text path=.dockerignore
    /// # build output
    /// dist
    /// ```
    pub(super) static RULE = Rule {
        code: "DX3005",
        name: "ignore-pattern-without-effect",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Correctness,
        summary: "a pattern of an ignore file has no effect",
        fix: Fixability::None,
        check: Check::Repository(check),
    };
}

fn check(surroundings: &Surroundings, _: &Options, diagnostics: &mut Diagnostics<'_>) {
    let mut seen = BTreeSet::new();
    for model in surroundings.dockerfiles.values() {
        let Some(context) = BuildContext::of(model, surroundings) else {
            return;
        };
        let Some(ignore) = &context.ignore else {
            continue;
        };
        if !seen.insert(ignore.source.path().to_owned()) {
            continue;
        }
        let mut ignores_anything = false;
        for pattern in ignore.patterns.patterns() {
            if let Some((message, help)) = judge(&context, ignore, pattern, ignores_anything) {
                let written = pattern.span().of(ignore.source.text());
                diagnostics
                    .report_in(
                        &ignore.source,
                        pattern.span(),
                        format!("`{written}` {message}"),
                    )
                    .help(help);
            }
            ignores_anything |= !pattern.is_exception();
        }
    }
}

/// What is wrong with a pattern, and what to do.
fn judge(
    context: &BuildContext<'_>,
    ignore: &Ignore,
    pattern: &Pattern,
    ignores_anything: bool,
) -> Option<(String, String)> {
    let written = pattern.span().of(ignore.source.text());
    let found = |message: &str, help: &str| Some((message.to_owned(), help.to_owned()));
    if pattern.is_exception() && !ignores_anything {
        return found(
            "takes back nothing: no pattern before it leaves anything out",
            "move it behind the pattern that it is an exception to",
        );
    }
    let text = pattern.text();
    if text.starts_with("../") || text == ".." {
        return found(
            "leads out of the build context and matches nothing",
            "write the path from the context's root",
        );
    }
    if context.kind(text).is_some() {
        return None;
    }
    if written.contains(" #") || written.contains("\t#") {
        return found(
            "is all one pattern: a comment stands on a line of its own",
            "move the comment to the line above",
        );
    }
    let quoted =
        |quote| written.len() > 2 && written.starts_with(quote) && written.ends_with(quote);
    if quoted('"') || quoted('\'') {
        return found(
            "has quotes, which are part of the name here",
            "remove the quotes",
        );
    }
    let slashes = written.replace('\\', "/");
    if written.contains('\\') && context.kind(slashes.trim_matches('/')).is_some() {
        return found("has a backslash, which is no separator here", "write `/`");
    }
    near_miss(context, pattern).map(|near| {
        (
            format!("matches nothing, and there is `{near}`"),
            format!("write `{near}` if that is meant"),
        )
    })
}

/// A name in the context's root that differs from a plain pattern by a slip or by case.
fn near_miss(context: &BuildContext<'_>, pattern: &Pattern) -> Option<String> {
    let name = pattern.text().strip_prefix("**/").unwrap_or(pattern.text());
    let is_plain = !name.contains(['/', '*', '?', '[', '\\']);
    // Short names are near to too many others.
    if !is_plain || name.len() < 5 {
        return None;
    }
    let entries = context.entries("");
    let mut names = entries.iter().map(|entry| entry.name.as_str());
    let near = nearest(name, names.clone())?;
    let is_covered = |pattern: &Pattern| NamePattern::new(pattern.text()).matches(near);
    let patterns = context.ignore.as_ref()?.patterns.patterns();
    let elsewhere = names.any(|other| other == name) || patterns.iter().any(is_covered);
    (!elsewhere && near != name && context.decide(near).pattern.is_none()).then(|| near.to_owned())
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::Repository;

    fn found(ignore: &str) -> String {
        Repository::new("FROM scratch\nCOPY . /\n")
            .file(".dockerignore", ignore)
            .file("node_modules/x", "")
            .file("apps/web/dist/x", "")
            .found(&RULE)
    }

    #[test]
    fn slips_are_named() {
        for (ignore, words) in [
            ("dist # output\n", "comment stands on a line of its own"),
            ("\"dist\"\n", "quotes"),
            ("apps\\web\n", "backslash"),
            ("../shared\n", "out of the build context"),
            ("!keep\n*\n", "takes back nothing"),
            ("node_module\n", "there is `node_modules`"),
            ("Node_Modules\n", "there is `node_modules`"),
        ] {
            assert!(
                found(ignore).contains(words),
                "{ignore:?}: {}",
                found(ignore)
            );
        }
    }

    #[test]
    fn what_matches_nothing_today_is_fine() {
        for ignore in [
            ".env\n",
            "**/.env*\n!**/.env.example\n",
            "coverage\n.git\n",
            "node_modules\nnode_module\n",
            "a\\ b\n",
            "# node_module\n",
        ] {
            assert_eq!(found(ignore), "", "{ignore:?}");
        }
    }
}
