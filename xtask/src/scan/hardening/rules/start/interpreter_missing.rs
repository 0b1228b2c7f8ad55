use crate::finding::Severity;
use crate::rule::Category;
use crate::scan::hardening::findings::Findings;
use crate::scan::hardening::image::Image;
use crate::scan::hardening::rule::declare;
use crate::scan::hardening::start::{Program, find};

declare! {
    /// ## What it does
    /// Reports an image whose first program is a script by its name, and that has none of the programs that run such scripts.
    ///
    /// ## Why it is bad
    /// No container starts: "no such file or directory", though the file is there. What is missing is its interpreter.
    ///
    /// ## Example
    /// ```text image
    /// COPY start.sh /
    /// -rwxr-xr-x 0 0 start.sh
    /// ENTRYPOINT ["/start.sh"]
    /// ```
    ///
    /// ## Use instead
    /// ```text image
    /// COPY start.sh sh /
    /// -rwxr-xr-x 0 0 start.sh
    /// -rwxr-xr-x 0 0 bin/sh
    /// ENTRYPOINT ["/start.sh"]
    /// ```
    pub(super) static RULE = Rule {
        code: "DX5407",
        name: "interpreter-missing",
        aliases: &[],
        severity: Severity::Warning,
        category: Category::Correctness,
        summary: "the image has nothing that runs the script it starts",
    } by check;
}

/// Endings of scripts with the programs of which one has to be there.
const INTERPRETERS: [(&str, &[&str]); 6] = [
    (".sh", &["sh", "bash", "ash", "dash"]),
    (".bash", &["bash"]),
    (".py", &["python3", "python", "python2"]),
    (".js", &["node", "bun", "deno"]),
    (".rb", &["ruby"]),
    (".pl", &["perl"]),
];

fn check(image: &Image<'_>, findings: &mut Findings<'_>) {
    let Program::At(node) = image.start.program else {
        return;
    };
    let path = image.path(node);
    let known = INTERPRETERS
        .iter()
        .find(|(ending, _)| path.ends_with(ending));
    let Some((_, programs)) = known else {
        return;
    };
    let is_there = |program: &&&str| {
        matches!(
            find(program, image.settings(), image.subject.filesystem),
            Program::At(_)
        )
    };
    if !programs.iter().any(|program| is_there(&program)) {
        findings
            .setting(&["CMD", "ENTRYPOINT"], format!("the container starts `/{path}`, and the image has no `{}`", programs[0]))
            .help("start a program instead of a script, or take a base image that has the interpreter");
    }
}
