use crate::finding::Severity;
use crate::rule::Category;
use crate::scan::hardening::findings::Findings;
use crate::scan::hardening::image::Image;
use crate::scan::hardening::rule::declare;

declare! {
    /// ## What it does
    /// Reports lines of `/etc/passwd`, `/etc/group` and `/etc/shadow` that have too few fields, no name, or a number that is none.
    ///
    /// ## Why it is bad
    /// Each program reads such a line in its own way: one skips it, one takes it for root.
    ///
    /// ## Example
    /// ```text image
    /// RUN echo app:x:1000 >> /etc/passwd
    /// -rw-r--r-- 0 0 etc/passwd
    /// | app:x:1000
    /// ```
    ///
    /// ## Use instead
    /// ```text image
    /// RUN adduser app
    /// -rw-r--r-- 0 0 etc/passwd
    /// | app:x:1000:1000::/app:/sbin/nologin
    /// ```
    pub(super) static RULE = Rule {
        code: "DX5103",
        name: "malformed-account",
        aliases: &[],
        severity: Severity::Warning,
        category: Category::Correctness,
        summary: "a line of the list of accounts makes no sense",
    } by check;
}

fn check(image: &Image<'_>, findings: &mut Findings<'_>) {
    let accounts = &image.accounts;
    for malformed in &accounts.malformed {
        let layer = match malformed.file {
            "etc/passwd" => accounts.passwd_layer(),
            "etc/group" => accounts.group_layer(),
            _ => accounts.shadow_layer(),
        };
        let message = format!(
            "line {} of `/{}` is none of an account: {}",
            malformed.line, malformed.file, malformed.why
        );
        findings
            .layer(layer.unwrap_or(usize::MAX), message)
            .help("write accounts with `adduser` or `useradd`");
    }
}

#[cfg(test)]
mod tests {
    use crate::scan::hardening::samples::found;

    #[test]
    fn each_line_that_makes_no_sense() {
        let image = "RUN x\n-rw-r--r-- 0 0 etc/passwd\n| # kept\n| +\n| a:x:b:1::/:/x\n| :x:1:1::/:/x\n| short\n-rw------- 0 0 etc/shadow\n| name\n";
        assert_eq!(
            found("DX5103", image),
            "1: line 3 of `/etc/passwd` is none of an account: its uid is no number\n1: line 4 of `/etc/passwd` is none of an account: it has no name\n1: line 5 of `/etc/passwd` is none of an account: it has too few fields\n1: line 1 of `/etc/shadow` is none of an account: it has too few fields"
        );
    }
}
