//! Any text as a workflow: all rules about workflows end, and what they point at lies in it. And any text as an
//! expression: what is known as a value is known as a condition.
#![no_main]

use std::num::NonZeroUsize;

use libfuzzer_sys::fuzz_target;
use xtask::dockerfile::parse;
use xtask::expression::{self, Value};
use xtask::lint::{Configuration, MemoryFiles, Run, Surroundings};
use xtask::source::Source;

fuzz_target!(|text: &str| {
    if let Ok(expression) = expression::parse(text) {
        let lookup = |name: &str| (name.len() % 2 == 0).then(|| Value::text(name));
        if let Some(value) = expression.value(&lookup) {
            assert_eq!(expression.holds(&lookup), Some(value.is_true()));
        }
    }
    let _ = expression::pieces(text);
    let dockerfile = "FROM alpine:3.20 AS a\nRUN true\nFROM alpine:3.20 AS b\nCOPY x y\n";
    let files = MemoryFiles(
        [
            (".github/workflows/w.yml".into(), text.to_owned()),
            ("apps/x/Dockerfile".into(), dockerfile.to_owned()),
        ]
        .into(),
    );
    let dockerfiles = vec![parse(&Source::new("apps/x/Dockerfile", dockerfile))];
    let surroundings = Surroundings::gather(Some(Box::new(files)), dockerfiles, None);
    let outcome = Run {
        surroundings: &surroundings,
        inputs: Vec::new(),
        configuration: &Configuration::default(),
        repository: true,
        external: None,
        threads: NonZeroUsize::MIN,
    }
    .carry_out();
    for finding in outcome.findings {
        if let Some(location) = finding.location {
            let whole = location.source.text();
            assert!(whole.get(location.span.start..location.span.end).is_some());
        }
    }
});
