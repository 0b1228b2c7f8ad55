use super::programs;
use crate::finding::Severity;
use crate::rule::Category;
use crate::scan::hardening::findings::Findings;
use crate::scan::hardening::image::Image;
use crate::scan::hardening::rule::declare;

declare! {
    /// ## What it does
    /// Reports package managers in a production image.
    ///
    /// ## Why it is bad
    /// Whoever breaks in installs the rest of the tools with them, and scanners report their flaws. Nothing is installed into a running
    /// container.
    ///
    /// ## Example
    /// ```text image
    /// COPY / /
    /// -rwxr-xr-x 0 0 sbin/apk
    /// ```
    ///
    /// ## Use instead
    /// ```text image
    /// COPY --from=build /app /
    /// -rwxr-xr-x 0 0 app/main
    /// ```
    pub(super) static RULE = Rule {
        code: "DX5302",
        name: "package-manager-in-image",
        aliases: &["CIS-DI-0003"],
        severity: Severity::Note,
        category: Category::Security,
        summary: "a production image has a package manager",
    } by check;
}

const MANAGERS: [&str; 21] = [
    "apk", "apt", "apt-get", "aptitude", "dpkg", "dnf", "dnf5", "microdnf", "yum", "rpm", "zypper",
    "pacman", "opkg", "npm", "yarn", "pnpm", "corepack", "pip", "pip3", "gem", "composer",
];

fn check(image: &Image<'_>, findings: &mut Findings<'_>) {
    programs::report(
        image,
        findings,
        |name| MANAGERS.contains(&name),
        "can install more in the container",
        "install in a stage of its own, and start the last one from an image without them",
    );
}
