use super::*;
use crate::engine::events::Stream;

fn line(digest: &str, name: &str, rest: &str) -> String {
    format!(r#"{{"vertexes":[{{"digest":"sha256:{digest}","name":"{name}"{rest}}}]}}"#)
}

const DONE: &str = r#","started":"2026-01-01T00:00:00Z","completed":"2026-01-01T00:00:02Z""#;
const CACHED: &str =
    r#","cached":true,"started":"2026-01-01T00:00:03Z","completed":"2026-01-01T00:00:03Z""#;

fn tally(targets: &[&str], lines: &[String]) -> Tally {
    let mut stream = Stream::new(targets.iter().copied());
    let mut tally = Tally::new(targets.iter().copied());
    for event in lines.iter().flat_map(|l| stream.feed(l)) {
        tally.apply(&event);
    }
    tally
}

#[test]
fn a_step_under_two_digests_counts_once_and_is_not_cached() {
    for order in [[0, 1], [1, 0]] {
        let lines = [
            line("aa", "[b build 1/3] COPY src .", DONE),
            line("bb", "[b build 1/3] COPY src .", CACHED),
        ];
        let tally = tally(&["a", "b"], &order.map(|i| lines[i].clone()));
        let progress = tally.progress("b");
        assert_eq!(
            (progress.finished, progress.total, progress.cached),
            (1, 1, 0)
        );
        let distinct: Vec<_> = tally.distinct().into_values().collect();
        assert_eq!(distinct, [StepState::Done]);
        assert_eq!(tally.steps("b")[0].duration(), Duration::from_secs(2));
    }
}

#[test]
fn shared_work_counts_for_every_target_and_once_in_all() {
    let tally = tally(
        &["a", "base"],
        &[
            line("aa", "[a os 1/2] RUN x", DONE),
            line("bb", "[a 1/1] RUN y", CACHED),
            line("aa", "[base os 1/2] RUN x", DONE),
        ],
    );
    assert_eq!(
        tally.progress("a"),
        Progress {
            finished: 2,
            total: 2,
            cached: 1,
            failed: false
        }
    );
    assert_eq!(
        tally.progress("base"),
        Progress {
            finished: 1,
            total: 1,
            cached: 0,
            failed: false
        }
    );
    assert_eq!(tally.distinct().len(), 2);
    assert_eq!(tally.sharers("sha256:aa"), ["base", "a"]);
    assert_eq!(tally.elapsed("a"), Duration::from_secs(3));
}

#[test]
fn expected_steps_are_found_with_and_without_a_counted_from() {
    let expected = |stage: &str, ordinal, keyword: &str| ExpectedStep {
        stage: Some(stage.into()),
        ordinal,
        keyword: keyword.into(),
    };
    let mut tally = tally(
        &["a", "base"],
        &[
            line("ff", "[base os 1/3] FROM node", DONE),
            line("aa", "[base os 2/3] RUN x", DONE),
            line("bb", "[base os 3/3] COPY y z", CACHED),
            line("cc", "[a build 1/2] RUN y", DONE),
        ],
    );
    tally.expect(
        "a",
        vec![
            expected("os", 1, "RUN"),
            expected("os", 2, "COPY"),
            expected("build", 1, "RUN"),
            expected("build", 2, "RUN"),
        ],
    );
    assert_eq!(
        tally.progress("a"),
        Progress {
            finished: 3,
            total: 4,
            cached: 1,
            failed: false
        }
    );
}

#[test]
fn what_runs_now_is_an_instruction_if_there_is_one() {
    let started = r#","started":"2026-01-01T00:00:00Z""#;
    let mut lines = vec![
        line("aa", "[a 1/2] RUN x", started),
        line("bb", "[a internal] load build context", started),
    ];
    assert_eq!(
        tally(&["a", "b"], &lines).current("a").unwrap().text,
        "RUN x"
    );
    lines.push(line("aa", "[a 1/2] RUN x", DONE));
    assert_eq!(
        tally(&["a", "b"], &lines).current("a").unwrap().text,
        "load build context"
    );
}
