//! `$NAME` and `${NAME}`.

/// Replaces variables as Go's `os.Expand` does: those that are not set by nothing, and `${` without its end by nothing.
#[must_use]
pub fn expanded(text: &str, value: &dyn Fn(&str) -> Option<String>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..at]);
        let behind = &rest[at + 1..];
        let (name, length) = name(behind);
        if length == 0 {
            // A dollar before anything else is one.
            out.push('$');
        } else if !name.is_empty() {
            out.push_str(&value(name).unwrap_or_default());
        }
        rest = &behind[length..];
    }
    out.push_str(rest);
    out
}

/// The name behind a dollar, and how many bytes it takes with its braces; no name where what is there is broken.
fn name(text: &str) -> (&str, usize) {
    let special = |c: char| "*#$@!?-".contains(c) || c.is_ascii_digit();
    if let Some(inner) = text.strip_prefix('{') {
        return match inner.find('}') {
            // `${}` is nothing.
            Some(0) => ("", 2),
            Some(end) => (&inner[..end], end + 2),
            None => ("", 1),
        };
    }
    let Some(first) = text.chars().next() else {
        return ("", 0);
    };
    if special(first) {
        return (&text[..1], 1);
    }
    let length = text
        .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .unwrap_or(text.len());
    (&text[..length], length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_replaced_as_go_does() {
        let value = |name: &str| (name == "HOME").then(|| "/root".to_owned());
        for (text, expected) in [
            ("$HOME/x", "/root/x"),
            ("${HOME}x", "/rootx"),
            ("a$UNSET.b", "a.b"),
            ("$", "$"),
            ("cost: $ 5", "cost: $ 5"),
            ("${}x", "x"),
            ("${HOME", "HOME"),
            ("$1", ""),
            ("é$HOMEé", "é/rooté"),
        ] {
            assert_eq!(expanded(text, &value), expected, "{text}");
        }
    }
}
