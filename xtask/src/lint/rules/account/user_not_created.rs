use crate::dockerfile::InstructionKind;
use crate::edit::Safety;
use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::account::names::{advice, lacks_group, lacks_user, only_created, split};
use crate::lint::{Known, Moment};
use crate::source::{Span, Spanned};

declare! {
    /// ## What it does
    /// Reports a `USER` whose user or group neither the base image has nor an earlier instruction created. A group of the
    /// same name does not make a user.
    ///
    /// ## Why it is bad
    /// The instruction itself succeeds. The next `RUN` and every container fail with "unable to find user … no matching
    /// entries in passwd file".
    ///
    /// Numbers need no account and are not reported. Where the accounts of the base image are not known, nothing is.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM alpine:3.20
    /// RUN addgroup -S app && adduser -S web -G app
    /// USER app
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM alpine:3.20
    /// RUN addgroup -S app && adduser -S web -G app
    /// USER web
    /// ```
    ///
    /// ## Fix safety
    /// Safe: where exactly one user was created, its name is written. With the present name no command could run.
    pub(super) static RULE = Rule {
        code: "DX1001",
        name: "user-not-created",
        aliases: &[],
        severity: Severity::Error,
        enabled: true,
        category: Category::Correctness,
        summary: "`USER` names an account that nobody created",
        fix: Fixability::Sometimes(Safety::Safe),
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    for step in subject.model.steps() {
        let InstructionKind::User(written) = step.kind() else {
            continue;
        };
        if step.is_onbuild() {
            continue;
        }
        let moment = step.before();
        let Known::Yes(owner) = moment.expand(&written.value) else {
            continue;
        };
        let (user, group) = split(owner.trim());
        if lacks_user(moment, user) {
            report(moment, written, user, false, diagnostics);
        }
        if let Some(group) = group.filter(|group| lacks_group(moment, group)) {
            report(moment, written, group, true, diagnostics);
        }
    }
}

fn report(
    moment: Moment<'_>,
    written: &Spanned<String>,
    name: &str,
    is_group: bool,
    diagnostics: &mut Diagnostics<'_>,
) {
    let kind = if is_group { "group" } else { "user" };
    let found = diagnostics
        .report(
            part(written, name, is_group),
            format!("there is no {kind} `{name}` in the image"),
        )
        .help(advice(moment, name, is_group));
    if let Some(account) = only_created(moment, is_group)
        && written.value.contains(name)
    {
        found.fix(
            format!("write `{}`", account.name),
            [(part(written, name, is_group), account.name.clone())],
        );
    }
}

/// The place of the name, if it is written out.
fn part(written: &Spanned<String>, name: &str, is_group: bool) -> Span {
    let at = if is_group {
        written.value.rfind(name)
    } else {
        written.value.find(name)
    };
    match at {
        Some(at) if written.span.end - written.span.start == written.value.len() => Span::new(
            written.span.start + at,
            written.span.start + at + name.len(),
        ),
        _ => written.span,
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::{fixed, found};

    #[test]
    fn the_group_is_not_the_user() {
        let text = "FROM node:20.18.0-alpine AS base\nRUN addgroup -g 1001 -S nodejs && \\\n    adduser -S nextjs -u 1001 -G nodejs\nUSER nodejs\nFROM base\nUSER root\nUSER nodejs:nodejs\n";
        assert_eq!(
            found(&RULE, text),
            "4:6 there is no user `nodejs` in the image\n7:6 there is no user `nodejs` in the image"
        );
        assert!(
            fixed(&RULE, text).ends_with("USER nextjs\nFROM base\nUSER root\nUSER nextjs:nodejs\n")
        );
    }

    #[test]
    fn numbers_accounts_of_the_image_and_what_is_not_known_are_fine() {
        for text in [
            "FROM alpine:3.20\nUSER 1000:1000\n",
            "FROM alpine:3.20\nUSER nobody\n",
            "FROM node:20-alpine\nUSER node:node\n",
            "FROM example.com/unknown\nUSER app\n",
            "FROM alpine:3.20\nRUN adduser -D app\nUSER ${NAME:-app}\n",
            "FROM alpine:3.20\nCOPY passwd /etc/passwd\nUSER app\n",
        ] {
            assert_eq!(found(&RULE, text), "", "{text}");
        }
    }
}
