use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};

declare! {
    /// ## What it does
    /// Reports `COPY .` from the build context in the final stage of a file with several stages.
    ///
    /// ## Why it is bad
    /// Sources, tests, notes and whatever lies about become part of the image, and any change of any of them makes a new layer. With
    /// several stages there is one that builds; the final stage needs its result only.
    ///
    /// A `.dockerignore` that ignores everything and names what is let in (`*`, then `!…`) is fine.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM node:20-alpine AS build
    /// COPY . .
    /// RUN npm run build
    ///
    /// FROM node:20-alpine
    /// COPY . .
    /// CMD ["node", "dist/main.js"]
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM node:20-alpine AS build
    /// COPY . .
    /// RUN npm run build
    ///
    /// FROM node:20-alpine
    /// COPY --from=build /dist ./dist
    /// CMD ["node", "dist/main.js"]
    /// ```
    pub(super) static RULE = Rule {
        code: "DX2153",
        name: "copy-all",
        aliases: &[],
        severity: Severity::Note,
        enabled: true,
        category: Category::Cache,
        summary: "the final stage takes everything there is",
        fix: Fixability::None,
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    let model = subject.model;
    let Some(stage) = model.final_stage().filter(|stage| stage.index > 0) else {
        return;
    };
    for step in stage.steps().filter(|step| !step.is_onbuild()) {
        let Some(copy) = step.copy().filter(|copy| copy.flag("from").is_none()) else {
            continue;
        };
        for source in &copy.sources {
            if matches!(source.value.as_str(), "." | "./" | "/") && !lets_in_by_name(subject) {
                diagnostics
                    .report(
                        source.span,
                        "the whole build context becomes part of the image",
                    )
                    .help("copy what the program needs, best from the stage that builds it");
            }
        }
    }
}

fn lets_in_by_name(subject: &Subject<'_>) -> bool {
    let Some(files) = &subject.surroundings.files else {
        return false;
    };
    let dockerfile = subject.model.file.source.path();
    let own = camino::Utf8PathBuf::from(format!("{dockerfile}.dockerignore"));
    let shared = subject
        .surroundings
        .context(dockerfile)
        .join(".dockerignore");
    [own, shared]
        .iter()
        .find_map(|path| files.read(path).ok())
        .is_some_and(|source| {
            source
                .text()
                .lines()
                .any(|line| matches!(line.trim(), "*" | "**" | "/*"))
        })
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::{Repository, found};

    #[test]
    fn only_the_final_stage_of_several() {
        let text = "FROM a AS b\nCOPY . .\nFROM a\nCOPY --chown=1 ./ /x\n";
        assert_eq!(
            found(&RULE, text),
            "4:16 the whole build context becomes part of the image"
        );
        assert_eq!(
            Repository::new(text)
                .file(".dockerignore", "# all\n*\n!dist\n")
                .found(&RULE),
            ""
        );
        for text in [
            "FROM a\nCOPY . .\n",
            "FROM a AS b\nFROM b\nCOPY --from=b . .\n",
            "FROM a AS b\nFROM b\nCOPY dist .\n",
        ] {
            assert_eq!(found(&RULE, text), "", "{text}");
        }
    }
}
