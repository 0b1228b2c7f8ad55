//! What the manifest asks of an image, and whether what was found fulfils it.

use std::collections::BTreeMap;

use super::attestation::Attestation;
use super::signature::Signature;
use super::verdict::{Attested, Problem, ProblemKind};
use crate::project::manifest::{
    AttestationKind, Identity, RequiredAttestation, Transparency, Trust,
};
use crate::timestamp::Timestamp;

/// Somebody whose signature counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Signer {
    /// The holder of a key: a file, or the URI of a key service.
    Key(String),
    /// Somebody whom a certificate names.
    Identity(Identity),
}

impl Signer {
    /// For messages.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Key(key) => key.clone(),
            Self::Identity(identity) => {
                let who = identity
                    .identity
                    .as_deref()
                    .or(identity.identity_pattern.as_deref());
                who.unwrap_or_default().to_owned()
            }
        }
    }
}

/// What is asked of an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Any of these must have signed.
    pub signers: Vec<Signer>,
    /// What the signature must say; `{name}` is the image's name, `*` anything.
    pub annotations: BTreeMap<String, String>,
    /// Whether the image of each platform must be signed, too.
    pub platforms: bool,
    /// What must be attested.
    pub attestations: Vec<RequiredAttestation>,
    /// Where it may come from; empty is anywhere.
    pub registries: Vec<String>,
    /// Whether signatures of keys are looked for in a transparency log.
    pub transparency: bool,
}

impl Policy {
    /// As the manifest says.
    #[must_use]
    pub fn of(trust: &Trust) -> Self {
        let keys = trust.keys.iter().cloned().map(Signer::Key);
        let identities = trust.identities.iter().cloned().map(Signer::Identity);
        Self {
            signers: keys.chain(identities).collect(),
            annotations: trust.annotations.clone(),
            platforms: trust.platforms,
            attestations: trust.attestations.clone(),
            registries: trust.registries.clone(),
            transparency: trust.transparency == Some(Transparency::Rekor),
        }
    }

    /// The signature and nothing else.
    #[must_use]
    pub fn signature_only(&self) -> Self {
        Self {
            annotations: BTreeMap::new(),
            platforms: false,
            attestations: Vec::new(),
            registries: Vec::new(),
            ..self.clone()
        }
    }

    /// Whether an image may come from where it comes from. `name` is `host/path`.
    #[must_use]
    pub fn check_registry(&self, name: &str) -> Option<Problem> {
        let fits = self
            .registries
            .iter()
            .any(|allowed| is_below(name, allowed));
        if self.registries.is_empty() || fits {
            return None;
        }
        Some(Problem::new(
            ProblemKind::Registry,
            format!("{name} is not from {}", self.registries.join(" or ")),
        ))
    }

    /// Whether a signature says what it must, of the image called `name`.
    ///
    /// # Errors
    /// What it does not say.
    pub fn check_annotations(&self, signature: &Signature, name: &str) -> Result<(), String> {
        for (key, wanted) in &self.annotations {
            let wanted = wanted.replace("{name}", name);
            match signature.annotations.get(key) {
                None => return Err(format!("it has no annotation `{key}`")),
                Some(found) if wanted != "*" && *found != wanted => {
                    return Err(format!(
                        "its annotation `{key}` is `{}` and must be `{wanted}`",
                        found.escape_debug()
                    ));
                }
                Some(_) => {}
            }
        }
        Ok(())
    }
}

/// What an attestation came to.
pub type Judged = Result<Attested, Problem>;

/// Whether one of the attestations that hold is what the policy asks for; the newest counts. `digest` is what they must
/// be about.
pub(crate) fn judge(
    required: &RequiredAttestation,
    found: &[Attestation],
    digest: &str,
    now: Timestamp,
) -> Judged {
    let kind = required.kind.name();
    let hex = digest.strip_prefix("sha256:").unwrap_or(digest);
    let newest = found
        .iter()
        .filter(|one| one.subjects.iter().any(|subject| subject == hex))
        .max_by_key(|one| one.made());
    let Some(newest) = newest else {
        return Err(Problem::new(
            ProblemKind::AttestationMissing,
            format!("no `{kind}` is attested"),
        ));
    };
    let made = newest.made();
    if let Some(limit) = required.max_age {
        let too_old = |what: String| Err(Problem::new(ProblemKind::AttestationOld, what));
        let Some(made) = made else {
            return too_old(format!("the attested `{kind}` does not tell how old it is"));
        };
        let age = now.unix_seconds() - made.unix_seconds();
        if age > i64::try_from(limit.seconds()).unwrap_or(i64::MAX) {
            return too_old(format!(
                "the attested `{kind}` is of {made}, and may be {limit} old"
            ));
        }
        // An hour of difference between two clocks is no forgery.
        if age < -3600 {
            return too_old(format!(
                "the attested `{kind}` says it is of {made}, which is in the future"
            ));
        }
    }
    let verdict = (required.kind == AttestationKind::Scan)
        .then(|| newest.scan_verdict().unwrap_or("unknown"));
    if let (Some(wanted), Some(verdict)) = (&required.verdict, verdict)
        && wanted != verdict
    {
        let said = match newest.scan_verdict() {
            Some(verdict) => format!("the attested scan came to `{}`", verdict.escape_debug()),
            None => "the attested scan tells no verdict".to_owned(),
        };
        return Err(Problem::new(ProblemKind::ScanNotPassed, said));
    }
    Ok(Attested {
        kind: kind.to_owned(),
        made,
        verdict: verdict.map(str::to_owned),
    })
}

/// Whether `host/path` is one of those that `allowed` means: a host (`*` is one part of it) with a path below it.
fn is_below(name: &str, allowed: &str) -> bool {
    let (host, path) = name.split_once('/').unwrap_or((name, ""));
    let (allowed_host, allowed_path) = allowed.split_once('/').unwrap_or((allowed, ""));
    let parts = || host.split('.').zip(allowed_host.split('.'));
    let host_fits = host.split('.').count() == allowed_host.split('.').count()
        && parts().all(|(part, allowed)| allowed == "*" && !part.is_empty() || allowed == part);
    let rest = path.strip_prefix(allowed_path.trim_end_matches('/'));
    let path_fits = allowed_path.is_empty()
        || rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    host_fits && path_fits
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn policy() -> Policy {
        Policy {
            registries: vec!["ghcr.io/acme".to_owned(), "*.example.org".to_owned()],
            annotations: [("image.name", "{name}"), ("git.commit", "*")]
                .map(|(key, value)| (key.to_owned(), value.to_owned()))
                .into(),
            ..Policy::of(&Trust::default())
        }
    }

    #[test]
    fn images_come_from_where_they_may() {
        for (name, fits) in [
            ("ghcr.io/acme/api", true),
            ("ghcr.io/acme", true),
            ("ghcr.io/acme-evil/api", false),
            ("ghcr.io/other/api", false),
            ("eu.example.org/api", true),
            ("a.b.example.org/api", false),
            ("example.org/api", false),
            ("eu.example.org.evil.com/api", false),
        ] {
            assert_eq!(policy().check_registry(name).is_none(), fits, "{name}");
        }
    }

    #[test]
    fn a_signature_says_what_it_must() {
        let mut signature = Signature::default();
        signature
            .annotations
            .insert("image.name".to_owned(), "api".to_owned());
        let wrong = policy().check_annotations(&signature, "api").unwrap_err();
        assert_eq!(wrong, "it has no annotation `git.commit`");
        signature
            .annotations
            .insert("git.commit".to_owned(), "abc".to_owned());
        assert_eq!(policy().check_annotations(&signature, "api"), Ok(()));
        let wrong = policy().check_annotations(&signature, "web").unwrap_err();
        assert_eq!(
            wrong,
            "its annotation `image.name` is `api` and must be `web`"
        );
    }

    fn scan(verdict: Option<&str>, day: &str) -> Attestation {
        Attestation {
            predicate_type: "https://cosign.sigstore.dev/attestation/vuln/v1".to_owned(),
            predicate: json!({"scanner": {"result": {"verdict": verdict}}, "metadata": {"scanFinishedOn": format!("{day}T00:00:00Z")}}),
            subjects: vec!["aa".to_owned()],
        }
    }

    #[test]
    fn the_newest_attestation_counts_and_must_be_young_and_good() {
        let now: Timestamp = "2026-12-01T12:00:00Z".parse().unwrap();
        let required = RequiredAttestation {
            kind: AttestationKind::Scan,
            max_age: Some("2 days".parse().unwrap()),
            verdict: Some("pass".to_owned()),
        };
        let told = |found: &[Attestation]| match judge(&required, found, "sha256:aa", now) {
            Ok(attested) => attested.verdict.unwrap_or_default(),
            Err(problem) => problem.message,
        };
        assert_eq!(told(&[]), "no `scan` is attested");
        assert_eq!(told(&[scan(Some("pass"), "2026-11-30")]), "pass");
        assert_eq!(
            told(&[
                scan(Some("pass"), "2026-11-30"),
                scan(Some("fail"), "2026-12-01")
            ]),
            "the attested scan came to `fail`",
            "a newer scan counts more than an older one that passed"
        );
        assert_eq!(
            told(&[scan(None, "2026-12-01")]),
            "the attested scan tells no verdict"
        );
        assert_eq!(
            told(&[scan(Some("pass"), "2026-11-28")]),
            "the attested `scan` is of 2026-11-28T00:00:00Z, and may be 48 hours old"
        );
        assert!(told(&[scan(Some("pass"), "2027-01-01")]).contains("in the future"));
        let mut of_other = scan(Some("pass"), "2026-12-01");
        of_other.subjects = vec!["bb".to_owned()];
        assert_eq!(told(&[of_other]), "no `scan` is attested");
        let mut ageless = scan(Some("pass"), "2026-12-01");
        ageless.predicate["metadata"] = json!({});
        assert_eq!(
            told(&[ageless]),
            "the attested `scan` does not tell how old it is"
        );
    }
}
