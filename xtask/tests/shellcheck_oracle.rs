//! Our rules for shell text against the real `ShellCheck`: the same codes at the same places.
//!
//! Skipped unless `SHELLCHECK` names the program or it is on `PATH`. `SHELLCHECK_CORPUS` names a folder of
//! Dockerfiles to compare on too: differences are printed, not judged.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail by panicking")]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use xtask::dockerfile::parse;
use xtask::lint::{
    Batch, Check, Diagnostics, Model, Options, Rule, Subject, Surroundings, all, batches,
};
use xtask::source::Source;

/// Every code of ours is somewhere among them, reported and not.
const SNIPPETS: &[&str] = &[
    "echo $(a) \"$(b)\" x`c` `# d` && make -j$(nproc)",
    "foo=$(x); echo $foo \"$foo\" ${#foo}; cd $foo && a",
    "foo=abc; echo $foo; for i in a b; do echo $i; done; for i in *.c; do b $i; done",
    "if a; then foo=b; else foo=c; fi; echo $foo; while read -r l; do b $l; done",
    "foo=$((1 + 2)); echo $foo; export bar=abc && echo $bar; read x; echo $x",
    "a && foo=abc && echo $foo; foo=; echo $foo; foo=\"a b\"; echo $foo",
    "echo '$HOME' 'a$' '`x`'; awk '{print $1}' x; sed -i '$d' x; sh -c 'echo $x'; sed 's/$x/y/' f",
    "ls *.c; rm -f -- *; rm ?a; echo *; tar xf *.gz; find . -name *.c",
    "find . -name x | xargs rm; find . -print0 | xargs -0 rm",
    "for i in $(ls x); do a \"$i\"; done",
    "echo $* $@ \"$@\" \"$*\"; for i in $@; do a \"$i\"; done",
    "x 2>&1 >/dev/null; y >/dev/null 2>&1; z 2>&1 >f | a",
    "[ -n $x ] && a; [ -n \"$x\" ] && b",
    "pip install uvicorn[standard] b[ab]; ls a[10-15]",
    "rm -rf \"$x\"/* /opt/\"$x\" \"${x:?}\"/*; rm -f \"$x\"/*",
    "echo \"$foo\" \"$FOO\" \"${bar:-}\"; [ -z \"$baz\" ] || echo \"$baz\"",
    "export x=$(a); export y=\"b`c`\"; z=$(a); export z",
    "cd x; a; cd /; cd ..; cd x && b; (cd x; c); if cd x; then d; fi",
    "set -ex; cd x; a",
    "[ -f a -a -f b ]; [ \"$x\" -o \"$y\" ]",
    "mkdir -p -m 755 a/b; mkdir -m 755 -p a; mkdir -pm 700 /x",
    "a; [ $? -eq 0 ] && b; c; [ $? -eq 1 ]",
    "echo -n a; echo -e \"a\\tb\"; echo 'a\\nb'; echo \"a\\dx\"",
    "[ \"$x\" == b ]; [[ -f a ]]; source ./x",
    "set -o pipefail; set -euxo pipefail; a &> x; a <<< b; diff <(a) <(b)",
    "echo {a,b} {1..3} {} $RANDOM $UID; x+=a; y=(a b)",
    "echo \"${x:0:1}\" \"${x/a/b}\" \"${x^^}\" \"${!x}\" \"${x[0]}\" $'a' \"$(<x)\"",
    "pushd x && a; popd; declare z; f() { local q=1; echo \"$q\"; }; f",
];

type Place = (String, usize, usize);

fn program() -> Option<PathBuf> {
    #[expect(clippy::disallowed_methods, reason = "a test asks where its peer is")]
    if let Some(path) = std::env::var_os("SHELLCHECK") {
        return Some(path.into());
    }
    which::which("shellcheck").ok()
}

fn model(path: &str, text: &str) -> Model {
    let file = parse(&Source::new(path, text));
    Model::new(file, BTreeMap::new(), &|_| None)
}

fn rules() -> Vec<&'static Rule> {
    let ours = |rule: &&&Rule| rule.code.starts_with("SC");
    all().iter().filter(ours).copied().collect()
}

/// Code, line and column of what our rules find.
fn ours(model: &Model) -> BTreeSet<Place> {
    let mut places = BTreeSet::new();
    let surroundings = Surroundings::unknown();
    let options = Options::default();
    for rule in rules() {
        let Check::Dockerfile(check) = rule.check else {
            continue;
        };
        let mut diagnostics = Diagnostics::new(&model.file.source, rule);
        let subject = Subject::new(model, &surroundings, &options);
        check(&subject, &mut diagnostics);
        for finding in diagnostics.into_findings() {
            let location = finding.location.unwrap();
            let at = location.source.line_column(location.span.start);
            places.insert((finding.code.to_string(), at.line, at.column));
        }
    }
    places
}

/// The same of what the program finds, for codes we have.
fn theirs(program: &Path, model: &Model) -> BTreeSet<Place> {
    let codes: BTreeSet<&str> = rules().iter().map(|rule| rule.code).collect();
    let folder = tempfile::tempdir().unwrap();
    let mut places = BTreeSet::new();
    for batch in batches([model]) {
        let names: Vec<PathBuf> = (0..batch.scripts.len())
            .map(|index| folder.path().join(Batch::file_name(index)))
            .collect();
        for (name, script) in names.iter().zip(&batch.scripts) {
            std::fs::write(name, &script.content).unwrap();
        }
        #[expect(clippy::disallowed_methods, reason = "a test starts its peer")]
        let output = std::process::Command::new(program)
            .args(batch.arguments())
            .args(&names)
            .output()
            .unwrap();
        let json = String::from_utf8(output.stdout).unwrap();
        let by_script = batch.comments(&json).unwrap();
        for (script, comments) in batch.scripts.iter().zip(by_script) {
            for comment in comments {
                let code = format!("SC{:04}", comment.code);
                if let Some(span) = script.place(&comment)
                    && codes.contains(code.as_str())
                {
                    let at = model.file.source.line_column(span.start);
                    places.insert((code, at.line, at.column));
                }
            }
        }
    }
    places
}

#[test]
fn the_same_codes_at_the_same_places() {
    let Some(program) = program() else {
        eprintln!("skipped: no shellcheck on PATH, and SHELLCHECK names none");
        return;
    };
    let mut text = "FROM debian:12\nARG KNOWN\n".to_owned();
    for snippet in SNIPPETS {
        let _ = writeln!(text, "RUN {snippet}");
    }
    let model = model("Dockerfile", &text);
    let (ours, theirs) = (ours(&model), theirs(&program, &model));
    let line = |place: &Place| text.lines().nth(place.1 - 1).unwrap_or_default().to_owned();
    let extra: Vec<_> = ours.difference(&theirs).map(|p| (p, line(p))).collect();
    let missing: Vec<_> = theirs.difference(&ours).map(|p| (p, line(p))).collect();
    assert!(
        extra.is_empty() && missing.is_empty(),
        "extra: {extra:#?}\nmissing: {missing:#?}"
    );
    let seen: BTreeSet<&str> = ours.iter().map(|place| place.0.as_str()).collect();
    for rule in rules() {
        assert!(seen.contains(rule.code), "no snippet for {}", rule.code);
    }
}

#[test]
fn differences_on_a_corpus_are_shown() {
    #[expect(clippy::disallowed_methods, reason = "a test asks where its corpus is")]
    let corpus = std::env::var_os("SHELLCHECK_CORPUS");
    let (Some(program), Some(corpus)) = (program(), corpus) else {
        eprintln!("skipped: SHELLCHECK_CORPUS names no folder");
        return;
    };
    let mut folders = vec![PathBuf::from(corpus)];
    let mut counts: BTreeMap<(String, &str), usize> = BTreeMap::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let is_dockerfile = path.to_string_lossy().contains("ockerfile");
            let Some(text) = std::fs::read_to_string(&path)
                .ok()
                .filter(|_| is_dockerfile)
            else {
                continue;
            };
            let model = model(&path.to_string_lossy(), &text);
            let (ours, theirs) = (ours(&model), theirs(&program, &model));
            for place in ours.union(&theirs) {
                let side = match (ours.contains(place), theirs.contains(place)) {
                    (true, true) => "both",
                    (true, false) => "ours",
                    _ => "theirs",
                };
                *counts.entry((place.0.clone(), side)).or_default() += 1;
                if side != "both" {
                    eprintln!(
                        "{side} {} {}:{}:{}",
                        place.0,
                        path.display(),
                        place.1,
                        place.2
                    );
                }
            }
        }
    }
    eprintln!("{counts:#?}");
}
