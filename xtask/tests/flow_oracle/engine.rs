//! What the engine makes of a case: the files of the image, and those of all its layers.

use std::collections::{BTreeSet, HashMap};
use std::io::Read as _;

use camino::{Utf8Path, Utf8PathBuf};
use xtask::process::{Output, Runner, System};

use crate::case::Case;
use crate::support;
use crate::support::scratch::Scratch;
use crate::support::static_program::static_program;

/// Files of the contexts, by their paths below the case's folder.
#[derive(Debug)]
pub(crate) struct Found {
    /// In any layer.
    pub(crate) layers: BTreeSet<String>,
    /// What a container sees.
    pub(crate) files: BTreeSet<String>,
}

/// `/bin/sh` for the images: it removes files, and does nothing else.
const SH: &str = r#"
fn main() {
    let script = std::env::args().nth(2).unwrap();
    let mut words = script.split_whitespace();
    match (words.next(), words.next()) {
        (Some("true"), None) => {}
        (Some("rm"), Some("-rf")) => {
            for path in words {
                match std::fs::symlink_metadata(path) {
                    Ok(found) if found.is_dir() => std::fs::remove_dir_all(path).unwrap(),
                    Ok(_) => std::fs::remove_file(path).unwrap(),
                    Err(_) => {}
                }
            }
        }
        _ => panic!("{script}"),
    }
}
"#;

/// A folder with the shell, which can be an image, too.
pub(crate) struct Shell(Scratch);

impl Shell {
    pub(crate) fn new() -> Self {
        let scratch = Scratch::new();
        for folder in ["bin", "d/b", "e"] {
            std::fs::create_dir_all(scratch.path.join(folder)).unwrap();
        }
        static_program(&scratch.path.join("bin"), "sh", SH);
        Self(scratch)
    }
}

/// A case loses no more steps than this for one image.
const MOST_BROKEN: usize = 12;

/// Builds a stage. Steps that the build stops at are left out, and the Dockerfile is written anew. `None` where the
/// engine does not say which step it is.
pub(crate) fn build(
    case: &mut Case,
    scratch: &Scratch,
    shell: &Shell,
    target: usize,
    contents: &HashMap<String, String>,
) -> Option<Found> {
    let folder = scratch.folder(0);
    for _ in 0..MOST_BROKEN {
        let (layers, files) = (
            scratch.path.join("layers.tar"),
            scratch.path.join("files.tar"),
        );
        let output = run(&folder, shell, target, &layers, &files);
        if output.success() {
            let found = Found {
                layers: layers_of(&layers, contents),
                files: known(std::fs::File::open(&files).unwrap(), contents),
            };
            return Some(found);
        }
        // On a disk that is nearly full the engine collects what a build is about to read.
        if output.error_text().contains("does not exist: not found") {
            continue;
        }
        let line = failing_line(&output.error_text());
        let Some(line) = line else {
            panic!("{case}\n{}", output.error_text());
        };
        // An `ONBUILD` stops the stages that start from its own.
        let (stage, step) = case.dockerfile().1[line - 1]?;
        case.stages[stage].steps.remove(step);
        case.write_dockerfile(&folder);
    }
    None
}

fn run(
    folder: &Utf8Path,
    shell: &Shell,
    target: usize,
    layers: &Utf8Path,
    files: &Utf8Path,
) -> Output {
    let command = support::docker()
        .args(["buildx", "build", "--progress=plain", "--provenance=false"])
        .args(["--build-context", &format!("tools={}", shell.0.path)])
        .args(["--build-context", &format!("lib={}", folder.join("lib"))])
        .args(["--target", &format!("s{target}")])
        .args(["--file", folder.join("Dockerfile").as_str()])
        .args([
            "--output",
            &format!("type=oci,dest={layers},compression=uncompressed,force-compression=true"),
        ])
        .args(["--output", &format!("type=tar,dest={files}")])
        .arg(folder.join("context"));
    System::default().run(&command).unwrap()
}

/// The line that a build stopped at.
fn failing_line(error: &str) -> Option<usize> {
    let place = error
        .lines()
        .rev()
        .find_map(|line| line.strip_prefix("Dockerfile:"))?;
    place.trim().parse().ok()
}

/// The files of all layers of an image.
fn layers_of(image: &Utf8PathBuf, contents: &HashMap<String, String>) -> BTreeSet<String> {
    let mut blobs: HashMap<String, Vec<u8>> = HashMap::new();
    let mut archive = tar::Archive::new(std::fs::File::open(image).unwrap());
    for entry in archive.entries().unwrap() {
        let mut entry = entry.unwrap();
        let path = entry.path().unwrap().to_str().unwrap().to_owned();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).unwrap();
        blobs.insert(path, bytes);
    }
    let blob = |digest: &serde_json::Value| {
        let digest = digest["digest"].as_str().unwrap();
        &blobs[&format!("blobs/{}", digest.replace(':', "/"))]
    };
    let json = |bytes: &[u8]| serde_json::from_slice::<serde_json::Value>(bytes).unwrap();
    let index = json(&blobs["index.json"]);
    let manifest = json(blob(&index["manifests"][0]));
    let layers = manifest["layers"].as_array().unwrap().iter();
    layers
        .flat_map(|layer| known(blob(layer).as_slice(), contents))
        .collect()
}

/// The files of an archive whose content is known.
fn known(archive: impl std::io::Read, contents: &HashMap<String, String>) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for entry in tar::Archive::new(archive).entries().unwrap() {
        let mut entry = entry.unwrap();
        let mut text = Vec::new();
        entry.read_to_end(&mut text).unwrap();
        let path = std::str::from_utf8(&text)
            .ok()
            .and_then(|text| contents.get(text));
        found.extend(path.cloned());
    }
    found
}
