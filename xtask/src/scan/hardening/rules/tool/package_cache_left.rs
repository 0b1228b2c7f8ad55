use super::caches;
use crate::finding::Severity;
use crate::rule::Category;
use crate::scan::hardening::findings::Findings;
use crate::scan::hardening::image::Image;
use crate::scan::hardening::rule::declare;

declare! {
    /// ## What it does
    /// Reports the files of package managers' caches, as far as no rule of the linter is about them: npm, pnpm, Go, Cargo, conda, gem,
    /// pacman.
    ///
    /// ## Why it is bad
    /// Nothing in a container reads them, and scanners report packages that are not even installed.
    ///
    /// ## Example
    /// ```text image
    /// RUN npm ci
    /// -rw-r--r-- 0 0 root/.npm/_cacache/content-v2/sha512/00/11 40000
    /// ```
    ///
    /// ## Use instead
    /// ```text image
    /// RUN --mount=type=cache,target=/root/.npm npm ci
    /// drwxr-xr-x 0 0 root/.npm
    /// ```
    pub(super) static RULE = Rule {
        code: "DX5301",
        name: "package-cache-left",
        aliases: &[],
        severity: Severity::Note,
        category: Category::Size,
        summary: "a package manager's cache is in the image",
    } by check;
}

fn check(image: &Image<'_>, findings: &mut Findings<'_>) {
    caches::report(image, findings, |path| !caches::is_of_a_rule(path));
}
