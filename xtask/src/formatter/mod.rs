//! Laying out Dockerfiles: one way to write them, comments and meaning kept.
//!
//! What it does: keywords in upper case, one blank after them; continued lines indented by four, deeper ones keep what
//! they are deeper; no blank lines inside of instructions, at most one between them, one before each stage; no white
//! space at ends of lines; a line break at the end. Text that counts is never touched: quoted words, values that run
//! over lines, here-documents.

mod atoms;
mod meaning;

use std::fmt::Write as _;

use crate::dockerfile::{Dockerfile, SyntaxError, parse};
use crate::source::{Source, Span};

/// How deep continued lines are indented.
const INDENTATION: usize = 4;

/// Lays out a file.
///
/// # Errors
/// If the file has syntax errors: they come first. Also, with its place, if the result would mean something else,
/// which is a mistake of this formatter.
pub fn format(file: &Dockerfile) -> Result<String, SyntaxError> {
    if let Some(error) = file.errors.first() {
        return Err(error.clone());
    }
    let text = Layout::new(file).run();
    let again = parse(&Source::new(file.source.path(), text.as_str()));
    let (before, after) = (meaning::of(file), meaning::of(&again));
    if before == after {
        return Ok(text);
    }
    let differing = before
        .iter()
        .zip(&after)
        .position(|(before, after)| before != after)
        .unwrap_or_else(|| before.len().min(after.len()));
    let span = starts(file).get(differing).copied().unwrap_or_default();
    Err(SyntaxError {
        span,
        message: "this cannot be laid out without changing what it means".to_owned(),
    })
}

/// Where each part of [`meaning::of`] stands.
fn starts(file: &Dockerfile) -> Vec<Span> {
    let mut spans = vec![Span::default()];
    spans.extend(file.global_args.iter().map(|arg| arg.name.span));
    for stage in &file.stages {
        spans.push(stage.span);
        spans.extend(stage.instructions.iter().map(|i| i.span));
    }
    spans
}

/// A physical line.
#[derive(Clone, Copy)]
struct Line<'a> {
    start: usize,
    /// Without its line break.
    text: &'a str,
    /// With it.
    raw: &'a str,
}

struct Layout<'f> {
    file: &'f Dockerfile,
    lines: Vec<Line<'f>>,
    line_break: &'static str,
    /// Words and values that must stay as they are, by where they start.
    atoms: Vec<Span>,
    /// Where here-documents stand, first body to last terminator.
    bodies: Vec<Span>,
    out: String,
}

impl<'f> Layout<'f> {
    fn new(file: &'f Dockerfile) -> Self {
        let text = file.source.text();
        let mut at = 0;
        let lines = text
            .split_inclusive('\n')
            .map(|raw| {
                let start = at;
                at += raw.len();
                let text = raw.trim_end_matches(['\r', '\n']);
                Line { start, text, raw }
            })
            .collect();
        let windows = text.matches("\r\n").count() * 2 > text.matches('\n').count();
        Self {
            file,
            lines,
            line_break: if windows { "\r\n" } else { "\n" },
            atoms: atoms::of(file),
            bodies: atoms::bodies(file),
            out: String::with_capacity(text.len()),
        }
    }

    fn run(mut self) -> String {
        let mut at = 0;
        let mut comments = 0;
        while let Some(line) = self.lines.get(at).copied() {
            let content = line.text.trim_start_matches('\u{feff}').trim();
            if content.is_empty() {
                // At most one, none at the start. A first comment would turn into a directive without it.
                let first = self.out.is_empty() && !self.starts_with_a_comment(at);
                if !first && !self.ends_with_blank_line() {
                    self.out.push_str(self.line_break);
                }
                comments = 0;
                at += 1;
            } else if content.starts_with('#') {
                let bom = if line.text.starts_with('\u{feff}') {
                    "\u{feff}"
                } else {
                    ""
                };
                let _ = write!(self.out, "{bom}{content}{}", self.line_break);
                comments += 1;
                at += 1;
            } else {
                let end = self.end_of_instruction(at);
                self.separate_stage(line, comments);
                self.instruction(at, end);
                comments = 0;
                at = end;
            }
        }
        while self.ends_with_blank_line() {
            let end = self.out.len() - self.line_break.len();
            self.out.truncate(end);
        }
        self.out
    }

    /// Only comments and blank lines stand before `at`, and a comment follows.
    fn starts_with_a_comment(&self, at: usize) -> bool {
        self.lines[at..]
            .iter()
            .map(|line| line.text.trim())
            .find(|text| !text.is_empty())
            .is_some_and(|text| text.starts_with('#'))
    }

    fn ends_with_blank_line(&self) -> bool {
        let Some(rest) = self.out.strip_suffix(self.line_break) else {
            return false;
        };
        rest.is_empty() || rest.ends_with('\n')
    }

    /// Every stage but the first has a blank line before it, or before the comments right above it.
    fn separate_stage(&mut self, line: Line<'f>, comments: usize) {
        let indentation = line.text.len() - line.text.trim_start().len();
        let first = self.file.stages.first().map(|stage| stage.span.start);
        let start = line.start + indentation;
        let is_stage = self
            .file
            .stages
            .iter()
            .any(|stage| stage.span.start == start);
        if !is_stage || first == Some(start) {
            return;
        }
        let before: usize = self
            .out
            .split_inclusive('\n')
            .rev()
            .take(comments)
            .map(str::len)
            .sum();
        let place = self.out.len() - before;
        let head = &self.out[..place];
        if !head.is_empty() && !head.ends_with("\n\n") && !head.ends_with("\n\r\n") {
            self.out.insert_str(place, self.line_break);
        }
    }

    /// The line behind an instruction that starts at a line: behind its continuations and here-documents.
    fn end_of_instruction(&self, first: usize) -> usize {
        let mut at = first;
        let mut continues = self.continues(self.lines[at].text);
        while continues && at + 1 < self.lines.len() {
            at += 1;
            let content = self.lines[at].text.trim_start();
            if !content.is_empty() && !content.starts_with('#') {
                continues = self.continues(self.lines[at].text);
            }
        }
        let end = self.lines[at].start + self.lines[at].raw.len();
        let body = self.bodies.iter().find(|body| body.start == end);
        at += 1;
        if let Some(body) = body {
            while self.lines.get(at).is_some_and(|line| line.start < body.end) {
                at += 1;
            }
        }
        at
    }

    fn continues(&self, line: &str) -> bool {
        let escape = self.file.escape;
        line.trim_end_matches([' ', '\t'])
            .strip_suffix(escape)
            .is_some_and(|rest| !rest.ends_with(escape))
    }

    /// Whether the place is inside of a word or value.
    fn in_atom(&self, at: usize) -> bool {
        let index = self.atoms.partition_point(|atom| atom.start < at);
        // Atoms do not overlap.
        index
            .checked_sub(1)
            .and_then(|index| self.atoms.get(index))
            .is_some_and(|atom| at < atom.end)
    }

    fn in_body(&self, line: Line<'f>) -> bool {
        self.bodies
            .iter()
            .any(|body| body.start <= line.start && line.start < body.end)
    }

    fn instruction(&mut self, first: usize, end: usize) {
        let shift = self.shift(first, end);
        let single_blanks = Self::has_single_blanks(self.lines[first]);
        for index in first..end {
            let line = self.lines[index];
            if self.in_body(line) {
                self.out.push_str(line.raw);
                if !line.raw.ends_with('\n') {
                    self.out.push_str(self.line_break);
                }
                continue;
            }
            let content = line.text.trim_start();
            if index == first {
                let head = self.first_line(line, single_blanks);
                self.out.push_str(&head);
            } else if content.is_empty() {
                continue;
            } else if content.starts_with('#') {
                let depth = depth(line.text)
                    .saturating_add_signed(shift)
                    .max(INDENTATION);
                let _ = write!(self.out, "{:depth$}{}", "", content.trim_end());
            } else if self.in_atom(line.start)
                || self.in_atom(line.start + line.text.len() - content.len())
            {
                let text = self.end_of_line(line, line.text);
                self.out.push_str(&text);
            } else {
                let depth = depth(line.text).saturating_add_signed(shift);
                let content = self.single_blanks(line, content, single_blanks);
                let text = self.end_of_line(line, &content);
                let _ = write!(self.out, "{:depth$}{text}", "");
            }
            self.out.push_str(self.line_break);
        }
    }

    /// How much deeper the continued lines get, so that the least deep is indented as it should be.
    fn shift(&self, first: usize, end: usize) -> isize {
        let least = self.lines[first + 1..end]
            .iter()
            .filter(|line| {
                let content = line.text.trim_start();
                let start = line.start + line.text.len() - content.len();
                !content.is_empty()
                    && !content.starts_with('#')
                    && !self.in_body(**line)
                    && !self.in_atom(line.start)
                    && !self.in_atom(start)
            })
            .map(|line| depth(line.text))
            .min();
        let wanted = isize::try_from(INDENTATION).unwrap_or_default();
        least.map_or(0, |least| {
            wanted - isize::try_from(least).unwrap_or_default()
        })
    }

    /// Keyword in upper case, one blank, the rest.
    fn first_line(&self, line: Line<'f>, single_blanks: bool) -> String {
        let bom = if line.text.starts_with('\u{feff}') {
            "\u{feff}"
        } else {
            ""
        };
        let text = line.text.trim_start_matches('\u{feff}').trim_start();
        let length = text.find([' ', '\t']).unwrap_or(text.len());
        let (keyword, rest) = text.split_at(length);
        let continued = keyword.ends_with(self.file.escape) && rest.trim().is_empty();
        let mut head = if continued {
            keyword.to_owned()
        } else {
            keyword.to_ascii_uppercase()
        };
        let rest = rest.trim_start();
        if !rest.is_empty() {
            head.push(' ');
            let mut rest = self.single_blanks(line, rest, single_blanks);
            if keyword.eq_ignore_ascii_case("FROM") {
                rest = from(&rest);
            }
            head.push_str(&self.end_of_line(line, &rest));
        }
        bom.to_owned() + &head
    }

    /// Whether more than one blank between words means no more than one: not in shell text.
    fn has_single_blanks(line: Line<'f>) -> bool {
        let text = line.text.trim_start_matches('\u{feff}').trim_start();
        let (keyword, rest) = text.split_once([' ', '\t']).unwrap_or((text, ""));
        match keyword.to_ascii_uppercase().as_str() {
            "RUN" | "HEALTHCHECK" | "ONBUILD" | "SHELL" => false,
            "CMD" | "ENTRYPOINT" => rest.trim_start().starts_with('['),
            _ => true,
        }
    }

    /// `text`, the end of a line, with one blank between atoms.
    fn single_blanks(&self, line: Line<'f>, text: &str, single: bool) -> String {
        if !single {
            return text.to_owned();
        }
        let offset = line.start + line.text.len() - text.len();
        let mut result = String::with_capacity(text.len());
        for (at, c) in text.char_indices() {
            if !matches!(c, ' ' | '\t') || self.covers(offset + at) {
                result.push(c);
            } else if !result.ends_with(' ') {
                result.push(' ');
            }
        }
        result
    }

    /// Whether a byte belongs to a word or value.
    fn covers(&self, at: usize) -> bool {
        let index = self.atoms.partition_point(|atom| atom.start <= at);
        index
            .checked_sub(1)
            .and_then(|index| self.atoms.get(index))
            .is_some_and(|atom| at < atom.end)
    }

    /// Without white space at the end, and one blank before the escape character.
    fn end_of_line(&self, line: Line<'f>, text: &str) -> String {
        if !self.continues(line.text) {
            // White space before the end of the last line is part of no instruction.
            return text.trim_end_matches([' ', '\t']).to_owned();
        }
        let kept = text.trim_end_matches([' ', '\t']);
        let escape = self.file.escape;
        let content = kept.strip_suffix(escape).unwrap_or(kept);
        let at = line.start + line.text.trim_end_matches([' ', '\t']).len() - escape.len_utf8();
        // A word that goes on in the next line, or a blank that belongs to a value.
        if self.in_atom(at) || (content.ends_with([' ', '\t']) && self.in_atom(at - 1)) {
            return kept.to_owned();
        }
        let content = content.trim_end_matches([' ', '\t']);
        let blank = if content.is_empty() { "" } else { " " };
        format!("{content}{blank}{escape}")
    }
}

/// `FROM`'s words with one blank between them and `AS` in upper case.
fn from(rest: &str) -> String {
    let mut words: Vec<&str> = rest.split_ascii_whitespace().collect();
    if let [.., keyword, _] = words.as_mut_slice()
        && keyword.eq_ignore_ascii_case("as")
    {
        *keyword = "AS";
    }
    words.join(" ")
}

/// Columns of white space at the start; a tab counts as one indentation.
fn depth(line: &str) -> usize {
    line.chars()
        .take_while(|c| c.is_whitespace())
        .map(|c| if c == '\t' { INDENTATION } else { 1 })
        .sum()
}

#[cfg(test)]
mod tests;
