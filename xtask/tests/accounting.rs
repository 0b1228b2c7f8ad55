//! Measures images of known content in a real engine.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test ends by panicking and says why it was skipped"
)]

mod support;

use std::fmt::Write as _;
use std::path::Path;

use camino::Utf8Path;
use xtask::engine::images::{Built, inspect, measure, measure_built};
use xtask::engine::{Engine, EngineKind, ImageStore};
use xtask::process::{Command, Runner, System};
use xtask::size::Bytes;

/// Removes its images, also when the test fails.
struct Images(Vec<String>);

impl Drop for Images {
    fn drop(&mut self) {
        for image in &self.0 {
            let _ = support::ask(&["image", "rm", "--force", image]);
        }
    }
}

fn build(folder: &Path, tag: &str) {
    let folder = folder.to_str().unwrap();
    support::ask(&[
        "buildx",
        "build",
        "--quiet",
        "--output",
        "type=docker",
        "--tag",
        tag,
        folder,
    ])
    .unwrap();
}

/// A layer as a tar, for `ADD` to unpack: the only way to a hard link and a whiteout without a shell.
fn layer(folder: &Path, name: &str, files: &[(&str, u8, usize)], links: &[(&str, &str)]) {
    let mut tar = tar::Builder::new(std::fs::File::create(folder.join(name)).unwrap());
    for (path, byte, size) in files {
        let mut header = tar::Header::new_gnu();
        header.set_mode(0o644);
        header.set_size(*size as u64);
        tar.append_data(&mut header, path, vec![*byte; *size].as_slice())
            .unwrap();
    }
    for (path, target) in links {
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(tar::EntryType::Link);
        header.set_size(0);
        tar.append_link(&mut header, path, target).unwrap();
    }
    tar.finish().unwrap();
}

#[test]
fn images_of_known_content_measure_as_their_content() {
    let Some(machine) = support::Shared::find() else {
        return;
    };
    let engine = machine.engine.clone();
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let cache = Utf8Path::from_path(root).unwrap().join("cache/layers.json");
    let names = ["base", "top"]
        .map(|name| format!("xtask-accounting-test-{}/{name}:1", std::process::id()));
    let _images = Images(names.to_vec());

    // 1,000,000 + 2,000,000 bytes, a link that adds nothing, and five hundred small files whose headers cost much.
    let base = root.join("base");
    std::fs::create_dir(&base).unwrap();
    layer(
        &base,
        "one.tar",
        &[("data/a", 1, 1_000_000), ("data/b", 2, 2_000_000)],
        &[("data/c", "data/a")],
    );
    let small = "s".repeat(120);
    std::fs::create_dir(base.join("small")).unwrap();
    for number in 0..500 {
        std::fs::write(base.join(format!("small/{small}{number}")), "x").unwrap();
    }
    std::fs::write(
        base.join("Dockerfile"),
        "FROM scratch\nADD one.tar /\nCOPY small /small\n",
    )
    .unwrap();
    build(&base, &names[0]);

    // The same with `data/b` overwritten: what lies below stays counted.
    let top = root.join("top");
    std::fs::create_dir(&top).unwrap();
    layer(&top, "two.tar", &[("data/b", 3, 30), ("data/d", 4, 4)], &[]);
    let mut dockerfile = std::fs::read_to_string(base.join("Dockerfile")).unwrap();
    writeln!(dockerfile, "ADD two.tar /\nUSER 1001\nLABEL a=b").unwrap();
    std::fs::write(base.join("Dockerfile"), dockerfile).unwrap();
    std::fs::copy(top.join("two.tar"), base.join("two.tar")).unwrap();
    build(&base, &names[1]);

    let references: Vec<&str> = names.iter().map(String::as_str).collect();
    let sizes = measure(&System::default(), &engine, &references, &cache).unwrap();
    let (base, top) = (&sizes[&names[0]], &sizes[&names[1]]);
    assert_eq!(base.unpacked, Bytes(3_000_500));
    assert_eq!(top.unpacked, Bytes(3_000_534));
    assert_eq!(top.layers[..2], base.layers[..], "the layers are shared");
    // Each small file costs a header and a block.
    assert!(
        base.tar > Bytes(3_500_000) && base.compressed < Bytes(100_000),
        "{base:?}"
    );
    assert_eq!(
        base.compressed_is_estimate,
        engine.store == ImageStore::GraphDriver
    );

    let inspected = inspect(&System::default(), &engine, &references).unwrap();
    assert_eq!(inspected[1].id, top.digest);
    assert_eq!(inspected[1].config.user, "1001");
    assert_eq!(inspected[1].config.labels["a"], "b");
    if engine.store == ImageStore::GraphDriver {
        let size =
            support::ask(&["image", "inspect", "--format", "{{.Size}}", references[1]]).unwrap();
        assert_eq!(size, top.unpacked.0.to_string(), "overlay2 counts the same");
    }

    // The second time nothing is saved.
    assert_eq!(
        measure(&NoSave, &engine, &references, &cache).unwrap(),
        sizes
    );
    if engine.kind == EngineKind::Private {
        both_ways_agree(&engine, &references, root.try_into().unwrap());
    }
}

/// What is read in the engine's own store and told by its API is what `docker save` and the client say, to the last byte
/// of what is kept.
fn both_ways_agree(engine: &Engine, references: &[&str], folder: &Utf8Path) {
    let by_client = Engine {
        api: None,
        data: None,
        ..engine.clone()
    };
    let runner = System::default();
    let inspected = inspect(&NoSave, engine, references).unwrap();
    assert_eq!(inspected, inspect(&runner, &by_client, references).unwrap());
    let built: Vec<Built<'_>> = references
        .iter()
        .zip(&inspected)
        .map(|(reference, image)| Built {
            reference,
            digest: Some(&image.id),
        })
        .collect();
    let (direct, saved) = (folder.join("direct.json"), folder.join("saved.json"));
    assert_eq!(
        measure_built(&NoSave, engine, &built, &direct).unwrap(),
        measure_built(&runner, &by_client, &built, &saved).unwrap()
    );
    let kept = |file| std::fs::read_to_string(file).unwrap();
    assert_eq!(kept(&direct), kept(&saved));
}

/// Runs commands, but streams none.
struct NoSave;

impl Runner for NoSave {
    fn run(&self, command: &Command) -> xtask::error::Result<xtask::process::Output> {
        System::default().run(command)
    }

    fn lines(
        &self,
        _: &Command,
        _: &mut dyn FnMut(xtask::process::Channel, &str),
    ) -> xtask::error::Result<xtask::process::Output> {
        unreachable!("nothing is run line by line")
    }

    fn stream(
        &self,
        command: &Command,
        _: &mut dyn FnMut(&mut dyn std::io::Read) -> xtask::error::Result<()>,
    ) -> xtask::error::Result<xtask::process::Output> {
        panic!("a warm measurement ran {}", command.display())
    }

    fn detach(&self, _: &Command, _: &Utf8Path) -> xtask::error::Result<u32> {
        unreachable!("nothing is detached")
    }
}

#[test]
fn a_removed_file_stays_counted() {
    let Some(machine) = support::Shared::find() else {
        return;
    };
    let engine = machine.engine.clone();
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let cache = Utf8Path::from_path(root).unwrap().join("layers.json");
    let name = format!("xtask-accounting-test-{}/removed:1", std::process::id());
    let _images = Images(vec![name.clone()]);
    // A static program of our own keeps the test free of any base image.
    std::fs::write(
        root.join("rm.rs"),
        "fn main() { std::fs::remove_file(\"/d/remove\").unwrap() }",
    )
    .unwrap();
    let program = root.join("rm");
    let rustc = Command::new("rustc")
        .args([
            "-C",
            "target-feature=+crt-static",
            "-C",
            "opt-level=1",
            "-C",
            "strip=symbols",
            "-o",
        ])
        .arg(&program)
        .arg(root.join("rm.rs"));
    System::default()
        .run(&rustc)
        .and_then(|o| o.checked(&rustc))
        .unwrap();
    let program = std::fs::metadata(&program).unwrap().len();
    std::fs::write(root.join("keep"), [1; 10]).unwrap();
    std::fs::write(root.join("remove"), [2; 5_000]).unwrap();
    let dockerfile = "FROM scratch\nCOPY rm /\nCOPY keep remove /d/\nRUN [\"/rm\"]\n";
    std::fs::write(root.join("Dockerfile"), dockerfile).unwrap();
    build(root, &name);
    let size = measure(&System::default(), &engine, &[&name], &cache)
        .unwrap()
        .remove(&name)
        .unwrap();
    let layers: Vec<_> = size.layers.iter().map(|layer| layer.unpacked.0).collect();
    // The whiteout is an empty file; BuildKit's own mount points may be empty files, too.
    assert_eq!(layers, [program, 5_010, 0]);
    assert_eq!(size.unpacked, Bytes(program + 5_010));
}
