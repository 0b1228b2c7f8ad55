use super::super::tool::is_of_package;
use crate::finding::Severity;
use crate::image::layer::Change;
use crate::scan::hardening::files::Groups;
use crate::scan::hardening::findings::Findings;
use crate::scan::hardening::image::Image;
use crate::scan::hardening::{Identity, Shared};
use crate::secrets::names::{ByName, Kind, by_name};

/// A file that holds secrets by its name, in any layer, hidden or not.
pub(super) static SHARED: Shared = Shared {
    identity: Identity {
        code: "DX1304",
        name: "secret-file-copied",
        aliases: &["CIS-DI-0010"],
        severity: Severity::Error,
    },
    check,
};

fn check(image: &Image<'_>, findings: &mut Findings<'_>) {
    let mut sure = Groups::default();
    let mut maybe = Groups::default();
    for (index, layer) in image.subject.filesystem.layers().iter().enumerate() {
        for entry in layer.entries() {
            if entry.change != Change::File || entry.size == 0 {
                continue;
            }
            let path =
                String::from_utf8_lossy(&[layer.folder(entry), layer.name(entry)].join(&b'/'))
                    .into_owned();
            let path = path.trim_start_matches('/');
            let Some(sensitive) = by_name(path) else {
                continue;
            };
            // Tests of packages have keys of their own, and a history is told as what it is: see the leftovers.
            if is_of_package(path) || sensitive.kind == Kind::History {
                continue;
            }
            match sensitive.by_name {
                ByName::Sure => sure.add(index, path, entry.size),
                ByName::LookInside if is_named_for_logins(path) => {
                    maybe.add(index, path, entry.size);
                }
                ByName::LookInside | ByName::Suspicious => {}
            }
        }
    }
    findings.files(
        sure.iter(),
        |group| format!("{} secrets by {} name", group.verb("holds", "hold"), group.verb("its", "their")),
        "mount it for the step that needs it (`RUN --mount=type=secret`); a later layer hides it and does not remove it. Change what it holds",
    );
    for group in maybe.iter() {
        let message = format!("{} may hold secrets", group.named());
        findings
            .layer(group.layer, message)
            .severity(Severity::Warning)
            .help("list it in the ignore file, or mount it for the step that needs it: `RUN --mount=type=secret`")
            .property("paths", group.paths.clone())
            .property("files", group.count);
    }
}

/// Names that are for logins or variables of one machine, whatever stands in them today.
fn is_named_for_logins(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    matches!(
        name,
        ".env" | ".npmrc" | ".pypirc" | ".netrc" | ".yarnrc.yml" | ".git-credentials"
    ) || name.starts_with(".env.")
        || path.ends_with(".docker/config.json")
        || path.ends_with(".kube/config")
}

#[cfg(test)]
mod tests {
    use crate::scan::hardening::samples::found;

    #[test]
    fn also_where_a_later_layer_removed_it() {
        let image = "COPY a /\n-rw------- 0 0 root/.ssh/id_rsa\n| x\n-rw------- 0 0 root/.npmrc\n| x\nRUN rm\n-rw------- 0 0 root/.ssh/.wh.id_rsa\n";
        assert_eq!(
            found("DX1304", image),
            "1: `/root/.ssh/id_rsa` holds secrets by its name\n1: `/root/.npmrc` may hold secrets"
        );
    }

    #[test]
    fn packages_and_public_keys_are_fine() {
        for path in [
            "app/node_modules/x/test/fixtures/id_rsa",
            "usr/lib/python3/dist-packages/x/test/server.key",
            "etc/ssl/certs/ca.pem",
            "usr/share/doc/x/.env",
            "root/.ssh/id_rsa.pub",
            "app/.env.example",
        ] {
            let image = format!("COPY a /\n-rw------- 0 0 {path}\n| x\n");
            assert_eq!(found("DX1304", &image), "", "{path}");
        }
    }
}
