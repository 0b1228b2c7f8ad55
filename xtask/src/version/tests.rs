use std::cmp::Ordering;

use proptest::prelude::*;

use super::*;

/// Texts in their order, each before the next.
fn ascending(scheme: Scheme, versions: &[&str]) {
    for (index, a) in versions.iter().enumerate() {
        for (other, b) in versions.iter().enumerate() {
            assert_eq!(
                compare(scheme, a, b),
                Some(index.cmp(&other)),
                "{scheme:?}: {a} and {b}"
            );
        }
    }
}

fn equal(scheme: Scheme, pairs: &[(&str, &str)]) {
    for (a, b) in pairs {
        assert_eq!(
            compare(scheme, a, b),
            Some(Ordering::Equal),
            "{scheme:?}: {a} and {b}"
        );
    }
}

fn invalid(scheme: Scheme, texts: &[&str]) {
    for text in texts {
        assert!(!is_valid(scheme, text), "{scheme:?}: {text:?}");
    }
}

/// Pairs of apk's own tests (`test/version.data`) and of osv-scalibr's corpus for apk 3, one for each rule.
#[test]
fn alpine_agrees_with_published_pairs() {
    for line in include_str!("alpine_pairs.txt").lines() {
        let pair = line.split('#').next().unwrap_or_default();
        let words: Vec<&str> = pair.split_whitespace().collect();
        let [a, order, b] = words[..] else {
            assert!(words.is_empty(), "{line}");
            continue;
        };
        let expected = match order {
            "<" => Ordering::Less,
            "=" => Ordering::Equal,
            ">" => Ordering::Greater,
            other => panic!("{other}"),
        };
        assert_eq!(compare(Scheme::Alpine, a, b), Some(expected), "{line}");
        assert_eq!(
            compare(Scheme::Alpine, b, a),
            Some(expected.reverse()),
            "{line}"
        );
    }
}

#[test]
fn alpine_orders_parts_by_kind_where_kinds_differ() {
    ascending(
        Scheme::Alpine,
        &[
            "1.2_alpha",
            "1.2_alpha0",
            "1.2_alpha1",
            "1.2_alpha1_p1",
            "1.2_alpha2",
            "1.2_beta",
            "1.2_pre",
            "1.2_rc",
            "1.2_rc1-r5",
            "1.2",
            "1.2-r0",
            "1.2-r1",
            "1.2~abc",
            "1.2~abd-r0",
            "1.2_cvs",
            "1.2_svn",
            "1.2_git20240101",
            "1.2_hg",
            "1.2_p",
            "1.2_p1",
            "1.2a",
            "1.2a-r1",
            "1.2b",
            "1.2.0",
            "1.2.00",
            "1.2.01",
            "1.2.010",
            "1.2.09",
            "1.2.1",
            "1.2.9",
            "1.2.10",
            "1.10",
            "010",
        ],
    );
    equal(
        Scheme::Alpine,
        &[("1-r1", "1-r01"), ("006", "6"), ("1_p01", "1_p1")],
    );
    invalid(
        Scheme::Alpine,
        &[
            "", ".", "1.", ".1", "1..2", "a", "1.0bc", "23_foo", "1_", "1_P1", "1-r", "1-1", "1~",
            "1~g", "1 ", "1-r1-r2", "1_rc1a", "1A", "1.a", "é",
        ],
    );
}

#[test]
fn debian_has_epochs_tildes_and_revisions() {
    ascending(
        Scheme::Debian,
        &[
            "0~~",
            "0~",
            "0",
            "1.0~rc1-1",
            "1.0~rc1-1+deb12u1",
            "1.0",
            "1.0-0.1",
            "1.0-1",
            "1.0-1+b1",
            "1.0-10",
            "1.0a",
            "1.0+dfsg-1",
            "1.0.1",
            "1.00002",
            "1.3",
            "1:0.1",
            "10:0",
        ],
    );
    equal(
        Scheme::Debian,
        &[
            ("1.0", "1.0-0"),
            ("0:1", "1"),
            ("1.01", "1.1"),
            ("1.", "1.0"),
            (" 1 ", "1"),
        ],
    );
    invalid(
        Scheme::Debian,
        &[
            "",
            ":1",
            "a:1",
            "1:",
            "-1",
            "1.0-",
            "1.0_1",
            "1 2",
            "a1",
            "4294967296:1",
            "2147483648:1",
            "1-é",
        ],
    );
}

#[test]
fn npm_and_cargo_keep_to_semver() {
    let rows = [
        "0.0.0-0",
        "0.0.0",
        "1.0.0--",
        "1.0.0-alpha",
        "1.0.0-alpha.1",
        "1.0.0-alpha.beta",
        "1.0.0-beta",
        "1.0.0-beta.2",
        "1.0.0-beta.11",
        "1.0.0-rc.1",
        "1.0.0",
        "1.0.1",
        "1.2.0",
        "1.10.0",
        "99999999999999999999.0.0",
    ];
    ascending(Scheme::Npm, &rows);
    ascending(Scheme::Cargo, &rows);
    equal(
        Scheme::Npm,
        &[
            ("v1.2.3", "1.2.3"),
            (" v1.2.3 ", "1.2.3"),
            ("1.0.0+a", "1.0.0+b"),
        ],
    );
    equal(Scheme::Cargo, &[("1.0.0+a.b", "1.0.0")]);
    invalid(
        Scheme::Npm,
        &[
            "",
            "1",
            "1.2",
            "1.2.3.4",
            "01.2.3",
            "1.2.3-",
            "1.2.3-01",
            "1.2.3-a..b",
            "1.2.3+",
            "1.2.3-é",
            "1.2.3a",
            "x",
        ],
    );
    invalid(Scheme::Cargo, &["v1.2.3", " 1.2.3"]);
}

#[test]
fn go_knows_pseudo_versions_and_its_own_releases() {
    ascending(
        Scheme::Go,
        &[
            "v0.0.0-20170915032832-14c0d48ead0c",
            "v0.0.0-20180101000000-000000000000",
            "v0.1.0",
            "v1.2.3-0.20240101000000-abcdefabcdef",
            "v1.2.3-pre",
            "v1.2.3",
            "go1.20beta1",
            "go1.20rc1",
            "go1.20rc2",
            "go1.20",
            "go1.20.1",
            "go1.21",
            "go1.21.10",
            "v2.0.0+incompatible",
        ],
    );
    equal(
        Scheme::Go,
        &[
            ("v2.0.0+incompatible", "2.0.0"),
            ("go1.21rc2", "1.21.0-rc.2"),
            ("go1.21", "1.21.0"),
            ("go1.22.1 X:loopvar", "1.22.1"),
            ("go1.22.1-custom", "1.22.1-custom"),
        ],
    );
    invalid(
        Scheme::Go,
        &[
            "",
            "go",
            "v1",
            "go1.",
            "go1.2rc",
            "go1.2x",
            "(devel)",
            "go1.2.3.4",
        ],
    );
}

#[test]
fn python_orders_what_announces_follows_and_is_local() {
    ascending(
        Scheme::Python,
        &[
            "1.0.dev1",
            "1.0a0.dev1",
            "1.0a1",
            "1.0a1.post1",
            "1.0b2",
            "1.0rc1.dev3",
            "1.0c1",
            "1.0",
            "1.0+abc.5",
            "1.0+abc.7",
            "1.0+5",
            "1.0+5.a",
            "1.0.post1.dev2",
            "1.0-1",
            "1.0.post2",
            "1.1.dev1",
            "1.1",
            "1!0.1",
        ],
    );
    equal(
        Scheme::Python,
        &[
            ("1.0", "1.0.0"),
            ("1", "v1.0"),
            ("1.0-alpha.1", "1.0A1"),
            ("1.0preview", "1.0rc0"),
            ("1.0-r4", "1.0.post4"),
            ("1.0.DEV", "1.0dev0"),
            ("1.0+A-b_1", "1.0+a.b.01"),
            ("0!1", "1"),
            ("1.0a.", "1.0a0"),
            ("01.02", "1.2"),
            (" 1.0\n", "1.0"),
        ],
    );
    invalid(
        Scheme::Python,
        &[
            "", "a", "1.0.", "1.0-", "1.0+", "1.0+a..b", "1.0+é", "1!", "1.0x", "1.0 1", "1.0a1b1",
            "2004d-1x", "1..0",
        ],
    );
}

#[test]
fn versions_of_different_schemes_have_no_order() {
    let debian = Version::parse(Scheme::Debian, "1.0.0").unwrap();
    let npm = Version::parse(Scheme::Npm, "1.0.0").unwrap();
    assert_eq!(debian.partial_cmp(&npm), None);
    assert!(debian != npm);
}

#[test]
fn a_long_text_takes_no_longer_than_its_length_allows() {
    let nines = "9".repeat(1 << 18);
    let parts = "1.".repeat(1 << 17);
    let started = std::time::Instant::now();
    for scheme in Scheme::ALL {
        for text in [
            format!("1.0.{nines}"),
            format!("{parts}1"),
            format!("1.0.0-{parts}1"),
            format!("1_p1{}", "_p1".repeat(1 << 16)),
            format!("1.0{}", "~".repeat(1 << 18)),
            format!("1+{parts}1"),
            "-".repeat(1 << 18),
        ] {
            let larger = format!("{text}1");
            if is_valid(scheme, &text) && is_valid(scheme, &larger) {
                assert_eq!(compare(scheme, &text, &text), Some(Ordering::Equal));
                assert_eq!(
                    compare(scheme, &text, &larger),
                    Some(Ordering::Less),
                    "{scheme:?}"
                );
            }
        }
    }
    // With the square of the length it would take an hour.
    assert!(started.elapsed().as_secs() < 120, "{:?}", started.elapsed());
}

fn likely() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "0", "00", "1", "01", "2", "10", "9", ".", ".", "-", "_", "~", "+", ":", "!", "a", "b",
        "rc", "alpha", "beta", "dev", "post", "pre", "p", "git", "-r", "r", "v", "go", "x", "é",
        " ",
    ]);
    prop::collection::vec(piece, 1..9).prop_map(|pieces| pieces.concat())
}

/// Versions that are likely valid, close to each other.
fn near() -> impl Strategy<Value = String> {
    prop_oneof![
        likely(),
        "[0-2](\\.[0-2]0?){0,3}[ab]?(_(rc|p|pre|git)[0-2]?){0,2}(-r[0-2])?",
        "([0-1]:)?[0-2](\\.[0-2]|~[a-z]?|[+][a-b]){0,3}(-[0-2](~|[+]b[0-1])?)?",
        "v?[0-1]\\.[0-1]\\.[0-1](-[0-1a-b](\\.[0-1a-b]){0,2})?",
        "([0-1]!)?[0-2](\\.[0-1]){0,2}((a|b|rc)[0-1])?(\\.post[0-1])?(\\.dev[0-1])?([+][0-1a](\\.[0-1a])?)?",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    #[test]
    fn every_scheme_is_a_total_order(a in near(), b in near(), c in near()) {
        for scheme in Scheme::ALL {
            if is_valid(scheme, &a) {
                prop_assert_eq!(compare(scheme, &a, &a), Some(Ordering::Equal));
            }
            let (Some(ab), Some(ba)) = (compare(scheme, &a, &b), compare(scheme, &b, &a)) else {
                continue;
            };
            prop_assert_eq!(ab, ba.reverse());
            let (Some(bc), Some(ac)) = (compare(scheme, &b, &c), compare(scheme, &a, &c)) else {
                continue;
            };
            if ab.is_le() && bc.is_le() {
                prop_assert!(ac.is_le(), "{scheme:?}: {a:?} <= {b:?} <= {c:?}");
                if ab.is_lt() || bc.is_lt() {
                    prop_assert!(ac.is_lt(), "{scheme:?}: {a:?} < {c:?}");
                }
            }
        }
    }

    #[test]
    fn any_text_is_a_version_or_none(text in "\\PC*") {
        for scheme in Scheme::ALL {
            let _ = compare(scheme, &text, &text);
        }
    }
}

#[test]
fn semantic_versions_have_parts_as_npm_tells_them() {
    let told = |text: &str| {
        semver_parts(text).map(|parts| {
            let (pre, build) = (parts.prerelease.join("|"), parts.build.join("|"));
            format!("{} {pre} {build}", parts.version())
        })
    };
    for (text, expected) in [
        ("v1.2.3", Some("1.2.3  ")),
        (" 1.2.3-rc.1+b.5 ", Some("1.2.3-rc.1 rc|1 b|5")),
        ("1.2.3+a-b", Some("1.2.3  a-b")),
        ("1.2.3-a-b.c", Some("1.2.3-a-b.c a-b|c ")),
        ("9007199254740991.0.0", Some("9007199254740991.0.0  ")),
        ("9007199254740992.0.0", None),
        ("1.2", None),
        ("01.2.3", None),
        ("vv1.2.3", None),
    ] {
        assert_eq!(told(text).as_deref(), expected, "{text}");
    }
    assert_eq!(told(&format!("1.2.3-{}", "a".repeat(300))), None);
}

#[test]
fn python_versions_have_a_normal_form() {
    for (text, expected) in [
        ("1.2.3", Some(("1.2.3", false))),
        ("v01.2", Some(("1.2", false))),
        ("1.0a", Some(("1.0a0", true))),
        ("1.0-Beta_2", Some(("1.0b2", true))),
        ("1.0.preview3", Some(("1.0rc3", true))),
        ("1.0-1", Some(("1.0.post1", true))),
        ("1.0dev", Some(("1.0.dev0", true))),
        (
            "2!1.0rc1.post2.dev3+Ab-07_x",
            Some(("2!1.0rc1.post2.dev3+ab.7.x", true)),
        ),
        ("0!1+local", Some(("1+local", false))),
        ("release1", None),
    ] {
        let found = python_release(text);
        let found = found
            .as_ref()
            .map(|one| (one.version.as_str(), one.is_special));
        assert_eq!(found, expected, "{text}");
    }
}
