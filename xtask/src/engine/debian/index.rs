//! What apt's signed index says about a package, and whether a file is that.

use std::fmt::Write;
use std::io::Read;

use camino::Utf8Path;
use sha2::{Digest, Sha256, Sha512};

use super::Package;
use crate::error::{Error, Result};

/// A line of `apt-get download --print-uris`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Listed {
    pub(super) name: String,
    version: String,
    file_name: String,
    hash: String,
}

impl Listed {
    /// `'http://…/x_1_amd64.deb' x_1%3a2_amd64.deb 1234 SHA256:abc…`
    pub(super) fn parse(line: &str) -> Option<Self> {
        let (_, rest) = line.strip_prefix('\'')?.split_once("' ")?;
        let mut words = rest.split_whitespace();
        let file_name = words.next()?.to_owned();
        let hash = words.nth(1)?.to_owned();
        let mut parts = file_name.strip_suffix(".deb")?.split('_');
        let name = parts.next()?.to_owned();
        let version = parts.next()?.replace("%3a", ":").replace("%7e", "~");
        Some(Self {
            name,
            version,
            file_name,
            hash,
        })
    }

    /// The package below `directory`, if its contents are what the index says.
    pub(super) fn fetched(&self, directory: &Utf8Path) -> Result<Package> {
        let file = directory.join(&self.file_name);
        let unreadable =
            |e: std::io::Error| Error::failed(format!("failed to read {file}")).because(e);
        let (algorithm, expected) = self.hash.split_once(':').unwrap_or_default();
        let sha256 = hash::<Sha256>(&file).map_err(unreadable)?;
        let actual = match algorithm {
            "SHA256" => sha256.clone(),
            "SHA512" => hash::<Sha512>(&file).map_err(unreadable)?,
            other => {
                return Err(Error::failed(format!(
                    "the apt index gives only a {other} checksum for {}",
                    self.file_name
                )));
            }
        };
        if actual != expected {
            return Err(
                Error::failed(format!("{file} is not what the apt index says"))
                    .because(format!("its {algorithm} is {actual}, not {expected}"))
                    .help("delete it and try again"),
            );
        }
        Ok(Package {
            name: self.name.clone(),
            version: self.version.clone(),
            file,
            sha256,
        })
    }
}

fn hash<D: Digest>(file: &Utf8Path) -> std::io::Result<String> {
    let mut reader = std::fs::File::open(file)?;
    let mut hasher = D::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        match reader.read(&mut buffer)? {
            0 => break,
            read => hasher.update(&buffer[..read]),
        }
    }
    Ok(hasher
        .finalize()
        .iter()
        .fold(String::new(), |mut hex, byte| {
            // Writing to a string cannot fail.
            let _ = write!(hex, "{byte:02x}");
            hex
        }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn epochs_and_tildes_are_unescaped() {
        let line =
            "'http://m.example/u_4.13_amd64.deb' uidmap_1%3a4.13%7erc1_amd64.deb 190 SHA256:00ff";
        assert_eq!(
            Listed::parse(line),
            Some(Listed {
                name: "uidmap".into(),
                version: "1:4.13~rc1".into(),
                file_name: "uidmap_1%3a4.13%7erc1_amd64.deb".into(),
                hash: "SHA256:00ff".into(),
            })
        );
        assert_eq!(Listed::parse("Reading package lists..."), None);
        assert_eq!(Listed::parse("'http://m.example/x' nothing"), None);
    }
}
