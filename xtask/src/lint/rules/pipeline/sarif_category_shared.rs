use super::is_many;
use crate::finding::Severity;
use crate::lint::build_files::image_steps::{SARIF_UPLOAD, Step};
use crate::lint::rule::{Category, Check, Fixability, declare};
use crate::lint::{Diagnostics, Options, Surroundings};
use crate::yaml::Node;

declare! {
    /// ## What it does
    /// Reports `github/codeql-action/upload-sarif` without a `category` of its own in a workflow that uploads several
    /// reports: by several steps, or by a matrix.
    ///
    /// ## Why it is bad
    /// Code scanning keeps one report for each tool and category. Of six images the last one that is uploaded stays,
    /// and the alerts of the other five are closed as if they were mended.
    ///
    /// ## Example
    /// ```yaml path=.github/workflows/build.yml
    /// on: push
    /// jobs:
    ///   build:
    ///     strategy:
    ///       matrix:
    ///         service: [shop, stock]
    ///     steps:
    ///       - uses: docker/build-push-action@v6
    ///       - uses: github/codeql-action/upload-sarif@v3
    ///         with:
    ///           sarif_file: trivy.sarif
    /// ```
    ///
    /// ## Use instead
    /// ```yaml path=.github/workflows/build.yml
    /// on: push
    /// jobs:
    ///   build:
    ///     strategy:
    ///       matrix:
    ///         service: [shop, stock]
    ///     steps:
    ///       - uses: docker/build-push-action@v6
    ///       - uses: github/codeql-action/upload-sarif@v3
    ///         with:
    ///           sarif_file: trivy.sarif
    ///           category: image-${{ matrix.service }}
    /// ```
    ///
    /// ## References
    /// - <https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning#uploading-more-than-one-sarif-file-for-a-commit>
    pub(super) static RULE = Rule {
        code: "DW3005",
        name: "sarif-category-shared",
        aliases: &[],
        severity: Severity::Warning,
        enabled: true,
        category: Category::Correctness,
        summary: "several reports replace each other in code scanning",
        fix: Fixability::None,
        check: Check::Repository(check),
    };
}

fn check(surroundings: &Surroundings, _: &Options, diagnostics: &mut Diagnostics<'_>) {
    for workflow in surroundings.workflows() {
        if !workflow.is_about_images() {
            continue;
        }
        let uploads: Vec<Step<'_>> = workflow
            .image_steps()
            .filter(|step| step.uses(SARIF_UPLOAD))
            .collect();
        let several = uploads.len() > 1 || uploads.iter().any(|step| is_many(step.job));
        for step in uploads {
            let category = step.input("category").and_then(Node::as_str);
            let what = match category {
                None if several => {
                    "the reports of this workflow have one category, and the last one replaces the others"
                }
                Some(text) if is_many(step.job) && !text.contains("${{") => {
                    "the reports of the matrix have one category, and the last one replaces the others"
                }
                _ => continue,
            };
            diagnostics
                .report_in(&workflow.source, step.span(), what)
                .help(
                    "add a `category` that names the image, such as `image-${{ matrix.service }}`",
                );
        }
    }
}
