use super::shipped::user_value;
use crate::dockerfile::InstructionKind;
use crate::edit::Safety;
use crate::finding::Severity;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::{Diagnostics, Step};
use crate::source::{Span, Spanned};

declare! {
    /// ## What it does
    /// Reports a `USER` that is a name.
    ///
    /// Unlike hadolint, root is not reported: its number is known to everybody. Windows accounts have no numbers.
    ///
    /// ## Why it is bad
    /// Kubernetes cannot tell whether a name is root without looking into the image: with `runAsNonRoot` it refuses to
    /// start the container. A name also has to be in the image's `/etc/passwd`, a number has not.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM alpine:3.20
    /// RUN adduser -D -u 10001 app
    /// USER app
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM alpine:3.20
    /// RUN adduser -D -u 10001 app
    /// USER 10001
    /// ```
    ///
    /// ## Fix safety
    /// Safe: the number that the account was created with is written. There is a fix where that is known.
    pub(super) static RULE = Rule {
        code: "DL3066",
        name: "user-not-numeric",
        aliases: &[],
        severity: Severity::Note,
        enabled: true,
        category: Category::Security,
        summary: "`USER` is a name and no number",
        fix: Fixability::Sometimes(Safety::Safe),
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    for step in subject.model.steps() {
        let InstructionKind::User(user) = step.kind() else {
            continue;
        };
        let Some(value) = user_value(step, user) else {
            continue;
        };
        let name = value.split(':').next().unwrap_or_default();
        if !is_unix_name(name) {
            continue;
        }
        let found = diagnostics
            .report(
                user.span,
                format!("`{name}` has to be looked up to know whether it is root"),
            )
            .help("write the number of the account");
        if let Some((place, number)) = number_of(step, user, name) {
            found.fix(format!("write `{number}`"), [(place, number)]);
        }
    }
}

fn is_unix_name(name: &str) -> bool {
    let is_number = name.bytes().all(|byte| byte.is_ascii_digit());
    let is_windows = name.contains('\\') || name.starts_with("Container");
    !name.is_empty() && !is_number && !is_windows && name != "root"
}

/// The number that a stage of this repository created the account with.
fn number_of(step: Step<'_>, user: &Spanned<String>, name: &str) -> Option<(Span, String)> {
    if !user.value.starts_with(name) || step.is_onbuild() {
        return None;
    }
    let account = step.before().created_account(name, false)?;
    let place = Span::new(user.span.start, user.span.start + name.len());
    Some((place, account.id?.to_string()))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::{fixed, found};

    #[test]
    fn numbers_root_windows_and_unknown_values_are_fine() {
        for user in [
            "1000",
            "1000:app",
            "root",
            "root:root",
            "\"0\"",
            "$APP_USER",
            "ContainerAdministrator",
            "NT\\\\x",
        ] {
            assert_eq!(
                found(&RULE, &format!("FROM a:1\nUSER {user}\n")),
                "",
                "{user}"
            );
        }
    }

    #[test]
    fn the_number_of_the_account_is_written() {
        assert_eq!(
            found(&RULE, "FROM a:1\nUSER app:app\n"),
            "2:6 `app` has to be looked up to know whether it is root"
        );
        assert_eq!(
            fixed(
                &RULE,
                "FROM alpine:3.20\nRUN adduser -D -u 123 app\nUSER app:www\nUSER other\n"
            ),
            "FROM alpine:3.20\nRUN adduser -D -u 123 app\nUSER 123:www\nUSER other\n"
        );
    }
}
