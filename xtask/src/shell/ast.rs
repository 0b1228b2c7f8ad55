//! The syntax tree of shell text. Every span is a place in the file the text stands in.

use smallvec::SmallVec;
use smol_str::SmolStr;

use crate::mapped_text::MappedText;
use crate::source::Span;

/// A whole text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Script {
    /// What it runs.
    pub list: List,
    /// Comments, each from its `#` to the end of its line.
    pub comments: Vec<Span>,
    /// What could not be understood.
    pub errors: Vec<SyntaxError>,
    /// The text itself.
    pub text: MappedText,
}

/// Statements in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct List {
    /// The statements.
    pub statements: Vec<Statement>,
}

/// Pipelines joined by `&&` and `||`, up to `;`, `&` or a line break.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// What is run.
    pub and_or: AndOr,
    /// It ends in `&`.
    pub background: bool,
    /// Without the terminator.
    pub span: Span,
}

/// `a && b || c`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AndOr {
    /// The first.
    pub first: Pipeline,
    /// What follows, each with what joins it to what stands before.
    pub rest: Vec<(Connector, Pipeline)>,
}

/// How a command is joined to the one before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Connector {
    /// Nothing before it, or `;`, `&`, a line break.
    Sequence,
    /// `&&`.
    And,
    /// `||`.
    Or,
    /// `|` or `|&`.
    Pipe,
}

/// `! a | b |& c`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pipeline {
    /// `!` stands before it.
    pub negated: bool,
    /// At least one; most pipelines have no more.
    pub commands: SmallVec<[Command; 1]>,
    /// One less than commands.
    pub pipes: Vec<Pipe>,
    /// All of it.
    pub span: Span,
}

/// `|` or `|&`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pipe {
    /// `|&`: standard error too.
    pub with_stderr: bool,
    /// The operator.
    pub span: Span,
}

/// One command with its redirections.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// What it is.
    pub kind: CommandKind,
    /// In order.
    pub redirections: Vec<Redirection>,
    /// All of it.
    pub span: Span,
}

/// What a command is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CommandKind {
    /// `A=b program argument`.
    Simple(SimpleCommand),
    /// `( … )`.
    Subshell(List),
    /// `{ …; }`.
    Group(List),
    /// `if …; then …; elif …; else …; fi`.
    If {
        /// Conditions and what they lead to.
        branches: Vec<(List, List)>,
        /// `else`.
        otherwise: Option<List>,
    },
    /// `for name in words; do …; done` (and `select`).
    For {
        /// The variable; empty for `for ((…))`.
        variable: String,
        /// What it takes; `None` without `in`.
        words: Option<Vec<Word>>,
        /// What is repeated.
        body: List,
    },
    /// `while …; do …; done`, or `until`.
    While {
        /// It is `until`.
        until: bool,
        /// The condition.
        condition: List,
        /// What is repeated.
        body: List,
    },
    /// `case word in … esac`.
    Case {
        /// What is compared.
        subject: Word,
        /// The arms in order.
        arms: Vec<CaseArm>,
    },
    /// `name() …` or `function name …`.
    Function {
        /// The name.
        name: String,
        /// What it does.
        body: Box<Command>,
    },
    /// `[[ … ]]` (bash), as its words.
    Test(Vec<Word>),
    /// `(( … ))` (bash).
    Arithmetic(Span),
}

/// `pattern | pattern) …;;`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseArm {
    /// The patterns.
    pub patterns: Vec<Word>,
    /// What is run.
    pub body: List,
}

/// Assignments and words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SimpleCommand {
    /// `A=b` before the program.
    pub assignments: Vec<Assignment>,
    /// Program and arguments; empty if there are assignments or redirections only.
    pub words: Vec<Word>,
}

/// `NAME=value`, `NAME+=value`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// The name.
    pub name: SmolStr,
    /// `+=`.
    pub append: bool,
    /// The value; an empty word if there is none. An array is one word: `(`, its words, `)`, with the blanks.
    pub value: Word,
    /// All of it.
    pub span: Span,
}

/// `2>file`, `<<EOF`, `>&1`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redirection {
    /// The number before the operator.
    pub descriptor: Option<u32>,
    /// `>`, `>>`, `<`, `<<`, `<<-`, `<<<`, `>&`, `<&`, `>|`, `<>`, `&>`, `&>>`.
    pub operator: SmolStr,
    /// Where to or from.
    pub target: RedirectionTarget,
    /// All of it, without a here-document's body.
    pub span: Span,
}

/// Where a redirection leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RedirectionTarget {
    /// A file, a descriptor or a here-string.
    Word(Word),
    /// The body of a here-document inside the text; `None` if it is not in the text (a Dockerfile keeps it apart).
    HereDocument {
        /// The delimiter as written.
        delimiter: Word,
        /// The body.
        body: Option<Span>,
    },
}

/// The parts of a word: most have one, and there are many words.
pub type WordParts = SmallVec<[WordPart; 1]>;

/// One word.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Word {
    /// Its parts in order; adjacent.
    pub parts: WordParts,
    /// All of it, quotes included.
    pub span: Span,
}

/// A part of a word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WordPart {
    /// What it is.
    pub kind: WordPartKind,
    /// As written, quotes and `$` included.
    pub span: Span,
}

/// What a part of a word is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WordPartKind {
    /// Plain text; within `"…"` escapes are resolved. Globs, braces and `~` are in here as they are.
    Literal(SmolStr),
    /// `\x` outside of quotes: the character.
    Escaped(char),
    /// `'…'` or `$'…'`: the text.
    SingleQuoted(SmolStr),
    /// `"…"` or `$"…"`.
    DoubleQuoted(Vec<WordPart>),
    /// `$name`, `${name…}`, `$1`, `$@`.
    Parameter {
        /// The name, or the special character.
        name: SmolStr,
        /// What follows the name inside of the braces, as written: `:-word`, `#pattern`, `[0]`, and `#` as `${#name}`.
        operation: Option<String>,
        /// The parts of what follows the name: expansions in it, quoted text.
        parts: Vec<WordPart>,
    },
    /// `$( … )`, or backticks.
    CommandSubstitution {
        /// What is run.
        list: List,
        /// Written with backticks.
        backticks: bool,
    },
    /// `$(( … ))` or `$[ … ]`, with the expansions in it.
    Arithmetic(Vec<WordPart>),
    /// `<( … )` or `>( … )` (bash).
    ProcessSubstitution(List),
}

/// What could not be understood, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    /// The place.
    pub span: Span,
    /// A lower-case sentence.
    pub message: String,
}

impl Word {
    /// The text, if no part of it is left to the shell's expansion (globs, braces and `~` count as text).
    #[must_use]
    pub fn literal(&self) -> Option<String> {
        let mut text = String::new();
        literal(&self.parts, &mut text).then_some(text)
    }

    /// Whether any part is quoted or escaped.
    #[must_use]
    pub fn is_quoted(&self) -> bool {
        self.parts.iter().any(|part| {
            matches!(
                part.kind,
                WordPartKind::SingleQuoted(_)
                    | WordPartKind::DoubleQuoted(_)
                    | WordPartKind::Escaped(_)
            )
        })
    }
}

fn literal(parts: &[WordPart], text: &mut String) -> bool {
    parts.iter().all(|part| match &part.kind {
        WordPartKind::Literal(part) | WordPartKind::SingleQuoted(part) => {
            text.push_str(part);
            true
        }
        WordPartKind::Escaped(c) => {
            text.push(*c);
            true
        }
        WordPartKind::DoubleQuoted(parts) => literal(parts, text),
        _ => false,
    })
}
