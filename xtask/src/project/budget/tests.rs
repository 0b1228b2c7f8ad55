use super::*;
use crate::image::samples;
use crate::project::Manifest;
use crate::report::{Color, Format, render};
use crate::source::Source;

const HEAD: &str = "schema_version = 1\n[project]\nname = \"shop\"\n";

fn manifest(budget: &str) -> Manifest {
    Manifest::parse(&Source::new(
        "docker/docker.toml",
        format!("{HEAD}{budget}"),
    ))
    .unwrap()
}

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

/// 160 MB unpacked, 60 MB compressed, 8 MB of waste, 90 MB in one layer, 10 MB more than before.
fn measures() -> Measures {
    Measures {
        unpacked: Measured::Bytes(160_000_000),
        compressed: Measured::Bytes(60_000_000),
        waste: Measured::Bytes(8_000_000),
        layer: Measured::Bytes(90_000_000),
        growth: Measured::Bytes(10_000_000),
        before: Some(Bytes(150_000_000)),
    }
}

fn shown(judgments: &[Judgment]) -> Vec<String> {
    let show = |one: &Judgment| {
        let number = |value: Option<i64>| value.map_or("-".to_owned(), |v| v.to_string());
        let limit = |value: Option<u64>| value.map_or("-".to_owned(), |v| v.to_string());
        format!(
            "{} {}: soft {}, hard {}, left {}: {:?}",
            one.measure,
            number(one.bytes),
            limit(one.soft_bytes),
            limit(one.hard_bytes),
            number(one.headroom_bytes),
            one.verdict
        )
    };
    judgments.iter().map(show).collect()
}

fn told(manifest: &Manifest, measures: &Measures, today: &str) -> String {
    let judgments = judge("api", measures, &manifest.budget, day(today));
    let judged = [Judged {
        image: "api",
        platform: "linux/amd64",
        dockerfile: Some("apps/api/Dockerfile"),
        is_stand_in: false,
        judgments: &judgments,
    }];
    render(
        &findings(manifest, &judged, day(today)),
        Format::Terminal,
        Color::Plain,
    )
}

fn codes(manifest: &Manifest, measures: &Measures, today: &str) -> Vec<String> {
    let judgments = judge("api", measures, &manifest.budget, day(today));
    let judged = [Judged {
        image: "api",
        platform: "linux/amd64",
        dockerfile: None,
        is_stand_in: false,
        judgments: &judgments,
    }];
    let findings = findings(manifest, &judged, day(today));
    let code =
        |finding: &crate::finding::Finding| format!("{} {}", finding.code, finding.severity.word());
    findings.iter().map(code).collect()
}

fn exception(measure: &str, limit: &str, expires: &str) -> String {
    format!(
        "[[budget.exceptions]]\nimage = \"api\"\nmeasure = \"{measure}\"\nlimit = \"{limit}\"\nreason = \"r\"\nexpires = {expires}\n"
    )
}

#[test]
fn every_measure_is_held_against_its_limits() {
    let manifest = manifest(
        "[budget]\nunpacked = \"150 MB\"\nwaste = \"5 %\"\nlayer = \"100 MB\"\ngrowth = \"4 %\"\n[budget.soft]\nlayer = \"80 MB\"\n",
    );
    let judgments = judge("api", &measures(), &manifest.budget, day("2027-01-01"));
    assert_eq!(
        shown(&judgments),
        [
            "unpacked 160000000: soft -, hard 150000000, left -10000000: Over",
            "compressed 60000000: soft -, hard -, left -: Unlimited",
            // Exactly 5 % of 160 MB.
            "waste 8000000: soft -, hard 8000000, left 0: Within",
            "layer 90000000: soft 80000000, hard 100000000, left 10000000: AboveSoft",
            // 4 % of what it was before.
            "growth 10000000: soft -, hard 6000000, left -4000000: Over",
        ]
    );
    assert_eq!(is_within(&judgments), Some(false));
    insta::assert_snapshot!(told(&manifest, &measures(), "2027-01-01"));
}

#[test]
fn without_a_table_of_budgets_150_mb_hold() {
    let at = |bytes: i64| {
        let measures = Measures {
            unpacked: Measured::Bytes(bytes),
            ..Measures::default()
        };
        codes(&manifest(""), &measures, "2027-01-01")
    };
    assert_eq!(at(150_000_000), [""; 0]);
    assert_eq!(at(150_000_001), ["B001 error"]);
    assert_eq!(
        codes(&manifest("[budget]\n"), &measures(), "2027-01-01"),
        [""; 0]
    );
}

#[test]
fn what_could_not_be_measured_is_never_within() {
    let unknown = Measures {
        unpacked: Measured::Unknown,
        waste: Measured::Unknown,
        growth: Measured::Unknown,
        layer: Measured::Unknown,
        ..measures()
    };
    let manifest = manifest(
        "[budget]\nunpacked = \"150 MB\"\nwaste = \"5 %\"\ngrowth = \"1 MB\"\nsoft.layer = \"1 MB\"\n",
    );
    let judgments = judge("api", &unknown, &manifest.budget, day("2027-01-01"));
    assert_eq!(
        shown(&judgments),
        [
            "unpacked -: soft -, hard 150000000, left -: Unknown",
            "compressed 60000000: soft -, hard -, left -: Unlimited",
            "waste -: soft -, hard -, left -: Unknown",
            "layer -: soft 1000000, hard -, left -: Unknown",
            "growth -: soft -, hard 1000000, left -: Unknown",
        ]
    );
    assert_eq!(is_within(&judgments), None);
    assert_eq!(
        codes(&manifest, &unknown, "2027-01-01"),
        ["B002 error", "B002 error", "B002 warning", "B002 error"]
    );
    // An exception for what is not known may be needed.
    let excepted = self::manifest(&format!(
        "[budget]\nunpacked = \"150 MB\"\n{}",
        exception("unpacked", "190 MB", "2027-06-30")
    ));
    assert_eq!(codes(&excepted, &unknown, "2027-01-01"), ["B002 error"]);
    // A share of what is not known is a limit that cannot be held, even where the measure is known.
    let share = Measures {
        unpacked: Measured::Unknown,
        ..measures()
    };
    let share = judge("api", &share, &manifest.budget, day("2027-01-01"));
    assert_eq!(share[2].verdict, Verdict::Unknown);
}

#[test]
fn what_nobody_asked_for_is_not_judged() {
    let manifest = manifest(&format!(
        "[budget]\nwaste = \"1 B\"\ngrowth = \"1 B\"\n{}",
        exception("waste", "2 B", "2027-06-30")
    ));
    let built = Measures::of_build(Some((Bytes(5), Bytes(3))));
    let judgments = judge("api", &built, &manifest.budget, day("2027-01-01"));
    let measures: Vec<Measure> = judgments.iter().map(|one| one.measure).collect();
    assert_eq!(measures, [Measure::Unpacked, Measure::Compressed]);
    assert_eq!(codes(&manifest, &built, "2027-01-01"), [""; 0]);
    let unmeasured = Measures::of_build(None);
    assert_eq!(
        (unmeasured.unpacked, unmeasured.compressed, unmeasured.waste),
        (Measured::Unknown, Measured::Unknown, Measured::NotAsked)
    );
}

#[test]
fn an_exception_holds_up_to_its_last_day_and_is_an_error_afterwards() {
    let manifest = manifest(&format!(
        "[budget]\nunpacked = \"150 MB\"\nsoft.unpacked = \"140 MB\"\n{}",
        exception("unpacked", "190 MB", "2027-06-30")
    ));
    let judged = |today: &str| {
        let judgments = judge("api", &measures(), &manifest.budget, day(today));
        (
            judgments[0].hard_bytes,
            judgments[0].soft_bytes,
            judgments[0].verdict,
        )
    };
    assert_eq!(
        judged("2027-06-30"),
        (Some(190_000_000), None, Verdict::Within)
    );
    assert_eq!(codes(&manifest, &measures(), "2027-06-30"), [""; 0]);
    assert_eq!(
        judged("2027-07-01"),
        (Some(150_000_000), Some(140_000_000), Verdict::Over)
    );
    insta::assert_snapshot!(told(&manifest, &measures(), "2027-07-01"));
    // It is an error though the image has become small enough.
    let small = Measures {
        unpacked: Measured::Bytes(1),
        ..measures()
    };
    assert_eq!(codes(&manifest, &small, "2027-07-01"), ["B003 error"]);
}

#[test]
fn an_exception_that_is_not_needed_is_an_error() {
    let manifest = manifest(&format!(
        "[budget]\nunpacked = \"160 MB\"\nwaste = \"1 MB\"\n{}{}{}{}{}",
        // Kept without it.
        exception("unpacked", "190 MB", "2027-06-30"),
        // Needed.
        exception("waste", "20 MB", "2027-06-30"),
        // Another allows more.
        exception("waste", "10 MB", "2027-06-30"),
        // No limit.
        exception("layer", "10 MB", "2027-06-30"),
        // Tighter than the ordinary limit, which it cannot be.
        exception("unpacked", "100 MB", "2027-06-30"),
    ));
    let judgments = judge("api", &measures(), &manifest.budget, day("2027-01-01"));
    assert_eq!(judgments[0].hard_bytes, Some(190_000_000));
    let applied = judgments[2].exception.as_ref().unwrap();
    assert_eq!((applied.index, judgments[2].verdict), (1, Verdict::Within));
    insta::assert_snapshot!(told(&manifest, &measures(), "2027-01-01"));
}

#[test]
fn an_exception_that_is_too_small_is_still_needed() {
    let manifest = manifest(&format!(
        "[budget]\nunpacked = \"100 MB\"\n{}",
        exception("unpacked", "150 MB", "2027-06-30")
    ));
    assert_eq!(codes(&manifest, &measures(), "2027-01-01"), ["B001 error"]);
}

#[test]
fn an_exception_is_needed_if_one_platform_needs_it() {
    let manifest = manifest(&format!(
        "[budget]\nunpacked = \"150 MB\"\n{}",
        exception("unpacked", "190 MB", "2027-06-30")
    ));
    let today = day("2027-01-01");
    let judged = |sizes: &[(i64, bool)]| {
        let platforms = ["linux/amd64", "linux/arm64"];
        let judgments: Vec<_> = sizes
            .iter()
            .map(|(bytes, _)| {
                let measures = Measures {
                    unpacked: Measured::Bytes(*bytes),
                    ..Measures::default()
                };
                judge("api", &measures, &manifest.budget, today)
            })
            .collect();
        let judged: Vec<Judged<'_>> = judgments
            .iter()
            .zip(platforms)
            .zip(sizes)
            .map(|((judgments, platform), (_, is_stand_in))| Judged {
                image: "api",
                platform,
                dockerfile: None,
                is_stand_in: *is_stand_in,
                judgments,
            })
            .collect();
        let findings = findings(&manifest, &judged, today);
        let told = findings.iter().map(|f| format!("{} {}", f.code, f.message));
        told.collect::<Vec<_>>()
    };
    assert_eq!(judged(&[(1, false), (160_000_000, false)]), [""; 0]);
    assert_eq!(
        judged(&[(1, false), (1, false)]),
        [
            "B005 the exception for api (190.0 MB unpacked) is not needed: the ordinary limit of 150.0 MB is kept without it"
        ]
    );
    // The real base may be larger than what stands in for it.
    assert_eq!(judged(&[(1, true)]), [""; 0]);
    // Messages tell the platforms apart where there are several.
    assert_eq!(
        judged(&[(1, true), (190_000_001, false)]),
        ["B001 api (linux/arm64): 190.0 MB unpacked is over the budget of 190.0 MB by 1 B"]
    );
}

#[test]
fn growth_is_what_the_base_lets_know() {
    let layers = [70, 30].map(|bytes| samples::layer(None, "RUN x", bytes));
    let mut analysis = samples::analysis("api", layers.to_vec());
    analysis.sizes.hidden_bytes = None;
    let before = Point {
        commit: "c".to_owned(),
        date: "2027-01-01".to_owned(),
        platform: "linux/amd64".to_owned(),
        unpacked_bytes: 130,
        compressed_bytes: 50,
        visible_bytes: None,
        hidden_bytes: None,
    };
    let of = |base| Measures::of(&analysis, base);
    let known = of(Base::At(&before));
    assert_eq!(
        known,
        Measures {
            unpacked: Measured::Bytes(100),
            compressed: Measured::Bytes(34),
            waste: Measured::Unknown,
            layer: Measured::Bytes(70),
            growth: Measured::Bytes(-30),
            before: Some(Bytes(130)),
        }
    );
    assert_eq!(of(Base::Unknown).growth, Measured::Unknown);
    assert_eq!(of(Base::New).growth, Measured::NotAsked);
    assert_eq!(of(Base::NotAsked).growth, Measured::NotAsked);
    // An image that shrinks keeps to any limit.
    let budget = manifest("[budget]\ngrowth = \"0 %\"\n").budget;
    let growth = &judge("api", &known, &budget, day("2027-01-01"))[4];
    assert_eq!(
        (growth.verdict, growth.headroom_bytes),
        (Verdict::Within, Some(30))
    );
}

proptest::proptest! {
    /// The verdict is what the numbers say, whatever the limits.
    #[test]
    fn the_verdict_follows_from_the_numbers(
        bytes in 0_i64..400,
        hard in proptest::option::of(0_u64..400),
        soft in proptest::option::of(0_u64..400),
        relaxed in proptest::option::of(0_u64..400),
    ) {
        let mut budget = Budget::default();
        budget.hard.unpacked = hard.map(Bytes);
        budget.soft.unpacked = soft.map(Bytes);
        budget.exceptions.extend(relaxed.map(|limit| Exception {
            image: "api".to_owned(),
            measure: Measure::Unpacked,
            limit: Ceiling::Bytes(Bytes(limit)),
            reason: "r".to_owned(),
            owner: None,
            expires: day("2027-01-01"),
        }));
        let measures = Measures { unpacked: Measured::Bytes(bytes), ..Measures::default() };
        let judgment = judge("api", &measures, &budget, day("2027-01-01")).remove(0);
        let size = bytes.unsigned_abs();
        let limit = hard.map(|hard| hard.max(relaxed.unwrap_or(0)));
        proptest::prop_assert_eq!(judgment.hard_bytes, limit);
        proptest::prop_assert_eq!(judgment.verdict == Verdict::Over, limit.is_some_and(|limit| size > limit));
        proptest::prop_assert_eq!(judgment.verdict == Verdict::Unlimited, limit.is_none() && judgment.soft_bytes.is_none());
        if judgment.verdict == Verdict::AboveSoft {
            proptest::prop_assert!(soft.is_some_and(|soft| size > soft) && judgment.exception.is_none());
        }
        let needed = hard.is_some_and(|hard| size > hard && relaxed.is_some_and(|relaxed| relaxed > hard));
        proptest::prop_assert_eq!(judgment.unused.is_empty(), relaxed.is_none() || needed);
    }
}
