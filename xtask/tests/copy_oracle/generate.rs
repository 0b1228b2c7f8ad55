//! Contexts and steps by chance, such that sources often name something, through links and wildcards.

use crate::case::{Case, Copy, Files, Node};
use crate::support::chance::Chance;

const NAMES: &[&str] = &["a", "b", "c", "ab", "a.md", "b.md", ".a", "é"];
const ODD: &[&str] = &["a*b", "[a]", "a\\b", "{a}", "a|b", "^a", "!a", "a b", "a+b"];
const WILD: &[&str] = &[
    "*", "**", "?", "a*", "*b", "*.md", "[ab]", "[^a]", "[a-c]*", "?*", "\\a", "a\\*b", "[[]a]",
    "[", "a\\",
];
const PATTERNS: &[&str] = &[
    "a", "*/a", "**/b", "*.md", "*", "!a", "!*/b", "!**/c", "a/b", "!a/b",
];

impl Chance {
    fn name(&mut self) -> &'static str {
        if self.percent(8) {
            self.pick(ODD)
        } else {
            self.pick(NAMES)
        }
    }

    fn context(&mut self) -> Files {
        let mut files = Files::new();
        let mut folders = vec![String::new()];
        for _ in 0..4 + self.below(10) {
            let folder = folders[self.below(folders.len())].clone();
            let path = format!("{folder}{}", self.name());
            if files.contains_key(&path) {
                continue;
            }
            let node = match self.below(10) {
                0..3 if folder.matches('/').count() < 3 => {
                    folders.push(format!("{path}/"));
                    Node::Folder
                }
                3..5 => Node::Link(self.target(&files)),
                _ => Node::File(path.clone()),
            };
            files.insert(path, node);
        }
        files
    }

    fn known(&mut self, files: &Files) -> String {
        let at = self.below(files.len().max(1));
        files.keys().nth(at).cloned().unwrap_or_default()
    }

    fn target(&mut self, files: &Files) -> String {
        let known = self.known(files);
        match self.below(10) {
            0 => ".".to_owned(),
            1 => "..".to_owned(),
            2 => "/".to_owned(),
            3 => self.name().to_owned(),
            4 => format!("../{known}"),
            5 => format!("../../{known}/.."),
            6 => format!("/{known}"),
            _ if known.is_empty() => "a".to_owned(),
            _ => known,
        }
    }

    fn source(&mut self, files: &Files) -> String {
        let mut path = self.known(files);
        if self.percent(12) {
            path = format!("{path}/{}", self.name());
        }
        if self.percent(10) {
            path = path
                .rsplit_once('/')
                .map_or(String::new(), |(folder, _)| folder.to_owned());
        }
        let names = path.split('/').map(|name| match self.below(100) {
            0..18 => self.pick(WILD).to_owned(),
            18..20 => self.name().to_owned(),
            // A name that is none of a pattern.
            20..80 if name.contains(['*', '[', '\\']) => name.replace(['*', '[', '\\'], "?"),
            _ => name.to_owned(),
        });
        let path = names.collect::<Vec<_>>().join("/");
        match self.below(20) {
            0 => format!("{path}/"),
            1 => format!("../{path}"),
            2 => format!("./{path}/../{}", self.name()),
            3 => format!("/{path}"),
            _ if path.is_empty() => ".".to_owned(),
            _ => path,
        }
    }

    pub(crate) fn case(&mut self) -> Case {
        let context = self.context();
        let copies = (0..4 + self.below(8)).map(|_| Copy {
            excludes: if self.percent(35) {
                self.some(4, |chance| chance.pick(PATTERNS).to_owned())
            } else {
                Vec::new()
            },
            sources: (0..=self.below(2)).map(|_| self.source(&context)).collect(),
        });
        let copies = copies.collect();
        let ignored = if self.percent(35) {
            self.some(4, |chance| chance.pick(PATTERNS).to_owned())
        } else {
            Vec::new()
        };
        Case {
            context,
            ignored,
            copies,
        }
    }
}

/// The smallest case that still fails, as far as leaving things out one by one gets.
pub(crate) fn shrink(case: &Case, fails: impl Fn(&Case) -> bool) -> Case {
    let mut small = case.clone();
    loop {
        let Some(smaller) = smaller(&small).into_iter().find(|case| fails(case)) else {
            return small;
        };
        small = smaller;
    }
}

fn smaller(case: &Case) -> Vec<Case> {
    let mut all = Vec::new();
    let mut with = |change: &dyn Fn(&mut Case)| {
        let mut case = case.clone();
        change(&mut case);
        all.push(case);
    };
    for (at, copy) in case.copies.iter().enumerate() {
        with(&|case| drop(case.copies.remove(at)));
        for source in 0..copy.sources.len() {
            if copy.sources.len() > 1 {
                with(&|case| drop(case.copies[at].sources.remove(source)));
            }
        }
        for exclude in 0..copy.excludes.len() {
            with(&|case| drop(case.copies[at].excludes.remove(exclude)));
        }
    }
    for at in 0..case.ignored.len() {
        with(&|case| drop(case.ignored.remove(at)));
    }
    for path in case.context.keys() {
        let below = format!("{path}/");
        with(&|case| {
            case.context
                .retain(|it, _| it != path && !it.starts_with(&below));
        });
    }
    all.retain(|case| !case.copies.is_empty());
    all
}
