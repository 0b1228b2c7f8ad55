//! The rules about images on images of the real world: what `HARDENING_IMAGES` names, with colons between.
//!
//! Each is an archive of `docker save`, or a tar of a root file system (`*.rootfs.tar`), such as debootstrap makes.
//! What is found is printed, to be judged by people; that no secret is found in a plain distribution is asserted.
#![expect(
    clippy::print_stdout,
    reason = "a test ends where something it needs fails, and shows what it found"
)]

use std::collections::BTreeMap;
use std::fs::File;
use std::sync::Arc;
use std::time::Instant;

use xtask::image::accounting::{self, Reading};
use xtask::image::attribution::{self, Knowledge, Origin};
use xtask::image::config::ImageConfig;
use xtask::image::filesystem::Filesystem;
use xtask::image::inventory;
use xtask::image::layer::{Detail, LayerContents};
use xtask::scan::hardening::{FoundSecret, OLDEST_DAYS, Purpose, Subject, findings};

#[test]
fn images_of_the_real_world() {
    #[expect(clippy::disallowed_methods, reason = "a test asks what to look at")]
    let Some(images) = std::env::var_os("HARDENING_IMAGES") else {
        println!("skipped: HARDENING_IMAGES names no images");
        return;
    };
    for path in images.to_str().unwrap().split(':') {
        let mut file = File::open(path).unwrap();
        if path.ends_with(".rootfs.tar") {
            let (_, contents) = LayerContents::read(&mut file, Detail::Inspected).unwrap();
            let layers = vec![Arc::new(contents.unwrap())];
            let codes = judge(path, &ImageConfig::default(), layers, &[], &[]);
            assert!(!codes.iter().any(|code| code == "DX5201"), "{path}");
            continue;
        }
        let reading = Reading {
            known: &BTreeMap::new(),
            detail: Detail::Inspected,
        };
        for image in accounting::read(&mut file, reading).unwrap() {
            let known = Knowledge::default();
            let origins = attribution::origins(&image, &known);
            let steps = attribution::steps(&image, &origins, &known);
            let layers = image
                .layers
                .iter()
                .map(|layer| layer.contents.clone().unwrap());
            let name = image.names.first().map_or(path, String::as_str);
            judge(name, &image.config, layers.collect(), &origins, &steps);
        }
    }
}

/// The codes of what is found.
fn judge(
    name: &str,
    config: &ImageConfig,
    layers: Vec<Arc<LayerContents>>,
    origins: &[Origin],
    steps: &[Origin],
) -> Vec<String> {
    let filesystem = Filesystem::of(layers);
    let packages = inventory::packages(&filesystem);
    let secrets = FoundSecret::all(&filesystem, &packages);
    let begin = Instant::now();
    let found = findings(&Subject {
        name,
        reference: None,
        purpose: Purpose::Production,
        config,
        filesystem: &filesystem,
        packages: &packages,
        origins,
        steps,
        secrets: &secrets,
        today: None,
        oldest_days: OLDEST_DAYS,
    });
    let files = filesystem.files().len();
    println!(
        "{name}: {} findings of {files} files in {:?}",
        found.len(),
        begin.elapsed()
    );
    for finding in &found {
        println!(
            "  {:7} {:8} {}",
            finding.severity.word(),
            finding.code,
            finding.message
        );
    }
    found
        .iter()
        .map(|finding| finding.code.to_string())
        .collect()
}
