//! The Dockerfile front end against the real one: `BuildKit`, asked through `docker buildx build --call` and by building.
//!
//! Needs a Docker engine. Without one the tests say so and pass, except where `CI` is set.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "the functions the tests share are tests, too"
)]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use camino::{Utf8Path, Utf8PathBuf};
use support::dockerfile_targets::{engine_targets, our_targets};
use xtask::dockerfile::{Dockerfile, expand, parse, stage_steps};
use xtask::process::{Output, Runner, System};
use xtask::source::Source;

/// Asks the engine, or says why not.
fn engine() -> Option<(System, support::Shared)> {
    Some((System::default(), support::Shared::find()?))
}

fn build(system: &System, file: &Utf8Path, options: &[&str]) -> Output {
    let context = tempfile::tempdir().unwrap();
    std::fs::write(context.path().join("f"), "x").unwrap();
    let command = support::docker()
        .args(["buildx", "build", "-f", file.as_str()])
        .args(options)
        .arg(context.path());
    system.run(&command).unwrap()
}

/// Builds `text` and names every vertex. Nothing is kept, and it does not matter whether the build succeeds.
fn vertex_names(system: &System, text: &str) -> (Vec<String>, String) {
    let dir = tempfile::tempdir().unwrap();
    let path = Utf8PathBuf::from_path_buf(dir.path().join("Dockerfile")).unwrap();
    std::fs::write(&path, text).unwrap();
    let destination = format!("--output=type=local,dest={}/out", path.parent().unwrap());
    let output = build(system, &path, &["--progress=rawjson", &destination]);
    let mut names = Vec::new();
    let errors = output.error_text();
    for line in errors.lines() {
        let Ok(event) = serde_json::from_str::<serde_json::Value>(line) else {
            continue;
        };
        for vertex in event["vertexes"].as_array().into_iter().flatten() {
            let name = vertex["name"].as_str().unwrap_or_default().to_owned();
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    (names, errors)
}

fn fixtures() -> Vec<Utf8PathBuf> {
    let root = Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/dockerfile");
    let mut files: Vec<_> = root
        .read_dir_utf8()
        .unwrap()
        .map(|entry| entry.unwrap().into_path())
        .filter(|path| path.extension() == Some("Dockerfile"))
        .collect();
    files.sort();
    assert!(files.len() >= 25);
    files
}

fn read(path: &Utf8Path) -> Dockerfile {
    let name = Utf8Path::new(path.file_name().unwrap());
    parse(&Source::read(path.parent().unwrap(), name).unwrap())
}

/// Needs no engine: a file is called `.invalid` if, and only if, `BuildKit` refuses it.
#[test]
fn fixtures_are_called_what_they_are() {
    for path in fixtures() {
        let file = read(&path);
        assert_eq!(
            path.as_str().ends_with(".invalid.Dockerfile"),
            !file.errors.is_empty(),
            "{path}: {:?}",
            file.errors
        );
    }
}

#[test]
fn stages_and_validity_agree_with_buildkit() {
    let Some((system, _engine)) = engine() else {
        return;
    };
    let difference = |path: &Utf8PathBuf| {
        let output = build(&system, path, &["--call=targets,format=json"]);
        let (ours, theirs) = (our_targets(&read(path)), engine_targets(&output));
        (ours != theirs).then(|| {
            let error = output.error_text();
            format!("{path}\n  ours   {ours:?}\n  theirs {theirs:?}\n  {error}")
        })
    };
    let fixtures = fixtures();
    // Each call waits for the client and the engine in turn.
    let differences: Vec<String> = std::thread::scope(|scope| {
        let workers: Vec<_> = fixtures
            .chunks(fixtures.len().div_ceil(4))
            .map(|part| scope.spawn(|| part.iter().filter_map(difference).collect::<Vec<_>>()))
            .collect();
        let results = workers.into_iter().map(|worker| worker.join().unwrap());
        results.flatten().collect()
    });
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

/// Expansions over `A=xxyy`, `B=a/b/c.txt`, an empty `E` and nothing else.
const EXPANSIONS: &[&str] = &[
    "$A$B.$E-$N",
    "${A}${E}${N}x",
    "'$A'\"$A\"\\$A",
    "\"a'b\" 'c\"d'",
    "\"\\a\\\"\\$\\\\\"",
    "a\\ b\\'",
    "${A:-w}${E:-w}${N:-w}",
    "${A-w}${E-w}${N-w}",
    "${A:+w}${E:+w}${N:+w}",
    "${A+w}${E+w}${N+w}",
    "${N:-${E:-$A}}",
    "${N:-\"q } q\"}${N:-'}'}${N:-\\}}",
    "${A:?no}${E?no}",
    "${A#x}${A##x}${A#*x}${A##*x}",
    "${A%y}${A%%y}${A%y*}${A%%y*}",
    "${B#*/}|${B##*/}|${B%/*}|${B%%/*}",
    "${B%.???}${A#??}${A%?}",
    "${B//\\//_}",
    "${B/b/X}${B//?/_}",
    "${B//[abc]/_}${A//x/\\$0}${A/x/\\$0}",
    "${A//x/$0-$1}${A//x/\\${0\\}}${A//x/'$$'}",
    "${A//x*y/<>}${A//*/z}${E//*/z}${A//q/z}",
    "${A/$E/w}${A//$E/w}",
    "${A/?/.}${B/*b/}${B//*b/}",
    "$A_${A}_$1$@$",
    "$$A$#$?$-$!$*",
    "${N:?msg $A}",
    "${N?}",
    "${E:?}",
    "${A",
    "${A:-x",
    "${A/x",
    "${A/x/y",
    "${}",
    "${:-x}",
    "${A=x}",
    "${A:=x}",
    "${A^}",
    "'open",
    "\"open",
    "${A#\\}",
    "${A#\\x}",
    "${A#a\\b}",
    "${A#'x'}${A#\"x\"}",
    "${1}$2x",
    "é$Aé${é:-ß}",
];

#[test]
fn expansion_agrees_with_buildkit() {
    let Some((system, _engine)) = engine() else {
        return;
    };
    let variables = BTreeMap::from([("A", "xxyy"), ("B", "a/b/c.txt"), ("E", "")]);
    let ours = |text: &str| {
        expand(text, '\\', &|name| {
            variables.get(name).map(ToString::to_string)
        })
    };
    // The old form of ENV takes its value as it is; the name of a WORKDIR step shows what became of it.
    let head = "FROM scratch\nENV A=xxyy B=a/b/c.txt E=\n";
    let shown = |names: &[String], number: usize| {
        let prefix = format!("WORKDIR /{number}<");
        names.iter().find_map(|name| {
            let (_, value) = name.split_once(&prefix)?;
            Some(value.strip_suffix('>')?.to_owned())
        })
    };
    let (fine, faulty): (Vec<&str>, Vec<&str>) =
        EXPANSIONS.iter().partition(|text| ours(text).is_ok());
    let mut source = head.to_owned();
    for (number, text) in fine.iter().enumerate() {
        writeln!(source, "ENV R {text}\nWORKDIR /{number}<$R>").unwrap();
    }
    let (names, errors) = vertex_names(&system, &source);
    for (number, text) in fine.iter().enumerate() {
        let value = ours(text).unwrap().value;
        assert_eq!(Some(value), shown(&names, number), "{text}\n{errors}");
    }
    for text in faulty {
        let (names, _) = vertex_names(&system, &format!("{head}ENV R {text}\nWORKDIR /0<$R>\n"));
        assert_eq!(shown(&names, 0), None, "{text}: {:?}", ours(text));
    }
}

/// Built `FROM scratch`: a `RUN` fails there, but every vertex has been named by then.
const STEPS: &[&str] = &[
    "FROM scratch\nENV V=\"a b\" W='q'\nARG X=1\nRUN  echo \"$V\"   \\\n  \\$x  'q' $UNSET ${W} && true\nCOPY  f   /$X\n",
    "FROM scratch\nCOPY f /a\nCOPY --link f /b\nWORKDIR /\nWORKDIR x\nWORKDIR ..\nADD f /c\nONBUILD RUN x\nLABEL a=b\n",
    "FROM scratch AS one\nCOPY f /a\nFROM scratch\nCOPY --from=one /a /b\nCOPY <<E <<-F /d/\nabc\nE\n\tx\n\tF\n",
    "FROM scratch AS One\nCOPY f /a\nFROM one AS Two\nCOPY f /b\nFROM two\ncopy f /c\nCOPY [\"f\", \"/d d\"]\n",
    "FROM scratch AS a\nONBUILD COPY f /x\nONBUILD LABEL a=b\nONBUILD ENV T=t\nFROM a AS b\nCOPY f /$T\nFROM b\nCOPY f /z\n",
    "FROM scratch\nRUN --mount=type=cache,target=/c x\nCOPY f /1\n",
    "FROM scratch\nCOPY f /1\nCOPY f /2\nCOPY f /3\nCOPY f /4\nCOPY f /5\nCOPY f /6\nCOPY f /7\nCOPY f /8\nCOPY f /9\nCOPY f /10\n",
    "FROM scratch\nRUN <<EOF\n\n  first $x\nsecond\nEOF\nRUN <<EOF\nonly\nEOF\nRUN cat <<EOF\nx\nEOF\nCOPY f /\n",
    "# escape=`\nFROM scratch\nENV V=v\nCOPY f /`$V`\n  x$V\nRUN a \\b `c '`$d' \"`$e\"\n",
];

#[test]
fn step_names_agree_with_buildkit() {
    let Some((system, _engine)) = engine() else {
        return;
    };
    let no_args = BTreeMap::new();
    for &text in STEPS {
        let (names, errors) = vertex_names(&system, text);
        // `COPY --link` has a second vertex with the same number.
        let is_step = |name: &String| {
            name.starts_with('[') && !name.starts_with("[internal]") && !name.contains("] LINK ")
        };
        let theirs: BTreeSet<_> = names.into_iter().filter(is_step).collect();
        let file = parse(&Source::new("Dockerfile", text));
        let target = file.stages.len() - 1;
        let mut ours = BTreeSet::new();
        for stage in file.graph(&no_args).reachable(target) {
            let steps = stage_steps(&file, stage, &no_args);
            ours.extend(steps.steps.iter().map(|step| steps.vertex_name(step)));
        }
        assert_eq!(ours, theirs, "{text}\n{errors}");
    }
}
