//! Bakes with the real BuildKit and reads its event stream: this checkout's engine.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test ends by panicking and says why it was skipped"
)]

mod support;

use std::path::Path;
use std::time::{Duration, Instant};

use camino::Utf8Path;
use xtask::engine::events::{BuildEvent, Collector, LogStore, Outcome, Stream, Summary};
use xtask::error::Exit;
use xtask::process::{Command, Interrupt, Runner, System};

/// Two services on one base, nothing exported. `RUN` starts a static program of our own, so that no base image is
/// needed; the name of the folder in it makes every test start cold.
fn project(root: &Path) {
    let source = root.join("tool.rs");
    let program = format!(
        "fn main() {{ match std::env::args().nth(1).as_deref() {{ Some(\"fail\") => {{ println!(\"out\"); eprintln!(\"err\"); \
         std::process::exit(3) }} Some(\"sleep\") => {{ println!(\"asleep\"); std::thread::sleep(std::time::Duration::from_secs(60)) }} \
         _ => println!(\"{}\") }} }}",
        root.display()
    );
    std::fs::write(&source, program).unwrap();
    std::fs::create_dir_all(root.join("base")).unwrap();
    let rustc = Command::new("rustc")
        .args([
            "-C",
            "target-feature=+crt-static",
            "-C",
            "strip=symbols",
            "-o",
        ])
        .arg(root.join("base/tool"))
        .arg(&source);
    System::default()
        .run(&rustc)
        .and_then(|o| o.checked(&rustc))
        .unwrap();
    let write = |path: &str, text: &str| std::fs::write(root.join(path), text).unwrap();
    write(
        "base/Dockerfile",
        "FROM scratch AS os\nCOPY tool /tool\nRUN [\"/tool\"]\nFROM os AS production\nWORKDIR /app\n",
    );
    for (service, run) in [
        ("one", ""),
        ("two", ""),
        ("fails", "RUN [\"/tool\", \\\n     \"fail\"]\n"),
        ("sleeps", "RUN [\"/tool\", \"sleep\"]\n"),
    ] {
        std::fs::create_dir_all(root.join(service)).unwrap();
        write(&format!("{service}/source"), service);
        write(
            &format!("{service}/Dockerfile"),
            &format!("FROM base AS production\nCOPY source .\n{run}"),
        );
    }
    write(
        "docker-bake.hcl",
        "target \"base\" {\n  context = \"base\"\n  output = [\"type=cacheonly\"]\n}\n\
         target \"service\" {\n  name = s\n  matrix = { s = [\"one\", \"two\", \"fails\", \"sleeps\"] }\n  context = s\n  \
         contexts = { base = \"target:base\" }\n  output = [\"type=cacheonly\"]\n}\n",
    );
}

fn bake(
    root: &Path,
    runner: &dyn Runner,
    targets: &[&str],
    mut on_event: impl FnMut(&BuildEvent),
) -> (Summary, Exit) {
    let root = Utf8Path::from_path(root).unwrap();
    let command = support::docker()
        .args([
            "buildx",
            "bake",
            "--file",
            "docker-bake.hcl",
            "--progress=rawjson",
            "--metadata-file",
            "metadata.json",
        ])
        .args(targets)
        .dir(root);
    let known: Vec<&str> = if targets == ["base"] {
        vec!["base"]
    } else {
        [&["base"], targets].concat()
    };
    let mut stream = Stream::new(known.iter().copied());
    let mut collector = Collector::new(
        known.iter().copied(),
        LogStore::spooled(&root.join("logs")).unwrap(),
    );
    let ended = runner.lines(&command, &mut |_, line| {
        for event in stream.feed(line) {
            on_event(&event);
            collector.apply(&event);
        }
    });
    for event in stream.finish() {
        collector.apply(&event);
    }
    let exit = match ended {
        Ok(output) if output.success() => Exit::Clean,
        Ok(_) => Exit::Failed,
        Err(error) => error.exit(),
    };
    (collector.finish().unwrap(), exit)
}

fn numbers(summary: &Summary) -> Vec<(&str, usize, usize)> {
    summary
        .targets
        .iter()
        .map(|t| (t.target.as_str(), t.steps, t.steps_cached))
        .collect()
}

/// Cached steps as `docker buildx history` counts them.
fn history(root: &Path, target: &str) -> usize {
    let metadata = std::fs::read(root.join("metadata.json")).unwrap();
    let metadata: serde_json::Value = serde_json::from_slice(&metadata).unwrap();
    let reference = metadata[target]["buildx.build.ref"].as_str().unwrap();
    let id = reference.rsplit('/').next().unwrap();
    let record = support::ask(&["buildx", "history", "inspect", id, "--format", "json"]).unwrap();
    let record: serde_json::Value = serde_json::from_str(&record).unwrap();
    usize::try_from(record["NumCachedSteps"].as_u64().unwrap_or(0)).unwrap()
}

#[test]
fn counts_agree_with_the_history_of_the_engine() {
    let Some(_engine) = support::Shared::find() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    project(root);
    let (cold, exit) = bake(root, &System::default(), &["one", "two"], |_| {});
    assert_eq!(exit, Exit::Clean, "{cold:?}");
    assert_eq!(
        numbers(&cold),
        [("base", 3, 0), ("one", 4, 0), ("two", 4, 0)]
    );
    assert_eq!((cold.steps, cold.steps_cached), (5, 0));

    let (warm, _) = bake(root, &System::default(), &["one", "two"], |_| {});
    assert_eq!(
        numbers(&warm),
        [("base", 3, 3), ("one", 4, 4), ("two", 4, 4)]
    );
    assert_eq!(warm.cache_hit_rate(), Some(1.0));

    std::fs::write(root.join("two/source"), "edited").unwrap();
    let (edited, _) = bake(root, &System::default(), &["one", "two"], |_| {});
    assert_eq!(
        numbers(&edited),
        [("base", 3, 3), ("one", 4, 4), ("two", 4, 3)]
    );
    for (target, _, cached) in numbers(&edited) {
        assert_eq!(history(root, target), cached, "{target}");
    }

    // A single target has no names in front of its steps.
    let (single, _) = bake(root, &System::default(), &["base"], |_| {});
    assert_eq!(numbers(&single), [("base", 3, 3)]);
}

#[test]
fn a_failing_step_is_found_with_its_log_and_lines() {
    let Some(_engine) = support::Shared::find() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    project(root);
    let (summary, exit) = bake(root, &System::default(), &["one", "fails"], |_| {});
    assert_eq!(exit, Exit::Failed);
    let failure = summary.failure.unwrap();
    assert_eq!(
        (failure.target.as_deref(), failure.exit_code),
        (Some("fails"), Some(3))
    );
    let excerpt = failure.excerpt.unwrap();
    assert_eq!(excerpt.lines, (3, 4));
    assert!(excerpt.is_part_of(&std::fs::read_to_string(root.join("fails/Dockerfile")).unwrap()));
    assert!(!excerpt.is_part_of(&std::fs::read_to_string(root.join("one/Dockerfile")).unwrap()));
    // The order of the two outputs is not known.
    let mut log: Vec<String> = std::fs::read_to_string(failure.log_file.unwrap())
        .unwrap()
        .lines()
        .map(str::to_owned)
        .collect();
    log.sort();
    assert_eq!(log, ["err", "out"]);
}

#[test]
fn an_interrupt_stops_the_build_soon() {
    let Some(_engine) = support::Shared::find() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    project(root);
    let interrupt = Interrupt::default();
    let mut stopped = None;
    let (summary, exit) = bake(
        root,
        &System::new(interrupt.clone()),
        &["sleeps"],
        |event| {
            if matches!(event, BuildEvent::Log { text, .. } if text.contains("asleep")) {
                stopped.get_or_insert_with(Instant::now);
                interrupt.set();
            }
        },
    );
    assert_eq!(exit, Exit::Interrupted);
    assert!(
        stopped.unwrap().elapsed() < Duration::from_secs(20),
        "{stopped:?}"
    );
    assert_eq!(summary.target("sleeps").unwrap().outcome, Outcome::Stopped);
    assert!(
        summary
            .failure
            .is_none_or(|failure| failure.position.is_none())
    );
}
