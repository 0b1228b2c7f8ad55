//! What holds for whole texts.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use proptest::prelude::*;

use crate::mapped_text::{MappedText, Piece};
use crate::shell::{
    Command, CommandKind, Invocation, List, RedirectionTarget, Script, Word, WordPart,
    WordPartKind, exec_invocations, parse,
};
use crate::source::Span;

pub(super) fn read(text: &str) -> Script {
    let span = Span::new(0, text.len());
    parse(&MappedText::contiguous(text.to_owned(), span))
}

/// `through>program|argument|…`, one a line, with `&& `, `|| `, `| ` for what joins it and dots for the depth.
fn shown(invocations: &[Invocation]) -> String {
    let mut text = String::new();
    for invocation in invocations {
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(&".".repeat(invocation.depth));
        text.push_str(match invocation.connector {
            crate::shell::Connector::Sequence => "",
            crate::shell::Connector::And => "&& ",
            crate::shell::Connector::Or => "|| ",
            crate::shell::Connector::Pipe => "| ",
        });
        for name in &invocation.assignments {
            let _ = write!(text, "{name}= ");
        }
        for name in &invocation.through {
            let _ = write!(text, "{name}>");
        }
        text.push_str(&invocation.program);
        for argument in &invocation.arguments {
            let unknown = if argument.literal { "" } else { "?" };
            let _ = write!(text, " {unknown}{}", argument.text);
        }
        if invocation.piped {
            text.push_str(" |");
        }
        if invocation.nested {
            text.push_str(" (nested)");
        }
    }
    text
}

fn invocations(text: &str) -> String {
    let script = read(text);
    assert_eq!(script.errors, [], "{text}");
    shown(&script.invocations())
}

#[test]
fn programs_wherever_they_stand() {
    for (text, expected) in [
        ("a 'b c' \"d\\\"e\" f\\ g", "a b c d\"e f g"),
        ("a && b || c; d & e\nf", "a\n&& b\n|| c\nd\ne\nf"),
        ("a | b |& c", "a |\n| b |\n| c"),
        ("! a | b", "a |\n| b"),
        ("(a; b) && { c; d; }", ".a\n.b\nc\nd"),
        (
            "if a; then b; elif c; then d; else e; fi",
            ".a\n.b\n.c\n.d\n.e",
        ),
        ("for x in a $(b); do c $x; done", ".b\n.c ?$x"),
        ("for ((i=0; i<3; i++)); do a; done", ".a"),
        ("while a; do b; done; until c\ndo d\ndone", ".a\n.b\n.c\n.d"),
        (
            "case $(a) in x|y) b;; (z) c ;& *) d; esac; e",
            ".a\n.b\n.c\n.d\ne",
        ),
        ("f() { a; }; function g { b; }; f", ".a\n.b\nf"),
        ("a > b 2>&1 < c >>d", "a"),
        ("A=1 B+=2 c D=3", "A= B= c D=3"),
        ("A=$(b) c", ".b\nA= c"),
        ("A=1", ""),
        (
            "a $(b `c \\`d\\``) ${e:-$(f)} $((1 + $(g)))",
            "a ?$(b `c \\`d\\``) ?${e:-$(f)} ?$((1 + $(g)))\n.b ?`c \\`d\\``\n..c ?`d\\`\n...d\n.f\n.g",
        ),
        ("diff <(a) >(b)", "diff ?<(a) ?>(b)\n.a\n.b"),
        ("a # b\nc # d", "a\nc"),
        ("a#b '#c' #d", "a#b #c"),
        ("[[ $x == @(a|b) && ( -f y ) ]] && c", "&& c"),
        ("[[ $x =~ ^a(b|c d)$ ]] || e", "|| e"),
        ("((x = 1)) && a; ((b); (c))", "&& a\n..b\n..c"),
        ("a=(b $(c) d) e", ".c\na= e"),
        ("cat <<EOF && b\nno $(no)\nEOF\nc", "cat\n&& b\nc"),
        ("cat <<-'A' <<B\n\tx\n\tA\ny\nB\nc", "cat\nc"),
        ("cat <<< word | b", "cat |\n| b"),
        (
            "echo if then fi; echo done }",
            "echo if then fi\necho done }",
        ),
        ("a \\\n b", "a b"),
        ("ls @(a|b) !(c)", "ls @(a|b) !(c)"),
        ("$X -y; /usr/bin/a; \"$D\"/bin/b c", " -y\na\nb c"),
        ("[ -f a ] && test b", "[ -f a ]\n&& test b"),
        ("a $'b\\n' $\"c\"", "a b\\n c"),
        ("set -euxo pipefail", "set -euxo pipefail"),
    ] {
        assert_eq!(invocations(text), expected, "{text}");
    }
}

#[test]
fn what_only_starts_another_program_is_passed_over() {
    for (text, expected) in [
        (
            "sudo -u root -E apt-get install x",
            "sudo>apt-get install x",
        ),
        ("env -i A=b /bin/x y", "env>x y"),
        ("exec a", "exec>a"),
        ("time -p nice -n 5 a", "time>nice>a"),
        ("command -v git", "command -v git"),
        ("command git", "command>git"),
        ("sudo -i", "sudo -i"),
        ("timeout 5 curl x", "timeout>curl x"),
        ("gosu node npm ci", "gosu>npm ci"),
        ("busybox wget x", "busybox>wget x"),
        ("xargs rm", "xargs rm"),
        ("env", "env"),
        ("sh -c 'a && b'", "sh -c a && b\na (nested)\n&& b (nested)"),
        (
            "bash -euo pipefail -c \"a \\\"b c\\\" \\$x $y\" n",
            "bash -euo pipefail -c ?a \"b c\" $x $y n\na b c ?$x ?$y (nested)",
        ),
        ("sudo su - user -c 'a'", "sudo>su - user -c a\na (nested)"),
        ("eval a 'b; c'", "eval a b; c\na b (nested)\nc (nested)"),
        ("sh file -c a", "sh file -c a"),
        (
            "sh -c \"sh -c 'a'\"",
            "sh -c sh -c 'a'\nsh -c a (nested)\na (nested)",
        ),
    ] {
        assert_eq!(invocations(text), expected, "{text}");
    }
}

#[test]
fn spans_are_exact_through_quotes_and_continuations() {
    let file = "RUN sh -c \"apt-get \\\"in\\\"st\\\n  # c\n  all 'x y'\" && z";
    let text = MappedText {
        value: "sh -c \"apt-get \\\"in\\\"st  all 'x y'\" && z".to_owned(),
        span: Span::new(4, file.len()),
        pieces: vec![Piece::new(0, 4), Piece::new(23, 35)],
    };
    let script = parse(&text);
    let found = script.invocations();
    let nested = &found[1];
    assert_eq!(nested.program_span.of(file), "apt-get");
    assert_eq!(nested.arguments[0].span.of(file), "\"in\\\"st");
    assert_eq!(nested.arguments[0].text, "inst");
    assert_eq!(nested.arguments[2].span.of(file), "'x y'");
    assert_eq!(found[2].span.of(file), "z");
    let words = ["sh", "-c", "a \"b\""]
        .map(|word| MappedText::contiguous(word.to_owned(), Span::new(10, 10 + word.len())));
    assert_eq!(
        shown(&exec_invocations(&words)),
        "sh -c a \"b\"\na b (nested)"
    );
    assert_eq!(exec_invocations(&[]), []);
}

#[test]
fn errors_cost_little() {
    for (text, programs, error) in [
        ("a 'b c", "a b c", "the `'` is not closed"),
        ("a \"b $(c)", "a ?b $(c)\n.c", "the `\"` is not closed"),
        ("a; fi; b", "a\nb", "`fi` closes nothing"),
        ("a ) b", "a\nb", "`)` closes nothing"),
        ("if a; then b; done; c", ".a\n.b\nc", "`if` has no `fi`"),
        ("(a; b", ".a\n.b", "the `(` is not closed"),
        ("a && ; b", "a\nb", "no command follows `&&`"),
        ("a | | b", "a\nb", "no command follows `|`"),
        ("&& a", "a", "`&` stands in the wrong place"),
        ("a $(b", "a ?$(b\n.b", "the `(` is not closed"),
        ("a ${b", "a ?${b", "the `${` is not closed"),
        ("a `b", "a ?`b\n.b", "the backtick is not closed"),
        ("a > && b", "a\n&& b", "nothing follows `>`"),
        ("while a; b; done; c", ".a\n.b\nc", "`while` has no `do`"),
        ("[[ a; b", "b", "`[[` has no `]]`"),
        ("f() ; a", "a", "the function has no body"),
        ("echo (a) b", "echo b", "`(` stands in the wrong place"),
    ] {
        let script = read(text);
        assert_eq!(shown(&script.invocations()), programs, "{text}");
        let first = script.errors.first().map(|error| error.message.as_str());
        assert_eq!(first, Some(error), "{text}");
    }
}

#[test]
fn time_grows_with_the_length_alone() {
    for piece in [
        "(",
        "((",
        "$(",
        "$((",
        "${",
        "\"",
        "'",
        "`",
        "\\`",
        "$[",
        "{ ",
        "if ",
        "a|",
        "a&&",
        ";",
        ")",
        "a=(",
        "@(",
        "\"$(",
        "\"${x:-",
        "<<a ",
        "<<a\n",
        "[[ ",
        "case x in (",
        "a[",
        "for x in ",
        "x() ",
        "$(a ",
        "((a) b)",
        "$((a) b)",
        "sh -c \"",
        "eval 'a ",
        "<(",
        "a;",
        "2>",
        "#\n",
        "! ",
        "\\\n",
    ] {
        let nested = piece.contains(['(', '"', '\'', '`']) && piece.len() < 4;
        let length = if nested { 1_000_000 } else { 200_000 };
        let text = piece.repeat(length / piece.len());
        let start = Instant::now();
        let _ = read(&text).invocations();
        assert!(start.elapsed() < Duration::from_secs(20), "{piece}");
    }
}

#[test]
fn errors_stand_at_whole_characters() {
    for text in ["éf()  ", "a | é()", "! é()"] {
        for error in read(text).errors {
            assert!(
                text.get(error.span.start..error.span.end).is_some(),
                "{text}: {error:?}"
            );
        }
    }
}

/// Every span lies in its parent's and behind its elder sibling.
struct Spans<'t> {
    text: &'t str,
}

impl Spans<'_> {
    fn within(&self, outer: Span, inner: Span) {
        assert!(
            outer.start <= inner.start && inner.start <= inner.end && inner.end <= outer.end,
            "{inner:?} outside of {outer:?} in {:?}",
            self.text
        );
        assert!(self.text.get(inner.start..inner.end).is_some());
    }

    fn list(&self, outer: Span, list: &List) {
        let mut behind = outer.start;
        for statement in &list.statements {
            assert!(statement.span.start >= behind, "{:?}", self.text);
            behind = statement.span.end;
            self.within(outer, statement.span);
            let rest = statement.and_or.rest.iter().map(|(_, next)| next);
            for pipeline in std::iter::once(&statement.and_or.first).chain(rest) {
                self.within(statement.span, pipeline.span);
                for command in &pipeline.commands {
                    self.command(pipeline.span, command);
                }
            }
        }
    }

    fn command(&self, outer: Span, command: &Command) {
        self.within(outer, command.span);
        let span = command.span;
        match &command.kind {
            CommandKind::Simple(simple) => {
                for assignment in &simple.assignments {
                    self.within(span, assignment.span);
                    self.word(assignment.span, &assignment.value);
                }
                let mut behind = span.start;
                for word in &simple.words {
                    assert!(word.span.start >= behind);
                    behind = word.span.end;
                    self.word(span, word);
                }
            }
            CommandKind::Subshell(list) | CommandKind::Group(list) => self.list(span, list),
            CommandKind::If {
                branches,
                otherwise,
            } => {
                for (condition, body) in branches {
                    self.list(span, condition);
                    self.list(span, body);
                }
                if let Some(list) = otherwise {
                    self.list(span, list);
                }
            }
            CommandKind::For { words, body, .. } => {
                words
                    .iter()
                    .flatten()
                    .for_each(|word| self.word(span, word));
                self.list(span, body);
            }
            CommandKind::While {
                condition, body, ..
            } => {
                self.list(span, condition);
                self.list(span, body);
            }
            CommandKind::Case { subject, arms } => {
                self.word(span, subject);
                for arm in arms {
                    arm.patterns.iter().for_each(|word| self.word(span, word));
                    self.list(span, &arm.body);
                }
            }
            CommandKind::Function { body, .. } => self.command(span, body),
            CommandKind::Test(words) => words.iter().for_each(|word| self.word(span, word)),
            CommandKind::Arithmetic(inner) => self.within(span, *inner),
        }
        for redirection in &command.redirections {
            self.within(span, redirection.span);
            match &redirection.target {
                RedirectionTarget::Word(word)
                | RedirectionTarget::HereDocument {
                    delimiter: word, ..
                } => {
                    self.word(redirection.span, word);
                }
            }
        }
    }

    fn word(&self, outer: Span, word: &Word) {
        self.within(outer, word.span);
        self.parts(word.span, &word.parts);
    }

    fn parts(&self, outer: Span, parts: &[WordPart]) {
        let mut behind = outer.start;
        for part in parts {
            assert!(part.span.start >= behind, "{:?}", self.text);
            behind = part.span.end;
            self.within(outer, part.span);
            match &part.kind {
                WordPartKind::DoubleQuoted(parts)
                | WordPartKind::Parameter { parts, .. }
                | WordPartKind::Arithmetic(parts) => self.parts(part.span, parts),
                WordPartKind::CommandSubstitution { list, .. }
                | WordPartKind::ProcessSubstitution(list) => self.list(part.span, list),
                _ => {}
            }
        }
    }
}

proptest! {
    #[test]
    fn spans_are_valid_nested_and_in_order(
        pieces in prop::collection::vec(
            prop::sample::select(vec![
                "a", "b c", " ", "\n", ";", "&&", "||", "|", "&", "(", ")", "((", "))", "{ ", "}", "$", "${", "$(",
                "$((", "`", "\\", "\\`", "'", "\"", "#", "if ", "then ", "fi", "for x in ", "do ", "done", "case x in ",
                "esac", ";;", "<<E\n", "E\n", ">", "2>&1", "<(", "[[ ", " ]]", "=~ ", "x=", "x=(", "é", "f() ", "$x",
                "sh -c ", "eval ", "$[", "]", "!", "\r\n", "\t", "<<-'E'",
            ]),
            0..40,
        )
    ) {
        let text = pieces.concat();
        let script = read(&text);
        let whole = Span::new(0, text.len());
        let spans = Spans { text: &text };
        spans.list(whole, &script.list);
        for error in &script.errors {
            spans.within(whole, error.span);
        }
        let mut behind = 0;
        for invocation in script.invocations() {
            spans.within(whole, invocation.span);
            spans.within(whole, invocation.program_span);
            prop_assert!(invocation.program_span.start >= behind);
            behind = invocation.program_span.start;
        }
    }

    #[test]
    fn any_text_is_read(text in "\\PC{0,200}") {
        let script = read(&text);
        prop_assert_eq!(script.text.value, text);
    }
}
