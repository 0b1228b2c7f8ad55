//! What a comment says to a linter.

use crate::source::{Span, Spanned};

/// How far a comment reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// The instruction below, or the line below inside an instruction.
    Next,
    /// The stage that begins below.
    Stage,
    /// The whole file.
    File,
}

/// Whose language a comment is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    /// `# hadolint ignore=DL3008`.
    Hadolint,
    /// `# check=skip=StageNameCasing`.
    Buildkit,
    /// `# lint: allow(DL3008) reason`.
    Ours,
}

/// A comment that is meant for a linter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pragma {
    pub(super) dialect: Dialect,
    pub(super) reach: Reach,
    /// From the comment's `#` to its end.
    pub(super) comment: Span,
    /// What is suppressed.
    pub(super) codes: Vec<Spanned<String>>,
    /// `error=true` of `BuildKit`'s directive.
    pub(super) raise: bool,
    /// `experimental=` of `BuildKit`'s directive.
    pub(super) experimental: Vec<Spanned<String>>,
}

/// A comment that looks like one for a linter and is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Malformed {
    pub(super) dialect: Dialect,
    /// The part that is wrong.
    pub(super) span: Span,
    pub(super) message: String,
    pub(super) help: &'static str,
    /// What mends it: text put in before the span's start, or in place of the span.
    pub(super) fix: Option<(Span, &'static str)>,
}

/// Reads a comment; `None` if it speaks to nobody.
pub(super) fn parse(text: &str, comment: Span) -> Option<Result<Pragma, Malformed>> {
    let body = comment.of(text);
    let rest = body.trim_start_matches('#');
    let words = Cursor {
        text: rest.trim_end(),
        start: comment.start + (body.len() - rest.len()),
    }
    .trimmed();
    if let Some(rest) = words.after("hadolint") {
        return hadolint(rest, comment);
    }
    if let Some(rest) = words.after("lint:") {
        return Some(ours(rest.trimmed(), comment));
    }
    let value = words.after("check")?.trimmed().after("=")?;
    Some(Ok(check(value.trimmed(), comment)))
}

/// `skip=A,B;error=true;experimental=C`, as the directive at the head of a file has it, too.
pub(super) fn check_value(value: &Spanned<String>) -> Pragma {
    let cursor = Cursor {
        text: &value.value,
        start: value.span.start,
    };
    Pragma {
        reach: Reach::File,
        ..check(cursor, value.span)
    }
}

fn hadolint(rest: Cursor<'_>, comment: Span) -> Option<Result<Pragma, Malformed>> {
    let colon = rest.after(":");
    let words = colon.unwrap_or(rest);
    if !words.text.starts_with([' ', '\t']) {
        return None;
    }
    let words = words.trimmed();
    let scope = |name: &str| words.after(name).filter(|rest| rest.is_at_blank());
    let (reach, words) = match (scope("global"), scope("stage")) {
        (Some(rest), _) => (Reach::File, rest.trimmed()),
        (_, Some(rest)) => (Reach::Stage, rest.trimmed()),
        _ => (Reach::Next, words),
    };
    let list = words.after("ignore")?.trimmed();
    // A sentence that happens to say "hadolint ignore".
    let Some(list) = list.after("=") else {
        let word = list.text.trim_start_matches(':').trim_start();
        let is_code = ["DL", "SC", "DX"]
            .iter()
            .any(|prefix| word.starts_with(prefix));
        return is_code.then(|| {
            Err(Malformed {
                dialect: Dialect::Hadolint,
                span: words.span(),
                message: "hadolint reads no codes without `=`".to_owned(),
                help: "write `# hadolint ignore=CODE`",
                fix: Some((
                    Span::new(words.start + "ignore".len(), {
                        let colon = list.text.len() - list.text.trim_start_matches(':').len();
                        let rest = &list.text[colon..];
                        list.start + colon + (rest.len() - rest.trim_start().len())
                    }),
                    "=",
                )),
            })
        });
    };
    if let Some(after) = colon {
        let at = Span::new(after.start - 1, after.start);
        return Some(Err(Malformed {
            dialect: Dialect::Hadolint,
            span: at,
            message: "hadolint reads no pragma with a colon".to_owned(),
            help: "write `# hadolint ignore=CODE`",
            fix: Some((at, "")),
        }));
    }
    let (codes, rest) = list.trimmed().list();
    let rest = rest.trimmed();
    if codes.is_empty() {
        return Some(Err(Malformed {
            dialect: Dialect::Hadolint,
            span: comment,
            message: "names nothing to ignore".to_owned(),
            help: "name the codes behind `=`",
            fix: None,
        }));
    }
    if !rest.text.is_empty() && !rest.text.starts_with('#') {
        return Some(Err(Malformed {
            dialect: Dialect::Hadolint,
            span: rest.span(),
            message: "text behind the list makes hadolint pass over the whole comment".to_owned(),
            help: "put a `#` before it",
            fix: Some((Span::new(rest.start, rest.start), "# ")),
        }));
    }
    Some(Ok(Pragma {
        dialect: Dialect::Hadolint,
        reach,
        comment,
        codes,
        raise: false,
        experimental: Vec::new(),
    }))
}

fn ours(words: Cursor<'_>, comment: Span) -> Result<Pragma, Malformed> {
    let malformed = |span: Span, message: &str| {
        Err(Malformed {
            dialect: Dialect::Ours,
            span,
            message: message.to_owned(),
            help: "write `# lint: allow(RULE) reason`; `allow-stage` and `allow-file` reach further",
            fix: None,
        })
    };
    let forms = [
        ("allow-file", Reach::File),
        ("allow-stage", Reach::Stage),
        ("allow", Reach::Next),
    ];
    let form = forms.iter().find_map(|(word, reach)| {
        let list = words.after(word)?.trimmed().after("(")?;
        Some((*reach, list))
    });
    let Some((reach, list)) = form else {
        return malformed(words.span(), "is no suppression");
    };
    let Some(end) = list.text.find(')') else {
        return malformed(list.span(), "the list has no `)` at its end");
    };
    let (codes, rest) = Cursor {
        text: &list.text[..end],
        ..list
    }
    .trimmed()
    .list();
    let rest = rest.trimmed();
    if codes.is_empty() || !rest.text.is_empty() {
        let span = Span::new(list.start, list.start + end);
        return malformed(span, "is no list of codes or names with commas between");
    }
    Ok(Pragma {
        dialect: Dialect::Ours,
        reach,
        comment,
        codes,
        raise: false,
        experimental: Vec::new(),
    })
}

fn check(value: Cursor<'_>, comment: Span) -> Pragma {
    let mut pragma = Pragma {
        dialect: Dialect::Buildkit,
        reach: Reach::Next,
        comment,
        codes: Vec::new(),
        raise: false,
        experimental: Vec::new(),
    };
    let mut start = value.start;
    for part in value.text.split(';') {
        let cursor = Cursor { text: part, start }.trimmed();
        start += part.len() + 1;
        if let Some(list) = cursor.after("skip=") {
            pragma.codes = list.trimmed().list().0;
        } else if let Some(list) = cursor.after("experimental=") {
            pragma.experimental = list.trimmed().list().0;
        } else if let Some(switch) = cursor.after("error=") {
            pragma.raise = switch.text.trim().eq_ignore_ascii_case("true");
        }
    }
    pragma
}

/// The rest of a comment, with its place.
#[derive(Clone, Copy)]
struct Cursor<'t> {
    text: &'t str,
    start: usize,
}

impl<'t> Cursor<'t> {
    fn after(self, prefix: &str) -> Option<Self> {
        Some(Self {
            text: self.text.strip_prefix(prefix)?,
            start: self.start + prefix.len(),
        })
    }

    fn trimmed(self) -> Self {
        let text = self.text.trim_start();
        Self {
            text,
            start: self.start + (self.text.len() - text.len()),
        }
    }

    fn is_at_blank(self) -> bool {
        self.text.starts_with([' ', '\t'])
    }

    fn span(self) -> Span {
        Span::new(self.start, self.start + self.text.len())
    }

    /// Words with commas between, and what follows them.
    fn list(self) -> (Vec<Spanned<String>>, Cursor<'t>) {
        let mut words = Vec::new();
        let mut rest = self;
        loop {
            rest = rest.trimmed();
            let is_part = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '/');
            let length = rest.text.find(|c| !is_part(c)).unwrap_or(rest.text.len());
            if length == 0 {
                return (words, rest);
            }
            let span = Span::new(rest.start, rest.start + length);
            words.push(Spanned::new(rest.text[..length].to_owned(), span));
            rest = Cursor {
                text: &rest.text[length..],
                start: span.end,
            };
            match rest.trimmed().after(",") {
                Some(next) => rest = next,
                None => return (words, rest),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        match parse(text, Span::new(0, text.len())) {
            None => "-".to_owned(),
            Some(Err(malformed)) => {
                format!("! {}: {}", malformed.span.of(text), malformed.message)
            }
            Some(Ok(pragma)) => {
                for code in &pragma.codes {
                    assert_eq!(code.span.of(text), code.value);
                }
                let codes: Vec<&str> = pragma.codes.iter().map(|c| c.value.as_str()).collect();
                format!(
                    "{:?} {:?} {}",
                    pragma.dialect,
                    pragma.reach,
                    codes.join(" ")
                )
            }
        }
    }

    #[test]
    fn comments_of_three_languages_are_read() {
        for (text, expected) in [
            ("# hadolint ignore=DL3008", "Hadolint Next DL3008"),
            (
                "#hadolint   ignore = DL3008 , SC1081 # why",
                "Hadolint Next DL3008 SC1081",
            ),
            ("# hadolint global ignore=DL3008", "Hadolint File DL3008"),
            ("# hadolint stage ignore=DL3008", "Hadolint Stage DL3008"),
            ("# hadolint shell=powershell", "-"),
            ("# check=skip=A,B", "Buildkit Next A B"),
            ("# check = skip=all;error=true", "Buildkit Next all"),
            (
                "# lint: allow(image-without-tag, DL3008) it is ours",
                "Ours Next image-without-tag DL3008",
            ),
            ("# lint: allow-file(DL3008)", "Ours File DL3008"),
            ("# lint: allow-stage( DL3008 )", "Ours Stage DL3008"),
            ("# a check of the hadolint kind", "-"),
            ("# hadolint ignores this", "-"),
            ("# hadolintx ignore=DL3008", "-"),
            ("# lint the code", "-"),
            ("#", "-"),
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_nearly_one_is_told() {
        for (text, expected) in [
            (
                "# hadolint ignore=DL3008 because",
                "! because: text behind the list makes hadolint pass over the whole comment",
            ),
            (
                "# hadolint ignore DL3008",
                "! ignore DL3008: hadolint reads no codes without `=`",
            ),
            (
                "# hadolint: ignore=DL3008",
                "! :: hadolint reads no pragma with a colon",
            ),
            (
                "# hadolint ignore=",
                "! # hadolint ignore=: names nothing to ignore",
            ),
            ("# lint: DL3008", "! DL3008: is no suppression"),
            (
                "# lint: allow(DL3008 why",
                "! DL3008 why: the list has no `)` at its end",
            ),
            (
                "# lint: allow(DL3008 DL3009)",
                "! DL3008 DL3009: is no list of codes or names with commas between",
            ),
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
    }

    #[test]
    fn the_directive_may_raise_and_try() {
        let text = "skip=A;error=TRUE;experimental=B,C";
        let pragma = check_value(&Spanned::new(text.to_owned(), Span::new(7, 7 + text.len())));
        assert!(pragma.raise);
        assert_eq!(pragma.codes[0].span, Span::new(12, 13));
        assert_eq!(pragma.experimental.len(), 2);
        assert_eq!(pragma.reach, Reach::File);
    }
}
