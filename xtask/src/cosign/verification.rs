//! Holding an image to a policy: cosign checks the signatures, `trust` what they say.

use camino::{Utf8Path, Utf8PathBuf};

use super::program::Cosign;
use super::refusal::Refusal;
use crate::engine::Means;
use crate::engine::registry::{Client, LIMIT};
use crate::error::{Error, Result};
use crate::process::Output;
use crate::project::ImageName;
use crate::project::manifest::{AttestationKind, Identity, RequiredAttestation};
use crate::timestamp::Timestamp;
use crate::trust::{
    Attestation, Policy, Problem, ProblemKind, Signature, Signer, Verdict, judge, public_key_hint,
    read_attestations, read_signatures, signed_hints,
};

/// What is to be verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// What annotations call it: the service or base, or the last part of its name.
    pub name: String,
    /// Its full name with a digest, a tag, or both.
    pub reference: String,
    /// What it must be, where that is known from elsewhere: the build's metadata.
    pub built: Option<String>,
}

/// Verifies images.
#[derive(Clone, Copy)]
pub struct Verifier<'a> {
    /// What it needs from the world outside.
    pub means: Means<'a>,
    /// Checks signatures.
    pub cosign: &'a Cosign,
    /// Tells what names mean.
    pub client: &'a Client,
    /// Where files of the policy lie.
    pub root: &'a Utf8Path,
    /// Of a private Sigstore.
    pub trusted_root: Option<&'a Utf8Path>,
    /// What time it is.
    pub now: Timestamp,
}

/// What one signer's signatures came to.
enum Signed {
    /// They hold; those that are signatures.
    By(Vec<Signature>),
    /// They do not.
    Not(Refusal),
}

/// What the registry has.
struct Found {
    /// `host/path`.
    name: String,
    digest: String,
    /// Platform and digest of the images of an index.
    platforms: Vec<(String, String)>,
}

impl Verifier<'_> {
    /// Verifies one image. What is wrong with it is in the verdict.
    ///
    /// # Errors
    /// It cannot be told: the registry does not answer or has no such image, a key cannot be read, …. That is never as
    /// good as a verdict.
    pub fn verify(&self, subject: &Subject, policy: &Policy) -> Result<Verdict> {
        if policy.signers.is_empty() {
            return Err(Error::usage("nobody is named whose signature counts")
                .help("name public keys in `trust.keys` of the manifest, or with `--key`"));
        }
        let mut problems = Vec::new();
        let found = self.find(subject, &mut problems)?;
        problems.extend(policy.check_registry(&found.name));
        let mut verdict = Verdict {
            name: subject.name.clone(),
            reference: format!("{}@{}", found.name, found.digest),
            digest: found.digest.clone(),
            ..Verdict::default()
        };
        match self.signature(&found, &found.digest, &subject.name, policy)? {
            Ok((signature, signer)) => {
                verdict.signature = Some(signature);
                verdict.signers.push(signer);
            }
            Err(problem) => problems.push(problem),
        }
        if policy.platforms && verdict.signature.is_some() {
            for (platform, digest) in found.platforms.clone() {
                match self.signature(&found, &digest, &subject.name, policy)? {
                    Ok(_) => verdict.platforms.push((platform, digest)),
                    Err(problem) => problems.push(Problem {
                        message: format!("{platform}: {}", problem.message),
                        ..problem
                    }),
                }
            }
        }
        for required in &policy.attestations {
            self.means.interrupt.check()?;
            match self.attested(&verdict.reference, required, policy)? {
                Ok(found) => match judge(required, &found, &verdict.digest, self.now) {
                    Ok(attested) => verdict.attested.push(attested),
                    Err(problem) => problems.push(problem),
                },
                Err(problem) => problems.push(problem),
            }
        }
        verdict.problems = problems;
        Ok(verdict)
    }

    /// What the registry has, and whether that is what was built.
    fn find(&self, subject: &Subject, problems: &mut Vec<Problem>) -> Result<Found> {
        let name = ImageName::parse(&subject.reference).ok_or_else(|| {
            Error::usage(format!("`{}` is no name of an image", subject.reference))
        })?;
        let plain = format!("{}/{}", name.domain, name.path);
        let runner = self.means.runner;
        let pinned = subject.built.as_ref().or(name.digest.as_ref());
        if let (Some(digest), Some(_)) = (pinned, &name.tag) {
            let there = self
                .client
                .document(runner, &name.domain, &name.tagged(), LIMIT)?
                .digest;
            if there != *digest {
                problems.push(Problem::new(
                    ProblemKind::Moved,
                    format!("{} is {there} now, and was {digest}", name.tagged()),
                ));
            }
        }
        let full = match pinned {
            Some(digest) => format!("{plain}@{digest}"),
            None => name.tagged(),
        };
        let document = self.client.document(runner, &name.domain, &full, LIMIT)?;
        if let Some(digest) = pinned.filter(|digest| **digest != document.digest) {
            return Err(
                Error::failed(format!("{} does not give {full}", name.domain))
                    .because(format!(
                        "what it gives is {}, not {digest}",
                        document.digest
                    ))
                    .help("do not use this registry until it is known why"),
            );
        }
        Ok(Found {
            name: plain,
            platforms: platforms(&document.bytes),
            digest: document.digest,
        })
    }

    /// The signature that fulfils the policy and whose it is, or what is wrong.
    fn signature(
        &self,
        found: &Found,
        digest: &str,
        name: &str,
        policy: &Policy,
    ) -> Result<Result<(Signature, String), Problem>> {
        let reference = format!("{}@{digest}", found.name);
        let mut wrong_words: Option<String> = None;
        let mut others = Vec::new();
        for signer in &policy.signers {
            self.means.interrupt.check()?;
            match self.signed_by(signer, &reference, policy)? {
                Signed::By(signatures) => {
                    for signature in signatures.into_iter().filter(|one| one.digest == digest) {
                        match policy.check_annotations(&signature, name) {
                            Ok(()) => {
                                let identity = signature.identity.clone();
                                return Ok(Ok((
                                    signature,
                                    identity.unwrap_or_else(|| signer.name()),
                                )));
                            }
                            Err(why) => wrong_words = wrong_words.or(Some(why)),
                        }
                    }
                }
                Signed::Not(Refusal::Unsigned | Refusal::NotAttested) => {}
                Signed::Not(Refusal::OtherKey) => others.push(format!("not by {}", signer.name())),
                Signed::Not(Refusal::OtherIdentity(_)) => {
                    others.push(format!("not by {}", signer.name()));
                }
                Signed::Not(refusal @ Refusal::Trouble(..)) => {
                    return Err(
                        refusal.into_error(&format!("verify {reference}"), &Output::default())
                    );
                }
            }
        }
        if let Some(why) = wrong_words {
            let message = format!("it is signed, but {why}");
            return Ok(Err(Problem::new(ProblemKind::Annotation, message)));
        }
        if others.is_empty() {
            let message = format!("{reference} is not signed");
            return Ok(Err(Problem::new(ProblemKind::Unsigned, message)));
        }
        if self.claims_to_be_ours(&reference, policy)? {
            let message = format!(
                "a signature of {reference} names a trusted key, and is not of what it says"
            );
            return Ok(Err(Problem::new(ProblemKind::Tampered, message)));
        }
        let message = format!("{reference} is signed, but {}", others.join(" and "));
        Ok(Err(Problem::new(ProblemKind::OtherSigner, message)))
    }

    /// The signatures of one signer. Where bundles of the new format hide a signature of the old one, that is asked for.
    fn signed_by(&self, signer: &Signer, reference: &str, policy: &Policy) -> Result<Signed> {
        let mut arguments = vec![
            "verify".to_owned(),
            "--output".to_owned(),
            "json".to_owned(),
        ];
        arguments.extend(self.options(signer, policy)?);
        let first = self.ask(&arguments, reference, &[])?;
        let told = signed(&first)?;
        let hidden = match &told {
            Signed::By(signatures) => signatures.is_empty(),
            Signed::Not(refusal) => *refusal == Refusal::OtherKey,
        };
        if hidden {
            let old = self.ask(&arguments, reference, &["--new-bundle-format=false"])?;
            if let Ok(Signed::By(signatures)) = signed(&old)
                && !signatures.is_empty()
            {
                return Ok(Signed::By(signatures));
            }
        }
        Ok(match told {
            // Something is attested, and nothing signed.
            Signed::By(signatures) if signatures.is_empty() => Signed::Not(Refusal::Unsigned),
            told => told,
        })
    }

    /// Whether a signature that does not hold says it is of a key of the policy.
    fn claims_to_be_ours(&self, reference: &str, policy: &Policy) -> Result<bool> {
        let mut ours = Vec::new();
        for signer in &policy.signers {
            if let Signer::Key(key) = signer
                && !key.contains("://")
            {
                ours.extend(public_key_hint(&self.read_key(key)?));
            }
        }
        let output = self
            .cosign
            .run(self.means.runner, ["download", "signature", reference])?;
        Ok(output.success()
            && signed_hints(&output.stdout)
                .iter()
                .any(|hint| ours.contains(hint)))
    }

    /// The attestations of one kind that hold, of whichever signer; or what is wrong.
    fn attested(
        &self,
        reference: &str,
        required: &RequiredAttestation,
        policy: &Policy,
    ) -> Result<Result<Vec<Attestation>, Problem>> {
        let types: &[&str] = match &required.kind {
            AttestationKind::Sbom => &["cyclonedx", "spdxjson"],
            AttestationKind::Provenance => &["slsaprovenance1"],
            AttestationKind::Scan => &["vuln"],
            AttestationKind::Other(uri) => &[uri.as_str()],
        };
        let mut found = Vec::new();
        let mut of_other = false;
        for signer in &policy.signers {
            for kind in types {
                let mut arguments = vec!["verify-attestation".to_owned()];
                arguments.extend(["--type".to_owned(), (*kind).to_owned()]);
                arguments.extend(self.options(signer, policy)?);
                let mut output = self.ask(&arguments, reference, &[])?;
                if !output.success() {
                    // As with signatures: the new format hides the old one.
                    let old = self.ask(&arguments, reference, &["--new-bundle-format=false"])?;
                    if old.success() {
                        output = old;
                    }
                }
                if output.success() {
                    let read = read_attestations(&output.stdout);
                    found.extend(read.map_err(|why| not_understood(reference, &why, &output))?);
                    continue;
                }
                match Refusal::of(&output) {
                    Refusal::NotAttested | Refusal::Unsigned => {}
                    Refusal::OtherKey | Refusal::OtherIdentity(_) => of_other = true,
                    refusal @ Refusal::Trouble(..) => {
                        return Err(refusal.into_error(
                            &format!("verify what is attested about {reference}"),
                            &output,
                        ));
                    }
                }
            }
        }
        if found.is_empty() && of_other {
            let kind = required.kind.name();
            return Ok(Err(Problem::new(
                ProblemKind::AttestationOfOther,
                format!("no `{kind}` is attested by anybody whom the policy names"),
            )));
        }
        Ok(Ok(found))
    }

    fn ask(&self, arguments: &[String], reference: &str, more: &[&str]) -> Result<Output> {
        let all = arguments
            .iter()
            .map(String::as_str)
            .chain(more.iter().copied());
        self.cosign.run(self.means.runner, all.chain([reference]))
    }

    /// How a signer is named to cosign.
    fn options(&self, signer: &Signer, policy: &Policy) -> Result<Vec<String>> {
        let mut options = Vec::new();
        match signer {
            Signer::Key(key) => {
                options.push("--key".to_owned());
                if key.contains("://") {
                    options.push(key.clone());
                } else {
                    self.read_key(key)?;
                    options.push(self.root.join(key).into_string());
                }
                if !policy.transparency {
                    options.push("--insecure-ignore-tlog=true".to_owned());
                }
            }
            Signer::Identity(Identity {
                issuer,
                issuer_pattern,
                identity,
                identity_pattern,
            }) => {
                for (option, value) in [
                    ("--certificate-oidc-issuer", issuer.clone()),
                    (
                        "--certificate-oidc-issuer-regexp",
                        issuer_pattern.as_deref().map(whole),
                    ),
                    ("--certificate-identity", identity.clone()),
                    (
                        "--certificate-identity-regexp",
                        identity_pattern.as_deref().map(whole),
                    ),
                ] {
                    options.extend(value.map(|value| format!("{option}={value}")));
                }
            }
        }
        if let Some(file) = self.trusted_root {
            options.extend([
                "--trusted-root".to_owned(),
                self.root.join(file).into_string(),
            ]);
        }
        Ok(options)
    }

    /// A public key, and certainly no private one.
    fn read_key(&self, key: &str) -> Result<String> {
        let file: Utf8PathBuf = self.root.join(key);
        let pem = std::fs::read_to_string(&file).map_err(|error| {
            Error::usage(format!("failed to read the public key {file}"))
                .because(error)
                .help(
                    "`cosign public-key --key PRIVATE` writes the one that goes with a private key",
                )
        })?;
        if pem.contains("PRIVATE KEY") {
            return Err(Error::usage(format!(
                "{file} is a private key, where a public one must be"
            ))
            .help("name the `.pub` file, and look whether the private one is in git"));
        }
        if public_key_hint(&pem).is_none() {
            return Err(Error::usage(format!("{file} is no public key in PEM form"))
                .help("`cargo xtask docker-sign --generate-key` makes a pair"));
        }
        Ok(pem)
    }
}

fn signed(output: &Output) -> Result<Signed> {
    if !output.success() {
        return Ok(Signed::Not(Refusal::of(output)));
    }
    let signatures = read_signatures(&output.stdout);
    signatures
        .map(Signed::By)
        .map_err(|why| not_understood("the image", &why, output))
}

fn not_understood(reference: &str, why: &str, output: &Output) -> Error {
    Error::missing(format!(
        "what cosign says about {reference} cannot be understood"
    ))
    .because(why)
    .help(format!(
        "this was tried with cosign {}",
        super::program::TRIED
    ))
    .details(output.error_text())
}

/// Regular expressions of cosign match any part of a text.
fn whole(pattern: &str) -> String {
    format!("^(?:{pattern})$")
}

/// Platform and digest of the images in an index; attestations of the builder are none.
fn platforms(bytes: &[u8]) -> Vec<(String, String)> {
    let index: serde_json::Value = serde_json::from_slice(bytes).unwrap_or_default();
    let members = index["manifests"].as_array().into_iter().flatten();
    members
        .filter_map(|member| {
            let text = |name: &str| member["platform"][name].as_str();
            let (os, architecture) = (text("os")?, text("architecture")?);
            if os == "unknown" {
                return None;
            }
            let variant = text("variant")
                .map(|variant| format!("/{variant}"))
                .unwrap_or_default();
            Some((
                format!("{os}/{architecture}{variant}"),
                member["digest"].as_str()?.to_owned(),
            ))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_the_whole_and_not_a_part() {
        assert_eq!(whole("a|b"), "^(?:a|b)$");
    }

    #[test]
    fn images_of_an_index_are_told_from_attestations() {
        let index = r#"{"manifests":[{"digest":"sha256:a","platform":{"os":"linux","architecture":"arm","variant":"v7"}},
            {"digest":"sha256:b","platform":{"os":"unknown","architecture":"unknown"}},{"digest":"sha256:c"}]}"#;
        assert_eq!(
            platforms(index.as_bytes()),
            [("linux/arm/v7".to_owned(), "sha256:a".to_owned())]
        );
        assert!(platforms(b"{}").is_empty() && platforms(b"x").is_empty());
    }
}
