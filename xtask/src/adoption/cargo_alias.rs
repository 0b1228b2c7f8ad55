//! `cargo xtask`: an alias in Cargo's configuration (<https://doc.rust-lang.org/cargo/reference/config.html#alias>).

/// The line.
const ALIAS: &str = "xtask = \"run --package xtask --\"\n";

/// The configuration with the alias; `None` if it has one called `xtask` already. What stands there stays as it is.
#[must_use]
pub fn with_alias(text: &str) -> Option<String> {
    let mut table = String::new();
    let mut behind_header = None;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        at += line.len();
        let code = line.split('#').next().unwrap_or_default().trim();
        if let Some(name) = code
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'))
        {
            name.trim().clone_into(&mut table);
            if table == "alias" {
                behind_header = Some(at);
            }
            continue;
        }
        let key = code.split('=').next().unwrap_or_default().trim();
        let key = key.replace(['"', '\''], "");
        let is_alias = match table.as_str() {
            "alias" => key == "xtask",
            "" => key == "alias.xtask" || key == "alias",
            _ => false,
        };
        if is_alias {
            return None;
        }
    }
    let break_line = |text: &str| text.is_empty() || text.ends_with('\n');
    Some(if let Some(at) = behind_header {
        let (before, after) = text.split_at(at);
        let separator = if break_line(before) { "" } else { "\n" };
        format!("{before}{separator}{ALIAS}{after}")
    } else {
        let separator = match text {
            "" => "",
            text if break_line(text) => "\n",
            _ => "\n\n",
        };
        format!("{text}{separator}[alias]\n{ALIAS}")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_alias_is_added_where_it_belongs_and_once() {
        for (text, expected) in [
            ("", "[alias]\nX\n"),
            ("[build]\njobs = 2", "[build]\njobs = 2\n\n[alias]\nX\n"),
            ("[build]\n", "[build]\n\n[alias]\nX\n"),
            (
                "[alias] # mine\nb = \"build\"\n[net]\n",
                "[alias] # mine\nX\nb = \"build\"\n[net]\n",
            ),
            ("[alias]", "[alias]\nX\n"),
            (
                "[env]\nxtask = \"1\"\n",
                "[env]\nxtask = \"1\"\n\n[alias]\nX\n",
            ),
        ] {
            let with = with_alias(text).unwrap();
            assert_eq!(with.replace(ALIAS, "X\n"), expected);
            assert_eq!(with_alias(&with), None, "{with}");
            let table: toml::Table = toml::from_str(&with).unwrap();
            assert_eq!(
                table["alias"]["xtask"].as_str(),
                Some("run --package xtask --")
            );
        }
        for text in [
            "alias.xtask = \"r\"\n",
            "alias = { xtask = \"r\" }\n",
            "[alias]\n\"xtask\" = [\"r\"]\n",
        ] {
            assert_eq!(with_alias(text), None, "{text}");
        }
    }
}
