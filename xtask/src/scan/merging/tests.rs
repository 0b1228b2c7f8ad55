use super::*;

fn found(finder: Finder, id: &str, aliases: &[&str]) -> Vulnerability {
    Vulnerability {
        id: id.to_owned(),
        aliases: aliases.iter().map(|alias| (*alias).to_owned()).collect(),
        package: Affected {
            manager: "npm".to_owned(),
            name: "lodash".to_owned(),
            version: "4.17.20".to_owned(),
            source: None,
            record: "app/package.json".to_owned(),
        },
        fixed: Some("4.17.21".to_owned()),
        status: Status::Fixed,
        level: Level::High,
        score: Some(72),
        title: String::new(),
        url: None,
        found_by: [finder].into(),
        disagreements: Vec::new(),
    }
}

fn looked() -> Looked {
    Looked {
        by_both: ["npm".to_owned()].into(),
    }
}

#[test]
fn names_and_aliases_connect_even_in_a_row() {
    let all = merged(vec![
        found(Finder::Osv, "PYSEC-1", &["GHSA-a"]),
        found(Finder::Osv, "CVE-2", &[]),
        found(Finder::Osv, "GHSA-a", &["cve-1"]),
        found(Finder::Osv, "CVE-1", &[]),
    ]);
    let names: Vec<_> = all
        .iter()
        .map(|one| one.names().collect::<Vec<_>>())
        .collect();
    assert_eq!(
        names,
        [vec!["CVE-1", "GHSA-a", "PYSEC-1", "cve-1"], vec!["CVE-2"]]
    );
}

#[test]
fn other_packages_are_not_merged() {
    let mut elsewhere = found(Finder::Osv, "CVE-1", &[]);
    elsewhere.package.record = "other/package.json".to_owned();
    assert_eq!(
        merged(vec![found(Finder::Osv, "CVE-1", &[]), elsewhere]).len(),
        2
    );
}

#[test]
fn the_worse_counts_and_what_each_says_is_kept() {
    let osv = found(Finder::Osv, "GHSA-a", &["CVE-1"]);
    let mut trivy = found(Finder::Trivy, "CVE-1", &[]);
    trivy.level = Level::Critical;
    trivy.score = Some(98);
    trivy.fixed = Some("4.17.100".to_owned());
    let all = of_both(vec![osv], vec![trivy], &looked());
    let [one] = &all[..] else { panic!("{all:?}") };
    assert_eq!(
        (one.id.as_str(), one.level, one.score),
        ("CVE-1", Level::Critical, Some(98))
    );
    assert_eq!(one.fixed.as_deref(), Some("4.17.100"));
    assert_eq!(one.found_by, [Finder::Osv, Finder::Trivy].into());
    assert_eq!(
        one.disagreements,
        [
            "osv says high, trivy says critical: the worse counts",
            "osv says it is fixed in 4.17.21, trivy in 4.17.100: the later counts",
        ]
    );
}

#[test]
fn who_does_not_judge_or_writes_it_otherwise_does_not_disagree() {
    let mut osv = found(Finder::Osv, "CVE-1", &[]);
    osv.level = Level::Unknown;
    osv.score = None;
    osv.fixed = Some("v4.17.21".to_owned());
    let all = of_both(
        vec![osv],
        vec![found(Finder::Trivy, "CVE-1", &[])],
        &looked(),
    );
    assert_eq!(all[0].disagreements, Vec::<String>::new());
    assert_eq!((all[0].level, all[0].score), (Level::High, Some(72)));
}

#[test]
fn a_fix_that_only_one_knows_is_told() {
    let mut osv = found(Finder::Osv, "CVE-1", &[]);
    osv.fixed = None;
    osv.status = Status::Affected;
    let all = of_both(
        vec![osv],
        vec![found(Finder::Trivy, "CVE-1", &[])],
        &looked(),
    );
    assert_eq!(all[0].status, Status::Fixed);
    assert_eq!(
        all[0].disagreements,
        ["trivy knows of a fix in 4.17.21, osv of none"]
    );
}

#[test]
fn silence_of_the_other_is_told_only_if_it_looked() {
    let one = || vec![found(Finder::Osv, "CVE-1", &[])];
    let all = of_both(one(), Vec::new(), &looked());
    assert_eq!(all[0].disagreements, ["only osv has it, trivy does not"]);
    assert_eq!(
        of_both(one(), Vec::new(), &Looked::default())[0].disagreements,
        Vec::<String>::new()
    );
    let all = of_both(
        Vec::new(),
        vec![found(Finder::Trivy, "CVE-1", &[])],
        &looked(),
    );
    assert_eq!(all[0].disagreements, ["only trivy has it, osv does not"]);
}

proptest::proptest! {
    #[test]
    fn the_order_of_findings_makes_no_difference(
        names in proptest::collection::vec((0..6_u8, 0..6_u8, 0..3_u8), 0..8),
        seed in 0..1000_usize,
    ) {
        let all: Vec<Vulnerability> = names
            .iter()
            .map(|(id, alias, fix)| {
                let finder = if id % 2 == 0 { Finder::Osv } else { Finder::Trivy };
                let mut one = found(finder, &format!("CVE-{id}"), &[&format!("CVE-{alias}")]);
                one.fixed = (*fix > 0).then(|| format!("5.0.{fix}"));
                one
            })
            .collect();
        let mut shuffled = all.clone();
        if !shuffled.is_empty() {
            let length = shuffled.len();
            shuffled.rotate_left(seed % length);
            shuffled.swap(0, seed % length);
        }
        let once = merged(all);
        proptest::prop_assert_eq!(&merged(shuffled), &once);
        proptest::prop_assert_eq!(&merged(once.clone()), &once);
    }
}
