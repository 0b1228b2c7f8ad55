//! Whatever is asked for: valid tags, each once, or an error.

use proptest::prelude::*;

use super::*;
use crate::project::ImageName;

/// A piece of a rule, likely to mean something.
fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::sample::select(vec![
            "type=semver",
            "type=pep440",
            "type=match",
            "type=ref",
            "type=raw",
            "type=sha",
            "type=edge",
            "type=schedule",
            "pattern={{version}}",
            "pattern={{major}}.{{minor}}",
            "pattern=v(.*)",
            "event=branch",
            "event=tag",
            "event=pr",
            "group=1",
            "value={{branch}}",
            "value=",
            "prefix={{tag}}-",
            "suffix=.",
            "format=long",
            "enable={{is_default_branch}}",
            "priority=3",
            "match=(.+)",
            "{{date 'YYYY wo z'}}",
        ])
        .prop_map(str::to_owned),
        "[a-z]{1,6}=\\PC{0,12}",
        "\\PC{0,140}",
    ]
}

proptest! {
    #[test]
    fn every_tag_is_one(
        reference in prop_oneof!["refs/(heads|tags|pull)/\\PC{0,150}", "\\PC{0,20}"],
        event in prop::sample::select(vec!["push", "schedule", "pull_request", ""]),
        rules in prop::collection::vec(prop::collection::vec(piece(), 1..4), 0..4),
        flavor in prop::collection::vec(piece(), 0..2),
    ) {
        let rules: Vec<String> = rules.iter().map(|pieces| pieces.join(",")).collect();
        let occasion = occasion(event, &reference);
        if let Ok(made) = generated(&occasion, &rules.join("\n"), &flavor.join(",")) {
            for (index, tag) in made.tags.iter().enumerate() {
                let reference = format!("example.com/a/b:{}", tag.name);
                prop_assert!(ImageName::parse(&reference).is_some_and(|name| name.tag.is_some()), "{:?}", tag);
                prop_assert!(!tag.because.is_empty());
                prop_assert!(made.tags[..index].iter().all(|other| other.name != tag.name));
            }
            prop_assert_eq!(made.version.as_ref(), made.tags.first().map(|tag| &tag.name));
        }
    }
}
