//! From the parser's events to the tree.

use std::collections::HashMap;

use saphyr_parser::{Event, Marker, Parser, ScalarStyle};

use super::node::{Entry, Node, Scalar, Style, Value};
use crate::source::{Source, Span};

/// How deep mappings and sequences may be nested.
pub const MAX_DEPTH: usize = 100;

/// How many nodes a document may have once its aliases are replaced by what they stand for.
pub const MAX_NODES: usize = 200_000;

/// Why a file is no YAML, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    /// The place.
    pub span: Span,
    /// A lower-case sentence.
    pub message: String,
}

/// Reads the first document of a file; a file without one is an empty scalar.
///
/// # Errors
/// The text is no YAML, or it is deeper than [`MAX_DEPTH`] or larger than [`MAX_NODES`].
pub fn parse(source: &Source) -> Result<Node, SyntaxError> {
    let mut documents = read(source, 1)?;
    Ok(documents
        .pop()
        .unwrap_or_else(|| Node::nothing(Span::default())))
}

/// Reads all documents of a file, in order; those without a value are left out. The limits hold for each.
///
/// # Errors
/// As [`parse`]; one broken document is a broken file.
pub fn parse_all(source: &Source) -> Result<Vec<Node>, SyntaxError> {
    let mut documents = read(source, usize::MAX)?;
    documents.retain(|document| !document.is_null());
    Ok(documents)
}

/// At most so many documents, empty ones included.
fn read(source: &Source, most: usize) -> Result<Vec<Node>, SyntaxError> {
    let text = source.text();
    let mark = if text.starts_with('\u{feff}') { 3 } else { 0 };
    let places = Places::new(text, mark);
    let mut parser = Parser::new_from_str(&text[mark..]);
    let mut builder = Builder::default();
    let mut documents = Vec::new();
    while let Some(event) = parser.next_event() {
        let (event, span) = event.map_err(|error| SyntaxError {
            span: places.empty(error.marker()),
            message: error.info().to_owned(),
        })?;
        let span = Span::new(places.byte(&span.start), places.byte(&span.end));
        if matches!(event, Event::DocumentEnd) {
            let whole = std::mem::take(&mut builder);
            documents.push(whole.root.unwrap_or_else(|| Node::nothing(span)));
            if documents.len() >= most {
                break;
            }
            continue;
        }
        let span = match &event {
            Event::Scalar(_, ScalarStyle::Literal | ScalarStyle::Folded, ..) => {
                without_blank_end(span, text)
            }
            _ => span,
        };
        builder
            .event(event, span)
            .map_err(|message| SyntaxError { span, message })?;
    }
    Ok(documents)
}

/// A block's place ends where its text does, not where the next token begins.
fn without_blank_end(span: Span, text: &str) -> Span {
    let length = span.of(text).trim_end().len();
    Span::new(span.start, span.start + length)
}

/// The way from the parser's positions, which count characters, to bytes.
struct Places {
    /// Where each character starts; empty if each is one byte.
    starts: Vec<usize>,
    skipped: usize,
    end: usize,
}

impl Places {
    fn new(text: &str, skipped: usize) -> Self {
        let starts = if text.is_ascii() {
            Vec::new()
        } else {
            text[skipped..]
                .char_indices()
                .map(|(at, _)| at + skipped)
                .collect()
        };
        Self {
            starts,
            skipped,
            end: text.len(),
        }
    }

    fn byte(&self, marker: &Marker) -> usize {
        if self.starts.is_empty() {
            return (marker.index() + self.skipped).min(self.end);
        }
        self.starts.get(marker.index()).map_or(self.end, |&at| at)
    }

    fn empty(&self, marker: &Marker) -> Span {
        let at = self.byte(marker);
        Span::new(at, at)
    }
}

#[derive(Default)]
struct Builder {
    open: Vec<Open>,
    anchors: HashMap<usize, Node>,
    root: Option<Node>,
    nodes: usize,
}

/// A collection whose end has not come yet.
struct Open {
    start: Span,
    anchor: usize,
    tag: Option<String>,
    content: Content,
}

enum Content {
    Sequence(Vec<Node>),
    Mapping {
        entries: Vec<Entry>,
        key: Option<Node>,
    },
}

impl Builder {
    fn event(&mut self, event: Event<'_>, span: Span) -> Result<(), String> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                self.count(1)?;
                let style = match style {
                    ScalarStyle::Plain => Style::Plain,
                    ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => Style::Quoted,
                    ScalarStyle::Literal => Style::Literal,
                    ScalarStyle::Folded => Style::Folded,
                };
                let node = Node {
                    value: Value::Scalar(Scalar {
                        text: text.into_owned(),
                        style,
                    }),
                    span,
                    tag: tag.map(|tag| tag.to_string()),
                };
                self.finish(node, anchor)
            }
            Event::SequenceStart(anchor, tag) => {
                let tag = tag.map(|tag| tag.to_string());
                self.begin(span, anchor, tag, Content::Sequence(Vec::new()))
            }
            Event::MappingStart(anchor, tag) => {
                let tag = tag.map(|tag| tag.to_string());
                let content = Content::Mapping {
                    entries: Vec::new(),
                    key: None,
                };
                self.begin(span, anchor, tag, content)
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(span),
            Event::Alias(anchor) => {
                let node = self
                    .anchors
                    .get(&anchor)
                    .cloned()
                    .ok_or("an alias stands inside of what it names")?;
                self.count(size(&node))?;
                self.finish(node, 0)
            }
            _ => Ok(()),
        }
    }

    fn begin(
        &mut self,
        start: Span,
        anchor: usize,
        tag: Option<String>,
        content: Content,
    ) -> Result<(), String> {
        self.count(1)?;
        if self.open.len() >= MAX_DEPTH {
            return Err(format!("it is nested deeper than {MAX_DEPTH} collections"));
        }
        self.open.push(Open {
            start,
            anchor,
            tag,
            content,
        });
        Ok(())
    }

    fn end(&mut self, span: Span) -> Result<(), String> {
        let Some(open) = self.open.pop() else {
            return Ok(());
        };
        let (value, last) = match open.content {
            Content::Sequence(items) => {
                let last = items.last().map(|item| item.span.end);
                (Value::Sequence(items), last)
            }
            Content::Mapping { entries, .. } => {
                let last = entries.last().map(|entry| {
                    let Entry { key, value } = entry;
                    value.span.end.max(key.span.end)
                });
                (Value::Mapping(self.merge(entries)?), last)
            }
        };
        // A block ends where its last part does, not where the next token begins.
        let end = if span.start == span.end {
            last.unwrap_or(open.start.end)
        } else {
            span.end
        };
        let node = Node {
            value,
            span: Span::new(open.start.start, end.max(open.start.start)),
            tag: open.tag,
        };
        self.finish(node, open.anchor)
    }

    /// Replaces `<<` by the entries of what it names, as far as the mapping has none of its own.
    fn merge(&mut self, entries: Vec<Entry>) -> Result<Vec<Entry>, String> {
        let is_merge = |entry: &Entry| {
            matches!(&entry.key.value, Value::Scalar(key) if key.text == "<<" && key.style == Style::Plain)
                && !matches!(entry.value.value, Value::Scalar(_))
        };
        if !entries.iter().any(is_merge) {
            return Ok(entries);
        }
        let (merges, mut own): (Vec<Entry>, Vec<Entry>) = entries.into_iter().partition(is_merge);
        let mut added = Vec::new();
        for merge in merges {
            match merge.value.value {
                Value::Mapping(more) => added.extend(more),
                Value::Sequence(items) => {
                    for item in items {
                        if let Value::Mapping(more) = item.value {
                            added.extend(more);
                        }
                    }
                }
                Value::Scalar(_) => {}
            }
        }
        let mut known: std::collections::HashSet<String> = own
            .iter()
            .filter_map(|entry| entry.key.as_str().map(str::to_owned))
            .collect();
        for entry in added {
            if entry
                .key
                .as_str()
                .is_none_or(|key| known.insert(key.to_owned()))
            {
                self.count(size(&entry.value) + 1)?;
                own.push(entry);
            }
        }
        Ok(own)
    }

    fn finish(&mut self, node: Node, anchor: usize) -> Result<(), String> {
        if anchor != 0 {
            self.count(size(&node))?;
            self.anchors.insert(anchor, node.clone());
        }
        match self.open.last_mut().map(|open| &mut open.content) {
            None => self.root = Some(node),
            Some(Content::Sequence(items)) => items.push(node),
            Some(Content::Mapping { entries, key }) => match key.take() {
                None => *key = Some(node),
                Some(key) => entries.push(Entry { key, value: node }),
            },
        }
        Ok(())
    }

    fn count(&mut self, more: usize) -> Result<(), String> {
        self.nodes = self.nodes.saturating_add(more);
        if self.nodes > MAX_NODES {
            return Err(format!("it has more than {MAX_NODES} values"));
        }
        Ok(())
    }
}

/// How many nodes a tree has. Trees are at most [`MAX_DEPTH`] deep in themselves, aliases can add to that: the way is
/// kept on a list, not on the stack.
fn size(node: &Node) -> usize {
    let mut count = 0;
    let mut left = vec![node];
    while let Some(node) = left.pop() {
        count += 1;
        match &node.value {
            Value::Scalar(_) => {}
            Value::Sequence(items) => left.extend(items),
            Value::Mapping(entries) => {
                left.extend(entries.iter().flat_map(|entry| [&entry.key, &entry.value]));
            }
        }
    }
    count
}
