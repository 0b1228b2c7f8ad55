//! The machine's apt sources: both notations, and a private source for another suite of the same mirror.

use std::fmt::Write;

/// One `deb` line or one deb822 stanza.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Source {
    /// `deb`, `deb-src`.
    pub(super) types: Vec<String>,
    /// Mirrors, as apt understands them.
    pub(super) uris: Vec<String>,
    /// Suites or codenames.
    pub(super) suites: Vec<String>,
    /// `main`, `contrib`, ….
    pub(super) components: Vec<String>,
    /// Every other field by its deb822 name; a value keeps its continuation lines.
    pub(super) options: Vec<(String, String)>,
}

/// Names of the one-line notation that are not spelled as in deb822.
const RENAMED: [(&str, &str); 3] = [
    ("arch", "Architectures"),
    ("lang", "Languages"),
    ("target", "Targets"),
];

/// Fields that narrow what the machine wants of a source; we decide that ourselves.
const OURS: [&str; 6] = [
    "architectures",
    "languages",
    "targets",
    "include",
    "exclude",
    "enabled",
];

impl Source {
    /// Whether it offers binary packages of `suite` and component `main`. `bookworm-updates` and `bookworm-security`
    /// are suites of their own.
    #[must_use]
    pub(super) fn offers(&self, suite: &str) -> bool {
        let has = |list: &[String], wanted: &str| list.iter().any(|word| word == wanted);
        has(&self.types, "deb") && has(&self.components, "main") && has(&self.suites, suite)
    }

    /// The same mirror and keys for other suites, as a deb822 stanza that fetches package lists only.
    #[must_use]
    pub(super) fn for_suites(&self, suites: &[&str], architecture: &str) -> String {
        let mut text = format!(
            "Types: deb\nURIs: {}\nSuites: {}\nComponents: main\nArchitectures: {architecture}\nTargets: Packages\n",
            self.uris.join(" "),
            suites.join(" "),
        );
        for (name, value) in &self.options {
            if !OURS.contains(&name.to_ascii_lowercase().as_str()) {
                // Writing to a string cannot fail.
                let _ = writeln!(text, "{name}: {value}");
            }
        }
        text
    }
}

/// Reads the one-line notation (`sources.list`, `*.list`). Lines apt would reject are left out.
#[must_use]
pub(super) fn parse_list(text: &str) -> Vec<Source> {
    text.lines().filter_map(parse_line).collect()
}

fn parse_line(line: &str) -> Option<Source> {
    let line = line.split('#').next()?.trim();
    let (kind, rest) = line.split_once(char::is_whitespace)?;
    if !matches!(kind, "deb" | "deb-src") {
        return None;
    }
    let rest = rest.trim_start();
    let (options, rest) = match rest.strip_prefix('[') {
        Some(rest) => rest.split_once(']')?,
        None => ("", rest),
    };
    let mut words = rest.split_whitespace().map(str::to_owned);
    let uri = words.next()?;
    // A CD is no mirror, and its name may have spaces and brackets.
    if uri.starts_with("cdrom:") {
        return None;
    }
    Some(Source {
        types: vec![kind.to_owned()],
        uris: vec![uri],
        suites: vec![words.next()?],
        components: words.collect(),
        options: options
            .split_whitespace()
            .filter_map(|option| option.split_once('='))
            .filter(|(name, _)| !name.ends_with(['+', '-']))
            .map(|(name, value)| (field_name(name), value.replace(',', " ")))
            .collect(),
    })
}

fn field_name(option: &str) -> String {
    RENAMED
        .iter()
        .find(|(short, _)| option.eq_ignore_ascii_case(short))
        .map_or_else(|| option.to_owned(), |(_, name)| (*name).to_owned())
}

/// Reads the deb822 notation (`*.sources`). Disabled stanzas are left out.
#[must_use]
pub(super) fn parse_deb822(text: &str) -> Vec<Source> {
    let mut sources = Vec::new();
    let mut fields: Vec<(String, String)> = Vec::new();
    for line in text.lines().chain([""]) {
        if line.starts_with('#') {
            continue;
        }
        if line.trim().is_empty() {
            sources.extend(from_fields(std::mem::take(&mut fields)));
        } else if line.starts_with([' ', '\t']) {
            if let Some((_, value)) = fields.last_mut() {
                value.push('\n');
                value.push_str(line.trim_end());
            }
        } else if let Some((name, value)) = line.split_once(':') {
            fields.push((name.trim().to_owned(), value.trim().to_owned()));
        }
    }
    sources
}

fn from_fields(fields: Vec<(String, String)>) -> Option<Source> {
    let mut source = Source::default();
    for (name, value) in fields {
        let words = || value.split_whitespace().map(str::to_owned).collect();
        match name.to_ascii_lowercase().as_str() {
            "types" => source.types = words(),
            "uris" => source.uris = words(),
            "suites" => source.suites = words(),
            "components" => source.components = words(),
            "enabled" if matches!(value.to_ascii_lowercase().as_str(), "no" | "false" | "0") => {
                return None;
            }
            _ => source.options.push((name, value)),
        }
    }
    source.uris.retain(|uri| !uri.starts_with("cdrom:"));
    (!source.uris.is_empty()).then_some(source)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEB822: &str = "\
Types: deb
# an older mirror
URIs: http://mirror.example/debian
Suites: bookworm bookworm-updates
Components: main contrib
Signed-By: /usr/share/keyrings/a.gpg

types: deb deb-src
uris: http://mirror.example/debian-security
suites: bookworm-security
components: main
Architectures: amd64
signed-by:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 mDMEY865UxYJKwYBBAHaRw8BAQdA
 -----END PGP PUBLIC KEY BLOCK-----

Enabled: no
Types: deb
URIs: http://off.example
Suites: bookworm
Components: main
";

    #[test]
    fn deb822_stanzas_are_read_and_disabled_ones_left_out() {
        let sources = parse_deb822(DEB822);
        assert_eq!(sources.len(), 2);
        assert!(sources[0].offers("bookworm"));
        assert!(!sources[1].offers("bookworm"), "security is another suite");
        assert!(!sources[0].offers("bookworm-security"));
        insta::assert_snapshot!(sources[0].for_suites(&["sid"], "amd64"), @r"
        Types: deb
        URIs: http://mirror.example/debian
        Suites: sid
        Components: main
        Architectures: amd64
        Targets: Packages
        Signed-By: /usr/share/keyrings/a.gpg
        ");
        insta::assert_snapshot!(sources[1].for_suites(&["trixie", "sid"], "arm64"), @r"
        Types: deb
        URIs: http://mirror.example/debian-security
        Suites: trixie sid
        Components: main
        Architectures: arm64
        Targets: Packages
        signed-by: 
         -----BEGIN PGP PUBLIC KEY BLOCK-----
         .
         mDMEY865UxYJKwYBBAHaRw8BAQdA
         -----END PGP PUBLIC KEY BLOCK-----
        ");
    }

    #[test]
    fn one_line_sources_keep_their_options() {
        let sources = parse_list(
            "# deb http://off.example bookworm main\n\
             deb cdrom:[Debian GNU/Linux 12 _Bookworm_ - amd64]/ bookworm main\n\
             deb [ arch=amd64,i386 signed-by=/a.gpg,/b.gpg trusted=yes lang-=de ] https://m.example/debian bookworm main non-free # ours\n\
             deb-src http://m.example/debian bookworm main\n\
             deb http://m.example/debian-security bookworm-security main\n\
             deb http://flat.example ./\n",
        );
        assert_eq!(sources.len(), 4, "{sources:#?}");
        let offering: Vec<_> = sources.iter().filter(|s| s.offers("bookworm")).collect();
        assert_eq!(offering.len(), 1);
        insta::assert_snapshot!(offering[0].for_suites(&["sid"], "amd64"), @r"
        Types: deb
        URIs: https://m.example/debian
        Suites: sid
        Components: main
        Architectures: amd64
        Targets: Packages
        signed-by: /a.gpg /b.gpg
        trusted: yes
        ");
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_the_readers_panic(text in "(deb|[ \\[\\]=:#\n]|Types|URIs|[a-z]{0,4}){0,40}") {
            let _ = parse_list(&text);
            let _ = parse_deb822(&text);
        }

        #[test]
        fn what_is_written_is_read_again(suite in "[a-z]{1,8}", component in "main", uri in "https?://[a-z]{1,9}/debian") {
            let source = Source {
                types: vec!["deb".into()],
                uris: vec![uri],
                suites: vec!["x".into()],
                components: vec![component],
                options: vec![("Signed-By".into(), "/k.gpg".into())],
            };
            let read = parse_deb822(&source.for_suites(&[&suite], "amd64"));
            proptest::prop_assert_eq!(read.len(), 1);
            proptest::prop_assert!(read[0].offers(&suite));
            proptest::prop_assert_eq!(&read[0].uris, &source.uris);
            proptest::prop_assert!(read[0].options.contains(&source.options[0]));
        }
    }
}
