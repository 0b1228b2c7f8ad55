use super::programs;
use crate::finding::Severity;
use crate::scan::hardening::findings::Findings;
use crate::scan::hardening::image::Image;
use crate::scan::hardening::{Identity, Shared};

/// Compilers, linkers and build tools in a production image.
pub(super) static SHARED: Shared = Shared {
    identity: Identity {
        code: "DX2102",
        name: "build-tools-in-final-stage",
        aliases: &["CIS-DI-0003"],
        severity: Severity::Note,
    },
    check,
};

const TOOLS: [&str; 24] = [
    "gcc", "g++", "cc", "c++", "clang", "clang++", "make", "cmake", "ninja", "ld", "as", "go",
    "rustc", "cargo", "javac", "mvn", "gradle", "tsc", "webpack", "esbuild", "git", "autoconf",
    "automake", "meson",
];

fn check(image: &Image<'_>, findings: &mut Findings<'_>) {
    programs::report(
        image,
        findings,
        |name| TOOLS.contains(&name),
        "can build programs in the container",
        "build in a stage of its own and copy the results",
    );
}

#[cfg(test)]
mod tests {
    use crate::scan::hardening::samples::found;

    #[test]
    fn programs_and_not_files_of_their_names() {
        let image = "RUN x\n-rwxr-xr-x 0 0 usr/bin/gcc\n-rwxr-xr-x 0 0 usr/bin/gccx\n-rwxr-xr-x 0 0 app/src/make\ndrwxr-xr-x 0 0 usr/bin/go\n";
        assert_eq!(
            found("DX2102", image),
            "1: `/usr/bin/gcc` can build programs in the container"
        );
    }
}
