//! JSON with a line for each value, as `serde_json`'s own layout for people has it.

use std::io::{self, Write};

use serde_json::ser::Formatter;

/// What stands in front of a value or a key; deeper ones are indented piece by piece.
const BEFORE: &str = ",\n                                ";

/// The layout. A line break and its blanks are one piece: written one by one, they are half of the work of a report.
#[derive(Debug, Default)]
pub(super) struct Indented {
    depth: usize,
    has_value: bool,
}

impl Indented {
    /// For a value that stands so deep in a document.
    pub(super) const fn within(depth: usize) -> Self {
        Self {
            depth,
            has_value: false,
        }
    }

    fn line<W: ?Sized + Write>(&self, writer: &mut W, with_comma: bool) -> io::Result<()> {
        let start = usize::from(!with_comma);
        let wanted = 2 + 2 * self.depth;
        let end = wanted.min(BEFORE.len());
        writer.write_all(&BEFORE.as_bytes()[start..end])?;
        (end..wanted).try_for_each(|_| writer.write_all(b" "))
    }

    fn open<W: ?Sized + Write>(&mut self, writer: &mut W, bracket: u8) -> io::Result<()> {
        self.depth += 1;
        self.has_value = false;
        writer.write_all(&[bracket])
    }

    fn close<W: ?Sized + Write>(&mut self, writer: &mut W, bracket: u8) -> io::Result<()> {
        self.depth -= 1;
        if self.has_value {
            self.line(writer, false)?;
        }
        writer.write_all(&[bracket])
    }
}

impl Formatter for Indented {
    fn begin_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.open(writer, b'[')
    }

    fn end_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.close(writer, b']')
    }

    fn begin_array_value<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> io::Result<()> {
        self.line(writer, !first)
    }

    fn end_array_value<W: ?Sized + Write>(&mut self, _writer: &mut W) -> io::Result<()> {
        self.has_value = true;
        Ok(())
    }

    fn begin_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.open(writer, b'{')
    }

    fn end_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.close(writer, b'}')
    }

    fn begin_object_key<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> io::Result<()> {
        self.line(writer, !first)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        writer.write_all(b": ")
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, _writer: &mut W) -> io::Result<()> {
        self.has_value = true;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde::Serialize as _;
    use serde_json::{Serializer, Value, json};

    use super::Indented;

    #[test]
    fn it_looks_as_serde_json_writes_for_people() {
        let deep = (0..30).fold(
            json!([1, {}]),
            |value, _| json!({"a": [value, []], "b": null}),
        );
        for value in [json!([]), json!({"a": {"b": [{}, 2]}}), json!("x"), deep] {
            let mut text = Vec::new();
            let mut serializer = Serializer::with_formatter(&mut text, Indented::default());
            value.serialize(&mut serializer).unwrap();
            let expected = serde_json::to_string_pretty(&value).unwrap();
            assert_eq!(String::from_utf8(text).unwrap(), expected);
            assert_eq!(serde_json::from_str::<Value>(&expected).unwrap(), value);
        }
    }
}
