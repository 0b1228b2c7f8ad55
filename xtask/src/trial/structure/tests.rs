//! Whole files: what is read, what is refused and where, and what is judged.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::*;
use crate::image::config::RunConfig;
use crate::image::filesystem::Filesystem;
use crate::image::layer::{Detail, LayerContents};
use crate::source::Source;
use crate::trial::{Outcome, Verdict};

fn file(text: &str) -> TestFile {
    let source = Source::new(
        "apps/api/structure-test.yaml",
        format!("schemaVersion: 2.0.0\n{text}"),
    );
    read(&source).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn refused(text: &str) -> Vec<String> {
    let error = read(&Source::new("t.yaml", text)).unwrap_err();
    let mut told = vec![error.clone()];
    told.extend(error.others().iter().cloned());
    told.iter()
        .map(|one| format!("{} {}", one.location().unwrap(), one.message()))
        .collect()
}

#[test]
fn every_mistake_is_told_with_its_place() {
    let text = "\
schemaVersion: '2.0.0'
commandTest: []
commandTests:
- name: a
  args: x
  expectedOutput: ['(']
  exitCode: one
- {name: b, command: sh, setup: [[]], Command: c}
fileExistenceTests:
- {name: c, path: /x, shouldExist: maybe, permissions: 0644, isExecutableBy: all, uid: -2}
- {name: d, path: /x, shouldExist: false, uid: 0}
- {path: ''}
fileContentTests:
- {name: e, path: /x, path: /y}
metadataTest:
  envVars: [{value: x}, 3]
  cmd: node
licenseTests:
- debian: false
";
    insta::assert_snapshot!(refused(text).join("\n"));
}

#[test]
fn other_versions_and_empty_files_are_refused_with_advice() {
    for (text, expected) in [
        (
            "schemaVersion: 1.0.0\ncommandTests: []\n",
            "t.yaml:1:16 files of version 1.0.0 are not read",
        ),
        (
            "schemaVersion: 3.0.0\n",
            "t.yaml:1:16 the version of the file is not known",
        ),
        (
            "commandTests: []\n",
            "the file does not say its `schemaVersion`",
        ),
        (
            "schemaVersion: 2.0.0\ncommandTests: []\n",
            "the file has no test",
        ),
        (
            "schemaVersion: 2.0.0\nmetadataTest: {}\n",
            "the file has no test",
        ),
        ("a: [\n", "the file is no YAML"),
    ] {
        let told = refused(text);
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].contains(expected), "{told:?}");
    }
}

#[test]
fn json_is_read_as_yaml_is() {
    let text = r#"{"schemaVersion": "2.0.0", "fileExistenceTests": [{"name": "a\/b", "path": "\/x", "uid": -1}]}"#;
    let read = read(&Source::new("t.json", text)).unwrap();
    assert_eq!(read.existence[0].name.value, "a/b");
    assert_eq!(
        (read.existence[0].uid, read.existence[0].should_exist),
        (None, true)
    );
}

/// Two layers: files, links, folders; the upper one takes away and replaces.
fn filesystem() -> Filesystem {
    let layer = |members: &[(&str, tar::EntryType, u32, u64, &str)]| {
        let mut builder = tar::Builder::new(Vec::new());
        for (path, kind, mode, owner, content) in members {
            let mut header = tar::Header::new_gnu();
            header.set_entry_type(*kind);
            header.set_mode(*mode);
            header.set_uid(*owner);
            header.set_gid(*owner + 1);
            if *kind == tar::EntryType::Symlink {
                header.set_size(0);
                builder.append_link(&mut header, path, content).unwrap();
            } else {
                header.set_size(content.len() as u64);
                builder
                    .append_data(&mut header, path, content.as_bytes())
                    .unwrap();
            }
        }
        let bytes = builder.into_inner().unwrap();
        let (_, contents) = LayerContents::read(&mut bytes.as_slice(), Detail::Entries).unwrap();
        Arc::new(contents.unwrap())
    };
    use tar::EntryType::{Directory, Regular, Symlink};
    Filesystem::of(vec![
        layer(&[
            ("app/", Directory, 0o755, 7, ""),
            ("app/main", Regular, 0o4751, 7, "#!/bin/sh\nversion 1\n"),
            ("tmp/", Directory, 0o1777, 0, ""),
            ("old/", Directory, 0o700, 3, ""),
            ("old/x", Regular, 0o644, 3, "x"),
            ("usr/share/doc/a/copyright", Regular, 0o644, 0, "MIT"),
            ("usr/share/doc/b/copyright", Regular, 0o644, 0, "the Agpl"),
            (
                "usr/share/doc/libgnutls30/copyright",
                Regular,
                0o644,
                0,
                "AGPL",
            ),
        ]),
        layer(&[
            (".wh.old", Regular, 0, 0, ""),
            ("old/y", Regular, 0o600, 5, "y"),
            ("bin/run", Symlink, 0o777, 0, "../app/main"),
        ]),
    ])
}

fn judged(text: &str) -> Vec<Verdict> {
    let file = file(text);
    let filesystem = filesystem();
    let bare = Rootfs::new(&filesystem, BTreeMap::new());
    let mut contents = BTreeMap::new();
    for (path, content) in [
        ("/app/main", "#!/bin/sh\nversion 1\n"),
        ("/usr/share/doc/a/copyright", "MIT"),
        ("/usr/share/doc/b/copyright", "the Agpl"),
    ] {
        contents.insert(bare.file(path).unwrap(), Ok(content.as_bytes().to_vec()));
    }
    let rootfs = Rootfs::new(&filesystem, contents);
    let config: RunConfig = serde_json::from_str(
        r#"{"User":"1001:1001","Env":["PORT=3001","A=b=c"],"Entrypoint":["dumb-init","--"],"Cmd":["node"],
            "Labels":{"title":"api","date":"2026-12-01"},"ExposedPorts":{"3001/tcp":{},"53/udp":{}},"Volumes":{"/data":{}},"WorkingDir":"/app"}"#,
    )
    .unwrap();
    let mut verdicts = Vec::new();
    verdicts.extend(
        file.existence
            .iter()
            .map(|test| existence(&file, test, &test.path, &rootfs)),
    );
    verdicts.extend(
        file.contents
            .iter()
            .map(|test| content(&file, test, &test.path, &rootfs)),
    );
    verdicts.extend(
        file.metadata
            .iter()
            .map(|test| metadata(&file, test, &config)),
    );
    verdicts.extend(
        file.licenses
            .iter()
            .map(|test| licenses(&file, test, &rootfs)),
    );
    verdicts
}

#[test]
fn what_holds_passes() {
    let verdicts = judged(
        "fileExistenceTests:
- {name: program, path: /app/main, permissions: urwxr-x--x, uid: 7, gid: 8, isExecutableBy: any}
- {name: folder, path: /app/, permissions: drwxr-xr-x, uid: 7}
- {name: root, path: /, permissions: drwxr-xr-x, uid: 0}
- {name: relative, path: app}
- {name: sticky, path: /tmp, permissions: dtrwxrwxrwx}
- {name: link, path: /bin/run, permissions: Lrwxrwxrwx}
- {name: made anew, path: /old, permissions: drwxr-xr-x, uid: 0}
- {name: taken away, path: /old/x, shouldExist: false}
- {name: of the engine, path: /etc/hosts}
fileContentTests:
- {name: content, path: /bin/run, expectedContents: ['^#!', '(?m)^version \\d$'], excludedContents: ['^version']}
metadataTest:
  envVars: [{key: PORT, value: '3001'}, {key: A, value: '^b=', isRegex: true}]
  unboundEnvVars: [{key: TOKEN}]
  labels: [{key: title, value: api}, {key: date, value: '^\\d{4}-\\d\\d-\\d\\d$', isRegex: true}]
  entrypoint: [dumb-init, --]
  cmd: [node]
  exposedPorts: [3001, 53/udp]
  unexposedPorts: ['9229', 53/tcp]
  volumes: [/data]
  unmountedVolumes: [/tmp]
  workdir: /app
  user: 1001:1001
licenseTests:
- files: [/usr/share/doc/a/copyright]
",
    );
    for verdict in &verdicts {
        assert_eq!(verdict.outcome, Outcome::Passed, "{verdict:?}");
        assert!(verdict.evidence.is_empty());
    }
    assert_eq!(verdicts.len(), 12);
}

#[test]
fn what_does_not_hold_is_told_by_name() {
    let verdicts = judged(
        "fileExistenceTests:
- {name: absent, path: /app/other}
- {name: there, path: /app/main, shouldExist: false}
- {name: mode, path: /app/main, permissions: -rwxr-xr-x, uid: 0, gid: 0}
- {name: executable, path: /old/y, isExecutableBy: owner}
- {name: hosts, path: /etc/hosts, uid: 0}
- {name: no hosts, path: /etc/hosts, shouldExist: false}
fileContentTests:
- {name: content, path: /app/main, expectedContents: ['version 2'], excludedContents: [version]}
- {name: folder, path: /app}
- {name: unread, path: /old/y}
metadataTest:
  envVars: [{key: PORT, value: 3002}, {key: B, value: x}]
  unboundEnvVars: [{key: A}]
  labels: [{key: title, value: '^$', isRegex: true}]
  cmd: []
  exposedPorts: [80]
  unexposedPorts: [3001]
  volumes: [/x]
  unmountedVolumes: [/data]
  workdir: /
  user: root
licenseTests:
- debian: true
  files: [/none]
",
    );
    let told: Vec<String> = verdicts
        .iter()
        .map(|verdict| {
            let (code, outcome) = (verdict.property.code, verdict.outcome.word());
            format!(
                "{code} {outcome} {} [{}]",
                verdict.detail,
                verdict.evidence.join(" | ")
            )
        })
        .collect();
    insta::assert_snapshot!(told.join("\n"));
}

#[test]
fn a_command_is_held_to_its_exit_code_and_both_outputs() {
    let file = file(
        "commandTests:\n- {name: a, command: sh, exitCode: 3, expectedOutput: [^ok$], excludedOutput: [bad], \
         expectedError: [warn], excludedError: [fatal]}\n",
    );
    let test = &file.commands[0];
    let judged = |ran: Result<&Ran, &Failure>| command(&file, test, ran, Duration::from_millis(5));
    let good = Ran {
        code: 3,
        output: "ok".to_owned(),
        error: "warn".to_owned(),
        remarks: Vec::new(),
    };
    assert_eq!(judged(Ok(&good)).outcome, Outcome::Passed);
    let bad = Ran {
        code: 0,
        output: "bad\u{1b}[31m".to_owned(),
        error: "fatal".to_owned(),
        remarks: vec!["setup `x` ended with 1: no".to_owned()],
    };
    let verdict = judged(Ok(&bad));
    assert_eq!(verdict.outcome, Outcome::Failed);
    insta::assert_snapshot!(format!(
        "{}\n{}",
        verdict.detail,
        verdict.evidence.join("\n")
    ));
    let verdict = judged(Err(&Failure::DidNotStart("no such program".to_owned())));
    assert_eq!(verdict.outcome, Outcome::Failed);
    let verdict = judged(Err(&Failure::Unknown("the engine is gone".to_owned())));
    assert_eq!(verdict.outcome, Outcome::Unknown);
}

proptest::proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "[\\-a-zA-Z:/\\[\\]{}', \\n0-9.]{0,80}") {
        let _ = read(&Source::new("t.yaml", format!("schemaVersion: 2.0.0\n{text}")));
        let _ = read(&Source::new("t.yaml", text));
    }
}
