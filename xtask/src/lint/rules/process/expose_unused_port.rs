use crate::dockerfile::InstructionKind;
use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::StageModel;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use camino::Utf8Path;

declare! {
    /// ## What it does
    /// Reports an `EXPOSE` of a port that debuggers use (9229 of Node.js, 5005 of the JVM, 5678 of Python, 2345 and 40000 of Delve)
    /// where neither the command nor a variable of the stage starts one. A script of `package.json` with `--inspect` counts.
    ///
    /// ## Why it is bad
    /// `EXPOSE` says what the image listens on, and `docker run -P` opens it. A port without a listener misleads; once someone adds
    /// a debugger, whoever reaches the port runs code in the container.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM node:20-alpine
    /// EXPOSE 3000 9229
    /// CMD ["node", "server.js"]
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM node:20-alpine
    /// EXPOSE 3000
    /// CMD ["node", "server.js"]
    /// ```
    pub(super) static RULE = Rule {
        code: "DX1206",
        name: "expose-unused-port",
        aliases: &[],
        severity: Severity::Note,
        enabled: true,
        category: Category::Correctness,
        summary: "a debugger's port is exposed and no debugger is started",
        fix: Fixability::None,
        check: Check::Dockerfile(check),
    };
}

/// A port, what listens there, and the words that start it.
const DEBUGGERS: [(&str, &str, &[&str]); 5] = [
    ("9229", "the inspector of Node.js", &["inspect", "debug"]),
    ("5005", "the debugger of the JVM", &["jdwp"]),
    ("5678", "debugpy", &["debugpy", "ptvsd"]),
    ("2345", "Delve", &["dlv"]),
    ("40000", "Delve", &["dlv"]),
];

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    for stage in subject.model.stages() {
        for step in stage.steps() {
            let InstructionKind::Expose(ports) = step.kind() else {
                continue;
            };
            for port in ports {
                let number = port.value.split('/').next().unwrap_or_default();
                let Some((_, what, starters)) =
                    DEBUGGERS.iter().find(|(known, ..)| *known == number)
                else {
                    continue;
                };
                if is_started(subject, stage, starters) {
                    continue;
                }
                diagnostics
                    .report(
                        port.span,
                        format!("nothing here starts {what}, which listens on port {number}"),
                    )
                    .help("take the port away, or start the debugger in a stage for development");
            }
        }
    }
}

/// A command, variable or script that names the debugger. Without a command nobody knows what is started.
fn is_started(subject: &Subject<'_>, stage: StageModel<'_>, starters: &[&str]) -> bool {
    let model = subject.model;
    let end = stage.end();
    let start = end.cmd().or(end.entrypoint());
    if start.is_none() {
        return true;
    }
    let text = model.file.source.text();
    let is_named = |text: &str| starters.iter().any(|starter| text.contains(starter));
    let in_steps = stage.steps().any(|step| {
        let says_how = matches!(
            step.kind(),
            InstructionKind::Cmd(_)
                | InstructionKind::Entrypoint(_)
                | InstructionKind::Env(_)
                | InstructionKind::Run(_)
        );
        says_how && is_named(step.written().span.of(text))
    });
    in_steps || in_package_scripts(subject, &is_named)
}

fn in_package_scripts(subject: &Subject<'_>, is_named: &dyn Fn(&str) -> bool) -> bool {
    let Some(files) = &subject.surroundings.files else {
        return false;
    };
    let dockerfile = subject.model.file.source.path();
    let context = subject.surroundings.context(dockerfile);
    let beside = dockerfile.parent().unwrap_or(Utf8Path::new(""));
    [context, beside]
        .iter()
        .filter_map(|folder| files.read(&folder.join("package.json")).ok())
        .any(|source| is_named(source.text()))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::{Repository, found};

    #[test]
    fn debuggers_that_nobody_starts() {
        let text = "FROM node:20-alpine\nEXPOSE 3000 9229/tcp\nCMD [\"npm\", \"run\", \"dev\"]\n";
        assert_eq!(
            found(&RULE, text),
            "2:13 nothing here starts the inspector of Node.js, which listens on port 9229"
        );
        let repository = Repository::new(text);
        assert_eq!(
            repository
                .file(
                    "package.json",
                    r#"{"scripts": {"dev": "node --inspect=0.0.0.0 ."}}"#
                )
                .found(&RULE),
            ""
        );
    }

    #[test]
    fn debuggers_that_are_started() {
        for text in [
            "FROM a\nEXPOSE 9229\nCMD node --inspect .\n",
            "FROM a\nENV NODE_OPTIONS=--inspect\nEXPOSE 9229\nCMD node .\n",
            "FROM a\nEXPOSE 9229\n",
            "FROM a\nEXPOSE 92290\nCMD x\n",
        ] {
            assert_eq!(found(&RULE, text), "", "{text}");
        }
    }
}
