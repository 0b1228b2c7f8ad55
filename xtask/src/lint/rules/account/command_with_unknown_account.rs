use crate::edit::Safety;
use crate::finding::Severity;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::account::names::{advice, lacks_group, lacks_user, only_created};
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
            let Some(owner) = owner(invocation) else {
                continue;
            };
            for name in owner.names {
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

struct Owner<'i> {
    names: Vec<Name<'i>>,
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

fn owner(invocation: &Invocation) -> Option<Owner<'_>> {
    let (argument, is_group) = match invocation.program.as_str() {
        "chown" if !invocation.has_option(&["--reference"]) => {
            (invocation.operands(&["--from"]).next()?, false)
        }
        "chgrp" if !invocation.has_option(&["--reference"]) => {
            (invocation.operands(&[]).next()?, true)
        }
        "su-exec" | "gosu" => (invocation.arguments.first()?, false),
        "su" => {
            let first = invocation
                .operands(&["-c", "-s", "--command", "--shell"])
                .find(|a| a.text != "-")?;
            (first, false)
        }
        "runuser" | "setpriv" => return value_of(invocation, &["-u", "--user", "--reuid"], false),
        "install" => return value_of(invocation, &["-o", "--owner"], false),
        _ => return None,
    };
    argument.literal.then(|| Owner {
        names: names(argument, &argument.text, is_group),
    })
}

/// An option's value that is a name, as a word of its own.
fn value_of<'i>(invocation: &'i Invocation, options: &[&str], is_group: bool) -> Option<Owner<'i>> {
    let value = invocation.option_value(options)?;
    let argument = invocation
        .arguments
        .iter()
        .find(|argument| argument.literal && argument.text.ends_with(value))?;
    Some(Owner {
        names: names(argument, value, is_group),
    })
}

fn names<'i>(argument: &Argument, owner: &'i str, is_group: bool) -> Vec<Name<'i>> {
    let exact = argument.span.end - argument.span.start == argument.text.len();
    let place = |offset: usize, length: usize| {
        if exact {
            let start = argument.span.end - owner.len() + offset;
            Span::new(start, start + length)
        } else {
            argument.span
        }
    };
    let (user, group) = match owner.split_once(':') {
        _ if is_group => ("", Some(owner)),
        Some((user, group)) => (user, Some(group)),
        None => (owner, None),
    };
    let mut names = Vec::new();
    if !user.is_empty() {
        names.push(Name {
            text: user,
            is_group: false,
            span: place(0, user.len()),
        });
    }
    if let Some(group) = group.filter(|group| !group.is_empty()) {
        names.push(Name {
            text: group,
            is_group: true,
            span: place(owner.len() - group.len(), group.len()),
        });
    }
    names
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
