//! The images themselves: complete, within budget, labeled, and without what production does not need.

use serde_json::Value;

use crate::SERVICES;
use crate::docker::docker;
use crate::repository::Repository;
use crate::support::Machine;

/// The seed's limit, in bytes.
const LIMIT: u64 = 150_000_000;
/// What docker.toml grants strategy-engine, in bytes.
const EXCEPTION: u64 = 200_000_000;

/// One image of the verdict.
pub(crate) struct Image {
    pub(crate) name: String,
    pub(crate) tag: String,
}

pub(crate) fn all_are_built(repository: &Repository) -> Vec<Image> {
    let verdict = repository.build(&[]);
    println!(
        "built in {:.1} s, {}",
        verdict["seconds"].as_f64().unwrap(),
        verdict["cache"]
    );
    assert_eq!(verdict["schema_version"], 1);
    assert_eq!(verdict["stage"], "production");
    assert_eq!(verdict["stand_in"], true);
    assert_eq!(verdict["within_budget"], true);
    let images = verdict["images"].as_array().unwrap();
    let names: Vec<_> = images
        .iter()
        .map(|image| image["name"].as_str().unwrap())
        .collect();
    let expected: Vec<_> = std::iter::once("base")
        .chain(SERVICES.iter().map(|(name, _)| *name))
        .collect();
    assert_eq!(names, expected);
    images.iter().map(judged).collect()
}

/// Every field the issue lists, with a value that can be true.
fn judged(image: &Value) -> Image {
    let text = |field: &str| image[field].as_str().unwrap().to_owned();
    let number = |field: &str| image[field].as_u64().unwrap();
    let (unpacked, compressed) = (number("unpacked_bytes"), number("compressed_bytes"));
    let name = text("name");
    println!("{name}: {unpacked} bytes unpacked, {compressed} compressed");
    let limit = if name == "strategy-engine" {
        EXCEPTION
    } else {
        LIMIT
    };
    assert_eq!(number("budget_bytes"), limit, "{name}");
    assert!(
        (20_000_000..limit).contains(&unpacked),
        "{name}: {unpacked}"
    );
    assert!(
        (10_000_000..LIMIT).contains(&compressed),
        "{name}: {compressed}"
    );
    assert!(compressed < unpacked, "{name}");
    assert_eq!(image["within_budget"], true, "{name}");
    assert_eq!(
        image.get("exception").is_some(),
        name == "strategy-engine",
        "{name}"
    );
    assert_eq!(text("target"), name);
    assert!(text("platform").starts_with("linux/"), "{name}");
    let digest = text("digest");
    assert!(
        digest.starts_with("sha256:") && digest.len() == 71,
        "{digest}"
    );
    let tag = text("tag");
    assert!(tag.ends_with(&format!("jts-{name}:stand-in")), "{tag}");
    assert!(
        number("steps") >= 5 && number("steps_cached") <= number("steps"),
        "{name}"
    );
    assert!(image["seconds"].as_f64().unwrap() > 0.0, "{name}");
    Image { name, tag }
}

pub(crate) fn hold_what_they_promise(machine: &Machine, repository: &Repository, images: &[Image]) {
    let tags = images.iter().map(|image| image.tag.as_str());
    let inspected = docker(machine, ["image", "inspect"].into_iter().chain(tags));
    let inspected: Vec<Value> = serde_json::from_str(&inspected).unwrap();
    let revision = repository.revision();
    for (image, inspected) in images.iter().zip(&inspected) {
        let Image { name, tag } = image;
        let config = &inspected["Config"];
        let labels = &config["Labels"];
        assert_eq!(labels[xtask::engine::standin::LABEL], "true", "{name}");
        assert_eq!(
            labels["org.opencontainers.image.revision"],
            revision.as_str(),
            "{name}"
        );
        assert_eq!(
            labels["org.opencontainers.image.title"],
            format!("jts-{name}"),
            "{name}"
        );
        assert_eq!(config["User"], "1001:1001", "{name}");
        assert_eq!(config["Entrypoint"][0], "dumb-init", "{name}");
        if name != "base" {
            assert!(config["Healthcheck"]["Test"].is_array(), "{name}");
        }
        let left = docker(
            machine,
            [
                "run",
                "--rm",
                "--network=none",
                "--entrypoint=sh",
                tag,
                "-c",
                NOT_NEEDED,
            ],
        );
        assert_eq!(left, "done", "{name}");
    }
}

/// Prints what production has no use for, then `done`.
const NOT_NEEDED: &str = "
    for program in npm npx yarn corepack apk pip pip3 curl wget-ssl tsx; do command -v $program; done
    find / -xdev -name node_modules -prune -print
    find / -xdev -user 1001 ! -path '/proc/*' -print
    echo done";
