//! What an image is made of, told by the real thing: Trivy lists the packages of the same image, and the official
//! validators read the bills of materials.
//!
//! The image is of this machine: its Debian packages, npm and what it needs, Python packages, programs of Go, and a
//! program with the audit data of Rust. Parts that are not there are left out, and peers that are not there skip a test.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail by panicking")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use xtask::image::accounting::{self, Reading};
use xtask::image::layer::Detail;
use xtask::process::{Command, Runner, System};
use xtask::scan::sbom::{Format, bill};
use xtask::scan::scanned::Scanned;
use xtask::timestamp::Timestamp;

#[path = "support/peers.rs"]
#[allow(dead_code, reason = "every test binary takes its part of it")]
mod peers;

/// The validators, of which the Python index has wheels.
const VALIDATORS: [&str; 3] = [
    "cyclonedx-python-lib[json-validation]==11.12.0",
    "spdx-tools==0.8.3",
    "packageurl-python",
];

fn answer(program: &Path, arguments: &[&str], home: &Path) -> Result<String, String> {
    let command = Command::new(program.to_str().unwrap())
        .args(arguments)
        .env("HOME", home.to_str().unwrap());
    let output = System::default()
        .run(&command)
        .map_err(|error| error.to_string())?;
    if output.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        Err([output.stdout, output.stderr]
            .map(|text| String::from_utf8_lossy(&text).into_owned())
            .concat())
    }
}

fn target() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../target")
}

/// A Python with the validators.
fn validators() -> Result<PathBuf, String> {
    let folder = target().join("peers/sbom-validators");
    let python = folder.join("bin/python");
    let home = target();
    if !folder.join("complete").is_file() {
        std::fs::create_dir_all(target().join("peers")).map_err(|error| error.to_string())?;
        let system = which::which("python3").map_err(|_| "there is no python3".to_owned())?;
        answer(&system, &["-m", "venv", folder.to_str().unwrap()], &home)?;
        let mut arguments = vec!["-m", "pip", "install", "--quiet", "--retries=0"];
        arguments.extend(VALIDATORS);
        answer(&python, &arguments, &home).map_err(|why| format!("pip cannot get them: {why}"))?;
        std::fs::write(folder.join("complete"), "").map_err(|error| error.to_string())?;
    }
    Ok(python)
}

/// An archive of an image with one layer.
struct Image {
    folder: tempfile::TempDir,
    layer: tar::Builder<File>,
}

impl Image {
    fn new() -> Self {
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let file = File::create(folder.path().join("layer.tar")).unwrap();
        let mut layer = tar::Builder::new(file);
        layer.follow_symlinks(false);
        Self { folder, layer }
    }

    /// Whether it is there to be added.
    fn add(&mut self, from: &Path, to: &str) -> bool {
        if from.is_dir() {
            self.layer.append_dir_all(to, from).unwrap();
        } else if from.is_file() {
            let mut file = File::open(from).unwrap();
            self.layer.append_file(to, &mut file).unwrap();
        }
        from.exists()
    }

    fn finish(self) -> (tempfile::TempDir, PathBuf) {
        let layer = self.folder.path().join("layer.tar");
        self.layer.into_inner().unwrap().flush().unwrap();
        let digest = {
            use sha2::Digest as _;
            let mut hasher = sha2::Sha256::new();
            std::io::copy(
                &mut File::open(&layer).unwrap(),
                &mut HashWriter(&mut hasher),
            )
            .unwrap();
            hasher
                .finalize()
                .iter()
                .fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
        };
        let config = format!(
            r#"{{"os":"linux","architecture":"amd64","config":{{}},"rootfs":{{"type":"layers","diff_ids":["sha256:{digest}"]}}}}"#
        );
        let manifest = r#"[{"Config":"config.json","RepoTags":["ghcr.io/acme/shop:1"],"Layers":["layer.tar"]}]"#;
        let archive = self.folder.path().join("image.tar");
        let mut tar = tar::Builder::new(File::create(&archive).unwrap());
        for (path, text) in [("config.json", &*config), ("manifest.json", manifest)] {
            let mut header = tar::Header::new_gnu();
            header.set_mode(0o644);
            header.set_size(text.len() as u64);
            tar.append_data(&mut header, path, text.as_bytes()).unwrap();
        }
        tar.append_file("layer.tar", &mut File::open(&layer).unwrap())
            .unwrap();
        tar.into_inner().unwrap().flush().unwrap();
        (self.folder, archive)
    }
}

struct HashWriter<'a>(&'a mut sha2::Sha256);

impl std::io::Write for HashWriter<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        use sha2::Digest as _;
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// A program with the audit data of Rust, made by the tool that others make such sections with.
fn audited(folder: &Path) -> Option<PathBuf> {
    let objcopy = which::which("objcopy").ok()?;
    let json = r#"{"packages":[{"name":"adler","version":"1.0.2","source":"crates.io"},{"name":"cc","version":"1.0.83","source":"crates.io","kind":"build"},{"name":"shop","version":"0.1.0","source":"local","dependencies":[0],"root":true}],"format":1}"#;
    let section = folder.join("audit-data");
    let file = File::create(&section).unwrap();
    let mut packed = flate2::write::ZlibEncoder::new(file, flate2::Compression::new(9));
    packed.write_all(json.as_bytes()).unwrap();
    packed.finish().unwrap();
    let program = folder.join("shop");
    let added = format!(".dep-v0={}", section.display());
    let arguments = ["--add-section", &added, "/bin/true", program.to_str()?];
    answer(&objcopy, &arguments, folder).unwrap();
    Some(program)
}

/// What of this machine is there.
fn machine(trivy: Option<&Path>, python: Option<&Path>) -> (String, (tempfile::TempDir, PathBuf)) {
    let mut image = Image::new();
    let mut parts = Vec::new();
    if image.add(Path::new("/var/lib/dpkg"), "var/lib/dpkg") {
        image.add(Path::new("/usr/lib/os-release"), "etc/os-release");
        image.add(Path::new("/etc/debian_version"), "etc/debian_version");
        parts.push("dpkg");
    }
    if image.add(Path::new("/usr/lib/node_modules"), "opt/node/node_modules") {
        parts.push("npm");
    }
    // Trivy is a program of Go with hundreds of modules; those of Debian name none.
    if trivy.is_some_and(|trivy| image.add(trivy, "opt/go/trivy")) {
        parts.push("modules of Go");
    }
    let engine = target().join("docker-engine/root/usr");
    for program in ["bin/docker", "sbin/runc", "bin/containerd"] {
        let name = program.rsplit('/').next().unwrap();
        if image.add(&engine.join(program), &format!("opt/go/{name}")) {
            parts.push(name);
        }
    }
    if let Some(program) = audited(image.folder.path()) {
        image.add(&program, "opt/rust/shop");
        parts.push("crates of Rust");
    }
    if let Some(root) = python.and_then(|python| python.parent()?.parent()) {
        let places = peers::below(&root.join("lib"));
        let metadata = places.iter().filter(|path| {
            let folder = path.parent().and_then(Path::extension);
            folder.is_some_and(|ending| ending == "dist-info")
        });
        for path in metadata {
            let below = path.strip_prefix(root).unwrap().to_str().unwrap();
            image.add(path, &format!("opt/venv/{below}"));
        }
        parts.push("python");
    }
    (parts.join(", "), image.finish())
}

fn scanned(archive: &Path) -> Scanned {
    let known = BTreeMap::new();
    let reading = Reading {
        known: &known,
        detail: Detail::Inspected,
    };
    let mut file = File::open(archive).unwrap();
    let image = accounting::read(&mut file, reading).unwrap().remove(0);
    let origins = (Vec::new(), Vec::new());
    Scanned::of(
        "shop".to_owned(),
        "archive".to_owned(),
        None,
        image,
        origins,
    )
}

/// Kind, name and version.
type Told = BTreeSet<[String; 3]>;

#[test]
fn trivy_lists_the_same_packages() {
    let trivy = match peers::trivy() {
        Ok(trivy) => trivy,
        Err(why) => return eprintln!("skipped: {why}"),
    };
    let python = validators();
    let (parts, (folder, archive)) = machine(Some(&trivy), python.as_deref().ok());
    eprintln!("in the image: {parts}");
    let arguments = [
        "image",
        "--quiet",
        "--offline-scan",
        "--format",
        "cyclonedx",
        "--input",
        archive.to_str().unwrap(),
    ];
    let json = answer(&trivy, &arguments, folder.path()).unwrap();
    let theirs: serde_json::Value = serde_json::from_str(&json).unwrap();
    let mut expected = Told::new();
    for component in theirs["components"].as_array().unwrap() {
        let text = |key: &str| component[key].as_str().unwrap_or_default();
        let Some(kind) = text("purl").strip_prefix("pkg:") else {
            continue;
        };
        let kind = kind.split('/').next().unwrap_or_default().to_owned();
        let name = match text("group") {
            "" => text("name").to_owned(),
            group => format!("{group}/{}", text("name")),
        };
        // Python's names are normalized here (PEP 503).
        let name = if kind == "pypi" {
            name.to_lowercase().replace(['_', '.'], "-")
        } else {
            name
        };
        expected.insert([kind, name, text("version").to_owned()]);
    }
    let image = scanned(&archive);
    let found: Told = image
        .packages
        .iter()
        .map(|package| {
            let url = xtask::image::inventory::purl(package, &image.distribution);
            let kind = url["pkg:".len()..].split('/').next().unwrap().to_owned();
            // A main module that nobody knows the version of has none there.
            let version = package.version.replace("(devel)", "");
            [kind, package.name.clone(), version]
        })
        .collect();
    let kinds = |told: &Told| {
        let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
        for [kind, ..] in told {
            *kinds.entry(kind.clone()).or_default() += 1;
        }
        kinds
    };
    eprintln!("{:?}", kinds(&expected));
    let missing: Vec<_> = expected.difference(&found).collect();
    let surplus: Vec<_> = found.difference(&expected).collect();
    assert!(missing.is_empty(), "missing: {missing:?}");
    assert!(surplus.is_empty(), "surplus: {surplus:?}");
}

/// Prints what is there, and ends with what is wrong.
const VALIDATE: &str = r#"
import json, sys
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL
from spdx_tools.spdx.parser.parse_anything import parse_file
from spdx_tools.spdx.validation.document_validator import validate_full_spdx_document
text = open(sys.argv[1]).read()
wrong = []
error = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
if error: wrong.append(str(error))
bom = json.loads(text)
refs = [component["bom-ref"] for component in bom["components"]]
if len(refs) != len(set(refs)): wrong.append("a reference stands for two components")
known = set(refs) | {bom["metadata"]["component"]["bom-ref"]}
for dependency in bom["dependencies"]:
    for ref in [dependency["ref"], *dependency.get("dependsOn", [])]:
        if ref not in known: wrong.append(f"nothing is called {ref}")
for component in [bom["metadata"]["component"], *bom["components"]]:
    url = component.get("purl")
    if url and PackageURL.from_string(url).to_string() != url:
        wrong.append(f"{url} is written {PackageURL.from_string(url).to_string()}")
document = parse_file(sys.argv[2])
wrong += [message.validation_message for message in validate_full_spdx_document(document)]
print(len(refs), "components,", len(document.packages), "packages")
if wrong: sys.exit("\n".join(wrong[:20]))
"#;

#[test]
fn validators_accept_the_bills() {
    let python = match validators() {
        Ok(python) => python,
        Err(why) => return eprintln!("skipped: {why}"),
    };
    let (parts, (folder, archive)) = machine(None, Some(&python));
    eprintln!("in the image: {parts}");
    let image = scanned(&archive);
    assert!(!image.packages.is_empty());
    let files: Vec<String> = Format::ALL
        .iter()
        .map(|(format, _, ending)| {
            let bill = bill(*format, &image, Timestamp::from_unix_seconds(1_700_000_000));
            let file = folder.path().join(format!("shop.{ending}"));
            std::fs::write(&file, bill.to_string()).unwrap();
            file.to_str().unwrap().to_owned()
        })
        .collect();
    let told = answer(
        &python,
        &["-c", VALIDATE, &files[0], &files[1]],
        folder.path(),
    );
    eprintln!("{}", told.unwrap_or_else(|why| panic!("{why}")));
}
