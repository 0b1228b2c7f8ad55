use std::collections::BTreeMap;

use super::*;
use crate::audit::{Action, Actor, Draft, Filter, ProblemKind};
use crate::timestamp::Timestamp;

struct Place {
    _dir: tempfile::TempDir,
    trail: Trail,
}

fn place() -> Place {
    let dir = tempfile::tempdir().unwrap();
    let file = Utf8PathBuf::from_path_buf(dir.path().join("trail.jsonl")).unwrap();
    Place {
        trail: Trail::new(file),
        _dir: dir,
    }
}

fn draft(number: u64) -> Draft {
    Draft {
        time: Timestamp::from_unix_seconds(1_796_000_000 + i64::try_from(number).unwrap()),
        action: Action::Push,
        actor: Actor::default(),
        tool: "test".to_owned(),
        source: None,
        image: None,
        verdicts: Vec::new(),
        details: BTreeMap::from([("number".to_owned(), number.to_string())]),
    }
}

impl Place {
    fn append(&self, number: u64) -> Appended {
        self.trail.append(&[draft(number)]).unwrap()
    }

    fn bytes(&self) -> Vec<u8> {
        std::fs::read(self.trail.file()).unwrap()
    }

    fn kinds(&self) -> Vec<ProblemKind> {
        let summary = self.trail.verify(Vec::new()).unwrap();
        summary
            .problems
            .iter()
            .map(|problem| problem.kind)
            .collect()
    }

    fn numbers(&self) -> Vec<String> {
        let mut numbers = Vec::new();
        let mut each = |entry: &crate::audit::Entry| {
            numbers.extend(entry.details.get("number").cloned());
            Ok(())
        };
        self.trail.each(&Filter::default(), &mut each).unwrap();
        numbers
    }
}

#[test]
fn entries_are_appended_listed_and_whole() {
    let place = place();
    place.trail.check_writable().unwrap();
    assert!(place.kinds().is_empty(), "an empty trail");
    let first = place.append(1);
    let both = place.trail.append(&[draft(2), draft(3)]).unwrap();
    assert_eq!((first.head.sequence, both.head.sequence), (0, 2));
    assert_eq!(place.kinds(), []);
    assert_eq!(place.numbers(), ["1", "2", "3"]);
    let newest = place.trail.newest(&Filter::default(), 2).unwrap();
    assert_eq!(
        newest.iter().map(|e| e.sequence).collect::<Vec<_>>(),
        [1, 2]
    );
    assert_eq!(place.trail.written_head().unwrap(), Some(both.head));
}

#[test]
fn a_line_cut_anywhere_is_kept_and_told() {
    for cut in [1, 2, 50, 120, usize::MAX] {
        let place = place();
        place.append(1);
        place.append(2);
        let whole = place.bytes();
        let second = whole.iter().position(|b| *b == b'\n').unwrap() + 1;
        let end = (second + cut.min(whole.len() - second - 1)).min(whole.len() - 1);
        std::fs::write(place.trail.file(), &whole[..end]).unwrap();
        // As if the writer of the second had been killed before it told anybody.
        let (_, head) = draft(1).seal(None).unwrap();
        std::fs::write(place.trail.head_file(), serde_json::to_vec(&head).unwrap()).unwrap();
        assert_eq!(place.kinds(), [ProblemKind::Torn]);
        let appended = place.append(3);
        assert_eq!(appended.head.sequence, 2);
        assert_eq!(appended.recovered.len(), 1, "{appended:?}");
        assert_eq!(place.kinds(), [ProblemKind::Recovered]);
        assert_eq!(place.numbers(), ["1", "3"]);
        let newest = place.trail.newest(&Filter::default(), 2).unwrap();
        let kept = &newest[0].details["kept_in"];
        let folder = place.trail.file().parent().unwrap();
        assert_eq!(
            std::fs::read(folder.join(kept)).unwrap(),
            &whole[second..end]
        );
    }
}

#[test]
fn a_cut_end_is_told_by_the_head_file_and_never_covered_up() {
    let place = place();
    for number in 1..=4 {
        place.append(number);
    }
    let whole = place.bytes();
    let lines: Vec<&[u8]> = whole.split_inclusive(|b| *b == b'\n').collect();
    std::fs::write(place.trail.file(), lines[..2].concat()).unwrap();
    assert_eq!(place.kinds(), [ProblemKind::Truncated]);
    let appended = place.append(5);
    assert!(
        appended.recovered[0].contains("entries are gone"),
        "{appended:?}"
    );
    assert_eq!(place.kinds(), [ProblemKind::Recovered]);
    let entry = &place.trail.newest(&Filter::default(), 2).unwrap()[0];
    assert_eq!(entry.details["known_sequence"], "3");
    // All of it removed.
    std::fs::remove_file(place.trail.file()).unwrap();
    let appended = place.append(6);
    assert_eq!((appended.head.sequence, appended.recovered.len()), (1, 1));
}

#[test]
fn a_head_file_that_was_left_behind_is_no_damage_and_a_missing_one_is() {
    let place = place();
    place.append(1);
    let old = std::fs::read(place.trail.head_file()).unwrap();
    place.append(2);
    std::fs::write(place.trail.head_file(), old).unwrap();
    assert_eq!(place.kinds(), []);
    assert!(place.append(3).recovered.is_empty());
    std::fs::remove_file(place.trail.head_file()).unwrap();
    assert_eq!(place.append(4).recovered.len(), 1);
    std::fs::write(place.trail.head_file(), "{").unwrap();
    assert!(place.trail.verify(Vec::new()).is_err());
    assert_eq!(place.append(5).recovered.len(), 1);
}

#[test]
fn nothing_is_put_behind_a_line_that_somebody_touched() {
    for garbage in ["garbage\n", "\n", "{}\n"] {
        let place = place();
        place.append(1);
        let mut bytes = place.bytes();
        bytes.extend(garbage.as_bytes());
        std::fs::write(place.trail.file(), &bytes).unwrap();
        let error = place.trail.append(&[draft(2)]).unwrap_err();
        assert!(
            error.message().contains("its last line is no entry"),
            "{error}"
        );
        assert_eq!(place.bytes(), bytes, "it was left as it was");
    }
}

#[test]
fn a_full_disk_is_told_and_leaves_the_trail_whole() {
    // What is written there never fits.
    let place = self::place();
    std::os::unix::fs::symlink("/dev/full", place.trail.file()).unwrap();
    let error = place.trail.append(&[draft(1)]).unwrap_err();
    insta::assert_snapshot!(error.to_string().replace(place.trail.file().as_str(), "FILE"), @"nothing was recorded in the audit trail FILE: No space left on device (os error 28) (help: make room or give the right to write there, or name another file in `[audit]` of the manifest)");
    assert_eq!(place.trail.written_head().unwrap(), None);
    let place = self::place();
    std::fs::create_dir(place.trail.file()).unwrap();
    let error = place.trail.append(&[draft(1)]).unwrap_err();
    assert_eq!(error.exit(), crate::error::Exit::Failed);
}

#[test]
fn threads_that_append_at_the_same_time_lose_nothing() {
    let place = place();
    std::thread::scope(|scope| {
        for writer in 0..8 {
            let trail = &place.trail;
            scope.spawn(move || {
                for number in 0..5 {
                    trail.append(&[draft(writer * 100 + number)]).unwrap();
                }
            });
        }
    });
    assert_eq!(place.kinds(), []);
    assert_eq!(place.numbers().len(), 40);
}
