use crate::dockerfile::CommandLine;
use crate::finding::Severity;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::references::is_shell;
use crate::lint::{Diagnostics, Package, StageModel};

declare! {
    /// ## What it does
    /// Reports compilers, build systems and header packages (`gcc`, `make`, `build-essential`, `python3-dev`, …) that a stage
    /// installs and that are still in the final image.
    ///
    /// ## Why it is bad
    /// They are a hundred megabytes or more that nothing uses at run time, each with its own security advisories, and they serve
    /// whoever breaks in.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM alpine:3.20
    /// RUN apk add --no-cache gcc musl-dev
    /// COPY main.c /src/
    /// RUN gcc -o /usr/bin/server /src/main.c
    /// CMD ["server"]
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM alpine:3.20 AS build
    /// RUN apk add --no-cache gcc musl-dev
    /// COPY main.c /src/
    /// RUN gcc -o /usr/bin/server /src/main.c
    ///
    /// FROM alpine:3.20
    /// COPY --from=build /usr/bin/server /usr/bin/
    /// CMD ["server"]
    /// ```
    pub(super) static RULE = Rule {
        code: "DX2102",
        name: "build-tools-in-final-stage",
        aliases: &["CIS-DI-0003"],
        severity: Severity::Note,
        enabled: true,
        category: Category::Size,
        summary: "the image carries compilers and headers",
        fix: Fixability::None,
        check: Check::Dockerfile(check),
    };
}

const TOOLS: [&str; 24] = [
    "autoconf",
    "automake",
    "bison",
    "build-base",
    "build-essential",
    "cargo",
    "clang",
    "cmake",
    "flex",
    "g++",
    "gcc",
    "go",
    "golang",
    "golang-go",
    "gradle",
    "linux-headers",
    "llvm",
    "make",
    "maven",
    "ninja",
    "ninja-build",
    "pkg-config",
    "rust",
    "rustc",
];

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    let Some(stage) = subject.model.final_stage() else {
        return;
    };
    let end = stage.end();
    // Without a command it may be an image to build in.
    if end.cmd().is_none() && end.entrypoint().is_none() {
        return;
    }
    let tools: Vec<&Package> = end
        .installed()
        .into_iter()
        .filter(|installed| {
            installed
                .stage
                .is_some_and(|stage| std::ptr::eq(stage.model, subject.model))
        })
        .map(|installed| installed.value)
        .filter(|package| is_build_tool(package.manager, &package.name.value))
        .collect();
    let Some(first) = tools.first() else {
        return;
    };
    if starts_shell(stage) {
        return;
    }
    let named: Vec<String> = tools
        .iter()
        .take(4)
        .map(|package| format!("`{}`", package.name.value))
        .collect();
    let more = match tools.len() {
        0..=4 => String::new(),
        count => format!(" and {} more", count - 4),
    };
    let verb = if tools.len() == 1 { "is" } else { "are" };
    diagnostics
        .report(
            first.name.span,
            format!("{}{more} {verb} still in the final image", named.join(", ")),
        )
        .help("build in a stage of its own and copy the result, or remove it in the same `RUN`");
}

/// An image whose command is a shell is there to work in.
fn starts_shell(stage: StageModel<'_>) -> bool {
    let end = stage.end();
    let program = match end.entrypoint().or(end.cmd()).map(|start| start.value) {
        Some(CommandLine::Exec(words)) => words.first().map(|word| word.value.as_str()),
        Some(CommandLine::Shell(text)) => text.value.split_whitespace().next(),
        None => None,
    };
    program.is_some_and(is_shell)
}

fn is_build_tool(manager: &str, name: &str) -> bool {
    let is_system = matches!(
        manager,
        "apk" | "apt" | "dnf" | "yum" | "microdnf" | "zypper"
    );
    is_system
        && (TOOLS.binary_search(&name).is_ok()
            || name.ends_with("-dev")
            || name.ends_with("-devel"))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::found;

    #[test]
    fn tools_that_are_shipped() {
        assert_eq!(
            found(
                &RULE,
                "FROM alpine:3.20 AS a\nRUN apk add --no-cache python3-dev curl\nFROM a\nCMD x\n"
            ),
            "2:24 `python3-dev` is still in the final image"
        );
        for text in [
            "FROM alpine:3.20\nRUN apk add gcc && apk del gcc\nCMD x\n",
            "FROM alpine:3.20 AS a\nRUN apk add gcc\nFROM alpine:3.20\nCMD x\n",
            "FROM alpine:3.20\nRUN apk add gcc\n",
            "FROM alpine:3.20\nRUN apk add gcc\nCMD [\"/bin/sh\"]\n",
            "FROM alpine:3.20\nRUN pip install make\nCMD x\n",
        ] {
            assert_eq!(found(&RULE, text), "", "{text}");
        }
    }
}
