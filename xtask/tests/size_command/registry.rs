//! Images in a real registry.

use camino::{Utf8Path, Utf8PathBuf};
use xtask::engine::Engine;

use super::engine::random;
use super::{Ran, run};
use crate::support::registry::{Registry, docker, ok, push, stored};
use crate::support::{Machine, Shared};

const COMMON: u64 = 50_000;

const DOCKERFILE: &str = "FROM scratch
ARG TARGETARCH
COPY data-$TARGETARCH /data
COPY common /common
";

/// Each platform with the bytes that it alone has.
const PLATFORMS: [(&str, u64); 2] = [("amd64", 200_000), ("arm64", 300_000)];

/// What the engine has of a registry.
fn there(engine: &Engine, registry: &Registry) -> Vec<String> {
    let list = docker(engine, &["image", "ls", "--digests", "--format"])
        .arg("{{.Repository}}:{{.Tag}}@{{.Digest}}");
    let text = ok(&list).text();
    let mut found: Vec<String> = text
        .lines()
        .filter(|line| line.starts_with(&registry.host))
        .map(str::to_owned)
        .collect();
    found.sort();
    found
}

/// The digest of an image's manifest for a platform, and the bytes of its layers.
fn published(engine: &Engine, image: &str, architecture: &str) -> (String, u64) {
    let index = stored(engine, image);
    let manifests = index["manifests"].as_array().unwrap();
    let is_for = |it: &&serde_json::Value| it["platform"]["architecture"] == architecture;
    let digest = manifests.iter().find(is_for).unwrap()["digest"].as_str();
    let digest = digest.unwrap().to_owned();
    let name = image.rsplit_once(':').unwrap().0;
    let manifest = stored(engine, &format!("{name}@{digest}"));
    let layers = manifest["layers"].as_array().unwrap();
    assert_eq!(layers.len(), 2);
    let bytes = layers.iter().map(|layer| layer["size"].as_u64().unwrap());
    (digest, bytes.sum())
}

struct Asking<'a> {
    machine: &'a Machine,
    folder: &'a Utf8Path,
    image: &'a str,
}

impl Asking<'_> {
    fn ask(&self, image: &str, platform: &str) -> Ran {
        let reference = format!("registry:{image}");
        let platform = format!("--platform={platform}");
        let choice = self.machine.choice();
        let arguments = [&reference, &platform, choice, "--format=json"];
        run(self.folder.as_std_path(), &arguments)
    }

    /// What is told is what was pushed.
    fn is_told(&self) {
        for (architecture, own) in PLATFORMS {
            let platform = format!("linux/{architecture}");
            let ran = self.ask(self.image, &platform);
            assert_eq!(ran.code, Some(0), "{ran:?}");
            let image = &ran.images()[0];
            let (digest, compressed) = published(&self.machine.engine, self.image, architecture);
            assert_eq!(image["platform"], platform);
            assert_eq!(image["source"], "registry");
            assert_eq!(image["digest"], digest, "{ran:?}");
            let sizes = &image["sizes"];
            assert_eq!(sizes["unpacked_bytes"], own + COMMON);
            assert_eq!(sizes["compressed_bytes"], compressed);
            assert_eq!(sizes["compressed_is_estimate"], false);
        }
    }

    /// One message, and what the program ends with.
    fn is_refused(&self, image: &str, platform: &str, (code, message): (i32, &str)) {
        let ran = self.ask(image, platform);
        assert_eq!(ran.code, Some(code), "{ran:?}");
        let said = ran.stderr.lines();
        let errors: Vec<&str> = said.filter(|line| line.starts_with("error")).collect();
        assert_eq!(errors.len(), 1, "{}", ran.stderr);
        assert!(errors[0].contains(message), "{}", ran.stderr);
    }
}

#[test]
fn an_image_in_a_registry_is_told_and_forgotten() {
    let Some(machine) = Shared::find() else {
        return;
    };
    let guard = tempfile::tempdir().unwrap();
    let folder = Utf8PathBuf::from_path_buf(guard.path().to_owned()).unwrap();
    let Some(mut registry) = Registry::start(&machine, &folder) else {
        return;
    };
    let engine = &machine.engine;
    let (context, repository) = (folder.join("context"), folder.join("repository"));
    for (architecture, own) in PLATFORMS {
        let name = format!("data-{architecture}");
        random(context.join(name).as_std_path(), own);
    }
    random(context.join("common").as_std_path(), COMMON);
    std::fs::write(context.join("Dockerfile"), DOCKERFILE).unwrap();
    let image = registry.image("shop:1");
    let index = push(engine, &context, &image);
    // A push from the engine's store leaves the image there.
    let _ = crate::support::run(&docker(engine, &["image", "rm", &image]));
    Machine::lend_to(&repository);
    let asking = Asking {
        machine: &machine,
        folder: &repository,
        image: &image,
    };

    assert_eq!(there(engine, &registry), [""; 0]);
    asking.is_told();
    assert_eq!(there(engine, &registry), [""; 0], "it is forgotten");

    // What was there stays: under its tag, and under the very name that is asked for.
    ok(&docker(engine, &["pull", "--quiet", &image]));
    let by_tag = there(engine, &registry);
    assert_eq!(by_tag.len(), 1, "{by_tag:?}");
    asking.is_told();
    assert_eq!(there(engine, &registry), by_tag);
    let (digest, _) = published(engine, &image, "arm64");
    let pinned = format!("{}@{digest}", registry.image("shop"));
    let platform = "--platform=linux/arm64";
    ok(&docker(engine, &["pull", "--quiet", platform, &pinned]));
    let both = there(engine, &registry);
    assert!(both.len() > by_tag.len(), "{both:?}");
    asking.is_told();
    assert_eq!(there(engine, &registry), both);
    let by_digest = asking.ask(
        &format!("{}@{index}", registry.image("shop")),
        "linux/arm64",
    );
    assert_eq!(by_digest.images()[0]["digest"], digest);
    ok(&docker(engine, &["image", "rm", &image, &pinned]));

    // An image that is no index is for one platform, and for that one if none is asked for.
    let single = registry.image("single:1");
    let build = docker(engine, &["buildx", "build", "--push", "--quiet"])
        .args(["--provenance=false", platform, "--tag", &single])
        .arg(&context);
    ok(&build);
    let _ = crate::support::run(&docker(engine, &["image", "rm", &single]));
    assert!(stored(engine, &single)["manifests"].is_null());
    let reference = format!("registry:{single}");
    let arguments = [&reference, machine.choice(), "--format=json"];
    let ran = run(repository.as_std_path(), &arguments);
    assert_eq!(ran.images()[0]["platform"], "linux/arm64");
    assert_eq!(ran.images()[0]["sizes"]["unpacked_bytes"], 300_000 + COMMON);
    let elsewhere = format!("{single} is not there for linux/amd64");
    asking.is_refused(&single, "linux/amd64", (2, &elsewhere));

    let unknown = registry.image("shop:none");
    let none = format!("has no image {unknown}");
    asking.is_refused(&unknown, "linux/amd64", (2, &none));
    let elsewhere = format!("{image} is not there for linux/s390x");
    asking.is_refused(&image, "linux/s390x", (2, &elsewhere));
    registry.stop();
    let silent = format!("{} cannot be asked about {image}", registry.host);
    asking.is_refused(&image, "linux/amd64", (3, &silent));
    assert_eq!(there(engine, &registry), [""; 0]);
}
