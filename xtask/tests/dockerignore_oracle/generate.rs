//! Build contexts by chance, such that their patterns often hit.

use crate::case::{Case, Node, content};

/// Numbers that look random and are the same for the same seed (`SplitMix64`).
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Less than `end`.
    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % (end as u64)).unwrap()
    }

    /// True `percent` times in a hundred.
    fn percent(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    fn pick<'t, T: ?Sized>(&mut self, all: &[&'t T]) -> &'t T {
        all[self.below(all.len())]
    }
}

const PLAIN: &[&str] = &[
    "a", "b", "c", "ab", "abc", "x", "a.md", "b.md", ".a", "a.b.c", "1", "xx",
];

/// Names that mean something in a pattern, an expression, a header or a shell.
const ODD: &[&str] = &[
    "A",
    "é",
    "☺",
    "e\u{301}",
    "a b",
    " a",
    "a ",
    "a*b",
    "*",
    "a?b",
    "[a]",
    "a]",
    "a\\b",
    "\\",
    "{a}",
    "{1}",
    "x{2}",
    "a|b",
    "|",
    "^a",
    "#a",
    "!a",
    "!",
    "a+b",
    "(a)",
    "$a",
    "a\nb",
    "\n",
    "-",
    "...",
    "\"q\"",
    "a'b",
    "\u{feff}a",
    "a\tb",
    "a%41",
    "%",
    "&",
    "~",
    ",",
    "a:b",
    "*.md",
    "**",
    "[",
    "a\u{a0}",
    "日本",
];

const TOKENS: &[&str] = &[
    "a",
    "b",
    "c",
    "ab",
    "x",
    ".",
    "..",
    "...",
    "/",
    "/",
    "/",
    "*",
    "*",
    "**",
    "**",
    "**/",
    "/**",
    "?",
    "[ab]",
    "[^a]",
    "[a-c]",
    "[!a]",
    "[",
    "]",
    "\\",
    "\\*",
    "\\d",
    "\\w",
    "\\Qa",
    "\\E",
    "\\x61",
    "\\.",
    "{",
    "}",
    "{2}",
    "{1,2}",
    "{0}",
    "|",
    "^",
    "$",
    "+",
    "(",
    ")",
    "é",
    "☺",
    " ",
    "#",
    "!",
    ".md",
    "-",
    "[[:alpha:]]",
    "[\\]a]",
    "1",
    "\u{feff}",
    "\\n",
    "\\b",
    "[/]",
    "[^/]",
    "[^b]",
];

/// A context with up to about thirty entries and an ignore file of up to eight lines.
pub(crate) fn case(chance: &mut Chance) -> Case {
    let odd = chance.pick(&[&0, &0, &10, &50]);
    let mut case = Case::new("", &[]);
    let mut folders = vec![String::new()];
    let count = 3 + chance.below(24);
    for _ in 0..count {
        let name = if chance.percent(*odd) {
            chance.pick(ODD)
        } else {
            chance.pick(PLAIN)
        };
        let above = folders[chance.below(folders.len())].clone();
        let path = if above.is_empty() {
            name.to_owned()
        } else {
            format!("{above}/{name}")
        };
        if !is_readable(&path) {
            continue;
        }
        match chance.below(100) {
            0..40 if path.matches('/').count() < 4 => {
                if case.insert(&path, Node::Folder) {
                    folders.push(path);
                }
            }
            40..50 => {
                let target = link_target(chance, &case, &path);
                if is_readable(&target) {
                    case.insert(&path, Node::Link(target));
                }
            }
            _ => {
                case.insert(&path, content(&path));
            }
        }
    }
    case.ignore = ignore_file(chance, &case);
    case
}

/// Whether the tests' reader of tar files gets a name right: in the extended headers that names beyond ASCII and long
/// ones need, it takes a line break for the end.
fn is_readable(name: &str) -> bool {
    !name.contains('\n') || (name.is_ascii() && name.len() < 80)
}

fn link_target(chance: &mut Chance, case: &Case, path: &str) -> String {
    let paths: Vec<&str> = case.tree.keys().map(String::as_str).collect();
    match chance.below(8) {
        0 => "/etc/hostname".to_owned(),
        1 => "missing".to_owned(),
        2 => path.rsplit('/').next().unwrap_or(path).to_owned(),
        3 => "..".to_owned(),
        4 => ".".to_owned(),
        5 => "../../../../../../../..".to_owned(),
        _ if paths.is_empty() => "/".to_owned(),
        _ => format!(
            "{}{}",
            "../".repeat(path.matches('/').count()),
            chance.pick(&paths)
        ),
    }
}

fn ignore_file(chance: &mut Chance, case: &Case) -> String {
    let paths: Vec<&str> = case.tree.keys().map(String::as_str).collect();
    let end = if chance.percent(15) { "\r\n" } else { "\n" };
    let mut text = if chance.percent(5) {
        "\u{feff}".to_owned()
    } else {
        String::new()
    };
    let wild = *chance.pick(&[&10, &30, &80]);
    let mut lines: Vec<String> = Vec::new();
    for _ in 0..=chance.below(7) {
        let line = match chance.below(100) {
            0..3 => "# a".to_owned(),
            3..5 => String::new(),
            5..7 => " # a".to_owned(),
            // A line again, so that its exceptions stand between.
            7..15 if !lines.is_empty() => lines[chance.below(lines.len())]
                .trim_start_matches('!')
                .to_owned(),
            _ => {
                let pattern = if paths.is_empty() || chance.percent(wild / 2) {
                    tokens(chance)
                } else {
                    from_path(chance, &paths, wild)
                };
                decorated(chance, pattern)
            }
        };
        lines.push(line);
    }
    text.push_str(&lines.join(end));
    if chance.percent(80) {
        text.push_str(end);
    }
    text
}

fn tokens(chance: &mut Chance) -> String {
    (0..=chance.below(6)).map(|_| chance.pick(TOKENS)).collect()
}

/// A pattern that is likely to match: some path of the tree, changed here and there.
fn from_path(chance: &mut Chance, paths: &[&str], wild: usize) -> String {
    let path = chance.pick(paths);
    let mut parts: Vec<String> = path.split('/').map(|part| escaped(chance, part)).collect();
    for part in &mut parts {
        if chance.percent(wild) {
            *part = changed(chance, part);
        }
    }
    if parts.len() > 1 && chance.percent(20) {
        parts.pop();
    }
    if parts.len() > 1 && chance.percent(wild / 2) {
        parts.remove(0);
    }
    let mut pattern = parts.join("/");
    if chance.percent(wild / 2) {
        pattern.insert_str(
            0,
            chance.pick(&[
                "**/", "**", "*/", "/", "./", "../", "//", "x/../", "\u{feff}",
            ]),
        );
    }
    if chance.percent(wild / 2) {
        pattern.push_str(chance.pick(&[
            "/", "/**", "/*", "**", "*", "/.", "/..", "/**/*", "/*/**", "?", "//", "/**/**",
        ]));
    }
    pattern
}

/// Mostly, what means something is taken literally.
fn escaped(chance: &mut Chance, part: &str) -> String {
    let special = ['*', '?', '[', ']', '\\'];
    if !part.contains(special) || chance.percent(30) {
        return part.to_owned();
    }
    part.chars()
        .flat_map(|c| special.contains(&c).then_some('\\').into_iter().chain([c]))
        .collect()
}

fn changed(chance: &mut Chance, part: &str) -> String {
    let characters: Vec<char> = part.chars().collect();
    let at = chance.below(characters.len());
    let with = |replacement: &str, until: usize| -> String {
        let before: String = characters[..at].iter().collect();
        let after: String = characters[until.max(at)..].iter().collect();
        format!("{before}{replacement}{after}")
    };
    match chance.below(12) {
        0 => "*".to_owned(),
        1 => "**".to_owned(),
        2 => with("*", at + 1),
        3 => with("*", characters.len()),
        4 => with("?", at + 1),
        5 => with(&format!("[{}]", characters[at]), at + 1),
        6 => with("[^z]", at + 1),
        7 => with("[a-z]", at + 1),
        8 => with(&format!("\\{}", characters[at]), at + 1),
        9 => with("**", at + 1),
        10 => with("*", at),
        _ => tokens(chance),
    }
}

fn decorated(chance: &mut Chance, mut pattern: String) -> String {
    if chance.percent(35) {
        pattern.insert_str(0, chance.pick(&["!", "!", "!", "! ", "!/", "!!"]));
    }
    if chance.percent(5) {
        pattern.insert_str(0, chance.pick(&[" ", "\t", "\u{a0}"]));
    }
    if chance.percent(5) {
        pattern.push_str(chance.pick(&[" ", "\t", "\r", "\u{2003}"]));
    }
    pattern
}
