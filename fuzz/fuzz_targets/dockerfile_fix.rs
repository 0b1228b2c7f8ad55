//! Every text is judged and mended: places lie in the text, fixes come to an end and break nothing, laying out a file
//! keeps what it means and changes nothing a second time.
#![no_main]

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::Arc;

use libfuzzer_sys::fuzz_target;
use xtask::dockerfile::{Dockerfile, parse};
use xtask::edit::{Fix, Safety, apply};
use xtask::finding::Finding;
use xtask::lint::configuration::Configuration;
use xtask::lint::{FixRounds, Input, Model, Run, Surroundings};
use xtask::source::Source;

fn read(text: &str) -> Dockerfile {
    parse(&Source::new("Dockerfile", text))
}

fn judge(text: &str) -> Vec<Finding> {
    let model = Arc::new(Model::new(read(text), BTreeMap::new(), &|_| None));
    let run = Run {
        surroundings: &Surroundings::unknown(),
        inputs: vec![Input::Model(model)],
        configuration: &Configuration::default(),
        repository: false,
        external: None,
        threads: NonZeroUsize::MIN,
    };
    run.carry_out().findings
}

fuzz_target!(|text: &str| {
    if text.len() > 20_000 {
        return;
    }
    let errors = read(text).errors.len();
    let mut current = text.to_owned();
    let mut rounds = FixRounds::default();
    for round in 0.. {
        let findings = judge(&current);
        for finding in &findings {
            let Some(location) = &finding.location else {
                continue;
            };
            let span = location.span;
            assert!(
                location.source.text().get(span.start..span.end).is_some(),
                "{}: {span:?}",
                finding.code
            );
        }
        // One after the other: each of them has to bear the file it is made for.
        let fixes: Vec<&Fix> = findings.iter().filter_map(|f| f.fix.as_deref()).collect();
        for (finding, fix) in findings.iter().filter_map(|f| Some((f, f.fix.as_ref()?))) {
            for (_, after) in apply(&[fix]).files.into_values() {
                let now = read(&after).errors.len();
                assert!(
                    now <= read(&current).errors.len(),
                    "{} breaks\n{current}",
                    finding.code
                );
            }
        }
        assert!(round < 40, "no end: {:?}\n{current}", fixes.first());
        let mut after = None;
        if !rounds.carry_out(&findings, Safety::Unsafe, &mut |_, text| {
            after = Some(text.to_owned())
        }) {
            break;
        }
        current = after.unwrap_or(current);
        assert!(
            read(&current).errors.len() <= errors,
            "more errors than before\n{current}"
        );
    }
    if let Ok(once) = xtask::formatter::format(&read(text)) {
        let twice = xtask::formatter::format(&read(&once));
        assert_eq!(Ok(once), twice.map_err(|e| e.message));
    }
});
