use proptest::prelude::*;

use super::*;

const GOOD: &str = "\
# A comment.
# HELP http_requests_total All \\\\ requests.
# TYPE http_requests_total counter
http_requests_total{method=\"post\",path=\"a\\\"b\\n\"} 1027 1395066363000
http_requests_total{ method = \"get\", } 3

# TYPE seconds histogram
seconds_bucket{le=\"0.5\"} 1
seconds_bucket{le=\"+Inf\"} 2
seconds_sum 1.5e-3
seconds_count 2
without_type NaN
below -Inf
";

#[test]
fn a_document_is_read() {
    let metrics = parse(GOOD).unwrap();
    let names: Vec<&str> = metrics.families.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        ["below", "http_requests_total", "seconds", "without_type"]
    );
    let requests = &metrics.families["http_requests_total"];
    assert_eq!((requests.kind, requests.has_help), (Kind::Counter, true));
    assert_eq!(requests.samples[0].labels["path"], "a\"b\n");
    assert_eq!(requests.samples[0].timestamp, Some(1_395_066_363_000));
    assert_eq!(metrics.families["seconds"].samples.len(), 4);
    assert_eq!(parse("").unwrap(), Metrics::default());
}

/// Each with what is wrong.
pub(super) const BAD: &[(&str, &str)] = &[
    ("a 1", "line 1: the last line has no line break"),
    ("a\n", "line 1: a has no value"),
    ("a x\n", "line 1: `x` is no number"),
    ("a 1 x\n", "line 1: `x` is no timestamp in milliseconds"),
    ("a 1 2 3\n", "line 1: `3` is one word too many"),
    ("a 1e999\n", "line 1: `1e999` is no number"),
    ("1a 1\n", "line 1: a line starts with no name of a metric"),
    ("<html>\n", "line 1: a line starts with no name of a metric"),
    ("a{b=1} 1\n", "line 1: the label b has no value in quotes"),
    (
        "a{b=\"1} 1\n",
        "line 1: the value of the label b does not end, or has a wrong escape",
    ),
    (
        "a{b=\"\\x\"} 1\n",
        "line 1: the value of the label b does not end, or has a wrong escape",
    ),
    (
        "a{b=\"1\" c=\"2\"} 1\n",
        "line 1: labels are not separated by commas, or their braces do not close",
    ),
    (
        "a{b=\"1\",b=\"2\"} 1\n",
        "line 1: the label b is there twice",
    ),
    ("a{=\"1\"} 1\n", "line 1: a label has no name"),
    (
        "a{__name__=\"1\"} 1\n",
        "line 1: `__name__` is no label of one's own",
    ),
    (
        "# TYPE a number\n",
        "line 1: `number` is no type of a metric",
    ),
    (
        "# TYPE a gauge\n# TYPE a gauge\n",
        "line 2: a second TYPE for a",
    ),
    ("# HELP a x\n# HELP a y\n", "line 2: a second HELP for a"),
    (
        "a 1\n# TYPE a gauge\n",
        "line 2: the TYPE of a comes after its first value",
    ),
    (
        "# TYPE a histogram\na_bucket{le=\"x\"} 1\n",
        "line 2: `le` must be a number, not \"x\"",
    ),
];

#[test]
fn mistakes_are_named_with_their_line() {
    for (text, expected) in BAD {
        assert_eq!(parse(text).unwrap_err().to_string(), *expected, "{text:?}");
    }
}

#[test]
fn what_a_scrape_would_mangle_is_a_mistake_too() {
    for (text, expected) in [
        (
            "a{b=\"1\"} 1\na{b=\"1\"} 2\n",
            "line 2: a has the same labels twice",
        ),
        (
            "a 1\nb 1\na{c=\"1\"} 1\n",
            "line 3: the lines of a are in two places",
        ),
        (
            "# TYPE a histogram\na_bucket{le=\"1\"} 1\n",
            "line 2: a has no bucket with le=\"+Inf\"",
        ),
        (
            "# TYPE a histogram\na_bucket{le=\"1\"} 2\na_bucket{le=\"+Inf\"} 1\n",
            "line 2: the buckets of a are not cumulative",
        ),
    ] {
        assert_eq!(parse(text).unwrap_err().to_string(), expected);
    }
}

proptest! {
    #[test]
    fn nothing_makes_it_panic(text in "(?s).{0,200}") {
        let _ = parse(&text);
    }

    #[test]
    fn what_is_written_is_read_back(
        samples in prop::collection::btree_map(
            ("[a-z_:][a-z0-9_:]{0,8}", prop::collection::btree_map("[a-z_][a-z0-9]{0,5}", "(?s).{0,8}", 0..4)),
            -1e9..1e9_f64,
            0..20,
        ),
    ) {
        let escape = |text: &str| text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
        let mut text = String::new();
        for ((name, labels), value) in &samples {
            let labels: Vec<String> =
                labels.iter().map(|(name, value)| format!("{name}=\"{}\"", escape(value))).collect();
            let line = format!("{name}{{{}}} {value}\n", labels.join(","));
            text.push_str(&line);
        }
        let metrics = parse(&text).unwrap();
        let read: std::collections::BTreeMap<_, _> = metrics
            .families
            .into_values()
            .flat_map(|family| family.samples)
            .map(|sample| ((sample.name, sample.labels), sample.value))
            .collect();
        prop_assert_eq!(read, samples);
    }
}
