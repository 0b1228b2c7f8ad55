use super::with_password;
use crate::finding::Severity;
use crate::image::accounts::Password;
use crate::rule::Category;
use crate::scan::hardening::findings::Findings;
use crate::scan::hardening::image::Image;
use crate::scan::hardening::rule::declare;

declare! {
    /// ## What it does
    /// Reports accounts with a password. Its hash is neither kept nor shown.
    ///
    /// ## Why it is bad
    /// Everybody who can pull the image has the hash, and time to guess; and every container of the image has the same password.
    ///
    /// ## Example
    /// ```text image
    /// RUN echo root:x | chpasswd
    /// -rw-r----- 0 42 etc/shadow
    /// | root:$6$salt$hash:19000:0:::::
    /// ```
    ///
    /// ## Use instead
    /// ```text image
    /// RUN passwd -l root
    /// -rw-r----- 0 42 etc/shadow
    /// | root:!:19000:0:::::
    /// ```
    pub(super) static RULE = Rule {
        code: "DX5105",
        name: "password-set",
        aliases: &[],
        severity: Severity::Warning,
        category: Category::Security,
        summary: "an account has a password",
    } by check;
}

fn check(image: &Image<'_>, findings: &mut Findings<'_>) {
    for (name, layer) in with_password(image, Password::Set) {
        findings
            .layer(
                layer.unwrap_or(usize::MAX),
                format!("`{name}` has a password, and its hash is in the image"),
            )
            .help(format!("lock it: `passwd -l {name}`"));
    }
}
