//! Our orders of versions against the programs that define them, over versions made by chance: dpkg (`Dpkg::Version`,
//! and `dpkg --compare-versions` itself), Python's `packaging`, npm's `semver`.
//!
//! What is no version must be none to both, and every pair must have the same order. A program that is missing is told,
//! and its test passes.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "helpers of tests fail by panicking, and start the real programs"
)]

#[path = "support/chance.rs"]
#[allow(dead_code, reason = "every test binary takes its part of it")]
mod chance;

use std::cmp::Ordering;
use std::fmt::Write as _;
use std::io::Write as _;
use std::process::{Command, Stdio};

use chance::Chance;
use xtask::version::{Scheme, compare, is_valid};

/// What a program says to pairs of versions, a line each: `<`, `=`, `>`, or `?` if one of them is none.
fn answers(
    program: &str,
    arguments: &[&str],
    pairs: &[(String, String)],
) -> Result<Vec<char>, String> {
    let mut child = Command::new(program)
        .args(arguments)
        .env("LC_ALL", "C.UTF-8")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("{program} cannot be started: {error}"))?;
    let mut input = String::new();
    for (a, b) in pairs {
        writeln!(input, "{a}\t{b}").unwrap();
    }
    let mut stdin = child.stdin.take().unwrap();
    let feeding = std::thread::spawn(move || stdin.write_all(input.as_bytes()));
    let output = child.wait_with_output().unwrap();
    if !output.status.success() {
        let error = String::from_utf8_lossy(&output.stderr);
        return Err(error.lines().last().unwrap_or("it says nothing").to_owned());
    }
    feeding.join().unwrap().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    Ok(text
        .lines()
        .map(|line| line.chars().next().unwrap_or('!'))
        .collect())
}

fn ours(scheme: Scheme, a: &str, b: &str) -> char {
    match compare(scheme, a, b) {
        Some(Ordering::Less) => '<',
        Some(Ordering::Equal) => '=',
        Some(Ordering::Greater) => '>',
        None => '?',
    }
}

/// All pairs have the answer of the program, and enough of them are versions for that to mean something.
///
/// `excused` are pairs that the program takes for versions although its own kind does not.
fn agree(
    name: &str,
    scheme: Scheme,
    program: &str,
    arguments: &[&str],
    pairs: &[(String, String)],
    excused: impl Fn(&str, &str) -> bool,
) {
    let theirs = match answers(program, arguments, pairs) {
        Ok(theirs) => theirs,
        Err(why) => {
            println!("skipped: no {name}: {why}");
            return;
        }
    };
    assert_eq!(theirs.len(), pairs.len(), "{name} answers every line");
    let mut wrong = Vec::new();
    for ((a, b), theirs) in pairs.iter().zip(&theirs) {
        let ours = ours(scheme, a, b);
        if ours != *theirs && !(ours == '?' && excused(a, b)) {
            wrong.push(format!("{a:?} {b:?}: we say {ours}, {name} says {theirs}"));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {} differ:\n{}",
        wrong.len(),
        pairs.len(),
        wrong[..wrong.len().min(30)].join("\n")
    );
    for answer in ['<', '=', '>', '?'] {
        let count = theirs.iter().filter(|it| **it == answer).count();
        assert!(
            count * 100 >= pairs.len(),
            "only {count} pairs are `{answer}`"
        );
    }
    println!("{name}: {} pairs agree", pairs.len());
}

/// Pairs of texts that are likely versions and close to each other: the second is often the first with a piece changed.
fn pairs(
    seed: u64,
    count: usize,
    make: impl Fn(&mut Chance) -> String,
    pieces: &[&str],
) -> Vec<(String, String)> {
    let mut chance = Chance::new(seed);
    (0..count)
        .map(|_| {
            let a = make(&mut chance);
            let mut b = if chance.percent(60) {
                a.clone()
            } else {
                make(&mut chance)
            };
            for _ in 0..chance.below(3) {
                let at = chance.below(b.len() + 1);
                if !b.is_char_boundary(at) {
                    continue;
                }
                if chance.percent(50) || at == b.len() {
                    b.insert_str(at, chance.pick(pieces));
                } else {
                    b.remove(at);
                }
            }
            (a, b)
        })
        .collect()
}

fn number(chance: &mut Chance) -> String {
    let length = if chance.percent(5) {
        1 + chance.below(15)
    } else {
        1 + chance.below(2)
    };
    (0..length)
        .map(|_| char::from(b'0' + u8::try_from(chance.below(10)).unwrap()))
        .collect()
}

fn numbers(chance: &mut Chance, least: usize, most: usize) -> String {
    let count = least + chance.below(most - least + 1);
    (0..count)
        .map(|_| number(chance))
        .collect::<Vec<_>>()
        .join(".")
}

fn debian(chance: &mut Chance) -> String {
    let mut text = String::new();
    if chance.percent(20) {
        text += chance.pick(&["0:", "1:", "2:"]);
    }
    text += &numbers(chance, 1, 3);
    for _ in 0..chance.below(3) {
        text += chance.pick(&[
            "~rc", "~", "+dfsg", "+really", "a", "b", "Z", ".", "+", "~~", "-", "beta",
        ]);
        text += &number(chance);
    }
    if chance.percent(60) {
        text += "-";
        text += &number(chance);
        text += chance.pick(&[
            "", "", "+deb12u1", "+deb12u2", "~bpo11+1", "ubuntu1", ".1", "+b1",
        ]);
    }
    text
}

const DEBIAN_PIECES: &[&str] = &[
    "~", "+", ".", "-", "0", "1", "9", "a", "z", "A", ":", "_", "00", "~~",
];

fn dpkg_takes(version: &str) -> bool {
    let output = Command::new("dpkg")
        .args(["--validate-version", "--", version])
        .output();
    output.is_ok_and(|output| output.status.success())
}

/// As dpkg's own library says; it takes what has a wrong letter for no version.
const PERL: &str = r#"
use Dpkg::Version;
while (<STDIN>) {
    chomp;
    my ($a, $b) = split /\t/, $_, -1;
    my ($x, $y) = map { Dpkg::Version->new($_, check => 0) } ($a, $b);
    if (!$x->is_valid() || !$y->is_valid()) { print "?\n"; next; }
    my $order = version_compare($a, $b);
    print $order < 0 ? "<\n" : $order > 0 ? ">\n" : "=\n";
}
"#;

#[test]
fn debian_agrees_with_dpkgs_library() {
    let pairs = pairs(1, 40_000, debian, DEBIAN_PIECES);
    agree(
        "Dpkg::Version",
        Scheme::Debian,
        "perl",
        &["-e", PERL],
        &pairs,
        // The library takes some wrong colons that dpkg itself does not.
        |a, b| !dpkg_takes(a) || !dpkg_takes(b),
    );
}

/// dpkg itself compares what is no version, too, and only warns: those pairs are left out.
const SHELL: &str = r#"
while IFS="$(printf '\t')" read -r a b; do
    if dpkg --compare-versions "$a" lt "$b"; then echo "<"
    elif dpkg --compare-versions "$a" eq "$b"; then echo "="
    else echo ">"; fi
done
"#;

#[test]
fn debian_agrees_with_dpkg() {
    let mut pairs = pairs(2, 1_500, debian, DEBIAN_PIECES);
    pairs.retain(|(a, b)| is_valid(Scheme::Debian, a) && is_valid(Scheme::Debian, b));
    assert!(pairs.len() > 700, "{}", pairs.len());
    match answers("sh", &["-c", SHELL], &pairs) {
        Ok(theirs) if theirs.len() == pairs.len() => {
            for ((a, b), theirs) in pairs.iter().zip(theirs) {
                assert_eq!(ours(Scheme::Debian, a, b), theirs, "{a} {b}");
            }
            println!("dpkg: {} pairs agree", pairs.len());
        }
        Ok(theirs) => panic!("{} answers for {} pairs", theirs.len(), pairs.len()),
        Err(why) => println!("skipped: no dpkg: {why}"),
    }
}

fn python(chance: &mut Chance) -> String {
    let mut text = String::new();
    text += chance.pick(&["", "", "", "", "v", "V", "1!", "0!", "2!"]);
    text += &numbers(chance, 1, 4);
    let separators = ["", "", ".", "-", "_"];
    let mut marked = |chance: &mut Chance, percent, words: &[&str]| {
        if chance.percent(percent) {
            text += chance.pick(&separators);
            text += chance.pick(words);
            text += chance.pick(&separators);
            text += &(if chance.percent(80) {
                number(chance)
            } else {
                String::new()
            });
        }
    };
    marked(
        chance,
        40,
        &[
            "a", "b", "rc", "c", "alpha", "beta", "pre", "preview", "RC", "Alpha",
        ],
    );
    marked(chance, 30, &["post", "rev", "r", "POST"]);
    if chance.percent(10) {
        text += "-";
        text += &number(chance);
    }
    let mut marked = |chance: &mut Chance, percent, words: &[&str]| {
        if chance.percent(percent) {
            text += chance.pick(&separators);
            text += chance.pick(words);
            text += &number(chance);
        }
    };
    marked(chance, 25, &["dev", "DEV"]);
    if chance.percent(25) {
        text += "+";
        text += chance.pick(&[
            "abc", "1", "01", "ubuntu.1", "a-b", "A_b", "1.a", "a.1", "cu118", "é",
        ]);
    }
    text
}

const PYTHON_PIECES: &[&str] = &[
    "0", "1", ".0", ".", "-", "_", "a", "rc", "dev", "post", "+a", "+1", "!", "x", " ", "v", "00",
];

const PACKAGING: &str = r"
import sys
try:
    from packaging.version import Version, InvalidVersion
except ImportError:
    from pip._vendor.packaging.version import Version, InvalidVersion
for line in sys.stdin:
    a, b = line.rstrip('\n').split('\t')
    try:
        a, b = Version(a), Version(b)
    except InvalidVersion:
        print('?')
        continue
    print('<' if a < b else '>' if a > b else '=')
";

#[test]
fn python_agrees_with_packaging() {
    let pairs = pairs(3, 40_000, python, PYTHON_PIECES);
    agree(
        "packaging",
        Scheme::Python,
        "python3",
        &["-c", PACKAGING],
        &pairs,
        |_, _| false,
    );
}

fn semver(chance: &mut Chance) -> String {
    let mut text = chance.pick(&["", "", "", "", "v"]).to_owned();
    let least = if chance.percent(90) { 3 } else { 1 };
    text += &numbers(chance, least, 3);
    let identifiers = [
        "alpha", "beta", "rc", "0", "1", "10", "2", "a-b", "-", "x7", "01", "0a", "RC",
    ];
    if chance.percent(50) {
        let some = 1 + chance.below(3);
        let all: Vec<&str> = (0..some).map(|_| chance.pick(&identifiers)).collect();
        text += "-";
        text += &all.join(".");
    }
    if chance.percent(20) {
        text += "+";
        text += chance.pick(&["build", "1", "001", "a.b", "a..b", "é"]);
    }
    text
}

const SEMVER_PIECES: &[&str] = &[
    "0", "1", ".", "-", "+", "a", "-a", ".1", "v", " ", "_", "=", "00",
];

const NODE: &str = r"
const path = require('path');
const root = require('child_process').execSync('npm root -g').toString().trim();
const semver = require(path.join(root, 'npm', 'node_modules', 'semver'));
const lines = require('fs').readFileSync(0, 'utf8').split('\n').slice(0, -1);
const out = [];
for (const line of lines) {
    const [a, b] = line.split('\t').map((text) => semver.parse(text));
    out.push(!a || !b ? '?' : '<=>'[semver.compare(a, b) + 1]);
}
process.stdout.write(out.join('\n') + '\n');
";

#[test]
fn npm_agrees_with_semver() {
    let mut pairs = pairs(4, 40_000, semver, SEMVER_PIECES);
    // JavaScript counts no further than 2^53: https://github.com/npm/node-semver, "MAX_SAFE_INTEGER".
    let is_large = |text: &str| {
        text.split(|c: char| !c.is_ascii_digit())
            .any(|digits| digits.len() > 15)
    };
    pairs.retain(|(a, b)| !is_large(a) && !is_large(b));
    agree(
        "semver",
        Scheme::Npm,
        "node",
        &["-e", NODE],
        &pairs,
        |_, _| false,
    );
}
