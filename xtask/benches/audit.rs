//! How fast the audit trail is: `cargo bench -p xtask --bench audit`.
//!
//! A hundred thousand entries as builds write them, each measure the best of some runs: so what else the machine does
//! counts least.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench is a program of its own: it prints"
)]

use std::collections::BTreeMap;
use std::io::Write as _;
use std::time::{Duration, Instant};

use camino::Utf8PathBuf;
use xtask::audit::{Action, Actor, Check, Draft, Filter, Head, Image, Outcome, Source};
use xtask::timestamp::Timestamp;
use xtask::trail::Trail;

const ENTRIES: u64 = 100_000;
const RUNS: usize = 7;

fn main() {
    let dir = tempfile::tempdir().unwrap();
    let file = Utf8PathBuf::from_path_buf(dir.path().join("trail.jsonl")).unwrap();
    let mut out = std::io::BufWriter::new(std::fs::File::create(&file).unwrap());
    let mut head: Option<Head> = None;
    for number in 0..ENTRIES {
        let (line, next) = draft(number).seal(head.as_ref()).unwrap();
        out.write_all(line.as_bytes()).unwrap();
        head = Some(next);
    }
    out.flush().unwrap();
    drop(out);
    let bytes = file.metadata().unwrap().len();
    println!("{ENTRIES} entries, {bytes} bytes");
    let trail = Trail::new(file);
    measure("verify all", || {
        let summary = trail.verify(Vec::new()).unwrap();
        assert_eq!((summary.entries, summary.problems.len()), (ENTRIES, 0));
    });
    measure("list the newest twenty", || {
        assert_eq!(trail.newest(&Filter::default(), 20).unwrap().len(), 20);
    });
    let one = Filter {
        images: vec!["service-3".to_owned()],
        ..Filter::default()
    };
    measure("export one image of seven", || {
        let mut entries = 0;
        let mut each = |_: &xtask::audit::Entry| {
            entries += 1;
            Ok(())
        };
        trail.each(&one, &mut each).unwrap();
        assert_eq!(entries, ENTRIES / 7 + 1);
    });
    let number = std::cell::Cell::new(ENTRIES);
    measure("append one, on the disk when it returns", || {
        number.set(number.get() + 1);
        trail.append(&[draft(number.get())]).unwrap();
    });
}

fn measure(what: &str, mut run: impl FnMut()) {
    let mut best = Duration::MAX;
    for _ in 0..RUNS {
        let start = Instant::now();
        run();
        best = best.min(start.elapsed());
    }
    println!("{what}: {:.2} ms", best.as_secs_f64() * 1e3);
}

fn draft(number: u64) -> Draft {
    let text = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
        pairs
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect()
    };
    Draft {
        time: Timestamp::from_unix_seconds(1_796_000_000 + i64::try_from(number).unwrap()),
        action: Action::Build,
        actor: Actor {
            git: Some("Ada Lovelace <ada@example.org>".to_owned()),
            ci: Some("github:ada https://github.com/acme/shop/actions/runs/123456789".to_owned()),
            host: Some("runner@machine".to_owned()),
        },
        tool: "xtask 0.1.0".to_owned(),
        source: Some(Source {
            commit: format!("{number:040x}"),
            dirty: false,
        }),
        image: Some(Image {
            name: Some(format!("service-{}", number % 7)),
            reference: Some(format!("ghcr.io/acme/service-{}:main", number % 7)),
            digest: Some(format!("sha256:{number:064x}")),
            platform: Some("linux/amd64".to_owned()),
        }),
        verdicts: vec![Check {
            check: "budget".to_owned(),
            outcome: Outcome::Pass,
            detail: None,
        }],
        details: text(&[
            ("engine", "28.5.2"),
            ("stage", "production"),
            ("steps_cached", "13/15"),
            ("unpacked_bytes", "106700000"),
        ]),
    }
}
