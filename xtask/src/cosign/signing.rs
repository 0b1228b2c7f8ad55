//! Signing and attesting.

use camino::Utf8PathBuf;

use super::program::Cosign;
use super::refusal::Refusal;
use crate::atomic_file;
use crate::error::Result;
use crate::process::Runner;
use crate::trust::Predicate;

/// What signatures are made with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Material {
    /// The private key: a file, `env://VARIABLE`, or a URI; none for a certificate of the moment.
    pub key: Option<String>,
    /// Whether the signature goes to a transparency log.
    pub transparency: bool,
    /// Of a private Sigstore.
    pub signing_config: Option<Utf8PathBuf>,
    /// Of a private Sigstore.
    pub trusted_root: Option<Utf8PathBuf>,
    /// Further options for signing without a key, passed on as they are: where the identity comes from.
    pub identity_options: Vec<String>,
    /// A folder for what cosign reads.
    pub work: Utf8PathBuf,
}

/// A signing configuration without services: nothing leaves for a transparency log or a timestamp authority.
const NO_SERVICES: &str = r#"{"mediaType":"application/vnd.dev.sigstore.signingconfig.v0.2+json","rekorTlogConfig":{},"tsaConfig":{}}"#;

/// A trusted root that trusts nobody: what is signed with a key needs none, and looking for Sigstore's takes the network.
const NO_ROOT: &str =
    r#"{"mediaType":"application/vnd.dev.sigstore.trustedroot+json;version=0.1"}"#;

impl Material {
    /// The options that sign and attest share.
    fn options(&self) -> Result<Vec<String>> {
        let mut options = vec!["--yes".to_owned()];
        if let Some(key) = &self.key {
            options.extend(["--key".to_owned(), key.clone()]);
        }
        let mut file =
            |given: &Option<Utf8PathBuf>, option: &str, name: &str, nothing: &str| -> Result<()> {
                let path = match given {
                    Some(path) => path.clone(),
                    None if self.transparency => return Ok(()),
                    None => {
                        let path = self.work.join(name);
                        atomic_file::write(&path, nothing)?;
                        path
                    }
                };
                options.extend([option.to_owned(), path.into_string()]);
                Ok(())
            };
        file(
            &self.signing_config,
            "--signing-config",
            "no-services.json",
            NO_SERVICES,
        )?;
        file(
            &self.trusted_root,
            "--trusted-root",
            "no-root.json",
            NO_ROOT,
        )?;
        options.extend(self.identity_options.iter().cloned());
        Ok(options)
    }
}

impl Cosign {
    /// Signs an image by its digest, and the images of an index with it.
    ///
    /// # Errors
    /// Why it could not be signed.
    pub fn sign(
        &self,
        runner: &dyn Runner,
        material: &Material,
        reference: &str,
        annotations: &[(String, String)],
    ) -> Result<()> {
        let mut arguments = vec!["sign".to_owned(), "--recursive".to_owned()];
        arguments.extend(material.options()?);
        for (name, value) in annotations {
            arguments.extend(["--annotations".to_owned(), annotation(name, value)]);
        }
        arguments.push(reference.to_owned());
        self.must(runner, &arguments, &format!("sign {reference}"))
    }

    /// Attests something about an image.
    ///
    /// # Errors
    /// Why it could not be attested.
    pub fn attest(
        &self,
        runner: &dyn Runner,
        material: &Material,
        reference: &str,
        predicate: &Predicate,
    ) -> Result<()> {
        let file = material
            .work
            .join(format!("predicate-{}.json", std::process::id()));
        atomic_file::write(&file, predicate.contents.to_string())?;
        let mut arguments = vec!["attest".to_owned()];
        arguments.extend(material.options()?);
        arguments.extend(["--type".to_owned(), predicate.kind.clone()]);
        arguments.extend([
            "--predicate".to_owned(),
            file.to_string(),
            reference.to_owned(),
        ]);
        let attested = self.must(
            runner,
            &arguments,
            &format!("attest `{}` about {reference}", predicate.kind),
        );
        // What it says is in the registry now; a leftover does no harm.
        let _ = std::fs::remove_file(&file);
        attested
    }

    /// The public key that goes with a private one, as PEM.
    ///
    /// # Errors
    /// The key cannot be read.
    pub fn public_key(&self, runner: &dyn Runner, key: &str) -> Result<String> {
        let output = self.run(runner, ["public-key", "--key", key])?;
        if !output.success() {
            return Err(Refusal::of(&output).into_error(&format!("read the key {key}"), &output));
        }
        Ok(output.text() + "\n")
    }

    fn must(&self, runner: &dyn Runner, arguments: &[String], what: &str) -> Result<()> {
        let output = self.run(runner, arguments.iter().map(String::as_str))?;
        if output.success() {
            return Ok(());
        }
        Err(Refusal::of(&output).into_error(what, &output))
    }
}

/// `name=value` as one field of a line of comma-separated values: so cosign reads it.
fn annotation(name: &str, value: &str) -> String {
    let pair = format!("{name}={value}");
    if pair.contains([',', '"']) {
        format!("\"{}\"", pair.replace('"', "\"\""))
    } else {
        pair
    }
}

#[cfg(test)]
mod tests {
    use camino::Utf8Path;

    use super::*;
    use crate::process::{Command, Reply, Scripted};

    fn cosign() -> Cosign {
        let there = Scripted::default().on("version", Reply::ok("{\"gitVersion\":\"v3.1.1\"}"));
        Cosign::find(&there, Utf8Path::new("/none")).unwrap()
    }

    fn asked(material: &Material) -> String {
        let runner = Scripted::default().on("sign", Reply::ok(""));
        let annotations = [
            ("git.commit".to_owned(), "abc".to_owned()),
            ("note".to_owned(), "a, \"b\"".to_owned()),
        ];
        cosign()
            .sign(&runner, material, "r/x@sha256:aa", &annotations)
            .unwrap();
        let command: Vec<Command> = runner.asked();
        command[0].display().replace(material.work.as_str(), "WORK")
    }

    #[test]
    fn a_key_needs_no_services_and_a_certificate_all_of_them() {
        let dir = tempfile::tempdir().unwrap();
        let work = Utf8PathBuf::from_path_buf(dir.path().to_owned()).unwrap();
        let with_key = Material {
            key: Some("env://K".to_owned()),
            work: work.clone(),
            ..Material::default()
        };
        insta::assert_snapshot!(asked(&with_key), @r#"cosign sign --recursive --yes --key env://K --signing-config WORK/no-services.json --trusted-root WORK/no-root.json --annotations git.commit=abc --annotations '"note=a, ""b"""' r/x@sha256:aa"#);
        let without = Material {
            transparency: true,
            identity_options: vec!["--oidc-provider=github-actions".to_owned()],
            work: work.clone(),
            ..Material::default()
        };
        insta::assert_snapshot!(asked(&without), @r#"cosign sign --recursive --yes --oidc-provider=github-actions --annotations git.commit=abc --annotations '"note=a, ""b"""' r/x@sha256:aa"#);
        let private = Material {
            transparency: true,
            signing_config: Some("/s.json".into()),
            trusted_root: Some("/t.json".into()),
            work,
            ..Material::default()
        };
        assert!(asked(&private).contains("--signing-config /s.json --trusted-root /t.json"));
    }
}
