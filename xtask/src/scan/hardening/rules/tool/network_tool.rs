use super::programs;
use crate::finding::Severity;
use crate::rule::Category;
use crate::scan::hardening::findings::Findings;
use crate::scan::hardening::image::Image;
use crate::scan::hardening::rule::declare;

declare! {
    /// ## What it does
    /// Reports programs in a production image that fetch files, open connections or take logins: `curl`, `wget`, `nc`, `ssh`, `sshd` and
    /// the like. One that the probe runs is not reported, nor a name that is only a link to busybox.
    ///
    /// ## Why it is bad
    /// Whoever breaks in fetches the rest with them and goes on to the next machine. A daemon for logins is a second way into the
    /// container that nothing watches.
    ///
    /// ## Example
    /// ```text image
    /// RUN apt-get install -y curl openssh-server
    /// -rwxr-xr-x 0 0 usr/bin/curl
    /// -rwxr-xr-x 0 0 usr/sbin/sshd
    /// ```
    ///
    /// ## Use instead
    /// ```text image
    /// ADD https://example.com/file /app/
    /// -rwxr-xr-x 0 0 app/file
    /// ```
    pub(super) static RULE = Rule {
        code: "DX5304",
        name: "network-tool-in-image",
        aliases: &["CIS-DI-0003"],
        severity: Severity::Note,
        category: Category::Security,
        summary: "a production image has programs for the network",
    } by check;
}

const TOOLS: [&str; 22] = [
    "curl", "wget", "nc", "ncat", "netcat", "socat", "telnet", "ftp", "tftp", "rsync", "ssh",
    "scp", "sftp", "sshd", "dropbear", "telnetd", "nmap", "tcpdump", "tshark", "dig", "nslookup",
    "aria2c",
];

fn check(image: &Image<'_>, findings: &mut Findings<'_>) {
    let health = image.settings().healthcheck.as_ref();
    let probe = health
        .map(|health| health.test.join(" "))
        .unwrap_or_default();
    let in_probe = |name: &str| {
        probe
            .split(|c: char| !c.is_ascii_alphanumeric())
            .any(|word| word == name)
    };
    let filesystem = image.subject.filesystem;
    let is_busybox = |name: &str| {
        ["bin", "usr/bin", "sbin", "usr/sbin"].iter().any(|folder| {
            let node = filesystem.resolve(format!("{folder}/{name}").as_bytes());
            node.is_some_and(|node| filesystem.name(node).starts_with(b"busybox"))
        })
    };
    programs::report(
        image,
        findings,
        |name| TOOLS.contains(&name) && !in_probe(name) && !is_busybox(name),
        "can reach other machines from the container",
        "fetch in a stage of its own, or with `ADD --checksum=…`",
    );
}

#[cfg(test)]
mod tests {
    use crate::scan::hardening::samples::found;

    #[test]
    fn the_probe_and_busybox_may_have_them() {
        let image = "FROM x\n-rwxr-xr-x 0 0 usr/bin/curl\n-rwxr-xr-x 0 0 bin/busybox\nlrwxrwxrwx 0 0 usr/bin/nc -> /bin/busybox\n-rw-r--r-- 0 0 usr/bin/ssh\n-rwxr-xr-x 0 0 opt/doc/wget\n";
        assert_eq!(
            found("DX5304", image),
            "1: `/usr/bin/curl` can reach other machines from the container"
        );
        assert_eq!(
            found("DX5304", &format!("{image}HEALTHCHECK CMD curl -f x\n")),
            ""
        );
    }
}
