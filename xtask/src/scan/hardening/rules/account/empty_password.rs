use super::with_password;
use crate::finding::Severity;
use crate::image::accounts::Password;
use crate::rule::Category;
use crate::scan::hardening::findings::Findings;
use crate::scan::hardening::image::Image;
use crate::scan::hardening::rule::declare;

declare! {
    /// ## What it does
    /// Reports accounts whose password is empty, in `/etc/passwd`, `/etc/shadow` or `/etc/master.passwd`.
    ///
    /// ## Why it is bad
    /// `su` and `login` let everybody in. Alpine's images had it for root: CVE-2019-5021.
    ///
    /// ## Example
    /// ```text image
    /// RUN passwd -d root
    /// -rw-r----- 0 42 etc/shadow
    /// | root:::0:::::
    /// ```
    ///
    /// ## Use instead
    /// ```text image
    /// RUN passwd -l root
    /// -rw-r----- 0 42 etc/shadow
    /// | root:!::0:::::
    /// ```
    ///
    /// ## References
    /// - <https://nvd.nist.gov/vuln/detail/CVE-2019-5021>
    pub(super) static RULE = Rule {
        code: "DX5101",
        name: "empty-password",
        aliases: &["DKL-LI-0001"],
        severity: Severity::Error,
        category: Category::Security,
        summary: "an account's password is empty",
    } by check;
}

fn check(image: &Image<'_>, findings: &mut Findings<'_>) {
    for (name, layer) in with_password(image, Password::Empty) {
        findings
            .layer(
                layer.unwrap_or(usize::MAX),
                format!("the password of `{name}` is empty"),
            )
            .help(format!("lock it: `passwd -l {name}`"));
    }
}

#[cfg(test)]
mod tests {
    use crate::scan::hardening::samples::found;

    #[test]
    fn in_each_of_the_files() {
        for (file, line, is_found) in [
            ("etc/shadow", "a::", true),
            ("etc/shadow", "a:*:", false),
            ("etc/shadow", "a:!!:", false),
            ("etc/passwd", "a::1:1::/:/x", true),
            ("etc/passwd", "a:x:1:1::/:/x", false),
            ("etc/master.passwd", "a::1:1::0:0:A:/:/x", true),
        ] {
            let image = format!("RUN x\n-rw------- 0 0 {file}\n| {line}\n");
            let expected = if is_found {
                "1: the password of `a` is empty"
            } else {
                ""
            };
            assert_eq!(found("DX5101", &image), expected, "{file} {line}");
        }
    }
}
