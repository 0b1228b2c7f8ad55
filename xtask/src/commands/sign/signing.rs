//! Signing one image after the other: sign, attest, verify what is in the registry then, record.

use std::collections::BTreeMap;

use camino::Utf8PathBuf;

use super::arguments::{Arguments, Log};
use super::output::SignedImage;
use crate::atomic_file;
use crate::audit::{Action, Check, Image, Outcome, Source};
use crate::cli::Common;
use crate::commands::audit::{Event, Recorder};
use crate::commands::trust::Session;
use crate::cosign::{Material, Subject};
use crate::engine::registry::LIMIT;
use crate::error::{Error, Exit, Result};
use crate::project::ImageName;
use crate::project::manifest::{
    AttestationKind, Identity, RequiredAttestation, Transparency, check_annotation,
};
use crate::trust::{Policy, Predicate, Signer, Verdict};

/// An image, and what is to be attested about it.
pub(in crate::commands) struct ToSign {
    /// What annotations call it.
    pub(in crate::commands) name: String,
    /// `host/path@sha256:…`.
    pub(in crate::commands) reference: String,
    /// How buildx calls the build.
    pub(in crate::commands) build: Option<String>,
    /// What is to be attested.
    pub(in crate::commands) predicates: Vec<Predicate>,
}

/// All that is needed, found and tried before anything is signed.
pub(in crate::commands) struct Signing<'a> {
    session: Session<'a>,
    common: &'a Common,
    recorder: Recorder<'a>,
    material: Material,
    /// Who the signatures will be verified to be of.
    signers: Vec<Signer>,
    /// For people: the key, or nothing.
    signer: String,
    annotations: BTreeMap<String, String>,
}

impl<'a> Signing<'a> {
    /// Finds the key and reads it, and makes sure that signing can be recorded.
    ///
    /// # Errors
    /// There is no key, its password is missing or wrong, or nothing can be recorded.
    pub(in crate::commands) fn prepare(
        session: Session<'a>,
        arguments: &Arguments,
        common: &'a Common,
    ) -> Result<Self> {
        let recorder = Recorder::open(session.project, session.environment)?;
        recorder.check()?;
        let trust = &session.project.manifest.trust;
        let key = if arguments.keyless {
            None
        } else {
            Some(key(&session, arguments)?)
        };
        let transparency = match arguments.transparency {
            Some(log) => log == Log::Rekor,
            None => {
                trust.transparency.unwrap_or(if key.is_some() {
                    Transparency::None
                } else {
                    Transparency::Rekor
                }) == Transparency::Rekor
            }
        };
        if key.is_none() && !transparency {
            return Err(Error::usage(
                "without a key and without a transparency log nobody can tell who signed when",
            )
            .help("leave out `transparency`, or sign with a key"));
        }
        let root = &session.project.root;
        let mut identity_options = Vec::new();
        if let Some(provider) = &arguments.oidc_provider {
            identity_options.push(format!("--oidc-provider={provider}"));
        }
        if let Some(file) = &arguments.identity_token_file {
            // Its path: the token itself would stand in the list of processes.
            let file = session.environment.current_dir.join(file);
            if !file.is_file() {
                return Err(Error::usage(format!(
                    "there is no identity token in {file}"
                )));
            }
            identity_options.push(format!("--identity-token={file}"));
        }
        let material = Material {
            transparency,
            signing_config: trust.signing_config.as_ref().map(|file| root.join(file)),
            trusted_root: trust.trusted_root.as_ref().map(|file| root.join(file)),
            identity_options,
            work: session.work.clone(),
            key: key.clone(),
        };
        let signers = match &key {
            Some(key) => vec![Signer::Key(public_key(&session, key)?)],
            None if trust.identities.is_empty() => vec![Signer::Identity(anybody())],
            None => trust
                .identities
                .iter()
                .cloned()
                .map(Signer::Identity)
                .collect(),
        };
        let mut signing = Self {
            signer: key.unwrap_or_else(|| "a certificate".to_owned()),
            session,
            common,
            recorder,
            material,
            signers,
            annotations: BTreeMap::new(),
        };
        signing.annotations = signing.annotations(arguments)?;
        signing.warn_of_strange_key();
        Ok(signing)
    }

    /// What the checkout is.
    pub(in crate::commands) fn source(&self) -> Option<&Source> {
        self.recorder.source()
    }

    /// Signs one image and attests what is to be attested; then verifies both, and records it.
    ///
    /// # Errors
    /// What failed. Signatures that were made before that stay: they do no harm.
    pub(in crate::commands) fn sign(&self, one: &ToSign) -> Result<SignedImage> {
        let attempt = self.attempt(one);
        let event = |outcome, detail: Option<String>| {
            let attested: Vec<&str> = one.predicates.iter().map(|it| it.kind.as_str()).collect();
            let mut details = BTreeMap::from([("signer".to_owned(), self.signer.clone())]);
            if !attested.is_empty() {
                details.insert("attested".to_owned(), attested.join(", "));
            }
            Event {
                action: Action::Sign,
                image: Some(Image {
                    name: Some(one.name.clone()),
                    reference: Some(one.reference.clone()),
                    digest: one
                        .reference
                        .split_once('@')
                        .map(|(_, digest)| digest.to_owned()),
                    platform: None,
                }),
                verdicts: vec![Check {
                    check: "signature".to_owned(),
                    outcome,
                    detail,
                }],
                details,
            }
        };
        match attempt {
            Ok(signed) => {
                let appended = self.recorder.append(vec![event(Outcome::Pass, None)])?;
                for damage in appended.recovered {
                    self.common
                        .note(self.session.environment, &format!("warning: {damage}"));
                }
                Ok(signed)
            }
            Err(error) => {
                if error.exit() == Exit::Failed {
                    let detail = Some(error.message().to_owned());
                    self.recorder
                        .note(vec![event(Outcome::Fail, detail)], self.common)?;
                }
                Err(error)
            }
        }
    }

    fn attempt(&self, one: &ToSign) -> Result<SignedImage> {
        let runner = self.session.means.runner;
        let reference = &one.reference;
        let name = ImageName::parse(reference)
            .ok_or_else(|| Error::usage(format!("`{reference}` is no name of an image")))?;
        // cosign signs what is not there, too.
        let there = self
            .session
            .client
            .document(runner, &name.domain, reference, LIMIT);
        there.map_err(|error| match error.exit() {
            Exit::Usage => error.help("push it first: `cargo xtask docker-build --push`"),
            _ => error,
        })?;
        let mut annotations = self.annotations.clone();
        for value in annotations.values_mut() {
            *value = value.replace("{name}", &one.name);
        }
        annotations.insert("image.name".to_owned(), one.name.clone());
        if let Some(build) = &one.build {
            annotations.insert("build.ref".to_owned(), build.clone());
        }
        if let Some(head) = self.recorder.head() {
            annotations.insert("audit.head".to_owned(), head);
        }
        let pairs: Vec<(String, String)> = annotations.clone().into_iter().collect();
        (self.session.means.note)(&format!("signing {}", one.name));
        let cosign = &self.session.cosign;
        cosign.sign(runner, &self.material, reference, &pairs)?;
        for predicate in &one.predicates {
            self.session.means.interrupt.check()?;
            cosign.attest(runner, &self.material, reference, predicate)?;
        }
        let verdict = self.verify(one, &annotations)?;
        Ok(SignedImage {
            name: one.name.clone(),
            reference: reference.clone(),
            digest: verdict.digest,
            platforms: verdict
                .platforms
                .into_iter()
                .map(|(platform, _)| platform)
                .collect(),
            signer: match verdict.signature.and_then(|signature| signature.identity) {
                Some(identity) => identity,
                None => self.signer.clone(),
            },
            annotations,
            attested: verdict
                .attested
                .into_iter()
                .map(|attested| attested.kind)
                .collect(),
        })
    }

    /// What is in the registry now is what was to be put there.
    fn verify(&self, one: &ToSign, annotations: &BTreeMap<String, String>) -> Result<Verdict> {
        let required = |predicate: &Predicate| RequiredAttestation {
            kind: match predicate.kind.as_str() {
                "cyclonedx" | "spdxjson" => AttestationKind::Sbom,
                "slsaprovenance1" => AttestationKind::Provenance,
                "vuln" => AttestationKind::Scan,
                other => AttestationKind::Other(other.to_owned()),
            },
            max_age: None,
            verdict: None,
        };
        let policy = Policy {
            signers: self.signers.clone(),
            annotations: annotations.clone(),
            platforms: true,
            attestations: one.predicates.iter().map(required).collect(),
            registries: Vec::new(),
            transparency: self.material.transparency,
        };
        let subject = Subject {
            name: one.name.clone(),
            reference: one.reference.clone(),
            built: None,
        };
        let verdict = self.session.verifier().verify(&subject, &policy)?;
        if verdict.problems.is_empty() {
            return Ok(verdict);
        }
        let mut error = Error::failed(format!("{} was signed, and does not verify", one.reference));
        for problem in &verdict.problems {
            error = error.because(&problem.message);
        }
        Err(error
            .help("sign it again; if that does not help, somebody else writes to the registry"))
    }

    /// What is signed with every image.
    fn annotations(&self, arguments: &Arguments) -> Result<BTreeMap<String, String>> {
        let trust = &self.session.project.manifest.trust;
        let mut annotations: BTreeMap<String, String> = trust
            .annotations
            .iter()
            .filter(|(_, value)| *value != "*")
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        if let Some(source) = self.recorder.source() {
            annotations.insert("git.commit".to_owned(), source.commit.clone());
            annotations.insert("git.dirty".to_owned(), source.dirty.to_string());
        }
        for one in &arguments.annotations {
            annotations.insert(one.key.clone(), one.value.clone());
        }
        let wrong = annotations
            .iter()
            .filter_map(|(key, value)| check_annotation(key, value).err())
            .map(Error::usage);
        Error::all(wrong.collect::<Vec<_>>())?;
        Ok(annotations)
    }

    /// A signature that the project's own policy will refuse is hardly meant.
    fn warn_of_strange_key(&self) {
        let trust = &self.session.project.manifest.trust;
        let [Signer::Key(file)] = self.signers.as_slice() else {
            return;
        };
        let hint = |file: &Utf8PathBuf| {
            let pem = std::fs::read_to_string(file).unwrap_or_default();
            crate::trust::public_key_hint(&pem)
        };
        let own = hint(&Utf8PathBuf::from(file));
        let files = trust.keys.iter().filter(|key| !key.contains("://"));
        let known = files.map(|key| hint(&self.session.project.root.join(key)));
        let mut known = known.collect::<Vec<_>>().into_iter();
        if !trust.keys.is_empty()
            && trust.keys.iter().all(|key| !key.contains("://"))
            && !known.any(|one| one == own)
        {
            (self.session.means.note)(
                "warning: none of `trust.keys` is the public key of the one that signs: `docker-verify` will refuse the images",
            );
        }
    }
}

impl Drop for Signing<'_> {
    fn drop(&mut self) {
        for signer in &self.signers {
            if let Signer::Key(file) = signer {
                // A leftover does no harm.
                let _ = std::fs::remove_file(file);
            }
        }
    }
}

/// The private key: as told, else the manifest's; a file with its whole path.
fn key(session: &Session<'_>, arguments: &Arguments) -> Result<String> {
    let environment = session.environment;
    let (key, folder) = match (&arguments.key, &session.project.manifest.trust.signing_key) {
        (Some(key), _) => (key, &environment.current_dir),
        (None, Some(key)) => (key, &session.project.root),
        (None, None) => {
            return Err(Error::usage("no key is named to sign with")
                .help("name it with `--key`, or as `signing_key` in `[trust]`; `--generate-key` makes one")
                .help("or sign without a key: `--keyless`"));
        }
    };
    let is_uri = key.contains("://");
    if let Some(variable) = key.strip_prefix("env://")
        && environment.variable(variable).is_none()
    {
        return Err(
            Error::usage(format!("the variable {variable} holds no key"))
                .help("set it to the contents of the private key"),
        );
    }
    let key = if is_uri {
        key.clone()
    } else {
        folder.join(key).into_string()
    };
    if !is_uri && !Utf8PathBuf::from(&key).is_file() {
        return Err(Error::usage(format!("there is no key {key}"))
            .help("`cargo xtask docker-sign --generate-key` makes one"));
    }
    let needs_password = !is_uri || key.starts_with("env://");
    if needs_password && !environment.variables.contains_key("COSIGN_PASSWORD") {
        return Err(Error::usage("the password of the key is not known")
            .help("set COSIGN_PASSWORD to it (set and empty for a key without one)"));
    }
    Ok(key)
}

/// The file of the public key that goes with a private one.
fn public_key(session: &Session<'_>, key: &str) -> Result<String> {
    let pem = session.cosign.public_key(session.means.runner, key)?;
    // Another process may sign with another key at the same time.
    let file = session
        .work
        .join(format!("signing-{}.pub", std::process::id()));
    atomic_file::write(&file, pem)?;
    let file = file.canonicalize_utf8().unwrap_or(file);
    Ok(file.into_string())
}

/// Whoever the certificate names: that a signature was made is verified then, and not by whom.
fn anybody() -> Identity {
    Identity {
        issuer_pattern: Some(".+".to_owned()),
        identity_pattern: Some(".+".to_owned()),
        ..Identity::default()
    }
}
