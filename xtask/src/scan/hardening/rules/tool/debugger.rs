use super::programs;
use crate::finding::Severity;
use crate::rule::Category;
use crate::scan::hardening::findings::Findings;
use crate::scan::hardening::image::Image;
use crate::scan::hardening::rule::declare;

declare! {
    /// ## What it does
    /// Reports debuggers and tracers in a production image: `gdb`, `lldb`, `strace`, `perf` and the like.
    ///
    /// ## Why it is bad
    /// They read the memory of other processes of the same user, with all keys in it.
    ///
    /// ## Example
    /// ```text image
    /// RUN apk add strace
    /// -rwxr-xr-x 0 0 usr/bin/strace
    /// ```
    ///
    /// ## Use instead
    /// ```text image
    /// RUN apk add tzdata
    /// -rw-r--r-- 0 0 usr/share/zoneinfo/UTC
    /// ```
    pub(super) static RULE = Rule {
        code: "DX5306",
        name: "debugger-in-image",
        aliases: &["CIS-DI-0003"],
        severity: Severity::Note,
        category: Category::Security,
        summary: "a production image has a debugger",
    } by check;
}

const DEBUGGERS: [&str; 11] = [
    "gdb",
    "gdbserver",
    "lldb",
    "lldb-server",
    "strace",
    "ltrace",
    "perf",
    "bpftrace",
    "valgrind",
    "dlv",
    "py-spy",
];

fn check(image: &Image<'_>, findings: &mut Findings<'_>) {
    programs::report(
        image,
        findings,
        |name| DEBUGGERS.contains(&name),
        "can read the memory of other processes",
        "debug with a container of its own that shares the process namespace: `docker run --pid container:…`, `kubectl debug`",
    );
}
