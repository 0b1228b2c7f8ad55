//! The engine dies, or somebody asks to stop, while it works.

use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use crate::own_engine::{OwnEngine, start_in};
use crate::repository::{is_beside, said};
use crate::support::within;

type Phase = fn(&OwnEngine);

/// One test, as all of it shares an engine.
#[test]
fn an_engine_that_dies_is_told_and_the_next_run_works() {
    in_turn(&[
        ("two builds at once", two_builds_at_once),
        ("records of two images at once", records_at_once),
        ("dockerd is killed in mid build", dockerd_killed),
        ("containerd is killed in mid build", containerd_killed),
        ("asked to stop", asked_to_stop),
        (
            "a registry that fails",
            crate::registry::a_registry_that_fails_is_told_and_nothing_counts_as_pushed,
        ),
        ("the start is killed", the_start_is_killed),
    ]);
}

fn in_turn(phases: &[(&str, Phase)]) {
    let Some(own) = OwnEngine::start() else {
        return;
    };
    for (name, phase) in phases {
        println!("== {name}");
        let begin = std::time::Instant::now();
        phase(&own);
        println!("== {name}: {:.1} s", begin.elapsed().as_secs_f64());
    }
    let mut left = own.repository.files();
    left.retain(|path, _| is_beside(path));
    assert!(left.is_empty(), "{:?}", left.keys());
    let trail = own.repository.run(&["docker-audit", "verify"]);
    assert!(trail.success(), "{}", said(&trail));
}

fn two_builds_at_once(own: &OwnEngine) {
    let outputs = std::thread::scope(|scope| {
        let build = || own.repository.run(&["docker-build", "--engine=private"]);
        let runs = [scope.spawn(build), scope.spawn(build)];
        runs.map(|run| run.join().unwrap())
    });
    for output in &outputs {
        assert!(output.success(), "{}", said(output));
    }
    own.assert_builds();
}

/// Each run records one image; neither loses what the other recorded.
fn records_at_once(own: &OwnEngine) {
    for round in 0..4 {
        let _ = std::fs::remove_file(own.repository.root.join("docker/sizes.json"));
        let outputs = std::thread::scope(|scope| {
            let runs = ["web", "stock"].map(|image| {
                scope.spawn(move || {
                    own.repository
                        .run(&["docker-size", image, "--record", "--engine=private"])
                })
            });
            runs.map(|run| run.join().unwrap())
        });
        for output in &outputs {
            assert!(output.success(), "{}", said(output));
        }
        let record = own.repository.read("docker/sizes.json");
        assert!(
            record.contains("\"web\"") && record.contains("\"stock\""),
            "round {round}: {record}"
        );
    }
    std::fs::remove_file(own.repository.root.join("docker/sizes.json")).unwrap();
}

/// A build that sleeps in a step, once it does; for so many seconds where it is told.
fn building(own: &OwnEngine, log: &str, nap: &str) -> (std::process::Child, camino::Utf8PathBuf) {
    // What an earlier build did of this step is no use to it.
    own.service("web", &format!("ENV RUN={log}\nRUN [{nap}]\n"));
    let build = ["docker-build", "--engine=private"];
    let (mut child, log) = start_in(&own.repository, &build, log);
    within(Duration::from_mins(3), "the step runs", || {
        let ended = child.try_wait().unwrap();
        assert!(
            ended.is_none(),
            "{}",
            std::fs::read_to_string(&log).unwrap()
        );
        is_asleep().then_some(())
    });
    (child, log)
}

/// Whether a step runs the program of the images. The engine's processes are ours to see, whatever its namespaces.
fn is_asleep() -> bool {
    let entries = std::fs::read_dir("/proc").unwrap();
    let line = |entry: std::fs::DirEntry| std::fs::read(entry.path().join("cmdline")).ok();
    let mut lines = entries.filter_map(|entry| line(entry.ok()?));
    lines.any(|line| line.starts_with(b"/nap\0") && line != b"/nap\0not\0")
}

fn dockerd_killed(own: &OwnEngine) {
    assert_eq!(killed_in_mid_build(own, "dockerd", "\"/nap\""), Some(4));
}

/// The step lives on, and dockerd starts containerd again after ten seconds: whether the build gets through is a matter
/// of where it is by then.
fn containerd_killed(own: &OwnEngine) {
    let code = killed_in_mid_build(own, "containerd", "\"/nap\", \"20\"");
    println!("the build ended with {code:?}");
    assert!(matches!(code, Some(0 | 4)), "{code:?}");
}

/// How the build ended. The next one works.
fn killed_in_mid_build(own: &OwnEngine, program: &str, nap: &str) -> Option<i32> {
    let (mut child, log) = building(own, &format!("{program}.log"), nap);
    own.kill(program);
    let status = within(Duration::from_mins(1), "the build ends", || {
        child.try_wait().unwrap()
    });
    let text = std::fs::read_to_string(&log).unwrap();
    let is_told = status.success() || text.contains("error: ");
    assert!(is_told && !text.contains("panicked"), "{text}");
    own.service("web", "");
    own.assert_builds();
    status.code()
}

fn asked_to_stop(own: &OwnEngine) {
    for (signal, name) in [
        (Signal::INT, "int"),
        (Signal::TERM, "term"),
        (Signal::HUP, "hup"),
    ] {
        let (mut child, log) = building(own, &format!("{name}.log"), "\"/nap\"");
        kill_process(Pid::from_child(&child), signal).unwrap();
        let status = within(Duration::from_secs(20), "the build ends", || {
            child.try_wait().unwrap()
        });
        let text = std::fs::read_to_string(&log).unwrap();
        assert_eq!(status.code(), Some(130), "{text}");
        assert!(text.ends_with("error: interrupted\n"), "{text}");
    }
    own.service("web", "");
    own.assert_builds();
}

/// The program that starts the engine is killed at moments that come later and later.
fn the_start_is_killed(own: &OwnEngine) {
    for milliseconds in [30, 200, 600, 1200, 2500] {
        own.repository.ok(&["docker-engine", "down"]);
        let (mut child, _) = start_in(&own.repository, &["docker-engine", "up"], "up.log");
        std::thread::sleep(Duration::from_millis(milliseconds));
        child.kill().unwrap();
        child.wait().unwrap();
        let output = own.repository.ok(&["docker-engine", "up"]);
        let text = output.error_text();
        assert!(
            text.contains("engine runs") || text.contains("running already"),
            "{text}"
        );
        let processes = own.processes();
        let daemons = processes.iter().filter(|(_, name)| name == "dockerd");
        let daemons = daemons.count();
        assert_eq!(daemons, 1, "after {milliseconds} ms: {processes:?}");
    }
    own.assert_builds();
}
