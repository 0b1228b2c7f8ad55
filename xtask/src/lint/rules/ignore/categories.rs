//! What every context should leave out, by category: three rules for three weights.

use crate::context::categories::Weight;
use crate::context::{
    BuildContexts, ContextView, Coverage, IgnoreFile, Leak, Verdict, ignore_block,
    patterns_that_break_nothing,
};
use crate::lint::{Diagnostics, Surroundings};
use crate::size::Bytes;
use crate::source::Span;

/// No more files are named to machines.
const MAX_FILES: usize = 100;

/// Reports the categories of a weight that an ignore file lets through.
pub(super) fn check(
    surroundings: &Surroundings,
    weight: Weight,
    diagnostics: &mut Diagnostics<'_>,
) {
    let Some(contexts) = &surroundings.build_contexts else {
        return;
    };
    for (view, context) in contexts.views.iter().enumerate() {
        let Some(ignore) = &context.ignore else {
            continue;
        };
        for coverage in contexts.coverage(view) {
            if coverage.category.weight == weight {
                report(contexts, view, context, ignore, coverage, diagnostics);
            }
        }
    }
}

fn report(
    contexts: &BuildContexts,
    view: usize,
    context: &ContextView,
    ignore: &IgnoreFile,
    coverage: &Coverage,
    diagnostics: &mut Diagnostics<'_>,
) {
    let category = coverage.category;
    let tree = &contexts.tree;
    let leaks: Vec<&Leak> = coverage.leaks.iter().filter(|leak| leak.taken).collect();
    // A pattern for the root alone whose like enters from below has its own rule, and its own fix.
    let is_root_only = |leak: &&Leak| {
        let name = tree.name(leak.node);
        let patterns = ignore.patterns.patterns();
        tree.path(leak.node).parent() != Some(&context.root)
            && patterns.iter().any(|pattern| {
                !pattern.is_exception() && !pattern.text().contains('/') && pattern.matches(name)
            })
    };
    if !leaks.is_empty() && leaks.iter().all(is_root_only) {
        return;
    }
    let open: Vec<_> = coverage.open.iter().filter(|open| open.taken).collect();
    let Some(first) = open.first() else {
        return;
    };
    let bytes: u64 = leaks.iter().map(|leak| leak.bytes).sum();
    let files: usize = leaks.iter().map(|leak| leak.files).sum();
    let message = match (leaks.first(), coverage.verdict) {
        (Some(leak), _) => {
            let more = match files.saturating_sub(leak.files) {
                0 => String::new(),
                1 => " and one more file".to_owned(),
                more => format!(" and {more} more files"),
            };
            format!(
                "{} enter the build: `{}`{more}, {}",
                category.title,
                tree.path(leak.node),
                Bytes(bytes)
            )
        }
        (None, Verdict::Partly) if !first.at_root => format!(
            "{} would enter the build from below the root: `{}` is left out by no pattern",
            category.title, first.example
        ),
        (None, Verdict::Partly) => format!(
            "some {} would enter the build: `{}` is left out by no pattern",
            category.title, first.example
        ),
        (None, _) => format!(
            "{} would enter the build: `{}` is left out by no pattern",
            category.title, first.example
        ),
    };
    let patterns: Vec<&str> = open.iter().map(|open| open.pattern).collect();
    let added = patterns_that_break_nothing(contexts, view, &patterns);
    let names = |patterns: &[&str]| format!("`{}`", patterns.join("`, `"));
    let found = diagnostics
        .report_in(&ignore.source, Span::new(0, 0), message)
        .help(format!("add {}: {}", names(&patterns), category.why))
        .property("category", category.name)
        .property("verdict", word(coverage.verdict))
        .property("patterns", patterns.clone())
        .property("bytes", bytes)
        .property("count", files)
        .property(
            "files",
            leaks
                .iter()
                .take(MAX_FILES)
                .map(|leak| tree.path(leak.node).into_string())
                .collect::<Vec<_>>(),
        );
    if let Some(edit) = ignore_block::edit(ignore.source.text(), &added)
        && !added.is_empty()
    {
        found.unsafe_fix(format!("add {}", names(&added)), [edit]);
    }
}

const fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Covered => "covered",
        Verdict::Absent => "absent",
        Verdict::Partly => "partly",
        Verdict::NotCovered => "not covered",
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::rules::ignore::{
        needless_files_not_ignored, secrets_not_ignored, unneeded_sources_not_ignored,
    };
    use crate::lint::rules::tests::Repository;

    fn repository(ignore: &str) -> Repository {
        Repository::new("FROM scratch\nCOPY apps /apps\nCOPY dist/main.js /\n")
            .file(".dockerignore", ignore)
            .file("package.json", "{}")
            .file("apps/api/main.js", "x")
    }

    const SECRETS: &str = "**/.env\n**/.env.*\n**/*.pem\n**/*.key\n**/.npmrc\n.git\n";
    const WASTE: &str =
        "**/node_modules\n**/dist\n**/*.log\n**/.cache\n**/.DS_Store\n**/.idea\n**/.vscode\n";

    #[test]
    fn a_clean_checkout_is_judged_by_what_would_enter() {
        let rule = &secrets_not_ignored::RULE;
        assert_eq!(repository(SECRETS).found(rule), "");
        assert_eq!(
            repository(&SECRETS.replace("**/.env\n", ".env\n")).found(rule),
            ".dockerignore:1:1 environment files would enter the build from below the root: `apps/.env` is left out by no pattern"
        );
        let rule = &needless_files_not_ignored::RULE;
        assert_eq!(repository(WASTE).found(rule), "");
        assert!(
            repository("")
                .found(rule)
                .contains("logs would enter the build")
        );
    }

    #[test]
    fn what_enters_now_is_named_and_counted() {
        let found = repository(&SECRETS.replace("**/*.key\n", ""))
            .file("apps/api/tls.key", "0123456789")
            .file("apps/web/tls.key", "01")
            .file("tls.key", "01")
            .found(&secrets_not_ignored::RULE);
        assert_eq!(
            found,
            ".dockerignore:1:1 keys and credentials enter the build: `apps/api/tls.key` and one more file, 12 B"
        );
    }

    #[test]
    fn an_allowlist_covers_what_it_does_not_name() {
        let rule = &secrets_not_ignored::RULE;
        let found = repository("*\n!apps/api/main.js\n").found(rule);
        assert_eq!(found, "");
        let found = repository("*\n!apps\n").found(rule);
        assert!(found.contains("`apps/.env`"), "{found}");
        assert!(!found.contains(".git"), "{found}");
    }

    #[test]
    fn what_is_copied_by_its_name_is_no_leak() {
        let repository = Repository::new("FROM scratch\nCOPY . /\nCOPY .npmrc README.md /\n")
            .file(".dockerignore", SECRETS.replace("**/.npmrc\n", "").as_str())
            .file("package.json", "{}")
            .file(".npmrc", "save-exact=true")
            .file("README.md", "text");
        let found = repository.found(&secrets_not_ignored::RULE);
        assert!(!found.contains("`.npmrc`"), "{found}");
        let found = repository.found(&unneeded_sources_not_ignored::RULE);
        assert!(!found.contains("README"), "{found}");
    }

    #[test]
    fn fixes_add_to_one_block_and_come_to_an_end() {
        let rule = &needless_files_not_ignored::RULE;
        let mut text = "# mine\n".to_owned();
        for _ in 0..10 {
            let findings = repository(&text).findings(rule);
            let Some(fix) = findings.iter().find_map(|finding| finding.fix.as_ref()) else {
                break;
            };
            let edit = &fix.edits[0];
            text.replace_range(edit.span.start..edit.span.end, &edit.replacement);
        }
        // No pattern for `dist` lets the Dockerfile find its `dist/main.js`.
        let left = repository(&text).found(rule);
        assert!(
            left.lines().count() == 1 && left.contains("build output"),
            "{left}"
        );
        assert!(text.starts_with("# mine\n\n# >>> docker-ignore"), "{text}");
        assert_eq!(text.matches(">>>").count(), 1, "{text}");
    }
}
