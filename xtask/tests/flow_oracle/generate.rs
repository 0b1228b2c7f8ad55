//! Contexts and Dockerfiles by chance, such that steps often meet what steps before put somewhere.

use crate::case::{Case, Context, Entries, Stage};
use crate::support::chance::Chance;

const NAMES: &[&str] = &["a", "b", "c", "x.md", "y.md", ".env"];
const PATTERNS: &[&str] = &[
    "a", "*/a", "**/b", "*.md", "**/.env", "*", "!a", "!*/b", "!**/*.md", "a/b",
];
const EXCLUDES: &[&str] = &["a", "*.md", "**/b", "*/a", "!a/b", "c"];
const DESTINATIONS: &[&str] = &[
    "/", "/d", "/d/", "/a", "/a/", "/d/a", "/d/a/", ".", "./", "e", "e/", "/d/b", "/$V/",
];
const FOLDERS: &[&str] = &["/", "/d/", "./", "e/", "/a/", "/d/a/", "$V/"];
const WORKDIRS: &[&str] = &["/", "/d", "e", "/d/a", "$V"];
const PLACES: &[&str] = &[
    "/", "/d", "/a", "/d/a", "/e", "/d/e", "/d/b", "/*", "/d/*", "/*/a", "/d*", "/v", "/d/a/b",
    "/*/*", "/[ad]", "/e/*",
];

impl Chance {
    fn entries(&mut self) -> Entries {
        let mut entries = Entries::new();
        let mut folders = vec![String::new()];
        for _ in 0..5 + self.below(9) {
            let folder = folders[self.below(folders.len())].clone();
            let path = format!("{folder}{}", self.pick(NAMES));
            let below = format!("{path}/");
            if entries.contains_key(&path) || folders.contains(&below) {
                continue;
            }
            match self.below(12) {
                0..4 if folder.matches('/').count() < 2 => {
                    entries.insert(format!("{below}{}", self.pick(NAMES)), None);
                    folders.push(below);
                }
                4 => {
                    let target = self.known(&entries);
                    entries.insert(path, Some(format!("/{target}")));
                }
                _ => {
                    entries.insert(path, None);
                }
            }
        }
        entries
    }

    fn context(&mut self) -> Context {
        let entries = self.entries();
        let ignored = if self.percent(40) {
            self.some(4, |chance| chance.pick(PATTERNS).to_owned())
        } else {
            Vec::new()
        };
        Context { entries, ignored }
    }

    fn known(&mut self, entries: &Entries) -> String {
        let at = self.below(entries.len().max(1));
        let path = entries.keys().nth(at).cloned().unwrap_or_default();
        if self.percent(45) {
            return path
                .rsplit_once('/')
                .map_or(path.clone(), |(folder, _)| folder.to_owned());
        }
        path
    }

    fn source(&mut self, entries: &Entries) -> String {
        if self.percent(12) {
            return ".".to_owned();
        }
        let path = self.known(entries);
        if self.percent(20) {
            let wild = self.pick(&["*", "?", "*.md", "[ab]"]);
            return match path.rsplit_once('/') {
                Some((folder, _)) => format!("{folder}/{wild}"),
                None => wild.to_owned(),
            };
        }
        path
    }

    fn excludes(&mut self) -> String {
        if !self.percent(20) {
            return String::new();
        }
        let excludes = self.some(3, |chance| format!(" --exclude={}", chance.pick(EXCLUDES)));
        excludes.concat()
    }

    fn copy(&mut self, entries: &Entries) -> String {
        let verb = if self.percent(12) { "ADD" } else { "COPY" };
        let link = if self.percent(10) { " --link" } else { "" };
        let flags = format!("{verb}{link}{}", self.excludes());
        if self.percent(20) {
            let (one, other) = (self.source(entries), self.source(entries));
            return format!("{flags} {one} {other} {}", self.pick(FOLDERS));
        }
        format!(
            "{flags} {} {}",
            self.source(entries),
            self.pick(DESTINATIONS)
        )
    }

    /// From the context that has a name.
    fn named(&mut self, entries: &Entries) -> String {
        let excludes = self.excludes();
        let (source, to) = (self.source(entries), self.pick(DESTINATIONS));
        format!("COPY --from=lib{excludes} {source} {to}")
    }

    /// What may lie in a stage.
    fn place(&mut self, entries: &Entries) -> String {
        let place = self.pick(PLACES);
        if self.percent(30) {
            let known = self.known(entries);
            return format!("{}/{known}", place.trim_end_matches('/'));
        }
        place.to_owned()
    }

    fn carry(&mut self, entries: &Entries, stages: usize) -> String {
        let stage = self.below(stages);
        let from = if self.percent(80) {
            format!("s{stage}")
        } else {
            stage.to_string()
        };
        let link = if self.percent(10) { " --link" } else { "" };
        let flags = format!("COPY{link} --from={from}{}", self.excludes());
        if self.percent(15) {
            let (one, other) = (self.place(entries), self.place(entries));
            return format!("{flags} {one} {other} {}", self.pick(FOLDERS));
        }
        format!(
            "{flags} {} {}",
            self.place(entries),
            self.pick(DESTINATIONS)
        )
    }

    fn step(&mut self, entries: &Entries, lib: &Entries, stages: usize) -> String {
        if self.percent(10) {
            return self.named(lib);
        }
        match self.below(100) {
            0..40 if stages > 0 => self.carry(entries, stages),
            0..76 => self.copy(entries),
            76..84 => format!("WORKDIR {}", self.pick(WORKDIRS)),
            84..93 => {
                let known = self.known(entries);
                let paths = ["/d/a", "/a", "/e", "/d", "/d/b", "/d/x.md", "/d/e"];
                format!("RUN rm -rf {} /{known}", self.pick(&paths))
            }
            93..96 => format!(
                "RUN --mount=type=bind,source={},target=/m true",
                self.known(entries)
            ),
            96..98 => format!("ONBUILD {}", self.copy(entries)),
            _ => format!("ENV V={}", self.pick(&["v", "d", "d/a"])),
        }
    }

    pub(crate) fn case(&mut self) -> Case {
        let (context, lib) = (self.context(), self.context());
        let mut stages: Vec<Stage> = Vec::new();
        for number in 0..2 + self.below(4) {
            let base = (number > 0 && self.percent(35)).then(|| self.below(number));
            let mut steps = vec!["ENV V=v".to_owned()];
            for _ in 0..2 + self.below(6) {
                steps.push(self.step(&context.entries, &lib.entries, number));
            }
            stages.push(Stage {
                base,
                is_known: self.percent(70),
                steps,
            });
        }
        Case {
            context,
            lib,
            stages,
        }
    }
}

/// The smallest case that still fails, as far as leaving things out one by one gets.
pub(crate) fn shrink(case: &Case, fails: impl Fn(&Case) -> bool) -> Case {
    let mut small = case.clone();
    while let Some(smaller) = smaller(&small).into_iter().find(|case| fails(case)) {
        small = smaller;
    }
    small
}

fn smaller(case: &Case) -> Vec<Case> {
    let mut all = Vec::new();
    let mut with = |change: &dyn Fn(&mut Case)| {
        let mut case = case.clone();
        change(&mut case);
        all.push(case);
    };
    if case.stages.len() > 1 {
        with(&|case| drop(case.stages.pop()));
    }
    for (number, stage) in case.stages.iter().enumerate() {
        if stage.steps.len() > 2 {
            with(&|case| case.stages[number].steps.clear());
        }
        for step in 0..stage.steps.len() {
            with(&|case| drop(case.stages[number].steps.remove(step)));
        }
        if stage.base.is_some() {
            with(&|case| case.stages[number].base = None);
        }
        if !stage.is_known {
            with(&|case| case.stages[number].is_known = true);
        }
    }
    for at in 0..case.context.ignored.len() {
        with(&|case| drop(case.context.ignored.remove(at)));
    }
    for path in case.context.entries.keys() {
        with(&|case| drop(case.context.entries.remove(path)));
    }
    if case.lib != Context::default() {
        with(&|case| case.lib = Context::default());
    }
    for at in 0..case.lib.ignored.len() {
        with(&|case| drop(case.lib.ignored.remove(at)));
    }
    for path in case.lib.entries.keys() {
        with(&|case| drop(case.lib.entries.remove(path)));
    }
    all
}
