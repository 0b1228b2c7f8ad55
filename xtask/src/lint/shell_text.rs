//! The shell text of a Dockerfile, gone through once for all rules that look at it.

use crate::lint::model::{Model, ShellKind, Step};
use crate::shell::{Node, Script, SimpleCommand};
use crate::source::Span;

/// What shells of the Unix family run in the `RUN`s of a file, here-documents included.
#[derive(Debug)]
pub(super) struct ShellText<'m> {
    /// In the order of the file, those without a node included.
    pub(super) scripts: Vec<ScriptOf<'m>>,
    /// Every node of every script, parents first, in the order of the text, with its script's place in the list.
    pub(super) nodes: Vec<(usize, Node<'m>)>,
    /// Every simple command that names its program.
    pub(super) programs: Vec<Program<'m>>,
}

/// A script and who runs it.
#[derive(Clone, Copy, Debug)]
pub(super) struct ScriptOf<'m> {
    pub(super) step: Step<'m>,
    /// POSIX or bash.
    pub(super) shell: ShellKind,
    pub(super) script: &'m Script,
}

/// A simple command with the name of its program, without its folder.
#[derive(Debug)]
pub(super) struct Program<'m> {
    pub(super) name: String,
    pub(super) command: &'m SimpleCommand,
    /// Of the command, redirections included.
    pub(super) span: Span,
}

impl<'m> ShellText<'m> {
    pub(super) fn of(model: &'m Model) -> Self {
        let mut text = Self {
            scripts: Vec::new(),
            nodes: Vec::new(),
            programs: Vec::new(),
        };
        for step in model.steps() {
            if step.run().is_none() || step.scripts().is_empty() {
                continue;
            }
            let shell = step.before().shell_kind();
            if matches!(shell, ShellKind::Posix | ShellKind::Bash) {
                for script in step.scripts() {
                    text.add(ScriptOf {
                        step,
                        shell,
                        script,
                    });
                }
            }
        }
        text
    }

    fn add(&mut self, script: ScriptOf<'m>) {
        let index = self.scripts.len();
        self.scripts.push(script);
        script.script.visit(&mut |node| {
            self.nodes.push((index, node));
            if let Node::Command(command, _) = node
                && let Some(simple) = command.simple()
                && let Some(name) = simple.name()
            {
                self.programs.push(Program {
                    name,
                    command: simple,
                    span: command.span,
                });
            }
        });
    }
}
