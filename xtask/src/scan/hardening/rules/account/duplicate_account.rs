use std::collections::BTreeMap;

use super::listed;
use crate::finding::Severity;
use crate::rule::Category;
use crate::scan::hardening::findings::Findings;
use crate::scan::hardening::image::Image;
use crate::scan::hardening::rule::declare;

declare! {
    /// ## What it does
    /// Reports users of one number, groups of one number, and names that stand twice in `/etc/passwd` or `/etc/group`. Users of number 0
    /// have a rule of their own.
    ///
    /// ## Why it is bad
    /// Two users of one number are one user: each may do what the other may, and which name `ps` shows is chance. Of two lines with one
    /// name only the first counts.
    ///
    /// ## Example
    /// ```text image
    /// RUN adduser
    /// -rw-r--r-- 0 0 etc/passwd
    /// | node:x:1000:1000::/home/node:/bin/sh
    /// | app:x:1000:1000::/app:/bin/sh
    /// ```
    ///
    /// ## Use instead
    /// ```text image
    /// RUN adduser
    /// -rw-r--r-- 0 0 etc/passwd
    /// | node:x:1000:1000::/home/node:/bin/sh
    /// | app:x:1001:1001::/app:/bin/sh
    /// ```
    pub(super) static RULE = Rule {
        code: "DX5102",
        name: "duplicate-account",
        aliases: &["DKL-LI-0002"],
        severity: Severity::Warning,
        category: Category::Security,
        summary: "two accounts have one number or name",
    } by check;
}

fn check(image: &Image<'_>, findings: &mut Findings<'_>) {
    let accounts = &image.accounts;
    let users: Vec<(&str, u32)> = accounts
        .users()
        .map(|user| (&*user.name, user.uid))
        .collect();
    let groups: Vec<(&str, u32)> = accounts
        .groups()
        .map(|group| (&*group.name, group.gid))
        .collect();
    for (kind, list, layer) in [
        ("user", users, accounts.passwd_layer()),
        ("group", groups, accounts.group_layer()),
    ] {
        let layer = layer.unwrap_or(usize::MAX);
        let mut by_number: BTreeMap<u32, Vec<&str>> = BTreeMap::new();
        let mut by_name: BTreeMap<&str, usize> = BTreeMap::new();
        for (name, number) in list {
            let names = by_number.entry(number).or_default();
            if !names.contains(&name) {
                names.push(name);
            }
            *by_name.entry(name).or_default() += 1;
        }
        for (number, names) in by_number {
            if names.len() > 1 && !(number == 0 && kind == "user") {
                findings
                    .layer(
                        layer,
                        format!("the {kind}s {} have one number, {number}", listed(names)),
                    )
                    .help("give each a number of its own");
            }
        }
        for (name, count) in by_name {
            if count > 1 {
                findings
                    .layer(layer, format!("the {kind} `{name}` is listed {count} times: only the first line counts"))
                    .help("remove the others");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::scan::hardening::samples::found;

    #[test]
    fn numbers_and_names_of_users_and_groups() {
        let image = "RUN x\n-rw-r--r-- 0 0 etc/passwd\n| root:x:0:0::/:/x\n| toor:x:0:0::/:/x\n| a:x:1:1::/:/x\n| b:x:1:1::/:/x\n| b:x:1:1::/:/x\n-rw-r--r-- 0 0 etc/group\n| a:x:1:\n| b:x:2:\n| c:x:2:\n";
        assert_eq!(
            found("DX5102", image),
            "1: the users `a`, `b` have one number, 1\n1: the user `b` is listed 2 times: only the first line counts\n1: the groups `b`, `c` have one number, 2"
        );
    }
}
