use crate::finding::Severity;
use crate::image::filesystem::NodeId;
use crate::rule::Category;
use crate::scan::hardening::findings::Findings;
use crate::scan::hardening::image::Image;
use crate::scan::hardening::rule::declare;
use crate::scan::hardening::start::{Program, find};

declare! {
    /// ## What it does
    /// Reports an image whose first program names a loader that is not in the image (`PT_INTERP` of ELF), or is a script by its name
    /// that nothing in the image runs.
    ///
    /// ## Why it is bad
    /// No container starts: "no such file or directory", though the file is there. What is missing is its interpreter. A program
    /// that was built on Debian and copied to Alpine or `scratch` is the usual case.
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
        summary: "the image has nothing that runs the program it starts",
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

/// What loads a program, by its own words.
fn loader<'i>(image: &Image<'i>, node: NodeId) -> Option<&'i str> {
    let filesystem = image.subject.filesystem;
    let file = &filesystem.files()[filesystem.file_at(node)?];
    let mut programs = filesystem.layers()[file.layer].executables();
    let (_, program) = programs.find(|(entry, _)| *entry == file.entry)?;
    program.interpreter.as_deref()
}

fn check(image: &Image<'_>, findings: &mut Findings<'_>) {
    let Program::At(node) = image.start.program else {
        return;
    };
    let path = image.path(node);
    if let Some(loader) = loader(image, node)
        && image
            .subject
            .filesystem
            .resolve(loader.as_bytes())
            .is_none()
    {
        findings
            .setting(
                &["CMD", "ENTRYPOINT"],
                format!("the container starts `/{path}`, which `{loader}` loads, and that is not in the image: no container starts"),
            )
            .severity(Severity::Error)
            .help("build it for this base image, or link it statically");
        return;
    }
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

#[cfg(test)]
mod tests {
    use crate::scan::hardening::samples::found;

    #[test]
    fn a_program_needs_its_loader() {
        let image = "COPY a /\n-rwxr-xr-x 0 0 start +loader /lib64/ld-linux-x86-64.so.2\nCMD [\"/start\"]\n";
        assert_eq!(
            found("DX5407", image),
            "3: the container starts `/start`, which `/lib64/ld-linux-x86-64.so.2` loads, and that is not in the image: no \
             container starts"
        );
        let whole = image.replace(
            "CMD",
            "COPY b /\nlrwxrwxrwx 0 0 lib64 -> usr/lib64\n-rwxr-xr-x 0 0 usr/lib64/ld-linux-x86-64.so.2\nCMD",
        );
        assert_eq!(found("DX5407", &whole), "");
    }
}
