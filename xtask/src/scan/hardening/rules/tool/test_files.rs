use super::is_of_package;
use crate::finding::Severity;
use crate::image::leftovers::{self, Category as Leftover};
use crate::rule::Category;
use crate::scan::hardening::Purpose;
use crate::scan::hardening::findings::Findings;
use crate::scan::hardening::image::Image;
use crate::scan::hardening::rule::declare;

declare! {
    /// ## What it does
    /// Reports the application's own tests in a production image. Those of packages are the matter of `docker-size`.
    ///
    /// ## Why it is bad
    /// Tests have accounts, keys and ways in that are for tests.
    ///
    /// ## Example
    /// ```text image
    /// COPY . /app
    /// -rw-r--r-- 0 0 app/src/login.test.js
    /// ```
    ///
    /// ## Use instead
    /// ```text image
    /// COPY dist /app
    /// -rw-r--r-- 0 0 app/login.js
    /// ```
    pub(super) static RULE = Rule {
        code: "DX5308",
        name: "tests-in-image",
        aliases: &[],
        severity: Severity::Note,
        category: Category::Security,
        summary: "a production image has the application's tests",
    } by check;
}

fn check(image: &Image<'_>, findings: &mut Findings<'_>) {
    if image.subject.purpose == Purpose::Development {
        return;
    }
    let groups = image.grouped(image.files(), |seen| {
        let path = image.path(seen.node);
        image.is_own_layer(seen.layer)
            && leftovers::category(&path) == Some(Leftover::Tests)
            && !is_of_package(&path)
    });
    findings.files(
        groups.iter(),
        |group| {
            format!(
                "{} of the application",
                group.verb("is a test", "are tests")
            )
        },
        "list them in the ignore file, or copy what the build made",
    );
}
