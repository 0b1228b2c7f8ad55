use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::shellcheck::scripts::each_program;

declare! {
    /// ## What it does
    /// Reports `mkdir -p -m mode a/b`.
    ///
    /// ## Why it is bad
    /// The folders in between get the default mode.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM debian:12
    /// RUN mkdir -p -m 700 /srv/secret/keys
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM debian:12
    /// RUN mkdir -p /srv/secret/keys && chmod 700 /srv/secret /srv/secret/keys
    /// ```
    ///
    /// ## References
    /// - <https://www.shellcheck.net/wiki/SC2174>
    pub(super) static RULE = Rule {
        code: "SC2174",
        name: "mode-of-deepest-only",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Correctness,
        summary: "`mkdir -p -m` sets the mode of the last folder only",
        fix: Fixability::None,
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    each_program(subject, |name, simple, _| {
        if name != "mkdir" {
            return;
        }
        let (mut parents, mut mode, mut is_deep, mut is_value) = (false, None, false, false);
        for word in &simple.words[1..] {
            let text = word.literal();
            let text = text.as_deref();
            if std::mem::take(&mut is_value) {
                continue;
            }
            match text {
                Some("--parents") => parents = true,
                Some("--mode") => (mode, is_value) = (mode.or(Some(word.span)), true),
                Some(text) if text.starts_with("--mode=") => mode = mode.or(Some(word.span)),
                Some(text)
                    if text.starts_with('-') && !text.starts_with("--") && text.len() > 1 =>
                {
                    let letters = &text[1..];
                    parents |= letters
                        .split('m')
                        .next()
                        .is_some_and(|letters| letters.contains('p'));
                    if letters.contains('m') {
                        mode = mode.or(Some(word.span));
                        is_value = letters.ends_with('m');
                    }
                }
                Some(path) => {
                    is_deep |= path
                        .trim_start_matches("../")
                        .trim_start_matches("./")
                        .contains('/');
                }
                None => is_deep = true,
            }
        }
        if let (true, true, Some(span)) = (parents, is_deep, mode) {
            diagnostics
                .report(span, "the mode is only that of the deepest folder")
                .help("set the mode of the folders in between too");
        }
    });
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::found;

    #[test]
    fn what_is_reported_and_what_is_not() {
        for (script, expected) in [
            ("mkdir -p -m 755 a/b", "2:14"),
            ("mkdir -pm 755 a/b", "2:11"),
            ("mkdir -m 755 -p a; mkdir -p a/b; mkdir -p -m 755 ./a", ""),
            ("mkdir -p --mode=755 /a", "2:14"),
        ] {
            let places: Vec<String> = found(&RULE, &format!("FROM debian:12\nRUN {script}\n"))
                .lines()
                .filter_map(|line| Some(line.split_once(' ')?.0.to_owned()))
                .collect();
            assert_eq!(places.join(" "), expected, "{script}");
        }
    }
}
