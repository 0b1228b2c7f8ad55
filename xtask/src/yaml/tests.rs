use super::{Node, Value, parse, parse_all};
use crate::source::Source;

fn tree(text: &str) -> (Source, Node) {
    let source = Source::new("x.yaml", text);
    let node = parse(&source).unwrap();
    (source, node)
}

/// The node as flow-style YAML with everything quoted.
fn show(node: &Node) -> String {
    match &node.value {
        Value::Scalar(scalar) => format!("{:?}", scalar.text),
        Value::Sequence(items) => format!(
            "[{}]",
            items.iter().map(show).collect::<Vec<_>>().join(", ")
        ),
        Value::Mapping(entries) => {
            let entries = entries
                .iter()
                .map(|entry| format!("{}: {}", show(&entry.key), show(&entry.value)));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
        }
    }
}

#[test]
fn every_node_knows_its_bytes() {
    let text = "é: [ü, 'a b']\n\"k\": # why\r\n  - x: y z\r\n    w:\n  - {a: 1}\nlast: v\n";
    for text in [text.to_owned(), format!("\u{feff}{text}")] {
        let (source, root) = tree(&text);
        let of = |node: &Node| node.span.of(source.text()).to_owned();
        assert_eq!(
            show(&root),
            r#"{"é": ["ü", "a b"], "k": [{"x": "y z", "w": ""}, {"a": "1"}], "last": "v"}"#
        );
        assert_eq!(of(&root.entries()[0].key), "é");
        let list = root.get("é").unwrap();
        assert_eq!(of(list), "[ü, 'a b']");
        assert_eq!(of(&list.items()[1]), "'a b'");
        assert_eq!(list.items()[1].content_span().of(source.text()), "a b");
        let items = root.get("k").unwrap().items();
        assert_eq!(of(items[0].get("x").unwrap()), "y z");
        assert_eq!(of(&items[1]), "{a: 1}");
        assert_eq!(of(root.get("last").unwrap()), "v");
        assert!(items[0].get("w").unwrap().is_null());
    }
}

#[test]
fn the_lines_of_a_block_have_places() {
    let text = "with:\n  tags: |\n    A=1\n\n      B=ü 2 \n  next: >-\n    a\n    b\n  one: 'x'\n";
    let (source, root) = tree(text);
    let tags = root.at(&["with", "tags"]).unwrap();
    assert_eq!(tags.span.of(source.text()), "A=1\n\n      B=ü 2");
    let lines = |key: &str| -> Vec<(String, String)> {
        root.at(&["with", key])
            .unwrap()
            .lines(&source)
            .into_iter()
            .map(|line| (line.span.of(source.text()).to_owned(), line.value))
            .collect()
    };
    let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
    assert_eq!(lines("tags"), [pair("A=1", "A=1"), pair("B=ü 2", "B=ü 2")]);
    assert_eq!(lines("next")[0].1, "a b");
    assert_eq!(lines("one"), [pair("x", "x")]);
}

#[test]
fn aliases_and_merges_are_carried_out() {
    let (_, root) =
        tree("x: &a {p: 1, q: 2}\ny: *a\nz:\n  <<: *a\n  q: 3\nm:\n  <<: [{r: 1}, *a]\n");
    assert_eq!(show(root.get("y").unwrap()), r#"{"p": "1", "q": "2"}"#);
    assert_eq!(show(root.get("z").unwrap()), r#"{"q": "3", "p": "1"}"#);
    assert_eq!(
        show(root.get("m").unwrap()),
        r#"{"r": "1", "p": "1", "q": "2"}"#
    );
}

#[test]
fn what_is_plain_is_told_from_what_is_quoted() {
    let (_, root) = tree("a: true\nb: 'true'\nc: ~\nd: 'null'\ne: x\nf: [x, y]\n");
    let get = |key| root.get(key).unwrap();
    assert_eq!((get("a").as_bool(), get("b").as_bool()), (Some(true), None));
    assert_eq!((get("c").text(), get("d").text()), (None, Some("null")));
    let many = |key| get(key).one_or_many().count();
    assert_eq!((many("e"), many("f"), many("c")), (1, 2, 0));
}

#[test]
fn what_is_wrong_has_a_place_and_harms_nobody() {
    let error = parse(&Source::new("x", "a: [1,\nb: 'x\n")).unwrap_err();
    assert!(error.span.start > 5, "{error:?}");
    // An unknown alias, and one inside of its own anchor.
    for text in ["a: *nobody\n", "a: &a [*a]\n", "a: b: c\n", "@x"] {
        assert!(parse(&Source::new("x", text)).is_err(), "{text}");
    }
    for text in ["", "\n", "# only a comment\n", "---\n...\n"] {
        assert!(
            parse(&Source::new("x", text)).unwrap().is_null(),
            "{text:?}"
        );
    }
    let deep = "[".repeat(10_000);
    assert!(parse(&Source::new("x", deep)).is_err());
    let mut laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..12 {
        use std::fmt::Write as _;
        let items = vec![format!("*a{}", level - 1); 10].join(", ");
        let _ = writeln!(laughs, "a{level}: &a{level} [{items}]");
    }
    let error = parse(&Source::new("x", laughs)).unwrap_err();
    assert!(error.message.contains("values"), "{error:?}");
}

#[test]
fn aliases_that_nest_do_not_nest_too_deep() {
    use std::fmt::Write as _;
    let mut text = "a0: &a0 x\n".to_owned();
    for level in 1..2_000 {
        let _ = writeln!(text, "a{level}: &a{level} [*a{}]", level - 1);
    }
    assert!(parse(&Source::new("x", text)).is_err());
}

#[test]
fn the_first_document_counts() {
    assert_eq!(show(&tree("---\na: 1\n---\nb: 2\n").1), r#"{"a": "1"}"#);
}

#[test]
fn every_document_counts_where_all_are_asked_for() {
    let source = Source::new(
        "x",
        "# first\n---\n---\na: &x 1\n---\nb: é\n...\n---\n- c\n",
    );
    let documents = parse_all(&source).unwrap();
    let shown: Vec<String> = documents.iter().map(show).collect();
    assert_eq!(shown, [r#"{"a": "1"}"#, r#"{"b": "é"}"#, r#"["c"]"#]);
    assert_eq!(documents[1].get("b").unwrap().span.of(source.text()), "é");
    assert_eq!(parse_all(&Source::new("x", "\n")), Ok(Vec::new()));
    // An anchor ends with its document, and a broken document breaks the file.
    for text in ["a: &x 1\n---\nb: *x\n", "a: 1\n---\nb: [\n"] {
        assert!(parse_all(&Source::new("x", text)).is_err(), "{text}");
    }
}

proptest::proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "[\\-a-c:&*<>|#'\"\\[\\]{}, \\n\\té!?%@]{0,60}") {
        let source = Source::new("x", text);
        match parse(&source) {
            Ok(root) => {
                let mut left = vec![&root];
                while let Some(node) = left.pop() {
                    assert!(source.text().get(node.span.start..node.span.end).is_some(), "{node:?}");
                    let _ = node.lines(&source);
                    left.extend(node.items());
                    left.extend(node.entries().iter().flat_map(|e| [&e.key, &e.value]));
                }
            }
            Err(error) => assert!(source.text().get(error.span.start..error.span.end).is_some(), "{error:?}"),
        }
    }
}
