//! Whatever rules, flavor and ref say: every tag that comes out is one that registries take, and there once.
#![no_main]

use libfuzzer_sys::fuzz_target;
use xtask::project::ImageName;
use xtask::tags::{Flavor, Occasion, generate, lines, parse_rules};
use xtask::timestamp::Timestamp;

fuzz_target!(|input: (&str, &str, &str, i64)| {
    let (rules, flavor, reference, seconds) = input;
    let moment = Timestamp::from_unix_seconds(seconds);
    let occasion = Occasion {
        event: if seconds % 2 == 0 { "push" } else { "schedule" }.to_owned(),
        reference: reference.to_owned(),
        commit: "860c1904a1ce19322e91ac35af1ab07466440c37".to_owned(),
        is_dirty: seconds % 3 == 0,
        default_branch: Some("main".to_owned()),
        base: None,
        head: None,
        now: moment,
        commit_date: Some(moment),
        short_hash: 7,
    };
    let Ok(rules) = parse_rules(&lines("tags", rules)) else {
        return;
    };
    let Ok(flavor) = Flavor::parse(&lines("flavor", flavor)) else {
        return;
    };
    let Ok(made) = generate(&rules, &flavor, &occasion, "api") else {
        return;
    };
    for (index, tag) in made.tags.iter().enumerate() {
        let name = ImageName::parse(&format!("example.com/a:{}", tag.name));
        assert!(name.is_some_and(|name| name.tag.as_deref() == Some(tag.name.as_str())), "{tag:?}");
        assert!(made.tags[..index].iter().all(|other| other.name != tag.name), "{tag:?}");
    }
});
