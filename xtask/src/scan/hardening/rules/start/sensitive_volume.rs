use crate::finding::Severity;
use crate::rule::Category;
use crate::scan::hardening::findings::Findings;
use crate::scan::hardening::image::Image;
use crate::scan::hardening::rule::declare;

declare! {
    /// ## What it does
    /// Reports `VOLUME`s over folders of the system: `/`, `/bin`, `/boot`, `/dev`, `/etc`, `/lib`, `/proc`, `/root`, `/sbin`, `/sys`, `/usr`,
    /// and what lies in `/proc`, `/sys` and `/dev`; and over the engine's socket.
    ///
    /// ## Why it is bad
    /// A volume outlives its container: what one container wrote into `/etc` is there in the next, whatever the image says. Over `/proc` or
    /// `/sys` it hides what programs need, and the socket makes root of the host.
    ///
    /// ## Example
    /// ```text image
    /// VOLUME /etc
    /// ```
    ///
    /// ## Use instead
    /// ```text image
    /// VOLUME /data
    /// ```
    pub(super) static RULE = Rule {
        code: "DX5404",
        name: "sensitive-volume",
        aliases: &["DKL-DI-0002"],
        severity: Severity::Error,
        category: Category::Security,
        summary: "a volume lies over a folder of the system",
    } by check;
}

const FOLDERS: [&str; 13] = [
    "", "bin", "boot", "dev", "etc", "lib", "lib64", "proc", "root", "run", "sbin", "sys", "usr",
];

fn check(image: &Image<'_>, findings: &mut Findings<'_>) {
    for volume in image.settings().volumes.keys() {
        let mut parts: Vec<&str> = Vec::new();
        for part in volume.split('/') {
            match part {
                "" | "." => {}
                ".." => {
                    parts.pop();
                }
                part => parts.push(part),
            }
        }
        let path = parts.join("/");
        let is_below = ["dev", "proc", "sys"].contains(&parts.first().copied().unwrap_or_default());
        let is_socket = matches!(
            path.as_str(),
            "var/run/docker.sock"
                | "run/docker.sock"
                | "run/containerd/containerd.sock"
                | "var/run"
        );
        if FOLDERS.contains(&path.as_str()) || is_below || is_socket {
            findings
                .setting(&["VOLUME"], format!("the volume `{volume}` lies over what belongs to the system"))
                .help("name a folder that is for data alone; what a container has to reach of the host is said when it is started")
                .property("volume", volume.as_str());
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::scan::hardening::samples::found;

    #[test]
    fn paths_in_every_spelling() {
        for (volume, is_found) in [
            ("/", true),
            ("/etc/", true),
            ("//proc", true),
            ("/data/../sys", true),
            ("/dev/shm", true),
            ("/var/run/docker.sock", true),
            ("/etc/app", false),
            ("/data", false),
            ("/usr/share/data", false),
            ("/procs", false),
        ] {
            assert_eq!(
                !found("DX5404", &format!("VOLUME {volume}\n")).is_empty(),
                is_found,
                "{volume}"
            );
        }
    }
}
