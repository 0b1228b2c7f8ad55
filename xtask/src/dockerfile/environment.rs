//! What a stage leaves behind: variables in force, and the configuration of its image.
//!
//! Follows `BuildKit`'s `dockerfile2llb`. One thing differs from what its documentation says: `ENV` does not shadow a
//! later `ARG` of the same name while building; whichever comes last is in force. In the image only `ENV` remains.

use std::collections::{BTreeMap, BTreeSet};

use crate::dockerfile::expand::{Expanded, expand, expand_words};
use crate::dockerfile::graph::{Base, StageGraph};
use crate::dockerfile::ports::{Port, exposed};
use crate::dockerfile::scope::build_argument;
use crate::dockerfile::{
    ArgDeclaration, CommandLine, Dockerfile, Healthcheck, Instruction, InstructionKind, KeyValue,
    Mount, SyntaxError, mount_fields,
};
use crate::source::{Span, Spanned};

/// What `PATH` is when the base image sets none.
const DEFAULT_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// The end of a stage. What an image from outside brings along is not known and not in here: see
/// [`StageEnvironment::external_base`].
#[derive(Clone, Debug, Default)]
pub struct StageEnvironment {
    /// Whether the stage descends from an image from outside, whose settings are unknown.
    pub external_base: bool,
    /// What `RUN` and expansion see: `ENV` and `ARG` values.
    pub variables: BTreeMap<String, String>,
    /// What a container of the image sees: `ENV` values.
    pub image_variables: BTreeMap<String, String>,
    /// Every `ARG` of this stage itself, in order.
    pub declared: Vec<ArgDeclaration>,
    /// Names that are declared by `ARG` here or in a parent stage, with or without a value.
    pub declared_names: BTreeSet<String>,
    /// `EXPOSE`d ports.
    pub ports: BTreeSet<Port>,
    /// `HEALTHCHECK`: `None` if there is none, `Some(None)` for `HEALTHCHECK NONE`.
    pub healthcheck: Option<Option<Healthcheck>>,
    /// The stage whose `HEALTHCHECK` it is.
    pub healthcheck_stage: Option<usize>,
    /// `USER`, expanded.
    pub user: Option<Spanned<String>>,
    /// `WORKDIR`, expanded and made absolute. Relative to an unknown directory it starts at `/`.
    pub workdir: Option<Spanned<String>>,
    /// `ENTRYPOINT`.
    pub entrypoint: Option<CommandLine>,
    /// `CMD`. An `ENTRYPOINT` removes one that a parent stage set.
    pub cmd: Option<CommandLine>,
    /// `SHELL`.
    pub shell: Option<Vec<String>>,
    /// `STOPSIGNAL`, expanded.
    pub stop_signal: Option<String>,
    /// `VOLUME`, expanded.
    pub volumes: BTreeSet<String>,
    /// `LABEL`s, expanded.
    pub labels: BTreeMap<String, String>,
    /// Variables that this stage uses and that have no value and no declaration, with the place of the text they
    /// stand in.
    pub undefined: Vec<Spanned<String>>,
    /// What cannot be expanded or understood in this stage.
    pub errors: Vec<SyntaxError>,
    /// Whether this stage set `CMD` itself.
    own_cmd: bool,
}

/// The environment at the end of a stage.
///
/// `args` are build arguments, and the platform arguments ([`crate::dockerfile::PLATFORM_ARGS`]). An index that does
/// not exist has an empty environment.
#[must_use]
pub fn stage_environment(
    file: &Dockerfile,
    stage: usize,
    args: &BTreeMap<String, String>,
) -> StageEnvironment {
    replay(file, &file.graph(args), stage, args, &mut |_| {})
}

/// One instruction about to be executed in the stage that was asked for.
pub(super) struct Moment<'a> {
    pub(super) instruction: &'a Instruction,
    /// It comes from an `ONBUILD` of the parent stage.
    pub(super) triggered: bool,
    pub(super) before: &'a StageEnvironment,
}

/// Executes a stage and all it descends from; shows each instruction of the stage itself.
pub(super) fn replay(
    file: &Dockerfile,
    graph: &StageGraph,
    stage: usize,
    args: &BTreeMap<String, String>,
    see: &mut dyn FnMut(&Moment<'_>),
) -> StageEnvironment {
    let mut environment = StageEnvironment::default();
    for index in graph.lineage(stage) {
        let Some(current) = file.stages.get(index) else {
            continue;
        };
        environment.enter(graph.bases[index]);
        let triggers: Vec<&Instruction> = match graph.bases[index] {
            Base::Stage(base) => file.stages[base].triggers().collect(),
            _ => Vec::new(),
        };
        let own = current.instructions.iter().map(|own| (own, false));
        for (instruction, triggered) in triggers.into_iter().map(|t| (t, true)).chain(own) {
            if index == stage {
                see(&Moment {
                    instruction,
                    triggered,
                    before: &environment,
                });
            }
            Executor {
                environment: &mut environment,
                escape: file.escape,
                globals: &graph.globals.values,
                args,
                stage: index,
            }
            .execute(instruction);
        }
    }
    environment
}

impl StageEnvironment {
    /// What only counts within one stage is forgotten.
    fn enter(&mut self, base: Base) {
        self.declared.clear();
        self.undefined.clear();
        self.errors.clear();
        self.own_cmd = false;
        match base {
            Base::Image => self.external_base = true,
            Base::Scratch => {
                let path = || ("PATH".to_owned(), DEFAULT_PATH.to_owned());
                self.variables.extend([path()]);
                self.image_variables.extend([path()]);
            }
            Base::Stage(_) => {}
        }
    }

    /// Expands as one word.
    pub(super) fn expand(&self, text: &str, escape: char) -> Result<Expanded, String> {
        expand(text, escape, &|name| self.variables.get(name).cloned())
    }
}

struct Executor<'a> {
    environment: &'a mut StageEnvironment,
    escape: char,
    globals: &'a BTreeMap<String, String>,
    args: &'a BTreeMap<String, String>,
    stage: usize,
}

impl Executor<'_> {
    fn execute(&mut self, instruction: &Instruction) {
        use InstructionKind as Kind;
        match &instruction.kind {
            Kind::Arg(declarations) => {
                for declaration in declarations {
                    self.declare(declaration);
                }
            }
            Kind::Env(pairs) => {
                for (key, value) in self.pairs(pairs) {
                    let environment = &mut *self.environment;
                    environment.variables.insert(key.clone(), value.clone());
                    environment.image_variables.insert(key, value);
                }
            }
            Kind::Label(pairs) => {
                let pairs = self.pairs(pairs);
                self.environment.labels.extend(pairs);
            }
            Kind::Expose(words) => self.expose(words),
            Kind::Healthcheck(healthcheck) => {
                self.environment.healthcheck = Some(healthcheck.clone());
                self.environment.healthcheck_stage = Some(self.stage);
            }
            Kind::User(user) => self.environment.user = self.expanded(user),
            Kind::Workdir(path) => self.enter_directory(path),
            Kind::Volume(paths) => {
                for path in paths {
                    let path = self.expanded(path);
                    self.environment.volumes.extend(path.map(|path| path.value));
                }
            }
            Kind::Stopsignal(signal) => {
                self.environment.stop_signal = self.expanded(signal).map(|signal| signal.value);
            }
            Kind::Entrypoint(command) => {
                self.environment.entrypoint = given(command);
                if !self.environment.own_cmd {
                    self.environment.cmd = None;
                }
            }
            Kind::Cmd(command) => {
                self.environment.cmd = given(command);
                self.environment.own_cmd = true;
            }
            Kind::Shell(shell) => self.environment.shell = Some(shell.clone()),
            Kind::Add(transfer) | Kind::Copy(transfer) => {
                let flags = ["chown", "chmod"];
                let values = flags.iter().filter_map(|flag| transfer.flag(flag));
                let texts = values
                    .chain(&transfer.sources)
                    .chain([&transfer.destination]);
                for text in texts {
                    // Only to note what is undefined.
                    self.expanded(text);
                }
            }
            Kind::Run(run) => run.mounts.iter().for_each(|mount| self.mount(mount)),
            Kind::Maintainer(_) | Kind::Onbuild(_) => {}
        }
    }

    fn error(&mut self, span: Span, message: String) {
        self.environment.errors.push(SyntaxError { span, message });
    }

    fn note_undefined(&mut self, span: Span, names: Vec<String>) {
        for name in names {
            if !self.environment.declared_names.contains(&name) {
                self.environment.undefined.push(Spanned::new(name, span));
            }
        }
    }

    fn expanded(&mut self, text: &Spanned<String>) -> Option<Spanned<String>> {
        match self.environment.expand(&text.value, self.escape) {
            Ok(expanded) => {
                self.note_undefined(text.span, expanded.undefined);
                Some(Spanned::new(expanded.value, text.span))
            }
            Err(message) => {
                self.error(text.span, message);
                None
            }
        }
    }

    /// All pairs are expanded before any of them counts.
    fn pairs(&mut self, pairs: &[KeyValue]) -> Vec<(String, String)> {
        pairs
            .iter()
            .filter_map(|pair| {
                let key = self.expanded(&pair.key)?;
                let value = self.expanded(&pair.value)?;
                Some((key.value, value.value))
            })
            .collect()
    }

    fn declare(&mut self, declaration: &ArgDeclaration) {
        let name = &declaration.name.value;
        let value = match (build_argument(self.args, name), &declaration.default) {
            (Some(value), _) => Some(value.clone()),
            (None, Some(default)) => self.expanded(default).map(|value| value.value),
            (None, None) => self.globals.get(name).cloned(),
        };
        let environment = &mut *self.environment;
        if let Some(value) = value {
            environment.variables.insert(name.clone(), value);
        }
        environment.declared_names.insert(name.clone());
        environment.declared.push(declaration.clone());
    }

    fn expose(&mut self, words: &[Spanned<String>]) {
        for word in words {
            let variables = &self.environment.variables;
            let expanded = expand_words(&word.value, self.escape, &|name| {
                variables.get(name).cloned()
            });
            // Undefined names are noted from the one-word form, which sees the same variables.
            self.expanded(word);
            for text in expanded.unwrap_or_default() {
                match exposed(&text) {
                    Ok(ports) => self.environment.ports.extend(ports),
                    Err(message) => self.error(word.span, message),
                }
            }
        }
    }

    fn mount(&mut self, mount: &Mount) {
        let mut fields = Vec::with_capacity(mount.fields.len());
        for (key, value) in &mount.fields {
            let value = match value {
                Some(value) => match self.expanded(&Spanned::new(value.clone(), mount.span)) {
                    Some(expanded) => Some(expanded.value),
                    None => return,
                },
                None => None,
            };
            fields.push((key.as_str(), value));
        }
        let directory = match &self.environment.workdir {
            Some(directory) => Some(directory.value.as_str()),
            // An image from outside has one of its own.
            None => (!self.environment.external_base).then_some("/"),
        };
        if let Err(message) = mount_fields::check(&fields, directory) {
            self.error(mount.span, message);
        }
    }

    fn enter_directory(&mut self, path: &Spanned<String>) {
        let Some(path) = self.expanded(path) else {
            return;
        };
        let current = self.environment.workdir.as_ref();
        let joined = match current {
            Some(current) if !path.value.starts_with('/') => {
                format!("{}/{}", current.value, path.value)
            }
            _ => path.value,
        };
        self.environment.workdir = Some(Spanned::new(clean_path(&joined), path.span));
    }
}

/// A command of no words is none.
fn given(command: &CommandLine) -> Option<CommandLine> {
    match command {
        CommandLine::Exec(words) if words.is_empty() => None,
        CommandLine::Shell(text) if text.value.is_empty() => None,
        command => Some(command.clone()),
    }
}

/// An absolute path without `.`, `..` and empty parts.
#[must_use]
pub fn clean_path(path: &str) -> String {
    let mut clean = String::with_capacity(path.len() + 1);
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => clean.truncate(clean.rfind('/').unwrap_or(0)),
            part => {
                clean.push('/');
                clean.push_str(part);
            }
        }
    }
    if clean.is_empty() {
        clean.push('/');
    }
    clean
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dockerfile::parse;
    use crate::source::Source;

    fn environment(text: &str, args: &[(&str, &str)]) -> StageEnvironment {
        let args = args
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let file = parse(&Source::new("Dockerfile", text));
        assert_eq!(file.errors, []);
        stage_environment(&file, file.stages.len() - 1, &args)
    }

    fn variables(environment: &StageEnvironment) -> Vec<String> {
        let show = |(name, value): (&String, &String)| format!("{name}={value}");
        environment.variables.iter().map(show).collect()
    }

    #[test]
    fn a_global_argument_is_seen_only_after_its_declaration() {
        let text =
            "ARG G=1\nARG H=2\nFROM a\nENV B=${G}x\nARG G\nARG H=3\nENV A=$G-$H-$I\nARG I=$A\n";
        let found = environment(text, &[("H", "9")]);
        assert_eq!(variables(&found), ["A=1-9-", "B=x", "G=1", "H=9", "I=1-9-"]);
        let undefined: Vec<_> = found
            .undefined
            .iter()
            .map(|name| (name.value.as_str(), name.span.of(text)))
            .collect();
        assert_eq!(undefined, [("G", "${G}x"), ("I", "$G-$H-$I")]);
        assert_eq!(found.image_variables.keys().collect::<Vec<_>>(), ["A", "B"]);
    }

    #[test]
    fn the_last_of_env_and_arg_is_in_force_while_building() {
        let found = environment("FROM a\nENV X=env\nARG X=arg\nARG Y=arg\nENV Y=env\n", &[]);
        assert_eq!(variables(&found), ["X=arg", "Y=env"]);
        assert_eq!(found.image_variables["X"], "env");
    }

    #[test]
    fn platform_arguments_come_from_the_caller() {
        let found = environment(
            "FROM a\nARG TARGETARCH\nENV A=$TARGETARCH$TARGETOS\n",
            &[("TARGETARCH", "arm64"), ("TARGETOS", "linux")],
        );
        assert_eq!(variables(&found), ["A=arm64", "TARGETARCH=arm64"]);
    }

    #[test]
    fn configuration_is_inherited_and_overridden() {
        let text = "FROM scratch AS base\nWORKDIR /app\nUSER 1000\nENV PORT=3000 A=b\nEXPOSE $PORT 9229/udp\nHEALTHCHECK CMD x\n\
            LABEL a=1 b=\"two words\"\nCMD [\"x\"]\nARG SECRET=s\nVOLUME [\"/v\"]\n\
            FROM base AS next\nWORKDIR sub/../dist\nENTRYPOINT [\"dumb-init\"]\nEXPOSE 127.0.0.1:80:8000-8001\nLABEL b=$SECRET\nSTOPSIGNAL SIGINT\n";
        let found = environment(text, &[]);
        assert!(!found.external_base);
        assert_eq!(found.workdir.unwrap().value, "/app/dist");
        assert_eq!(found.user.unwrap().value, "1000");
        let ports: Vec<_> = found.ports.iter().map(ToString::to_string).collect();
        assert_eq!(ports, ["3000/tcp", "8000/tcp", "8001/tcp", "9229/udp"]);
        assert!(matches!(found.healthcheck, Some(Some(_))));
        assert_eq!(found.healthcheck_stage, Some(0));
        assert_eq!(found.labels["a"], "1");
        assert_eq!(found.labels["b"], "s");
        // A new ENTRYPOINT removes the inherited CMD.
        assert_eq!(found.cmd, None);
        assert!(found.entrypoint.is_some());
        assert_eq!(found.stop_signal.as_deref(), Some("SIGINT"));
        assert_eq!(found.variables["PATH"], DEFAULT_PATH);
        assert_eq!(found.errors, []);
    }

    #[test]
    fn a_healthcheck_can_be_taken_away_and_an_own_cmd_stays() {
        let found = environment(
            "FROM a AS b\nHEALTHCHECK CMD x\nFROM b\nHEALTHCHECK NONE\nCMD x\nENTRYPOINT y\n",
            &[],
        );
        assert!(found.external_base);
        assert!(matches!(found.healthcheck, Some(None)));
        assert!(found.cmd.is_some());
    }

    #[test]
    fn triggers_run_in_the_child_only() {
        let text = "FROM a AS b\nONBUILD ENV T=1\nENV S=$T\nFROM b AS c\nENV U=$T\n";
        assert_eq!(variables(&environment(text, &[])), ["S=", "T=1", "U=1"]);
    }

    #[test]
    fn errors_name_their_place() {
        let text = "FROM a\nEXPOSE 70000\nENV A=\"${B:?must be set}\"\nUSER ${\n";
        let found = environment(text, &[]);
        let errors: Vec<_> = found
            .errors
            .iter()
            .map(|e| (e.span.of(text), e.message.as_str()))
            .collect();
        assert_eq!(
            errors,
            [
                (
                    "70000",
                    "`70000` is no port: 0 to 65535, or a range of them"
                ),
                ("\"${B:?must be set}\"", "B: must be set"),
                ("${", "the `}` of a `${…}` is missing")
            ]
        );
    }
}
