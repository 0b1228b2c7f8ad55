use super::*;

fn advisory(events: &[(&str, &str)], versions: &[&str]) -> Advisory {
    advisory_of(&[events], versions)
}

fn advisory_of(ranges: &[&[(&str, &str)]], versions: &[&str]) -> Advisory {
    let event = |(kind, version): &(&str, &str)| {
        let version = (*version).to_owned();
        match *kind {
            "introduced" => Event::Introduced(version),
            "fixed" => Event::Fixed(version),
            "last" => Event::LastAffected(version),
            "limit" => Event::Limit(version),
            other => panic!("{other}"),
        }
    };
    Advisory {
        id: "X-1".to_owned(),
        ranges: ranges
            .iter()
            .filter(|events| !events.is_empty())
            .map(|events| Range {
                events: events.iter().map(event).collect(),
            })
            .collect(),
        versions: versions
            .iter()
            .map(|version| (*version).to_owned())
            .collect(),
        ..Advisory::default()
    }
}

fn affected(fixed: Option<&str>) -> Verdict {
    Verdict::Affected {
        fixed: fixed.map(str::to_owned),
    }
}

#[track_caller]
fn verdicts(scheme: Scheme, advisory: &Advisory, expected: &[(&str, Verdict)]) {
    for (version, verdict) in expected {
        assert_eq!(&judge(scheme, advisory, version), verdict, "{version}");
    }
}

#[test]
fn a_version_is_affected_between_introduction_and_fix() {
    let range = advisory(&[("introduced", "1.0.0"), ("fixed", "1.2.0")], &[]);
    verdicts(
        Scheme::Npm,
        &range,
        &[
            ("0.9.0", Verdict::NotAffected),
            ("1.0.0-rc.1", Verdict::NotAffected),
            ("1.0.0", affected(Some("1.2.0"))),
            ("1.2.0-rc.1", affected(Some("1.2.0"))),
            ("1.2.0", Verdict::NotAffected),
            ("nonsense", Verdict::Unclear),
        ],
    );
}

#[test]
fn events_are_taken_in_the_order_of_versions_and_lines_have_their_own_fix() {
    let lines = advisory(
        &[
            ("fixed", "2.0.5"),
            ("introduced", "0"),
            ("introduced", "2.0.0"),
            ("fixed", "1.9.1"),
        ],
        &[],
    );
    verdicts(
        Scheme::Npm,
        &lines,
        &[
            ("0.0.0-0", affected(Some("1.9.1"))),
            ("1.9.1", Verdict::NotAffected),
            ("2.0.0", affected(Some("2.0.5"))),
            ("2.0.5", Verdict::NotAffected),
        ],
    );
    let parts = advisory_of(
        &[
            &[("introduced", "0"), ("fixed", "3.0.0")],
            &[("introduced", "1.0.0"), ("fixed", "1.0.7")],
        ],
        &[],
    );
    verdicts(
        Scheme::Npm,
        &parts,
        &[
            ("1.0.5", affected(Some("1.0.7"))),
            ("2.0.0", affected(Some("3.0.0"))),
        ],
    );
}

#[test]
fn the_last_affected_version_is_affected_and_a_limit_ends_what_is_known() {
    let last = advisory(&[("introduced", "0"), ("last", "1.5")], &[]);
    verdicts(
        Scheme::Python,
        &last,
        &[
            ("1.5", affected(None)),
            ("1.5.0", affected(None)),
            ("1.5.post1", Verdict::NotAffected),
        ],
    );
    let limited = advisory(&[("introduced", "0"), ("limit", "2.0")], &[]);
    verdicts(
        Scheme::Python,
        &limited,
        &[("1.9", affected(None)), ("2.0", Verdict::NotAffected)],
    );
    let everything = advisory(&[("introduced", "0"), ("limit", "*")], &[]);
    verdicts(Scheme::Python, &everything, &[("9999!1", affected(None))]);
}

#[test]
fn listed_versions_count_in_any_spelling_and_even_if_they_are_none() {
    let listed = advisory(&[], &["1.0", "2004d-x"]);
    verdicts(
        Scheme::Python,
        &listed,
        &[
            ("1.0.0", affected(None)),
            ("2004d-x", affected(None)),
            ("1.1", Verdict::NotAffected),
            ("2004e-x", Verdict::NotAffected),
        ],
    );
    let both = advisory(&[("introduced", "1.0"), ("fixed", "2.0")], &["0.5"]);
    verdicts(
        Scheme::Python,
        &both,
        &[
            ("0.5", affected(Some("2.0"))),
            ("0.6", Verdict::NotAffected),
        ],
    );
}

#[test]
fn a_range_with_an_event_that_is_no_version_says_nothing_for_sure() {
    let odd = advisory_of(
        &[
            &[("introduced", "0"), ("fixed", "soon")],
            &[("introduced", "5.0.0"), ("fixed", "5.1.0")],
        ],
        &[],
    );
    verdicts(
        Scheme::Npm,
        &odd,
        &[
            ("1.0.0", Verdict::Unclear),
            ("5.0.0", affected(Some("5.1.0"))),
        ],
    );
}

#[test]
fn a_fix_at_the_very_start_affects_nothing_and_ranges_may_be_empty() {
    let never = advisory(&[("introduced", "0"), ("fixed", "0")], &[]);
    verdicts(Scheme::Alpine, &never, &[("1.0-r0", Verdict::NotAffected)]);
    verdicts(
        Scheme::Alpine,
        &advisory(&[], &[]),
        &[("1.0-r0", Verdict::NotAffected)],
    );
    let fixed_only = advisory(&[("fixed", "2")], &[]);
    verdicts(Scheme::Alpine, &fixed_only, &[("1", Verdict::NotAffected)]);
}

#[test]
fn distributions_compare_by_their_own_rules() {
    let debian = advisory(&[("introduced", "0"), ("fixed", "7.88.1-10+deb12u5")], &[]);
    verdicts(
        Scheme::Debian,
        &debian,
        &[
            ("7.88.1-10+deb12u4", affected(Some("7.88.1-10+deb12u5"))),
            ("7.88.1-10+deb12u5", Verdict::NotAffected),
            ("1:0.1", Verdict::NotAffected),
        ],
    );
    let alpine = advisory(&[("introduced", "0"), ("fixed", "1.36.1-r10")], &[]);
    verdicts(
        Scheme::Alpine,
        &alpine,
        &[
            ("1.36.1-r9", affected(Some("1.36.1-r10"))),
            ("1.36.1_rc1-r20", affected(Some("1.36.1-r10"))),
            ("1.36.1-r10", Verdict::NotAffected),
        ],
    );
}
