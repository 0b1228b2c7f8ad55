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
    /// Reports source maps of the application in a production image, unless Node is told to read them.
    ///
    /// ## Why it is bad
    /// They hold the sources, with comments; a server of static files hands them out.
    ///
    /// ## Example
    /// ```text image
    /// COPY dist /app
    /// -rw-r--r-- 0 0 app/main.js
    /// -rw-r--r-- 0 0 app/main.js.map
    /// ```
    ///
    /// ## Use instead
    /// ```text image
    /// COPY dist /app
    /// -rw-r--r-- 0 0 app/main.js
    /// ```
    pub(super) static RULE = Rule {
        code: "DX5309",
        name: "source-map-in-image",
        aliases: &[],
        severity: Severity::Note,
        category: Category::Security,
        summary: "a production image has source maps",
    } by check;
}

fn check(image: &Image<'_>, findings: &mut Findings<'_>) {
    let reads_them = image
        .start
        .words
        .iter()
        .map(String::as_str)
        .chain(image.variable("NODE_OPTIONS"))
        .any(|word| word.contains("--enable-source-maps"));
    if image.subject.purpose == Purpose::Development || reads_them {
        return;
    }
    let groups = image.grouped(image.files(), |seen| {
        let path = image.path(seen.node);
        leftovers::category(&path) == Some(Leftover::SourceMaps) && !is_of_package(&path)
    });
    findings.files(
        groups.iter(),
        |group| format!("{} the application's sources", group.verb("holds", "hold")),
        Leftover::SourceMaps.advice().trim_end_matches('.'),
    );
}
