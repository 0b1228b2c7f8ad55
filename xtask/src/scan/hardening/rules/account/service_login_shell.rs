use super::listed;
use crate::finding::Severity;
use crate::rule::Category;
use crate::scan::hardening::findings::Findings;
use crate::scan::hardening::image::Image;
use crate::scan::hardening::rule::declare;
use crate::scan::hardening::start::is_shell;

declare! {
    /// ## What it does
    /// Reports accounts of services (numbers 1 to 999) whose login shell is a shell that the image has.
    ///
    /// ## Why it is bad
    /// Nobody logs in as a service. With `/sbin/nologin`, whoever gets hold of the account cannot either.
    ///
    /// ## Example
    /// ```text image
    /// RUN adduser -S redis
    /// -rw-r--r-- 0 0 etc/passwd
    /// | redis:x:999:999::/data:/bin/sh
    /// -rwxr-xr-x 0 0 bin/sh
    /// ```
    ///
    /// ## Use instead
    /// ```text image
    /// RUN adduser -S -s /sbin/nologin redis
    /// -rw-r--r-- 0 0 etc/passwd
    /// | redis:x:999:999::/data:/sbin/nologin
    /// -rwxr-xr-x 0 0 bin/sh
    /// ```
    pub(super) static RULE = Rule {
        code: "DX5104",
        name: "service-login-shell",
        aliases: &[],
        severity: Severity::Note,
        category: Category::Security,
        summary: "the account of a service has a login shell",
    } by check;
}

/// Below, numbers are for services: `SYS_UID_MAX` of `login.defs(5)`.
const FIRST_OF_PEOPLE: u32 = 1000;

fn check(image: &Image<'_>, findings: &mut Findings<'_>) {
    let has = |path: &str| image.subject.filesystem.resolve(path.as_bytes()).is_some();
    let names: Vec<&str> = image
        .accounts
        .users()
        .filter(|user| user.uid > 0 && user.uid < FIRST_OF_PEOPLE)
        .filter(|user| {
            let shell = if user.shell.is_empty() {
                "/bin/sh"
            } else {
                &user.shell
            };
            is_shell(shell) && has(shell)
        })
        .map(|user| user.name.as_str())
        .collect();
    if names.is_empty() {
        return;
    }
    let verb = if names.len() == 1 {
        "has a login shell"
    } else {
        "have login shells"
    };
    let message = format!(
        "{} {verb} and {} of services",
        listed(names.iter().copied()),
        if names.len() == 1 {
            "is the account"
        } else {
            "are accounts"
        }
    );
    findings
        .layer(image.accounts.passwd_layer().unwrap_or(usize::MAX), message)
        .help("make the shell `/sbin/nologin`")
        .property("accounts", names);
}

#[cfg(test)]
mod tests {
    use crate::scan::hardening::samples::found;

    #[test]
    fn people_root_and_shells_that_are_not_there_are_fine() {
        let image = "RUN x\n-rwxr-xr-x 0 0 bin/sh\n-rw-r--r-- 0 0 etc/passwd\n| root:x:0:0::/root:/bin/sh\n| sync:x:4:1::/bin:/bin/sync\n| me:x:1000:1000::/:/bin/sh\n| b:x:5:5::/:/bin/bash\n";
        assert_eq!(found("DX5104", image), "");
        let more = format!("{image}| a:x:6:6::/:\n| c:x:7:7::/:/bin/sh\n");
        assert_eq!(
            found("DX5104", &more),
            "1: `a`, `c` have login shells and are accounts of services"
        );
    }
}
