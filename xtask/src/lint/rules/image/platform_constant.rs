use super::platform_flag::flag_span;
use crate::edit::Safety;
use crate::finding::Severity;
use crate::lint::Diagnostics;
use crate::lint::rule::{Category, Check, Fixability, Subject, declare};
use crate::source::Span;

declare! {
    /// ## What it does
    /// Reports a `FROM` whose `--platform` is written out, such as `linux/amd64`.
    ///
    /// A stage whose name tells the platform (`FROM --platform=linux/arm64 … AS tools-arm64`) is meant that way and not
    /// reported.
    ///
    /// ## Why it is bad
    /// The stage is of that platform whatever platform the build is asked for. A build for another one silently
    /// produces an image that does not run there, or only under emulation.
    ///
    /// ## Example
    /// ```dockerfile
    /// FROM --platform=linux/amd64 alpine:3.20
    /// ```
    ///
    /// ## Use instead
    /// ```dockerfile
    /// FROM --platform=$BUILDPLATFORM alpine:3.20
    /// ```
    ///
    /// ## Fix safety
    /// Unsafe: without the flag the image is of the platform that the build is for, which is another one on some
    /// machines.
    ///
    /// ## References
    /// - <https://docs.docker.com/reference/build-checks/from-platform-flag-const-disallowed/>
    pub(super) static RULE = Rule {
        code: "DL3029",
        name: "platform-constant",
        aliases: &["FromPlatformFlagConstDisallowed"],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Correctness,
        summary: "`--platform` of a `FROM` is a constant",
        fix: Fixability::Always(Safety::Unsafe),
        check: Check::Dockerfile(check),
    };
}

fn check(subject: &Subject<'_>, diagnostics: &mut Diagnostics<'_>) {
    let text = subject.model.file.source.text();
    for stage in subject.model.stages() {
        let Some(platform) = &stage.stage().platform else {
            continue;
        };
        let value = &platform.value;
        if value.contains('$') {
            continue;
        }
        let name = stage
            .stage()
            .name
            .as_ref()
            .map(|name| name.value.to_lowercase());
        let is_in_name = |name: &String| value.split('/').take(2).any(|part| name.contains(part));
        if name.as_ref().is_some_and(is_in_name) {
            continue;
        }
        let start = platform.span.start.saturating_sub("--platform=".len());
        let flag = flag_span(text, platform).unwrap_or(Span::new(start, platform.span.end));
        diagnostics
            .report(
                platform.span,
                format!("the stage is `{value}` whatever the build is for"),
            )
            .help("use `$BUILDPLATFORM`, or leave the flag out")
            .unsafe_fix("remove `--platform`", [(flag, String::new())]);
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::rules::tests::{fixed, found};

    #[test]
    fn variables_and_stages_that_say_so_are_fine() {
        for text in [
            "FROM --platform=$BUILDPLATFORM a:1\n",
            "ARG P=linux/amd64\nFROM --platform=${P} a:1\n",
            "FROM --platform=linux/arm64 a:1 AS tools-ARM64\n",
            "FROM --platform=linux/amd64 a:1 AS linux-build\n",
            "FROM a:1\n",
        ] {
            assert_eq!(found(&RULE, text), "", "{text}");
        }
    }

    #[test]
    fn the_flag_goes_and_the_rest_stays() {
        let text = "from --platform=linux/amd64  a:1 as b # c\nFROM a:1\n";
        assert_eq!(
            fixed(&RULE, "FROM --platform=linux/amd64  a:1 AS b\n"),
            "FROM a:1 AS b\n"
        );
        assert_eq!(
            found(&RULE, text),
            "",
            "a FROM that is an error has no platform"
        );
        assert_eq!(
            found(&RULE, "FROM --platform=windows a:1\n"),
            "1:17 the stage is `windows` whatever the build is for"
        );
    }
}
