//! Streams of real builds (buildx 0.29.1, Docker 28.5.2), trimmed.

use super::*;
use crate::engine::events::Stream;

const COLD: &str = include_str!("../../../../tests/fixtures/events/cold.jsonl");
const WARM: &str = include_str!("../../../../tests/fixtures/events/warm.jsonl");
const FAILS: &str = include_str!("../../../../tests/fixtures/events/fails.jsonl");
const SHARED_STEP_FAILS: &str =
    include_str!("../../../../tests/fixtures/events/shared-step-fails.jsonl");
const INTERRUPTED: &str = include_str!("../../../../tests/fixtures/events/interrupted.jsonl");
const TWO_PLATFORMS: &str = include_str!("../../../../tests/fixtures/events/two-platforms.jsonl");

fn summary(targets: &[&str], stream: &str) -> Summary {
    let mut collector = Collector::new(targets.iter().copied(), LogStore::in_memory());
    let mut reader = Stream::new(targets.iter().copied());
    for event in stream.lines().flat_map(|line| reader.feed(line)) {
        collector.apply(&event);
    }
    for event in reader.finish() {
        collector.apply(&event);
    }
    collector.finish().unwrap()
}

fn table(summary: &Summary) -> String {
    let rows = summary.targets.iter().map(|t| {
        format!(
            "{} {} steps, {} cached, {:.1?}{}",
            t.target,
            t.steps,
            t.steps_cached,
            t.elapsed,
            if t.outcome == Outcome::Complete {
                ""
            } else {
                ", not complete"
            }
        )
    });
    let all = format!(
        "all {} steps, {} cached",
        summary.steps, summary.steps_cached
    );
    rows.chain([all]).collect::<Vec<_>>().join("\n")
}

/// `docker buildx history` counts one cached step for target b here: the second digest of `build 1/3`.
#[test]
fn a_cold_build_has_nothing_cached() {
    insta::assert_snapshot!(table(&summary(&["base", "builder", "a", "b"], COLD)), @r"
    a 8 steps, 0 cached, 1.9s
    b 8 steps, 0 cached, 1.9s
    base 4 steps, 0 cached, 1.6s
    builder 4 steps, 0 cached, 958.6ms
    all 11 steps, 0 cached
    ");
}

#[test]
fn a_warm_build_has_everything_cached() {
    let summary = summary(&["base", "builder", "a", "b"], WARM);
    insta::assert_snapshot!(table(&summary), @r"
    a 8 steps, 8 cached, 305.8ms
    b 8 steps, 8 cached, 296.4ms
    base 4 steps, 4 cached, 278.8ms
    builder 4 steps, 4 cached, 28.4ms
    all 11 steps, 11 cached
    ");
    assert_eq!(summary.cache_hit_rate(), Some(1.0));
    assert_eq!(summary.failure, None);
}

#[test]
fn a_failing_step_is_shown_with_its_lines_log_and_exit_code() {
    let failure = summary(&["bad", "base"], FAILS).failure.unwrap();
    insta::assert_snapshot!(failure.to_error(Some("apps/bad/Dockerfile".into())),
        @r#"failed to build target bad at apps/bad/Dockerfile:8: `RUN echo "to stdout" && echo "to stderr" >&2 && exit 3` exited with 3"#);
    assert_eq!(failure.shared_by, ["bad"]);
    assert_eq!(failure.position.unwrap().to_string(), "build 2/4");
    assert_eq!(failure.log_tail, "to stdout\nto stderr\n");
    assert_eq!(failure.excerpt.unwrap().lines, (8, 11));
}

#[test]
fn a_failing_shared_step_is_blamed_on_the_target_it_belongs_to() {
    let failure = summary(&["b1", "b2", "b3", "shared", "base"], SHARED_STEP_FAILS)
        .failure
        .unwrap();
    assert_eq!(failure.target.as_deref(), Some("shared"));
    assert_eq!(failure.shared_by, ["shared", "b1", "b2", "b3"]);
    assert_eq!(failure.exit_code, Some(7));
    assert_eq!(failure.excerpt.unwrap().file, "shared.Dockerfile");
}

#[test]
fn an_interrupt_is_no_failing_step() {
    let summary = summary(&["slow", "base"], INTERRUPTED);
    let failure = summary.failure.as_ref().unwrap();
    assert_eq!(
        (failure.position.as_ref(), failure.error.as_str()),
        (None, "failed to solve: Canceled: context canceled")
    );
    assert_eq!(summary.target("slow").unwrap().outcome, Outcome::Stopped);
    assert_eq!(summary.target("base").unwrap().outcome, Outcome::Complete);
}

#[test]
fn each_platform_has_its_own_steps() {
    insta::assert_snapshot!(table(&summary(&["mp", "base"], TWO_PLATFORMS)), @r"
    base 4 steps, 4 cached, 12.3ms
    mp 8 steps, 4 cached, 951.8ms
    all 8 steps, 4 cached
    ");
}

#[test]
fn the_complete_log_is_kept_under_the_name_of_the_step() {
    let folder = tempfile::tempdir().unwrap();
    let folder = Utf8Path::from_path(folder.path()).unwrap();
    let mut collector = Collector::new(["bad", "base"], LogStore::spooled(folder).unwrap());
    let mut reader = Stream::new(["bad", "base"]);
    for event in FAILS.lines().flat_map(|line| reader.feed(line)) {
        collector.apply(&event);
    }
    let file = collector
        .finish()
        .unwrap()
        .failure
        .unwrap()
        .log_file
        .unwrap();
    assert_eq!(file.file_name(), Some("bad-build-2-4.log"));
    assert_eq!(
        std::fs::read_to_string(&file).unwrap(),
        "to stdout\nto stderr\n"
    );
    assert_eq!(std::fs::read_dir(folder).unwrap().count(), 1);
}

#[test]
fn what_buildx_refuses_has_no_step() {
    let failure = summary(
        &["a", "b"],
        "ERROR: unable to prepare context: path \"nope\" not found\n",
    )
    .failure
    .unwrap();
    insta::assert_snapshot!(failure.to_error(None), @r#"failed to build the images: unable to prepare context: path "nope" not found"#);
}

#[test]
fn a_target_announced_and_never_run_counts_as_cached_after_success_only() {
    let announced = r#"{"vertexes":[{"digest":"sha256:aa","name":"[a 1/2] RUN x"}]}"#;
    assert_eq!(
        table(&summary(&["a", "b"], announced)).lines().next(),
        Some("a 1 steps, 1 cached, 0.0ns")
    );
    let failed = format!("{announced}\nERROR: x");
    assert_eq!(
        table(&summary(&["a", "b"], &failed)).lines().next(),
        Some("a 1 steps, 0 cached, 0.0ns, not complete")
    );
}
