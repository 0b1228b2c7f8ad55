//! Where variables are used: the texts that are expanded, and the place of a name in them.

use crate::dockerfile::InstructionKind;
use crate::source::{Span, Spanned};

/// Shows every text of an instruction in which `BuildKit` replaces variables.
pub(super) fn each_expanded_text<'i>(
    kind: &'i InstructionKind,
    see: &mut dyn FnMut(&'i Spanned<String>),
) {
    use InstructionKind as Kind;
    match kind {
        Kind::Add(transfer) | Kind::Copy(transfer) => {
            for name in ["chown", "chmod", "checksum"] {
                transfer.flag(name).into_iter().for_each(&mut *see);
            }
            let is_heredoc = |source: &Spanned<String>| source.value.starts_with("<<");
            let sources = transfer.sources.iter();
            sources
                .filter(|source| !is_heredoc(source))
                .for_each(&mut *see);
            see(&transfer.destination);
        }
        Kind::Arg(declarations) => {
            for declaration in declarations {
                declaration.default.iter().for_each(&mut *see);
            }
        }
        Kind::Env(pairs) | Kind::Label(pairs) => {
            for pair in pairs {
                see(&pair.key);
                see(&pair.value);
            }
        }
        Kind::Expose(words) | Kind::Volume(words) => words.iter().for_each(see),
        Kind::Stopsignal(text) | Kind::User(text) | Kind::Workdir(text) => see(text),
        Kind::Cmd(_)
        | Kind::Entrypoint(_)
        | Kind::Healthcheck(_)
        | Kind::Maintainer(_)
        | Kind::Onbuild(_)
        | Kind::Run(_)
        | Kind::Shell(_) => {}
    }
}

/// Where a text uses a variable: the name alone, without `$` and braces. All of the text if it is not found there.
pub(super) fn place_of(name: &str, text: Span, file: &str) -> Span {
    let written = text.of(file);
    for (at, _) in written.match_indices('$') {
        let rest = &written[at + 1..];
        let brace = usize::from(rest.starts_with('{'));
        let Some(after) = rest[brace..].strip_prefix(name) else {
            continue;
        };
        if after.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_') {
            continue;
        }
        let start = text.start + at + 1 + brace;
        return Span::new(start, start + name.len());
    }
    text
}

/// Puts another name where `name` is used, as [`place_of`] tells; `None` where it cannot be written like that.
pub(super) fn renamed(
    name: &str,
    place: Span,
    other: &str,
    file: &str,
) -> Option<[(Span, String); 1]> {
    let is_variable = is_name(other) && !other.starts_with(|c: char| c.is_ascii_digit());
    (is_variable && place.of(file) == name).then(|| [(place, other.to_owned())])
}

/// The name of a text that is nothing but one variable: `$NAME` or `${NAME}`.
pub(super) fn only_variable(text: &str) -> Option<&str> {
    let name = text.trim_matches('"').strip_prefix('$')?;
    let name = name
        .strip_prefix('{')
        .map_or(Some(name), |inner| inner.strip_suffix('}'))?;
    is_name(name).then_some(name)
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_where_they_stand() {
        let file = "ENV a=$ab${a:-x}";
        let place = place_of("a", Span::new(6, 16), file);
        assert_eq!((place.start, place.of(file)), (11, "a"));
        assert_eq!(place_of("zz", Span::new(6, 16), file), Span::new(6, 16));
    }

    #[test]
    fn one_variable_and_nothing_else() {
        for (text, expected) in [
            ("$a", Some("a")),
            ("${a_1}", Some("a_1")),
            ("\"$a\"", Some("a")),
            ("$a$b", None),
            ("${a:-b}", None),
            ("$", None),
            ("a", None),
        ] {
            assert_eq!(only_variable(text), expected, "{text}");
        }
    }
}
