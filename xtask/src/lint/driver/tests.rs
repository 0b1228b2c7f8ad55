use super::*;
use crate::dockerfile::parse;

/// The code and the edits of each finding that has a fix, as `code start-end`.
fn fixes(text: &str) -> Vec<String> {
    let model = Arc::new(Model::new(
        parse(&Source::new("Dockerfile", text)),
        BTreeMap::new(),
        &|_| None,
    ));
    let run = Run {
        surroundings: &Surroundings::unknown(),
        inputs: vec![Input::Model(model)],
        configuration: &Configuration::default(),
        repository: false,
        external: None,
        threads: NonZeroUsize::MIN,
    };
    let findings = run.carry_out().findings;
    let edits = findings.iter().filter_map(|finding| {
        let edits = &finding.fix.as_ref()?.edits;
        Some(edits.iter().map(|edit| (&finding.code, edit.span)))
    });
    edits
        .flatten()
        .map(|(code, span)| format!("{code} {}-{}", span.start, span.end))
        .collect()
}

#[test]
fn nothing_is_mended_where_the_shell_would_stop_reading() {
    const JOIN: &str = "DL3059 20-25";
    for (runs, joined) in [
        ("RUN a\nRUN b\n", true),
        // In the second, to which the edit of the first reaches.
        ("RUN a\nRUN b (\n", false),
        ("RUN a (\nRUN b\n", false),
        // Another one is none of its business.
        ("RUN a\nRUN b\nUSER c\nRUN d (\n", true),
    ] {
        let found = fixes(&format!("FROM debian:12\n{runs}"));
        assert_eq!(
            found.iter().any(|it| it == JOIN),
            joined,
            "{runs}: {found:?}"
        );
    }
}

#[test]
fn what_stands_before_a_broken_script_is_mended() {
    let found = fixes("FROM debian:12\nMAINTAINER x\nRUN b (\n");
    assert_eq!(found, ["DL4000 15-27"]);
}
