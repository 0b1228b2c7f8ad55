//! What holds for every input: no panic, exact spans, linear time.

use std::collections::BTreeMap;

use proptest::prelude::*;

use crate::dockerfile::{
    CommandLine, Dockerfile, Instruction, InstructionKind, apk_packages, build_mounts, expand,
    parse, pieces, stage_environment, stage_steps,
};
use crate::mapped_text::MappedText;
use crate::source::{Source, Span, Spanned};

/// The spans of a file, and the texts that stand in the file as they are (continuations aside).
#[derive(Default)]
struct Places {
    spans: Vec<Span>,
    verbatim: Vec<Spanned<String>>,
    /// The texts that know the way back of each byte.
    mapped: Vec<MappedText>,
}

impl Places {
    fn of(file: &Dockerfile) -> Self {
        let mut places = Self::default();
        places
            .spans
            .extend(file.errors.iter().map(|error| error.span));
        places.spans.extend(&file.comments);
        places.spans.extend(&file.blank_continuations);
        places.verbatim.extend(file.syntax.clone());
        places.verbatim.extend(file.check.clone());
        for arg in &file.global_args {
            places.verbatim.push(arg.name.clone());
            places.verbatim.extend(arg.default.clone());
        }
        for stage in &file.stages {
            places.spans.push(stage.span);
            places.verbatim.push(stage.base.clone());
            places.verbatim.extend(stage.name.clone());
            places.spans.extend(stage.platform.iter().map(|p| p.span));
            for instruction in &stage.instructions {
                places.instruction(instruction);
            }
        }
        places
    }

    fn command(&mut self, command: &CommandLine) {
        match command {
            CommandLine::Shell(text) => self.mapped.push(text.clone()),
            CommandLine::Exec(words) => self.spans.extend(words.iter().map(|word| word.span)),
        }
    }

    fn instruction(&mut self, instruction: &Instruction) {
        use InstructionKind as Kind;
        self.spans.push(instruction.span);
        let keyword = &instruction.keyword;
        self.verbatim
            .push(Spanned::new(keyword.value.to_string(), keyword.span));
        match &instruction.kind {
            Kind::Add(transfer) | Kind::Copy(transfer) => {
                self.spans.extend(transfer.sources.iter().map(|s| s.span));
                self.spans.push(transfer.destination.span);
                self.spans.extend(transfer.heredocs.iter().map(|h| h.span));
                for flag in &transfer.flags {
                    self.spans.push(flag.name.span);
                    self.spans.extend(flag.value.iter().map(|value| value.span));
                }
            }
            Kind::Arg(declarations) => {
                for arg in declarations {
                    self.verbatim.push(arg.name.clone());
                    self.verbatim.extend(arg.default.clone());
                }
            }
            Kind::Env(pairs) | Kind::Label(pairs) => {
                for pair in pairs {
                    self.verbatim.push(pair.key.clone());
                    self.verbatim.push(pair.value.clone());
                }
            }
            Kind::Cmd(command) | Kind::Entrypoint(command) => self.command(command),
            Kind::Run(run) => {
                self.command(&run.command);
                self.spans.extend(run.mounts.iter().map(|mount| mount.span));
                self.spans.extend(run.heredocs.iter().map(|h| h.span));
                self.mapped
                    .extend(run.heredocs.iter().map(|h| h.content.clone()));
            }
            Kind::Healthcheck(Some(healthcheck)) => self.command(&healthcheck.command),
            Kind::Onbuild(onbuild) => {
                self.verbatim.push(onbuild.text.clone());
                match &onbuild.trigger {
                    Ok(trigger) => self.instruction(trigger),
                    Err(error) => self.spans.push(error.span),
                }
            }
            Kind::Expose(words) => self.verbatim.extend(words.clone()),
            Kind::Maintainer(text)
            | Kind::Stopsignal(text)
            | Kind::User(text)
            | Kind::Workdir(text) => self.verbatim.push(text.clone()),
            Kind::Volume(_) | Kind::Shell(_) | Kind::Healthcheck(None) => {}
        }
    }
}

fn check(text: &str) {
    let source = Source::new("Dockerfile", text);
    let file = parse(&source);
    let printed: String = pieces(&source)
        .iter()
        .map(|piece| piece.span.of(text))
        .collect();
    assert_eq!(printed, text, "the pieces in a row are the file");
    let places = Places::of(&file);
    for span in places
        .spans
        .iter()
        .chain(places.verbatim.iter().map(|t| &t.span))
    {
        assert!(
            text.get(span.start..span.end).is_some(),
            "{span:?} is no part of {text:?}"
        );
    }
    for place in &places.verbatim {
        let written = place.span.of(text);
        if !written.contains('\n') {
            assert_eq!(place.value, written, "in {text:?}");
        }
    }
    for mapped in &places.mapped {
        for (at, c) in mapped.value.char_indices() {
            let there = text
                .get(mapped.locate(at)..)
                .and_then(|rest| rest.chars().next());
            assert_eq!(there, Some(c), "byte {at} of {mapped:?} in {text:?}");
        }
    }
    for stage in &file.stages {
        for instruction in &stage.instructions {
            again(&file, instruction);
        }
    }
    // Whatever stands on top must bear every file, too.
    let no_args = BTreeMap::new();
    for stage in &file.stages {
        let environment = stage_environment(&file, stage.index, &no_args);
        let _ = environment.probe();
        let _ = build_mounts(&file, stage.index, &no_args);
        let steps = stage_steps(&file, stage.index, &no_args);
        assert!(steps.steps.len() <= steps.total);
        for instruction in &stage.instructions {
            if let InstructionKind::Run(run) = &instruction.kind {
                let _ = apk_packages(run);
            }
        }
    }
}

/// The text of an instruction alone is the same instruction.
fn again(file: &Dockerfile, instruction: &Instruction) {
    let own = instruction.span.of(file.source.text());
    if own.ends_with(file.escape) {
        // White space that is no blank followed it; a line break would make it a continuation.
        return;
    }
    let text = format!("# escape={}\nFROM x\n{own}\n", file.escape);
    let parsed = parse(&Source::new("Dockerfile", text.as_str()));
    let found: Vec<_> = parsed.stages[0].instructions.iter().collect();
    assert_eq!(found.len(), 1, "{text:?}: {:?}", parsed.errors);
    assert_eq!(
        std::mem::discriminant(&found[0].kind),
        std::mem::discriminant(&instruction.kind),
        "{text:?}"
    );
    assert_eq!(found[0].span.of(&text), own);
}

/// Pieces that make texts likely to get somewhere.
fn dockerfile() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => prop::sample::select(vec![
            "FROM a", " AS b", "RUN ", "COPY ", "ADD ", "ENV ", "ARG ", "LABEL ", "CMD ", "EXPOSE ", "ONBUILD ",
            "HEALTHCHECK ", "CMD x", "NONE", "WORKDIR /", "USER ", "VOLUME ", "SHELL ", "STOPSIGNAL ", "MAINTAINER ",
            "ENTRYPOINT ", "apk add x", "curl http://h:$P/x",
        ]),
        4 => prop::sample::select(vec![
            "\n", "\r\n", " ", "\t", "\\\n", "`\n", "\\", "`", "#", "# escape=`\n", "# syntax=x\n", "\u{feff}", "\n\n",
        ]),
        4 => prop::sample::select(vec![
            "<<E", "<<-'E'", "\nE\n", "[\"a\", \"b\"]", "[1]", "\"", "'", "a=b", "a", "é", "\u{a0}", "=", "$a", "${a:-",
            "${a#", "${a//", "/", "}", "--from=b", "--mount=type=secret,id=x ", "--link", "-- ", ",", "80/tcp", "0",
        ]),
        1 => any::<char>().prop_map(|_| "\u{2003}"),
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_text_has_exact_spans(text in any::<String>()) {
        check(&text);
    }

    #[test]
    fn every_sequence_of_bytes_has_exact_spans(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        check(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn everything_like_a_dockerfile_has_exact_spans(text in dockerfile()) {
        check(&text);
        check(&format!("FROM a\n{text}"));
    }

    #[test]
    fn expansion_takes_every_text(text in "[$\\{\\}:#%/*?\\\\'\"a`-]{0,40}", escape in prop::sample::select(vec!['\\', '`'])) {
        let _ = expand(&text, escape, &|_| Some("aa/a\"$".to_owned()));
        let _ = expand(&text, escape, &|_| None);
    }
}

/// Each of these takes minutes, or all memory, if any step of the way is quadratic or recursive.
#[test]
fn huge_inputs_take_linear_time() {
    let million = 300_000;
    for text in [
        format!("FROM a\nRUN {}", "x".repeat(4 * million)),
        format!("FROM a\nRUN {}", "x\\\n".repeat(million)),
        format!("FROM a\nENV {}", "a=b ".repeat(million)),
        format!("FROM a\nRUN <<E {}", "${a:-".repeat(million)),
        format!("FROM a\nRUN <<E {}", "\"$a".repeat(million)),
        format!("FROM a\nCOPY {}", "\"'<<E ".repeat(million / 4)),
        format!("FROM a\n{}", "RUN <<E\n".repeat(million / 4)),
        format!("FROM a\n{}RUN x", "ONBUILD ".repeat(million)),
        format!("FROM a\nCOPY {}a b", "--from=a ".repeat(million / 4)),
        format!("FROM a\nRUN \\\n{}x", "# c\n\n".repeat(million / 4)),
        "FROM a\n".repeat(100_000),
    ] {
        let file = parse(&Source::new("Dockerfile", text));
        assert!(!file.stages.is_empty());
    }
}
