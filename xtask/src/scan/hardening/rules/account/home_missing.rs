use crate::finding::Severity;
use crate::rule::Category;
use crate::scan::hardening::findings::Findings;
use crate::scan::hardening::image::Image;
use crate::scan::hardening::rule::declare;

declare! {
    /// ## What it does
    /// Reports an image whose user has a home that is not there. Other accounts are not looked at: distributions list many homes that
    /// nobody makes.
    ///
    /// ## Why it is bad
    /// Programs keep caches and settings there, and fail in odd ways; some fall back to `/`.
    ///
    /// ## Example
    /// ```text image
    /// RUN adduser -H app
    /// -rw-r--r-- 0 0 etc/passwd
    /// | app:x:1000:1000::/home/app:/sbin/nologin
    /// USER 1000
    /// ```
    ///
    /// ## Use instead
    /// ```text image
    /// RUN adduser app
    /// drwxr-xr-x 1000 1000 home/app
    /// -rw-r--r-- 0 0 etc/passwd
    /// | app:x:1000:1000::/home/app:/sbin/nologin
    /// USER 1000
    /// ```
    pub(super) static RULE = Rule {
        code: "DX5107",
        name: "home-missing",
        aliases: &[],
        severity: Severity::Note,
        category: Category::Correctness,
        summary: "the home of the container's user is not there",
    } by check;
}

fn check(image: &Image<'_>, findings: &mut Findings<'_>) {
    // Engines set `HOME` from the account unless the image does.
    if image.variable("HOME").is_some() {
        return;
    }
    let uid = image.runs_as().uid;
    let account = image.accounts.users().find(|user| Some(user.uid) == uid);
    let Some(account) = account else {
        return;
    };
    // Says itself that there is none.
    if matches!(
        account.home.as_str(),
        "" | "/nonexistent" | "/dev/null" | "/var/empty"
    ) {
        return;
    }
    if image
        .subject
        .filesystem
        .resolve(account.home.as_bytes())
        .is_none()
    {
        findings
            .layer(
                image.accounts.passwd_layer().unwrap_or(usize::MAX),
                format!(
                    "`{}` runs in the container, and its home `{}` is not there",
                    account.name, account.home
                ),
            )
            .help("make it, name a folder that is there, or set `HOME`");
    }
}
