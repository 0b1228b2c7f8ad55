use crate::edit::Safety;
use crate::finding::Severity;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::account::names::{advice, lacks_group, lacks_user, only_created, split};
use crate::lint::{Diagnostics, Step};
use crate::shell::{Argument, Invocation};
use crate::source::Span;

declare! {
    /// ## What it does
    /// Reports `chown`, `chgrp`, `install -o`, `su`, `su-exec`, `gosu`, `setpriv` and `runuser` in a `RUN` whose user or group
    /// does not exist at that point of the build.
    ///
    /// ## Why it is bad
    /// The command fails ("unknown user/group") and stops the build.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM alpine:3.20
    /// RUN addgroup -S app && adduser -S web -G app
    /// RUN mkdir /data && chown app:app /data
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM alpine:3.20
    /// RUN addgroup -S app && adduser -S web -G app
    /// RUN mkdir /data && chown web:app /data
    /// ```
    ///
    /// ## Fix safety
    /// Safe: where exactly one user (or group) was created, its name is written. With the present name the build stops here.
    pub(super) static RULE = Rule {
        code: "DX1002",
        name: "command-with-unknown-account",
        aliases: &[],
        severity: Severity::Error,
        enabled: true,
        category: Category::Correctness,
        summary: "a command of `RUN` names an account that nobody created",
        fix: Fixability::Sometimes(Safety::Safe),
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    for step in subject.model.steps() {
        if step.run().is_none() || step.is_onbuild() {
            continue;
        }
        for invocation in step.invocations() {
            let text = subject.model.file.source.text();
            let launched = launched_as(text, invocation);
            for name in owner(invocation).into_iter().chain(launched) {
                check_name(step, &name, diagnostics);
            }
        }
    }
}

/// A user or group with the place it stands at.
struct Name<'i> {
    text: &'i str,
    is_group: bool,
    span: Span,
}

fn check_name(step: Step<'_>, name: &Name<'_>, diagnostics: &mut Diagnostics<'_>) {
    // The same RUN may create the account.
    let missing = |moment| {
        if name.is_group {
            lacks_group(moment, name.text)
        } else {
            lacks_user(moment, name.text)
        }
    };
    if !missing(step.before()) || !missing(step.after()) {
        return;
    }
    let kind = if name.is_group { "group" } else { "user" };
    let moment = step.before();
    let found = diagnostics
        .report(
            name.span,
            format!("there is no {kind} `{}` in the image", name.text),
        )
        .help(advice(moment, name.text, name.is_group));
    if let Some(account) = only_created(moment, name.is_group)
        && name.span.end - name.span.start == name.text.len()
    {
        found.fix(
            format!("write `{}`", account.name),
            [(name.span, account.name.clone())],
        );
    }
}

/// The account of `su-exec account program`: the launcher is no part of the command itself.
fn launched_as<'t>(text: &'t str, invocation: &Invocation) -> Vec<Name<'t>> {
    if !invocation
        .through
        .iter()
        .any(|program| program == "su-exec" || program == "gosu")
    {
        return Vec::new();
    }
    let front = Span::new(invocation.span.start, invocation.program_span.start);
    let mut words = front.of(text).split_whitespace();
    let account = words
        .find(|word| word.ends_with("su-exec") || word.ends_with("gosu"))
        .and_then(|_| words.next());
    let Some(account) = account.filter(|account| !account.contains(['$', '`', '"', '\'', '\\']))
    else {
        return Vec::new();
    };
    let start = account.as_ptr().addr() - text.as_ptr().addr();
    sides(account, start)
}

fn owner(invocation: &Invocation) -> Vec<Name<'_>> {
    let operand = match invocation.program.as_str() {
        "chown" if !invocation.has_option(&["--reference"]) => {
            invocation.operands(&["--from"]).next()
        }
        "chgrp" if !invocation.has_option(&["--reference"]) => invocation.operands(&[]).next(),
        "su" => invocation
            .operands(&["-c", "-s", "--command", "--shell"])
            .find(|argument| argument.text != "-"),
        "runuser" => return value_of(invocation, &["-u", "--user"]),
        "setpriv" => return value_of(invocation, &["--reuid"]),
        "install" => return value_of(invocation, &["-o", "--owner"]),
        _ => None,
    };
    // Of `user.group` nobody knows whether it is one name.
    let is_clear = |argument: &&Argument| argument.literal && !argument.text.contains('.');
    let Some(argument) = operand.filter(is_clear) else {
        return Vec::new();
    };
    if invocation.is("chgrp") {
        return vec![Name {
            text: &argument.text,
            is_group: true,
            span: argument.span,
        }];
    }
    names(argument, &argument.text)
}

/// An option's value that is a name, as a word of its own or at the end of one.
fn value_of<'i>(invocation: &'i Invocation, options: &[&str]) -> Vec<Name<'i>> {
    let Some(value) = invocation.option_value(options) else {
        return Vec::new();
    };
    invocation
        .arguments
        .iter()
        .find(|argument| argument.literal && argument.text.ends_with(value))
        .map_or_else(Vec::new, |argument| names(argument, value))
}

/// The names at the end of an argument.
fn names<'i>(argument: &Argument, owner: &'i str) -> Vec<Name<'i>> {
    let is_exact = argument.span.end - argument.span.start == argument.text.len();
    if is_exact {
        return sides(owner, argument.span.end - owner.len());
    }
    let mut names = sides(owner, 0);
    for name in &mut names {
        name.span = argument.span;
    }
    names
}

/// `user:group` that starts at a place of the file.
fn sides(owner: &str, start: usize) -> Vec<Name<'_>> {
    let (user, group) = split(owner);
    let group_start = start + owner.len() - group.map_or(0, str::len);
    [
        (user, start, false),
        (group.unwrap_or_default(), group_start, true),
    ]
    .into_iter()
    .filter(|(text, ..)| !text.is_empty())
    .map(|(text, start, is_group)| Name {
        text,
        is_group,
        span: Span::new(start, start + text.len()),
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::{fixed, found};

    const CREATED: &str = "FROM node:20.18.0-alpine\nRUN addgroup -g 1001 -S nodejs && adduser -S nextjs -u 1001 -G nodejs\n";

    #[test]
    fn the_user_of_chown_must_exist() {
        let text = format!("{CREATED}WORKDIR /app\nRUN chown nodejs:nodejs /app\n");
        assert_eq!(
            found(&RULE, &text),
            "4:11 there is no user `nodejs` in the image"
        );
        assert!(fixed(&RULE, &text).ends_with("RUN chown nextjs:nodejs /app\n"));
        for (command, column) in [
            ("install -o web a b", 16),
            ("su-exec web id", 13),
            ("su -c id web", 14),
            ("chown -R web /app", 14),
            ("chown :web /x", 12),
        ] {
            let line = found(&RULE, &format!("{CREATED}RUN {command}\n"));
            assert!(
                line.starts_with(&format!("3:{column} ")),
                "{command}: {line}"
            );
        }
    }

    #[test]
    fn accounts_that_exist_numbers_and_variables_are_fine() {
        for command in [
            "chown nextjs:nodejs /app",
            "chown -R 1001:0 /app",
            "chown --reference=/a /b",
            "chown $USER /app",
            "adduser -D web && chown web /app",
            "chgrp nodejs /app",
            "chown web.web /app",
            "install -m 755 a b",
        ] {
            assert_eq!(
                found(&RULE, &format!("{CREATED}RUN {command}\n")),
                "",
                "{command}"
            );
        }
    }
}
