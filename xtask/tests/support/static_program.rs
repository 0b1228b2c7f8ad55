//! A program for the `RUN`s of images that hold nothing else.

use camino::{Utf8Path, Utf8PathBuf};
use xtask::process::Command;

/// Compiles the text of a Rust program into a file of this name in a folder, such that it needs no library.
pub(crate) fn static_program(folder: &Utf8Path, name: &str, text: &str) -> Utf8PathBuf {
    let source = format!("{name}.rs");
    std::fs::write(folder.join(&source), text).unwrap();
    let command = Command::new("rustc")
        .args(["-C", "target-feature=+crt-static", "-C", "strip=symbols"])
        .args(["-o", name, &source])
        .dir(folder);
    super::run(&command).checked(&command).unwrap();
    folder.join(name)
}
