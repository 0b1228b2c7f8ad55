use proptest::prelude::*;

use super::*;
use crate::image::analysis::{Analysis, Folder};
use crate::image::record::{Moment, Record, RecordedImage};
use crate::image::samples::{analysis, any_analysis, folder, layer, package, service};
use crate::size::Bytes;

fn recorded(analysis: &Analysis) -> RecordedImage {
    let moment = Moment {
        commit: "c".to_owned(),
        date: "2026-11-30".parse().unwrap(),
    };
    let record = Record::updated(None, std::slice::from_ref(analysis), &moment);
    record.images()[0].clone()
}

fn compositions(images: &[Analysis]) -> Vec<Composition> {
    images.iter().map(Composition::from).collect()
}

fn shop() -> Vec<Comparison> {
    let before = [service("api", 0), service("gone", 0), service("same", 0)];
    let after = [service("api", 1), service("new", 0), service("same", 0)];
    compare(&compositions(&before), &compositions(&after))
}

/// The other way round.
fn negated(difference: &Difference) -> Difference {
    let minus = |change: Change| Change(-change.0);
    let mut other = difference.clone();
    for one in &mut other.measures {
        std::mem::swap(&mut one.before_bytes, &mut one.after_bytes);
        one.change_bytes = one.change_bytes.map(minus);
    }
    for one in &mut other.lines {
        std::mem::swap(&mut one.before, &mut one.after);
        one.change_bytes = minus(one.change_bytes);
    }
    for one in &mut other.packages {
        std::mem::swap(&mut one.before, &mut one.after);
        one.change_bytes = minus(one.change_bytes);
    }
    for one in &mut other.folders {
        std::mem::swap(&mut one.before_bytes, &mut one.after_bytes);
        one.change_bytes = minus(one.change_bytes);
    }
    for one in &mut other.leftovers {
        std::mem::swap(&mut one.before_bytes, &mut one.after_bytes);
        one.change_bytes = minus(one.change_bytes);
    }
    other
}

/// Equal but for the order of lines that changed by the same bytes.
fn with_lines_in_order(mut difference: Difference) -> Difference {
    difference
        .lines
        .sort_by_key(|one| (one.change_bytes, one.before.clone(), one.after.clone()));
    difference
}

fn lines(difference: &Difference) -> Vec<String> {
    let name = |line: &Option<LineSize>| {
        let line = line.as_ref();
        line.map_or("-".to_owned(), |line| line.instruction.clone())
    };
    let show = |one: &LineChange| {
        format!(
            "{} > {} {}",
            name(&one.before),
            name(&one.after),
            one.change_bytes
        )
    };
    difference.lines.iter().map(show).collect()
}

#[test]
fn the_terminal_shows_what_changed() {
    insta::assert_snapshot!(terminal(&shop(), "main", 10));
}

#[test]
fn a_comment_shows_what_changed() {
    insta::assert_snapshot!(markdown(&shop(), "main", COMMENT_BYTES));
}

#[test]
fn programs_get_what_changed() {
    let json = serde_json::to_string_pretty(&shop()[..2]).unwrap();
    insta::assert_snapshot!(json);
}

#[test]
fn nothing_changed_is_one_sentence() {
    let same = compare(
        &compositions(&[service("api", 1)]),
        &compositions(&[service("api", 1)]),
    );
    let expected = "No size changed against main (1 image compared).\n";
    assert_eq!(terminal(&same, "main", 10), expected);
    assert_eq!(
        markdown(&same, "main", COMMENT_BYTES),
        expected.replace("main", "`main`")
    );
    assert!(compare(&[], &[]).is_empty());
}

#[test]
fn layers_are_recognized_by_content_then_text_then_place() {
    let at = Some(("Dockerfile", 1, 1));
    let before = analysis(
        "api",
        vec![
            layer(at, "RUN a", 10),
            layer(at, "RUN b", 20),
            layer(at, "RUN c", 30),
            layer(at, "COPY x", 40),
        ],
    );
    let mut after = analysis(
        "api",
        vec![
            // Another text, the same content.
            layer(at, "RUN z", 20),
            // The same text, another content.
            layer(at, "RUN c", 33),
            // The only RUN that is left.
            layer(at, "RUN new", 15),
            // Another Dockerfile: not the same.
            layer(Some(("other", 1, 1)), "COPY x", 41),
        ],
    );
    after.layers[0]
        .diff_id
        .clone_from(&before.layers[1].diff_id);
    assert_eq!(
        lines(&Difference::of(&before, &after)),
        [
            "- > COPY x +41 B",
            "COPY x > - −40 B",
            "RUN a > RUN new +5 B",
            "RUN c > RUN c +3 B"
        ]
    );
    // A record knows no content: the text decides, and then the order.
    assert_eq!(
        lines(&Difference::of(&recorded(&before), &after)),
        [
            "- > COPY x +41 B",
            "COPY x > - −40 B",
            "RUN a > RUN z +10 B",
            "RUN b > RUN new −5 B",
            "RUN c > RUN c +3 B"
        ]
    );
}

#[test]
fn versions_of_a_package_are_told_from_packages() {
    let with = |packages: &[(&str, &str, u64)]| {
        let mut image = analysis("api", Vec::new());
        let package =
            |(name, version, bytes): &(&str, &str, u64)| package("npm", name, version, *bytes);
        image.packages = packages.iter().map(package).collect();
        image
    };
    let before = with(&[
        ("a", "1", 10),
        ("b", "1", 5),
        ("b", "2", 6),
        ("b", "2", 1),
        ("c", "1", 3),
        ("same", "1", 3),
        ("version", "1", 3),
    ]);
    let after = with(&[
        ("a", "2", 30),
        ("b", "2", 9),
        ("b", "3", 5),
        ("d", "1", 4),
        ("same", "1", 3),
        ("version", "2", 3),
    ]);
    let shown: Vec<String> = Difference::of(&before, &after)
        .packages
        .iter()
        .map(|one| {
            let version = |side: &Option<VersionSize>| {
                let side = side.as_ref();
                side.map_or("-".to_owned(), |side| {
                    format!("{}:{}", side.version, side.bytes)
                })
            };
            format!(
                "{} {} > {} {}",
                one.name,
                version(&one.before),
                version(&one.after),
                one.change_bytes
            )
        })
        .collect();
    assert_eq!(
        shown,
        [
            "a 1:10 > 2:30 +20 B",
            "d - > 1:4 +4 B",
            "c 1:3 > - −3 B",
            "b 2:7 > 2:9 +2 B",
            "b 1:5 > 3:5 0 B",
            "version 1:3 > 2:3 0 B"
        ]
    );
}

#[test]
fn a_folder_that_says_nothing_new_is_left_out() {
    let with = |main: u64, log: u64, extra: Vec<Folder>| {
        let mut image = analysis("api", Vec::new());
        let mut app = vec![
            folder("main.js", main, Vec::new()),
            folder("log", log, Vec::new()),
        ];
        app.extend(extra);
        image.folders = folder(
            "/",
            0,
            vec![folder("app", 500, app), folder("lib", 70, Vec::new())],
        );
        image
    };
    let shown = |before: &Composition, after: &Composition| {
        let difference = Difference::between(before, after);
        let show = |one: &FolderChange| format!("{} {}", one.path, one.change_bytes);
        let rows: Vec<String> = difference.folders.iter().map(show).collect();
        (rows, difference.smallest_folder_bytes)
    };
    let before = with(1_000, 100, Vec::new());
    let deep = folder(
        "a",
        0,
        vec![folder("b", 0, vec![folder("c", 50, Vec::new())])],
    );
    let after = with(2_000, 90, vec![deep]);
    assert_eq!(
        shown(&(&before).into(), &(&after).into()),
        (
            vec![
                "/app/main.js +1.0 kB".to_owned(),
                "/app/a/b/c +50 B".to_owned(),
                "/app/log −10 B".to_owned()
            ],
            70
        )
    );
    // A record ends at three components, and so does the comparison.
    assert_eq!(
        shown(&(&recorded(&before)).into(), &(&after).into()).0[1],
        "/app/a/b +50 B"
    );
}

#[test]
fn what_one_side_does_not_know_is_not_compared() {
    let before = service("api", 0);
    let mut after = service("api", 1);
    after.sizes.visible_bytes = None;
    after.sizes.compressed_is_estimate = true;
    after.packages.clear();
    let difference = Difference::of(&before, &after);
    assert!(difference.packages.is_empty() && difference.folders.is_empty());
    assert_eq!(difference.remarks.len(), 2);
    let compressed = difference.measures[1];
    assert!(compressed.after_bytes.is_some() && compressed.change_bytes.is_none());
    let text = terminal(&[Comparison::Both(Box::new(difference))], "main", 10);
    assert!(text.contains("note: not all files"), "{text}");
    assert!(text.lines().nth(3).unwrap().contains("  ?"), "{text}");
}

#[test]
fn nothing_in_an_image_becomes_markup() {
    let hostile = "RUN `a` </details> @everyone | \u{1b}[31m \u{202e}x ``` b";
    let at = Some(("a`b|c", 1, 2));
    let mut before = analysis("<b>@x_y_", vec![layer(at, hostile, 10)]);
    let mut after = analysis("<b>@x_y_", vec![layer(at, hostile, 90)]);
    before.packages = vec![package("npm", "`p` | <i>", "1", 3)];
    after.packages = vec![package("npm", "`p` | <i>", "2\n\n# x", 4)];
    let both = compare(&compositions(&[before]), &compositions(&[after]));
    let text = markdown(&both, "a`\n# b", COMMENT_BYTES);
    insta::assert_snapshot!(text);
    assert!(!text.contains('\u{1b}') && !text.contains('\u{202e}'));
    let terminal = terminal(&both, "main", 10);
    assert!(!terminal.contains('\u{1b}') && !terminal.contains('\u{202e}'));
}

#[test]
fn a_comment_is_never_too_long() {
    let images = |step: u64| -> Vec<Composition> {
        let image = |n: u64| {
            let name = format!("service-{n:04}");
            let mut image = service(&name, step * (n + 1));
            let package = |p: u64| {
                package(
                    "npm",
                    &format!("package-{p}-{}", "x".repeat(60)),
                    "1",
                    p + p * step,
                )
            };
            image.packages.extend((0..100).map(package));
            image
        };
        compositions(&(0..60).map(image).collect::<Vec<_>>())
    };
    let all = compare(&images(0), &images(1));
    let full = markdown(&all, "main", usize::MAX);
    assert!(full.len() > COMMENT_BYTES, "{}", full.len());
    assert!(full.contains("| … 10 more |"), "the overview is bounded");
    let mut last = 0;
    for most in [0, 10, 100, 1_000, 8_000, 20_000, COMMENT_BYTES, 200_000] {
        let text = markdown(&all, "main", most);
        assert!(text.len() <= most, "{} > {most}", text.len());
        assert!(text.len() >= last, "more room shows more");
        last = text.len();
        assert_eq!(
            text.matches("<details>").count(),
            text.matches("</details>").count()
        );
    }
    let text = markdown(&all, "main", COMMENT_BYTES);
    assert!(
        text.ends_with("left out: there is no room for them.\n"),
        "{text}"
    );
    // The worst is there.
    assert!(text.contains("<summary>service-0059"), "{text}");
}

#[test]
fn many_rows_are_summed_up() {
    let with = |step: u64| {
        let mut image = analysis("api", Vec::new());
        let package = |n: u64| package("npm", &format!("p{n}"), "1", 100 + n * step);
        image.packages = (0..9).map(package).collect();
        image
    };
    let both = compare(&compositions(&[with(0)]), &compositions(&[with(1)]));
    let text = terminal(&both, "main", 3);
    // 8, 7 and 6 are shown; 5 + 4 + 3 + 2 + 1 are left.
    let last = text.lines().last().unwrap();
    assert!(
        last.starts_with("… 5 more") && last.ends_with("+15 B"),
        "{text}"
    );
}

proptest! {
    #[test]
    fn an_image_does_not_differ_from_itself(image in any_analysis()) {
        let recorded = recorded(&image);
        for difference in [
            Difference::of(&image, &image),
            Difference::of(&recorded, &recorded),
            Difference::of(&recorded, &image),
            Difference::of(&image, &recorded),
        ] {
            prop_assert!(difference.is_empty(), "{:?}", difference);
        }
    }

    #[test]
    fn the_other_way_round_is_the_negation(a in any_analysis(), b in any_analysis()) {
        let recorded = recorded(&a);
        for (there, back) in [
            (Difference::of(&a, &b), Difference::of(&b, &a)),
            (Difference::of(&recorded, &b), Difference::of(&b, &recorded)),
        ] {
            prop_assert_eq!(with_lines_in_order(negated(&there)), with_lines_in_order(back));
        }
    }

    /// The lines say all of what the measure says.
    #[test]
    fn lines_add_up_to_the_whole(a in any_analysis(), b in any_analysis()) {
        let difference = Difference::of(&a, &b);
        let sum: i64 = difference.lines.iter().map(|one| one.change_bytes.0).sum();
        prop_assert_eq!(Some(Change(sum)), difference.measures[0].change_bytes);
        let sizes: Vec<Bytes> = difference.lines.iter().map(|one| one.change_bytes.magnitude()).collect();
        prop_assert!(sizes.is_sorted_by(|a, b| a >= b));
    }

    #[test]
    fn comments_fit_whatever_they_say(a in any_analysis(), b in any_analysis(), most in 0_usize..2_000) {
        let both = [Comparison::Both(Box::new(Difference::of(&a, &b)))];
        prop_assert!(markdown(&both, "é".repeat(90).as_str(), most).len() <= most);
    }
}
