use std::collections::BTreeSet;

use super::is_of_package;
use crate::finding::Severity;
use crate::image::layer::Change;
use crate::scan::hardening::findings::Findings;
use crate::scan::hardening::image::Image;
use crate::scan::hardening::{Identity, Shared};

/// The history of sources is in a layer, hidden or not.
pub(super) static SHARED: Shared = Shared {
    identity: Identity {
        code: "DX3006",
        name: "git-folder-copied",
        aliases: &["DKL-LI-0003"],
        severity: Severity::Warning,
    },
    check,
};

fn check(image: &Image<'_>, findings: &mut Findings<'_>) {
    for (index, layer) in image.subject.filesystem.layers().iter().enumerate() {
        let mut folders: BTreeSet<String> = BTreeSet::new();
        for entry in layer.entries() {
            // What every repository has; `.git` alone may be the link of a submodule.
            if entry.change == Change::File && layer.name(entry) == b"HEAD" {
                let folder = String::from_utf8_lossy(layer.folder(entry)).into_owned();
                if (folder == ".git" || folder.ends_with("/.git"))
                    && !is_of_package(&format!("{folder}/x"))
                {
                    folders.insert(folder);
                }
            }
        }
        for folder in folders {
            let is_hidden = image
                .subject
                .filesystem
                .find(format!("{folder}/HEAD").as_bytes())
                .is_none();
            let hidden = if is_hidden {
                "; a later layer hides it, and everybody can still read it"
            } else {
                ""
            };
            findings
                .layer(
                    index,
                    format!("`/{folder}` has the history of the sources{hidden}"),
                )
                .help("list `.git` in the ignore file, and clone in a stage of its own")
                .property("paths", vec![format!("/{folder}")])
                .property("hidden", is_hidden);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::scan::hardening::samples::found;

    #[test]
    fn also_where_a_later_layer_removed_it() {
        let image = "COPY . /app\n-rw-r--r-- 0 0 app/.git/HEAD\n-rw-r--r-- 0 0 app/.git/config\n-rw-r--r-- 0 0 sub/.git\n";
        assert_eq!(
            found("DX3006", image),
            "1: `/app/.git` has the history of the sources"
        );
        let hidden = format!("{image}RUN rm\n-rw-r--r-- 0 0 app/.wh..git\n");
        assert!(
            found("DX3006", &hidden)
                .ends_with("; a later layer hides it, and everybody can still read it")
        );
    }
}
