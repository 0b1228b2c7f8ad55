use crate::edit::Safety;
use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::Known;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::account::names::{advice, lacks_group, lacks_user, only_created, split};
use crate::source::Span;

declare! {
    /// ## What it does
    /// Reports `COPY --chown` and `ADD --chown` with a user or group that does not exist in the image.
    ///
    /// ## Why it is bad
    /// The builder does not fail: the files silently belong to root. The program then cannot write to them, or the build that
    /// is meant to do without root never did.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM alpine:3.20
    /// RUN addgroup -S app && adduser -S web -G app
    /// COPY --chown=app:app server /srv/
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM alpine:3.20
    /// RUN addgroup -S app && adduser -S web -G app
    /// COPY --chown=web:app server /srv/
    /// ```
    ///
    /// ## Fix safety
    /// Unsafe: where exactly one user was created, its name is written. The files then belong to that user and no longer to
    /// root.
    pub(super) static RULE = Rule {
        code: "DX1003",
        name: "chown-unknown-user",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Security,
        summary: "`--chown` names an account that nobody created",
        fix: Fixability::Sometimes(Safety::Unsafe),
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    for step in subject.model.steps() {
        let Some(owner) = step.copy().or(step.add()).and_then(|t| t.flag("chown")) else {
            continue;
        };
        let moment = step.before();
        if step.is_onbuild()
            || !matches!(moment.expand(&owner.value), Known::Yes(text) if text == owner.value)
        {
            continue;
        }
        let (user, group) = split(&owner.value);
        let exact = owner.span.end - owner.span.start == owner.value.len();
        let group_at = owner.value.len() - group.map_or(0, str::len);
        let names = [
            (user, 0, false),
            (group.unwrap_or_default(), group_at, true),
        ];
        for (name, at, is_group) in names {
            let missing = if is_group {
                lacks_group(moment, name)
            } else {
                lacks_user(moment, name)
            };
            if !missing {
                continue;
            }
            let span = if exact {
                Span::new(owner.span.start + at, owner.span.start + at + name.len())
            } else {
                owner.span
            };
            let kind = if is_group { "group" } else { "user" };
            let found = diagnostics
                .report(
                    span,
                    format!(
                        "there is no {kind} `{name}` in the image: the files will belong to root"
                    ),
                )
                .help(advice(moment, name, is_group));
            if let Some(account) = only_created(moment, is_group)
                && exact
            {
                found.unsafe_fix(
                    format!("write `{}`", account.name),
                    [(span, account.name.clone())],
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::{fixed, found};

    const CREATED: &str = "FROM node:20.18.0-alpine AS base\nRUN addgroup -g 1001 -S nodejs && adduser -S nextjs -u 1001 -G nodejs\n";

    #[test]
    fn files_would_belong_to_root() {
        let text = format!("{CREATED}FROM base\nCOPY --chown=nodejs:nodejs package*.json ./\n");
        assert_eq!(
            found(&RULE, &text),
            "4:14 there is no user `nodejs` in the image: the files will belong to root"
        );
        assert!(fixed(&RULE, &text).ends_with("COPY --chown=nextjs:nodejs package*.json ./\n"));
    }

    #[test]
    fn numbers_variables_and_known_accounts_are_fine() {
        for flag in ["1001:1001", "nextjs:nodejs", "$U:$G", "node:node", "root"] {
            assert_eq!(
                found(&RULE, &format!("{CREATED}COPY --chown={flag} a b\n")),
                "",
                "{flag}"
            );
        }
        assert_eq!(
            found(&RULE, "FROM example.com/x\nCOPY --chown=app a b\n"),
            ""
        );
    }
}
