//! Columns for people: a plain table for the terminal and the same as Markdown.

use std::fmt::Write;

/// How a column's cells are set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alignment {
    /// Text.
    Left,
    /// Numbers.
    Right,
}

/// A table with a head.
#[derive(Clone, Debug)]
pub struct Table {
    columns: Vec<(&'static str, Alignment)>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// An empty table with these columns.
    #[must_use]
    pub fn new(columns: &[(&'static str, Alignment)]) -> Self {
        Self {
            columns: columns.to_vec(),
            rows: Vec::new(),
        }
    }

    /// Adds a row; missing cells are empty, surplus ones are dropped.
    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        let mut row: Vec<_> = cells.into_iter().take(self.columns.len()).collect();
        row.resize(self.columns.len(), String::new());
        self.rows.push(row);
    }

    /// Whether it has no rows.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Two spaces between columns, no line ends in a space.
    #[must_use]
    pub fn plain(&self) -> String {
        let widths: Vec<usize> = (0..self.columns.len())
            .map(|i| {
                let cells = self.rows.iter().map(|row| width(&row[i]));
                cells
                    .chain([width(self.columns[i].0)])
                    .max()
                    .unwrap_or_default()
            })
            .collect();
        let mut text = String::new();
        let head: Vec<String> = self
            .columns
            .iter()
            .map(|(name, _)| (*name).to_owned())
            .collect();
        for row in std::iter::once(&head).chain(&self.rows) {
            let mut line = String::new();
            for (i, cell) in row.iter().enumerate() {
                let padding = " ".repeat(widths[i] - width(cell));
                let gap = if i == 0 { "" } else { "  " };
                match self.columns[i].1 {
                    Alignment::Left => line.extend([gap, cell, &padding]),
                    Alignment::Right => line.extend([gap, &padding, cell]),
                }
            }
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text
    }

    /// A GitHub-flavored Markdown table.
    #[must_use]
    pub fn markdown(&self) -> String {
        let mut text = String::new();
        let escape = |cell: &str| cell.replace('|', "\\|").replace('\n', " ");
        let mut line = |cells: &mut dyn Iterator<Item = String>| {
            // Writing to a string does not fail.
            let _ = writeln!(text, "| {} |", cells.collect::<Vec<_>>().join(" | "));
        };
        line(&mut self.columns.iter().map(|(name, _)| escape(name)));
        line(
            &mut self.columns.iter().map(|(_, alignment)| match alignment {
                Alignment::Left => "---".to_owned(),
                Alignment::Right => "---:".to_owned(),
            }),
        );
        for row in &self.rows {
            line(&mut row.iter().map(|cell| escape(cell)));
        }
        text
    }

    /// An HTML table; foreign text in it stays text. Numbers have the class `number`.
    #[must_use]
    pub fn html(&self) -> String {
        let mut text = String::from("<table>\n<thead><tr>");
        let class = |alignment: Alignment| match alignment {
            Alignment::Left => "",
            Alignment::Right => " class=\"number\"",
        };
        for (name, alignment) in &self.columns {
            // Writing to a string does not fail.
            let _ = write!(
                text,
                "<th scope=\"col\"{}>{}</th>",
                class(*alignment),
                html(name)
            );
        }
        text.push_str("</tr></thead>\n<tbody>\n");
        for row in &self.rows {
            text.push_str("<tr>");
            for ((_, alignment), cell) in self.columns.iter().zip(row) {
                let _ = write!(text, "<td{}>{}</td>", class(*alignment), html(cell));
            }
            text.push_str("</tr>\n");
        }
        text.push_str("</tbody>\n</table>\n");
        text
    }
}

/// Foreign text as text of an HTML document.
#[must_use]
pub fn html(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            character if character.is_control() && character != '\n' => {}
            character => escaped.push(character),
        }
    }
    escaped
}

fn width(cell: &str) -> usize {
    cell.chars().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let mut table = Table::new(&[
            ("NAME", Alignment::Left),
            ("SIZE", Alignment::Right),
            ("NOTE", Alignment::Left),
        ]);
        table.row(["é|a".to_owned(), "1 MB".to_owned()]);
        table.row(["longer".to_owned(), "100 MB".to_owned(), "x".to_owned()]);
        table
    }

    #[test]
    fn columns_line_up() {
        insta::assert_snapshot!(table().plain(), @r"
        NAME      SIZE  NOTE
        é|a       1 MB
        longer  100 MB  x
        ");
    }

    #[test]
    fn markdown_escapes_its_bars() {
        insta::assert_snapshot!(table().markdown(), @r"
        | NAME | SIZE | NOTE |
        | --- | ---: | --- |
        | é\|a | 1 MB |  |
        | longer | 100 MB | x |
        ");
    }

    #[test]
    fn html_keeps_foreign_text_as_text() {
        let mut table = Table::new(&[("A<b>", Alignment::Left), ("N", Alignment::Right)]);
        table.row([
            "<script>alert('x')</script>\u{1b}[0m".to_owned(),
            "1".to_owned(),
        ]);
        insta::assert_snapshot!(table.html(), @r#"
        <table>
        <thead><tr><th scope="col">A&lt;b&gt;</th><th scope="col" class="number">N</th></tr></thead>
        <tbody>
        <tr><td>&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;[0m</td><td class="number">1</td></tr>
        </tbody>
        </table>
        "#);
    }
}
