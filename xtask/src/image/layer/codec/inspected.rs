//! What the content of a layer's files said, as bytes.

use super::{Reader, Writer};
use crate::image::executable::{Build, Crate, Executable, Program};
use crate::image::layer::{LayerContents, SecretHere};
use crate::secrets::content::{Rule, rules};
use crate::source::LineColumn;

type Inspected = (Vec<(u32, SecretHere)>, Vec<(u32, Executable)>);

pub(super) fn write(out: &mut Writer, contents: &LayerContents) {
    // With other rules, other secrets may be found.
    let rules = rules();
    out.number(rules.len() as u64);
    for rule in &rules {
        out.text(rule.id.as_bytes());
    }
    out.number(contents.secrets.len() as u64);
    for (at, secret) in &contents.secrets {
        let rule = rules.iter().position(|rule| rule.id == secret.rule.id);
        out.number(u64::from(*at));
        out.number(rule.map_or(u64::MAX, |rule| rule as u64));
        out.number(secret.start.line as u64);
        out.number(secret.start.column as u64);
        out.text(secret.redacted.as_bytes());
    }
    out.number(contents.executables.len() as u64);
    for (at, executable) in &contents.executables {
        out.number(u64::from(*at));
        write_executable(out, executable);
    }
}

fn write_executable(out: &mut Writer, executable: &Executable) {
    let go = executable.go.as_ref();
    out.optional(executable.interpreter.as_deref());
    out.optional(go.map(|build| build.version.as_str()));
    out.text(go.map_or("", |build| &build.modules).as_bytes());
    out.0.push(u8::from(executable.rust.is_some()));
    let crates = executable.rust.as_deref().unwrap_or_default();
    out.number(crates.len() as u64);
    for one in crates {
        for text in [&one.name, &one.version, &one.source] {
            out.text(text.as_bytes());
        }
        out.0.push(u8::from(one.root));
        out.optional(one.kind.as_deref());
    }
    out.number(executable.programs.len() as u64);
    for program in &executable.programs {
        out.text(program.name.as_bytes());
        out.text(program.version.as_bytes());
    }
}

pub(super) fn read(input: &mut Reader<'_>) -> Option<Inspected> {
    let rules = rules();
    if input.count()? != rules.len() {
        return None;
    }
    for rule in &rules {
        if input.text()? != rule.id.as_bytes() {
            return None;
        }
    }
    let secrets = input.list(|input| {
        let at = input.small()?;
        let rule: &'static Rule = rules.get(input.small::<usize>()?)?;
        let start = LineColumn {
            line: input.small()?,
            column: input.small()?,
        };
        let redacted = input.string()?;
        Some((
            at,
            SecretHere {
                rule,
                start,
                redacted,
            },
        ))
    })?;
    let executables = input.list(|input| Some((input.small()?, read_executable(input)?)))?;
    Some((secrets, executables))
}

fn read_executable(input: &mut Reader<'_>) -> Option<Executable> {
    let interpreter = input.optional()?;
    let version = input.optional()?;
    let modules = input.string()?;
    let has_crates = input.byte()? != 0;
    let crates = input.list(|input| {
        Some(Crate {
            name: input.string()?,
            version: input.string()?,
            source: input.string()?,
            root: input.byte()? != 0,
            kind: input.optional()?,
        })
    })?;
    let programs = input.list(|input| {
        Some(Program {
            name: input.string()?,
            version: input.string()?,
        })
    })?;
    Some(Executable {
        interpreter,
        go: version.map(|version| Build { version, modules }),
        rust: has_crates.then_some(crates),
        programs,
    })
}

impl Writer {
    fn optional(&mut self, text: Option<&str>) {
        self.0.push(u8::from(text.is_some()));
        if let Some(text) = text {
            self.text(text.as_bytes());
        }
    }
}

impl Reader<'_> {
    fn string(&mut self) -> Option<String> {
        String::from_utf8(self.text()?.to_vec()).ok()
    }

    /// `None` at the outside if it cannot be read.
    #[expect(
        clippy::option_option,
        reason = "a text that is absent was read all the same"
    )]
    fn optional(&mut self) -> Option<Option<String>> {
        match self.byte()? {
            0 => Some(None),
            _ => self.string().map(Some),
        }
    }

    fn list<T>(&mut self, mut each: impl FnMut(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let count = self.count()?;
        (0..count).map(|_| each(self)).collect()
    }
}
