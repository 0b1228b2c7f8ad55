//! A rule's page, and the list of all rules.

use std::fmt::Write as _;

use serde_json::json;

use crate::edit::Safety;
use crate::lint::registry::all;
use crate::lint::rule::{Category, Check, Fixability, Rule};
use crate::scan::hardening;

/// A rule's page as Markdown.
#[must_use]
pub fn page(rule: &Rule) -> String {
    let mut text = format!("# {}: {}\n\n", rule.code, rule.name);
    let summary = capitalized(rule.summary);
    // Writing to a string cannot fail.
    let _ = writeln!(text, "{summary}.\n");
    let _ = writeln!(text, "| | |\n|---|---|");
    let _ = writeln!(text, "| Severity | {} |", level(rule));
    let _ = writeln!(text, "| Category | {} |", category(rule.category));
    let _ = writeln!(text, "| Fix | {} |", fix(rule));
    if let Some(subjects) = subjects(rule) {
        let _ = writeln!(text, "| Looks at | {subjects} |");
    }
    if !rule.aliases.is_empty() {
        let aliases: Vec<String> = rule.aliases.iter().map(|a| format!("`{a}`")).collect();
        let _ = writeln!(text, "| Also known as | {} |", aliases.join(", "));
    }
    text.push('\n');
    for line in rule.documentation {
        text.push_str(line.strip_prefix(' ').unwrap_or(line));
        text.push('\n');
    }
    text
}

/// The list of all rules as Markdown, with links to their pages.
#[must_use]
pub fn index() -> String {
    let mut text = String::from(
        "# Rules\n\
         \n\
         <!-- Generated from xtask/src/lint/rules; `UPDATE=1 cargo test -p xtask --test generated` writes it and the \
         pages. -->\n\
         \n\
         `cargo xtask docker-lint --explain CODE` shows a rule's page, too. Rules go by code, name or any of the other \
         names, in the configuration, on the command line and in comments.\n\
         \n\
         | Code | Name | Severity | Fix | What it reports | Also known as |\n\
         |---|---|---|---|---|---|\n",
    );
    for rule in all() {
        let aliases: Vec<String> = rule.aliases.iter().map(|a| format!("`{a}`")).collect();
        let _ = writeln!(
            text,
            "| [{code}]({code}.md) | {} | {} | {} | {} | {} |",
            rule.name,
            level(rule),
            fix(rule),
            rule.summary.replace('|', "\\|"),
            aliases.join(", "),
            code = rule.code,
        );
    }
    text
}

/// All rules for programs.
#[must_use]
pub fn json() -> String {
    let rules: Vec<serde_json::Value> = all()
        .iter()
        .map(|rule| {
            json!({
                "code": rule.code,
                "name": rule.name,
                "aliases": rule.aliases,
                "severity": rule.severity,
                "enabled": rule.enabled,
                "category": category(rule.category),
                "summary": rule.summary,
                "fix": fix(rule),
            })
        })
        .collect();
    let document = json!({ "schema_version": 1, "rules": rules });
    serde_json::to_string_pretty(&document).unwrap_or_default() + "\n"
}

/// How bad its findings are, or that it is off, unless the configuration says otherwise.
#[must_use]
pub fn level(rule: &Rule) -> &'static str {
    if rule.enabled {
        rule.severity.word()
    } else {
        "off"
    }
}

/// Whether it can be mended.
#[must_use]
pub const fn fix(rule: &Rule) -> &'static str {
    match rule.about.fix {
        Fixability::None => "no",
        Fixability::Sometimes(Safety::Safe) => "sometimes",
        Fixability::Sometimes(Safety::Unsafe) => "sometimes, unsafe",
        Fixability::Always(Safety::Safe) => "yes",
        Fixability::Always(Safety::Unsafe) => "yes, unsafe",
    }
}

/// What it looks at, where that is not a Dockerfile alone.
fn subjects(rule: &Rule) -> Option<&'static str> {
    let mut shared = hardening::SHARED.iter().copied().flatten();
    if matches!(rule.check, Check::Deployment) {
        Some("Kubernetes manifests, with `docker-deploy`")
    } else if matches!(rule.check, Check::Image) {
        Some("images, with `docker-scan`")
    } else if shared.any(|shared| shared.identity.code == rule.code) {
        Some("Dockerfiles; images, with `docker-scan`")
    } else {
        None
    }
}

/// What a category is called.
#[must_use]
pub const fn category(category: Category) -> &'static str {
    match category {
        Category::Correctness => "correctness",
        Category::Security => "security",
        Category::Reproducibility => "reproducibility",
        Category::Size => "size",
        Category::Cache => "cache",
        Category::Style => "style",
        Category::Suppression => "suppression",
    }
}

fn capitalized(text: &str) -> String {
    let mut characters = text.chars();
    match characters.next() {
        Some(first) => first.to_uppercase().chain(characters).collect(),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::registry::find;

    #[test]
    fn a_page_begins_with_what_the_rule_is() {
        let text = page(find("DL3000")[0]);
        let head = text.lines().take(13).collect::<Vec<_>>().join("\n");
        insta::assert_snapshot!(head, @r"
        # DL3000: workdir-not-absolute

        The path of `WORKDIR` is relative.

        | | |
        |---|---|
        | Severity | error |
        | Category | correctness |
        | Fix | sometimes |
        | Also known as | `WorkdirRelativePath` |

        ## What it does
        Reports a `WORKDIR` with a relative path.
        ");
    }

    #[test]
    fn every_rule_is_listed_for_people_and_programs() {
        let list: serde_json::Value = serde_json::from_str(&json()).unwrap();
        assert_eq!(list["rules"].as_array().map(Vec::len), Some(all().len()));
        for rule in all() {
            assert!(index().contains(&format!("| [{0}]({0}.md) |", rule.code)));
        }
    }
}
