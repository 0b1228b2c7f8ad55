use crate::dockerfile::InstructionKind;
use crate::edit::Safety;
use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::lint::rules::layer::copies::from_stage;
use crate::lint::{Moment, Step};
use crate::source::Span;
use crate::text_search::Part;

declare! {
    /// ## What it does
    /// Reports `/usr/lib/python3.N` in instructions where the distribution of the image is known, and its Python is another one.
    ///
    /// ## Why it is bad
    /// The number comes from the release of the distribution: Alpine 3.19 has Python 3.11, Alpine 3.20 has 3.12. With the next
    /// base image the path is gone; the copy fails, or the variable leads nowhere.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM alpine:3.20 AS build
    /// RUN apk add --no-cache python3
    ///
    /// FROM alpine:3.20
    /// COPY --from=build /usr/lib/python3.11 /usr/lib/python3.11
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM alpine:3.20
    /// RUN apk add --no-cache python3
    /// ```
    ///
    /// ## Fix safety
    /// Unsafe: the version of the distribution is written. Better do without the number.
    pub(super) static RULE = Rule {
        code: "DX2103",
        name: "hardcoded-runtime-version",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Correctness,
        summary: "a path names a version of Python that the distribution does not have",
        fix: Fixability::Always(Safety::Unsafe),
        check: Check::Dockerfile(check),
    };
}

const PREFIX: &str = "/usr/lib/python3.";
static LIBRARIES: Part = Part::new(PREFIX);

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    let text = subject.model.file.source.text();
    if !LIBRARIES.is_in(text) {
        return;
    }
    for step in subject.model.steps() {
        let span = step.instruction().span;
        for (at, _) in span.of(text).match_indices(PREFIX) {
            let start = span.start + at + PREFIX.len() - 2;
            let length = text[start + 2..]
                .find(|c: char| !c.is_ascii_digit())
                .unwrap_or(text.len() - start - 2);
            let written = &text[start..start + 2 + length];
            let Some((distribution, release, version)) = python_of(place(step)) else {
                continue;
            };
            if length == 0 || version == written {
                continue;
            }
            let span = Span::new(start, start + written.len());
            diagnostics
                .report(
                    span,
                    format!("{distribution} {release} has Python {version}, not {written}"),
                )
                .help("install Python in the stage that needs it, and let it know its own folders")
                .unsafe_fix(format!("write {version}"), [(span, version.to_owned())]);
        }
    }
}

/// Where the path is looked up: a `COPY --from` takes from another stage.
fn place(step: Step<'_>) -> Moment<'_> {
    let from = match step.kind() {
        InstructionKind::Copy(copy) => from_stage(step, copy),
        _ => None,
    };
    from.and_then(|from| step.stage.model.stages().nth(from.index))
        .map_or(step.before(), crate::lint::StageModel::end)
}

fn python_of(moment: Moment<'_>) -> Option<(&str, &str, &'static str)> {
    let (distribution, release) = moment.distribution()?;
    let version = match (distribution, release) {
        ("alpine", "3.16" | "3.17") | ("ubuntu", "22.04") => "3.10",
        ("alpine", "3.18" | "3.19") | ("debian", "12" | "bookworm") => "3.11",
        ("alpine", "3.20" | "3.21" | "3.22") | ("ubuntu", "24.04") => "3.12",
        ("debian", "11" | "bullseye") => "3.9",
        ("debian", "13" | "trixie") => "3.13",
        ("ubuntu", "20.04") => "3.8",
        _ => return None,
    };
    Some((distribution, release, version))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::{fixed, found};

    #[test]
    fn the_version_of_the_distribution() {
        let text = "FROM alpine:3.20 AS base\nFROM alpine:3.18\nCOPY --from=base /usr/lib/python3.11 /usr/lib/python3.11\nENV PYTHONPATH=/usr/lib/python3.11/site-packages\n";
        assert_eq!(
            found(&RULE, text),
            "3:33 alpine 3.20 has Python 3.12, not 3.11\n3:53 alpine 3.20 has Python 3.12, not 3.11"
        );
        assert!(fixed(&RULE, text).contains("/usr/lib/python3.12 /usr/lib/python3.12\n"));
        for text in [
            "FROM alpine:3.19\nENV A=/usr/lib/python3.11\n",
            "FROM example.com/x\nENV A=/usr/lib/python3.11\n",
            "FROM alpine:3.19\nENV A=/usr/local/lib/python3.9\n",
            "FROM alpine:3.19\nENV A=/usr/lib/python3.$MINOR\n",
        ] {
            assert_eq!(found(&RULE, text), "", "{text}");
        }
    }
}
