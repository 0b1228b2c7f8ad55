use super::origin::{Origin, origins};
use crate::edit::Safety;
use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::project::suggestion::nearest;

declare! {
    /// ## What it does
    /// Reports a `COPY --from` or `RUN --mount=from` that names no stage of the file and does not look like an image
    /// either: a number without a stage, a variable, a word without tag, digest and slash.
    ///
    /// ## Why it is bad
    /// A misspelled stage is taken for an image of that name. The build fails because there is none, or takes the files
    /// from a stranger's image because there is one. A variable is not replaced here, and the build stops.
    ///
    /// Unlike hadolint, a name with a slash is taken for an image even without a tag. Any other image that is meant is
    /// written with its tag. A build context that is passed by name cannot be told from a slip: suppress the finding
    /// where one is used.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM golang:1.23 AS build
    /// FROM alpine:3.20
    /// COPY --from=biuld /app /app
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM golang:1.23 AS build
    /// FROM alpine:3.20
    /// COPY --from=build /app /app
    /// ```
    ///
    /// ## Fix safety
    /// Unsafe: the nearest name of an earlier stage is written; whether it is meant only the author knows. There is no
    /// fix without such a name.
    pub(super) static RULE = Rule {
        code: "DL3022",
        name: "copy-from-unknown-stage",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Correctness,
        summary: "files are taken from a stage that does not exist",
        fix: Fixability::Sometimes(Safety::Unsafe),
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    for (count, from) in origins(subject.model).into_iter().enumerate() {
        let name = from.name;
        let message = match from.origin {
            Origin::Stage(_) => continue,
            Origin::NoSuchNumber => format!("there is no stage {name}"),
            Origin::Variable => format!("the variable in `{name}` is not replaced"),
            Origin::Image if from.is_mount && name.parse::<u32>().is_ok() => {
                format!("a mount takes the name of a stage, so `{name}` is an image")
            }
            Origin::Image if name.contains([':', '/', '@']) || name == "scratch" => continue,
            Origin::Image => format!("no stage is called `{name}`"),
        };
        let found = diagnostics.report(from.place, message);
        let stages = &subject.model.file.stages;
        // Beyond a few hundred, nobody wants to be helped one by one.
        let near = if count < 500 { from.stage } else { 0 };
        let names = stages[..near]
            .iter()
            .filter_map(|stage| stage.name.as_ref());
        match from.origin {
            Origin::Variable => {
                found.help("name a stage `FROM $image AS name`, and copy from that");
            }
            Origin::Image => match nearest(name, names.map(|name| name.value.as_str())) {
                Some(near) => {
                    found
                        .help(format!("did you mean `{near}`?"))
                        .unsafe_fix(format!("write `{near}`"), [(from.place, near.to_owned())]);
                }
                None => {
                    found.help("name a stage, or write the tag of the image");
                }
            },
            _ => {
                found.help("name the stage");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::{fixed, found};

    #[test]
    fn stages_and_images_are_fine() {
        for text in [
            "FROM a:1 AS b\nFROM c:1\nCOPY --from=b /x /x\nCOPY --from=0 /x /x\n",
            "FROM c:1\nCOPY --from=nginx:1 /x /x\nCOPY --from=org/tool /x /x\nCOPY x /x\n",
            "FROM c:1\nRUN --mount=type=cache,target=/x true\n",
        ] {
            assert_eq!(found(&RULE, text), "", "{text}");
        }
    }

    #[test]
    fn everything_else_is_named() {
        assert_eq!(
            found(
                &RULE,
                "FROM a:1 AS b\nCOPY --from=7 /x /x\nCOPY --from=$x /x /x\nCOPY --from=nginx /x /x\n\
                 RUN --mount=from=0,target=/x true\n"
            ),
            "2:13 there is no stage 7\n3:13 the variable in `$x` is not replaced\n4:13 no stage is called `nginx`\n\
             5:18 a mount takes the name of a stage, so `0` is an image"
        );
        assert_eq!(
            fixed(
                &RULE,
                "FROM a:1 AS builder\nFROM b:1\nRUN --mount=type=bind,from=bulider,target=/x true\n"
            ),
            "FROM a:1 AS builder\nFROM b:1\nRUN --mount=type=bind,from=builder,target=/x true\n"
        );
    }
}
