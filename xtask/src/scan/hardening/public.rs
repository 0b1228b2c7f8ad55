//! Files that everybody has: what packages of a distribution brought.

use std::collections::HashMap;

use crate::image::filesystem::Filesystem;
use crate::image::inventory::{Manager, Package};
use crate::secrets::content::Rule;

/// Settings, which packages bring and people change.
const SETTINGS: &[u8] = b"etc";

/// The files of a distribution's packages, by layer and entry.
pub(super) struct Public {
    /// With whether each is one of settings.
    files: HashMap<(usize, usize), bool>,
}

impl Public {
    pub(super) fn of(filesystem: &Filesystem, packages: &[Package]) -> Self {
        let all = filesystem.files();
        let mut files = HashMap::new();
        let of_distribution = packages
            .iter()
            .filter(|package| matches!(package.manager, Manager::Apk | Manager::Dpkg));
        for package in of_distribution {
            let own = package.files.iter().filter_map(|file| all.get(*file));
            // What a later layer has instead is somebody's own.
            let Some(lowest) = own.clone().map(|file| file.layer).min() else {
                continue;
            };
            for file in own.filter(|file| file.layer == lowest) {
                let layer = &filesystem.layers()[file.layer];
                let folder = layer.folder(filesystem.entry(file));
                let first = folder.split(|byte| *byte == b'/').next();
                files.insert((file.layer, file.entry), first == Some(SETTINGS));
            }
        }
        Self { files }
    }

    /// Whether what a rule found in a file is public. In settings, only what has a name and not the form of a
    /// secret is.
    pub(super) fn has(&self, layer: usize, entry: usize, rule: &Rule) -> bool {
        let is_settings = self.files.get(&(layer, entry));
        is_settings.is_some_and(|is_settings| !is_settings || rule.by_name)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::FoundSecret;
    use crate::image::filesystem::Filesystem;
    use crate::image::inventory::packages;
    use crate::image::layer::{Detail, LayerContents};

    fn layer(files: &[(&str, &str)]) -> Arc<LayerContents> {
        let mut tar = tar::Builder::new(Vec::new());
        for (path, text) in files {
            let mut header = tar::Header::new_gnu();
            header.set_mode(0o644);
            header.set_size(text.len() as u64);
            tar.append_data(&mut header, path, text.as_bytes()).unwrap();
        }
        let tar = tar.into_inner().unwrap();
        let (_, contents) = LayerContents::read(&mut &tar[..], Detail::Inspected).unwrap();
        Arc::new(contents.unwrap())
    }

    #[test]
    fn what_a_package_brings_is_public_until_somebody_changes_it() {
        // Put together so that no scanner takes this file for a leak.
        let key = [
            "-----BEGIN OPENSSH PRIVATE",
            " KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW\n-----END",
            " OPENSSH PRIVATE KEY-----\n",
        ]
        .concat();
        let apk = "P:a\nV:1-r0\nF:etc\nR:a.conf\nR:b.conf\nF:usr/lib\nR:liba.so\nR:libb.so\n\n";
        let settings = "password = q8Zk2mPw77Xc\n";
        let layers = vec![
            layer(&[
                ("lib/apk/db/installed", apk),
                ("etc/a.conf", settings),
                ("etc/b.conf", &key),
                ("usr/lib/liba.so", &key),
                ("usr/lib/libb.so", &key),
                ("usr/lib/own.so", &key),
            ]),
            layer(&[("usr/lib/libb.so", &key), ("etc/c.conf", settings)]),
        ];
        let filesystem = Filesystem::of(layers);
        let found = FoundSecret::all(&filesystem, &packages(&filesystem));
        let found: Vec<String> = found
            .iter()
            .map(|secret| format!("{} {} {}", secret.layer, secret.path, secret.rule.id))
            .collect();
        assert_eq!(
            found,
            [
                "0 etc/b.conf private-key",
                "0 usr/lib/libb.so private-key",
                "0 usr/lib/own.so private-key",
                "1 usr/lib/libb.so private-key",
                "1 etc/c.conf secret-in-settings",
            ]
        );
    }
}
