use crate::dockerfile::{CommandLine, InstructionKind};
use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::declarations::elsewhere;
use crate::lint::rules::references::references;
use crate::lint::{Known, StageModel, Step};
use crate::mapped_text::MappedText;
use crate::source::Span;

declare! {
    /// ## What it does
    /// Reports a `HEALTHCHECK` that asks the container itself over HTTP, at a port that neither an `EXPOSE` nor a variable such as
    /// `PORT` names.
    ///
    /// ## Why it is bad
    /// Where nobody listens the probe always fails: the container is unhealthy for ever and is restarted again and again. A port
    /// that comes from a variable without a value is the port of the scheme, 80 or 443.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM alpine:3.20
    /// EXPOSE 8080
    /// HEALTHCHECK CMD wget -q -O /dev/null http://localhost:3000/health
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM alpine:3.20
    /// EXPOSE 8080
    /// HEALTHCHECK CMD wget -q -O /dev/null http://localhost:8080/health
    /// ```
    pub(super) static RULE = Rule {
        code: "DX1204",
        name: "healthcheck-port-mismatch",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Correctness,
        summary: "the probe asks a port that the image does not expose",
        fix: Fixability::None,
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    for stage in subject.model.stages() {
        let last = stage.steps().rfind(|step| {
            matches!(step.kind(), InstructionKind::Healthcheck(_)) && !step.is_onbuild()
        });
        if let Some(step) = last {
            check_step(stage, step, diagnostics);
        }
    }
}

fn check_step(stage: StageModel<'_>, step: Step<'_>, diagnostics: &mut Diagnostics<'_>) {
    let InstructionKind::Healthcheck(Some(healthcheck)) = step.kind() else {
        return;
    };
    let probed = match &healthcheck.command {
        CommandLine::Shell(text) => port_in(text),
        CommandLine::Exec(words) => words
            .iter()
            .find_map(|word| port_in(&MappedText::contiguous(word.value.clone(), word.span))),
    };
    let Some(probed) = probed else {
        return;
    };
    let end = stage.end();
    let ports: Vec<u16> = end.ports().iter().map(|port| port.value).collect();
    let Some(port) = probed.number(stage).filter(|port| !ports.contains(port)) else {
        return;
    };
    if ports.is_empty() {
        return;
    }
    let number = port.to_string();
    let is_configured = end.variables().iter().any(|variable| {
        let names_port = variable.name.contains("PORT") || variable.name.contains("URL");
        names_port && matches!(&variable.value, Known::Yes(Some(value)) if value.contains(&number))
    });
    if is_configured {
        return;
    }
    let exposed: Vec<String> = ports.iter().map(ToString::to_string).collect();
    diagnostics
        .report(
            probed.span,
            format!(
                "the probe asks port {port}, and the image exposes {}",
                exposed.join(", ")
            ),
        )
        .help("ask the port that the program listens on");
}

/// The port of a URL to the container itself.
struct Probed {
    text: String,
    of_scheme: u16,
    span: Span,
}

impl Probed {
    fn number(&self, stage: StageModel<'_>) -> Option<u16> {
        let read = references(&self.text, '\\');
        let [reference] = read.as_slice() else {
            return self.text.parse().ok();
        };
        if reference.range != (0..self.text.len()) || !reference.operation.is_empty() {
            return None;
        }
        match stage.end().variable(reference.name) {
            Some(variable) if variable.in_image => match &variable.value {
                Known::Yes(Some(value)) if !value.is_empty() => value.parse().ok(),
                Known::Yes(_) => Some(self.of_scheme),
                Known::Unknown => None,
            },
            Some(_) => Some(self.of_scheme),
            // Who starts the container may set it, unless it is meant as an argument of the build.
            None => elsewhere(stage, reference.name).map(|_| self.of_scheme),
        }
    }
}

/// A port that is written out, or left to a variable. A URL without one is fine: some base image may listen there.
fn port_in(text: &MappedText) -> Option<Probed> {
    let value = &text.value;
    let (start, of_scheme) = [("http://", 80), ("https://", 443)]
        .into_iter()
        .find_map(|(scheme, port)| Some((value.find(scheme)? + scheme.len(), port)))?;
    let host = ["localhost", "127.0.0.1", "0.0.0.0", "[::1]"]
        .into_iter()
        .find(|host| value[start..].starts_with(host))?;
    let port = start + host.len() + 1;
    let rest = value[start + host.len()..].strip_prefix(':')?;
    let ends = |c: char| {
        c.is_whitespace()
            || matches!(
                c,
                '/' | '"' | '\'' | '`' | '?' | '|' | ';' | '&' | ')' | '\\'
            )
    };
    let length = rest.find(ends).unwrap_or(rest.len());
    Some(Probed {
        text: rest[..length].to_owned(),
        of_scheme,
        span: text.span_of(&(port..port + length)),
    })
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::found;

    #[test]
    fn a_variable_without_value_is_the_port_of_the_scheme() {
        let text = "FROM alpine:3.20 AS a\nARG SERVICE_PORT=1\nFROM alpine:3.20\nEXPOSE 3000\nHEALTHCHECK CMD curl -f http://localhost:${SERVICE_PORT}/health || exit 1\n";
        assert_eq!(
            found(&RULE, text),
            "5:42 the probe asks port 80, and the image exposes 3000"
        );
    }

    #[test]
    fn ports_that_may_be_right_are_fine() {
        for lines in [
            "HEALTHCHECK CMD curl -f http://localhost:81/",
            "EXPOSE 80\nHEALTHCHECK CMD curl -f http://localhost/",
            "EXPOSE 80\nHEALTHCHECK CMD curl -f http://db:81/",
            "EXPOSE 80\nHEALTHCHECK CMD curl -f http://localhost:$PORT/",
            "EXPOSE 80\nENV ADMIN_PORT=81\nHEALTHCHECK CMD curl -f http://localhost:81/",
            "EXPOSE 80\nENV PORT=80\nHEALTHCHECK CMD curl -f http://localhost:$PORT/",
            "EXPOSE 80\nHEALTHCHECK CMD curl -f http://localhost:81/\nHEALTHCHECK NONE",
        ] {
            assert_eq!(
                found(&RULE, &format!("FROM alpine:3.20\n{lines}\n")),
                "",
                "{lines}"
            );
        }
    }
}
