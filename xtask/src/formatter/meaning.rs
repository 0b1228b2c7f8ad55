//! What a Dockerfile says, places aside: two files with the same meaning build the same image.

use crate::dockerfile::{
    CommandLine, Dockerfile, FileTransfer, Flag, Heredoc, Instruction, InstructionKind, KeyValue,
};
use crate::source::Spanned;

/// The directives, then each global argument, stage and instruction, as a text of its own.
pub(super) fn of(file: &Dockerfile) -> Vec<String> {
    let value = |text: &Option<Spanned<String>>| text.as_ref().map(|text| text.value.clone());
    let mut parts = vec![format!(
        "{:?} {:?} {:?} {}",
        file.escape,
        value(&file.syntax),
        value(&file.check),
        file.errors.len()
    )];
    for arg in &file.global_args {
        parts.push(format!("{:?} {:?}", arg.name.value, value(&arg.default)));
    }
    for stage in &file.stages {
        parts.push(format!(
            "FROM {:?} {:?} {:?}",
            value(&stage.platform),
            stage.base.value,
            value(&stage.name)
        ));
        parts.extend(stage.instructions.iter().map(instruction));
    }
    parts
}

fn instruction(instruction: &Instruction) -> String {
    use InstructionKind as Kind;
    match &instruction.kind {
        Kind::Add(copy) => format!("ADD {}", transfer(copy)),
        Kind::Copy(copy) => format!("COPY {}", transfer(copy)),
        Kind::Arg(declarations) => {
            let pairs = declarations
                .iter()
                .map(|arg| (&arg.name.value, arg.default.as_ref().map(|d| &d.value)));
            format!("ARG {:?}", pairs.collect::<Vec<_>>())
        }
        Kind::Env(pairs) => format!("ENV {}", key_values(pairs)),
        Kind::Label(pairs) => format!("LABEL {}", key_values(pairs)),
        Kind::Cmd(line) => format!("CMD {}", command(line)),
        Kind::Entrypoint(line) => format!("ENTRYPOINT {}", command(line)),
        Kind::Expose(words) => format!("EXPOSE {:?}", values(words)),
        Kind::Volume(words) => format!("VOLUME {:?}", values(words)),
        Kind::Healthcheck(None) => "HEALTHCHECK NONE".to_owned(),
        Kind::Healthcheck(Some(healthcheck)) => format!(
            "HEALTHCHECK {:?} {}",
            flags(&healthcheck.flags),
            command(&healthcheck.command)
        ),
        Kind::Maintainer(text) => format!("MAINTAINER {:?}", text.value),
        Kind::Stopsignal(text) => format!("STOPSIGNAL {:?}", text.value),
        Kind::User(text) => format!("USER {:?}", text.value),
        Kind::Workdir(text) => format!("WORKDIR {:?}", text.value),
        Kind::Shell(words) => format!("SHELL {words:?}"),
        Kind::Run(run) => format!(
            "RUN {:?} {} {:?}",
            flags(&run.flags),
            command(&run.command),
            heredocs(&run.heredocs)
        ),
        Kind::Onbuild(onbuild) => match &onbuild.trigger {
            Ok(trigger) => format!("ONBUILD {}", self::instruction(trigger)),
            Err(_) => format!("ONBUILD {:?}", onbuild.text.value),
        },
    }
}

fn values(words: &[Spanned<String>]) -> Vec<&String> {
    words.iter().map(|word| &word.value).collect()
}

fn key_values(pairs: &[KeyValue]) -> String {
    let pairs: Vec<_> = pairs
        .iter()
        .map(|pair| (&pair.key.value, &pair.value.value))
        .collect();
    format!("{pairs:?}")
}

fn flags(flags: &[Flag]) -> Vec<(&String, Option<&String>)> {
    flags
        .iter()
        .map(|flag| {
            (
                &flag.name.value,
                flag.value.as_ref().map(|value| &value.value),
            )
        })
        .collect()
}

fn heredocs(heredocs: &[Heredoc]) -> Vec<(&String, &String, bool)> {
    heredocs
        .iter()
        .map(|heredoc| (&heredoc.name, &heredoc.content.value, heredoc.expand))
        .collect()
}

fn transfer(transfer: &FileTransfer) -> String {
    format!(
        "{:?} {:?} {:?} {:?}",
        flags(&transfer.flags),
        values(&transfer.sources),
        transfer.destination.value,
        heredocs(&transfer.heredocs)
    )
}

/// Shell text with runs of blanks as one: how many there are counts inside of words only, which are not touched.
fn command(command: &CommandLine) -> String {
    match command {
        CommandLine::Exec(words) => format!("{:?}", values(words)),
        CommandLine::Shell(text) => {
            let mut joined = String::with_capacity(text.value.len());
            for c in text.value.chars() {
                let blank = matches!(c, ' ' | '\t');
                if !(blank && joined.ends_with(' ')) {
                    joined.push(if blank { ' ' } else { c });
                }
            }
            joined.trim().to_owned()
        }
    }
}
