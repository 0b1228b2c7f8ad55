use super::*;
use crate::date::Date;
use crate::image::analysis::Sizes;
use crate::image::composition::PackageSize;
use crate::source::Source;

fn line(place: Option<(&str, usize)>, instruction: &str, bytes: u64) -> LineSize {
    LineSize {
        file: place.map(|(file, _)| file.to_owned()),
        line: place.map(|(_, line)| line),
        end_line: place.map(|(_, line)| line),
        instruction: instruction.to_owned(),
        unpacked_bytes: bytes,
        compressed_bytes: bytes / 2,
    }
}

fn recorded(name: &str, lines: Vec<LineSize>, packages: &[(&str, u64)]) -> RecordedImage {
    let date: Date = "2026-11-30".parse().unwrap();
    let package = |(name, bytes): &(&str, u64)| PackageSize {
        manager: "apk".to_owned(),
        name: (*name).to_owned(),
        version: "1".to_owned(),
        bytes: *bytes,
    };
    RecordedImage {
        name: name.to_owned(),
        platform: "linux/amd64".to_owned(),
        commit: "1111111".to_owned(),
        date,
        sizes: Sizes::default(),
        lines,
        packages: packages.iter().map(package).collect(),
        folders: Vec::new(),
        leftovers: Vec::new(),
        history: Vec::new(),
    }
}

fn record(images: &[RecordedImage]) -> Record {
    let text = serde_json::json!({"schema_version": 1, "images": images}).to_string();
    Record::parse(&Source::new("docker/sizes.json", text)).unwrap()
}

fn step(line: usize, instruction: &str, brings: Brings) -> Step {
    Step {
        file: "api/Dockerfile".to_owned(),
        line,
        end_line: line,
        instruction: instruction.to_owned(),
        brings,
        stands_on: Vec::new(),
    }
}

fn made(packages: &[&str]) -> Brings {
    let packages = packages.iter().map(|name| NamedPackage {
        manager: "apk",
        name: (*name).to_owned(),
    });
    Brings::Made {
        packages: packages.collect(),
    }
}

fn plan(foundation: Option<&str>, steps: Vec<Step>) -> Plan {
    Plan {
        name: "api".to_owned(),
        file: "api/Dockerfile".to_owned(),
        foundation: foundation.map(|text| Foundation {
            file: "api/Dockerfile".to_owned(),
            line: 1,
            text: text.to_owned(),
        }),
        steps,
    }
}

/// The lines of an estimate, and its sum.
fn told(plan: &Plan, images: &[RecordedImage]) -> (Vec<String>, u64) {
    let record = record(images);
    let is_same = |_: &RecordedImage, foundation: &Foundation| foundation.text == "FROM alpine";
    let estimate = Estimate::of(plan, Some("linux/amd64"), Some(&record), &is_same);
    let open = estimate.lines.iter().filter(|line| line.is_open).count();
    assert_eq!(estimate.unknown_lines, open);
    let lines = estimate.lines.iter().map(|line| {
        let mark = if line.is_open { "+?" } else { "" };
        let (place, bytes) = (line.line, line.at_least_bytes);
        format!("{place}: {bytes}{mark} {:?}", line.evidence)
    });
    (lines.collect(), estimate.at_least_bytes)
}

const API: &str = "api/Dockerfile";

#[test]
fn files_are_counted_and_the_rest_is_what_was_recorded_of_the_same_line() {
    let now = plan(
        Some("FROM alpine"),
        vec![
            step(2, "WORKDIR /app", Brings::Folder),
            step(3, "RUN npm ci", made(&[])),
            step(
                4,
                "COPY . .",
                Brings::Files {
                    bytes: 70,
                    is_all: true,
                },
            ),
            step(5, "RUN changed", made(&[])),
            step(
                6,
                "COPY <<EOF /x",
                Brings::Files {
                    bytes: 0,
                    is_all: false,
                },
            ),
            step(
                7,
                "COPY $X a /y/",
                Brings::Files {
                    bytes: 3,
                    is_all: false,
                },
            ),
        ],
    );
    let before = recorded(
        "api",
        vec![
            line(None, "ADD alpine.tar.gz /", 800),
            line(None, "RUN something of it", 200),
            line(Some((API, 3)), "WORKDIR /app", 0),
            // A line may move.
            line(Some((API, 9)), "RUN npm ci", 5000),
            line(Some((API, 10)), "COPY . .", 60),
            line(Some((API, 11)), "RUN old", 40),
            line(Some((API, 12)), "COPY <<EOF /x", 7),
            // It has grown since.
            line(Some((API, 13)), "COPY $X a /y/", 2),
        ],
        &[],
    );
    let expected = [
        "1: 1000 Record",
        "3: 5000 Record",
        "4: 70 Context",
        "5: 0+? Unknown",
        "6: 7 Record",
        "7: 3+? Context",
    ];
    assert_eq!(
        told(&now, std::slice::from_ref(&before)),
        (expected.map(str::to_owned).to_vec(), 6080)
    );

    // Another base, or other lines above it: nobody knows.
    let other = Plan {
        foundation: Some(Foundation {
            text: "FROM alpine:2".to_owned(),
            ..now.foundation.clone().unwrap()
        }),
        ..now.clone()
    };
    assert_eq!(
        told(&other, std::slice::from_ref(&before)).0[0],
        "1: 0+? Unknown"
    );
    let first = plan(Some("FROM alpine"), now.steps[1..].to_vec());
    assert_eq!(
        told(&first, std::slice::from_ref(&before)).0[0],
        "1: 0+? Unknown"
    );
    // Another platform has other programs.
    let arm = RecordedImage {
        platform: "linux/arm64".to_owned(),
        ..before
    };
    assert_eq!(told(&now, &[arm]).1, 73);
    assert_eq!(told(&now, &[]).1, 73);
}

#[test]
fn the_second_of_two_equal_lines_is_what_was_recorded_second() {
    let now = plan(
        None,
        vec![
            step(2, "RUN make", made(&[])),
            step(3, "RUN make", made(&[])),
            step(4, "RUN make", made(&[])),
        ],
    );
    let before = recorded(
        "api",
        vec![
            line(Some((API, 2)), "RUN make", 10),
            line(Some((API, 3)), "RUN make", 20),
        ],
        &[],
    );
    assert_eq!(
        told(&now, &[before]).0,
        ["2: 10 Record", "3: 20 Record", "4: 0+? Unknown"]
    );
}

#[test]
fn long_instructions_are_recognized_although_the_record_cuts_them_off() {
    let long = format!("RUN {}", "x".repeat(300));
    let now = plan(None, vec![step(2, &long, made(&[]))]);
    let before = recorded("api", vec![line(Some((API, 2)), &cut_off(&long), 9)], &[]);
    assert_eq!(told(&now, &[before]).0, ["2: 9 Record"]);
}

#[test]
fn packages_count_as_little_as_in_any_image_and_once() {
    let mut steps = vec![
        step(2, "RUN apk add curl", made(&["curl", "none"])),
        step(
            3,
            "RUN apk add curl git bash",
            made(&["curl", "git", "bash"]),
        ),
        step(4, "RUN apk add none", made(&["none"])),
    ];
    for step in &mut steps {
        step.stands_on = vec!["base".to_owned()];
    }
    let images = [
        recorded("base", Vec::new(), &[("bash", 1)]),
        recorded("web", Vec::new(), &[("curl", 300), ("git", 1000)]),
        recorded("worker", Vec::new(), &[("curl", 200), ("bash", 1)]),
    ];
    let (lines, sum) = told(&plan(None, steps), &images);
    assert_eq!(
        lines,
        ["2: 200+? Packages", "3: 1000+? Packages", "4: 0+? Unknown"]
    );
    assert_eq!(sum, 1200);
}
