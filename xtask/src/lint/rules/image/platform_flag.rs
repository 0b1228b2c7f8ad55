//! `FROM --platform=`: the flag in the text, and what its value says.

use crate::lint::rules::lines::with_blanks_after;
use crate::source::{Span, Spanned};

/// Operating systems that Go, and so every image index, has a name for.
const SYSTEMS: [&str; 15] = [
    "aix",
    "android",
    "darwin",
    "dragonfly",
    "freebsd",
    "illumos",
    "ios",
    "js",
    "linux",
    "netbsd",
    "openbsd",
    "plan9",
    "solaris",
    "wasip1",
    "windows",
];

/// Architectures, and the spellings that containerd normalizes.
const ARCHITECTURES: [&str; 24] = [
    "386", "aarch64", "amd64", "arm", "arm64", "armel", "armhf", "i386", "loong64", "mips",
    "mips64", "mips64le", "mipsle", "ppc64", "ppc64le", "riscv64", "s390x", "sparc64", "wasm",
    "x86-64", "x86_64", "ppc", "riscv", "s390",
];

/// The flag with the blanks behind it, if it stands in the text in one piece.
pub(super) fn flag_span(text: &str, value: &Spanned<String>) -> Option<Span> {
    let flag = "--platform=";
    let start = value.span.start.checked_sub(flag.len())?;
    let span = Span::new(start, value.span.end);
    let stands_as_is = text.get(start..value.span.start) == Some(flag);
    stands_as_is.then(|| with_blanks_after(text, span))
}

/// Whether the name is an operating system's.
pub(super) fn is_system(name: &str) -> bool {
    SYSTEMS.contains(&name)
}

/// Whether the name is an architecture's.
pub(super) fn is_architecture(name: &str) -> bool {
    ARCHITECTURES.contains(&name)
}

/// The name that an image index has for an architecture.
pub(super) fn normalized_architecture(name: &str) -> &str {
    match name {
        "x86_64" | "x86-64" => "amd64",
        "aarch64" => "arm64",
        "i386" => "386",
        "armhf" | "armel" => "arm",
        other => other,
    }
}
