//! What `cosign verify` prints: the signatures that hold.
//!
//! Trap: since version 3 cosign takes every attestation that holds for a signature, so that an image nobody signed
//! passes `cosign verify` once somebody attached an SBOM to it. Only entries whose type is that of a signature count.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::SIGNATURE_TYPES;
use crate::base64;

/// A signature that holds for an image.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Signature {
    /// Of the manifest or index that was signed.
    pub digest: String,
    /// What was signed with it, by name.
    pub annotations: BTreeMap<String, String>,
    /// Who vouched for a signer without a key.
    pub issuer: Option<String>,
    /// The signer without a key.
    pub identity: Option<String>,
}

#[derive(Deserialize)]
struct Payload {
    critical: Critical,
    #[serde(default)]
    optional: Option<BTreeMap<String, Value>>,
}

#[derive(Deserialize)]
struct Critical {
    image: Image,
    #[serde(rename = "type")]
    kind: String,
}

#[derive(Deserialize)]
struct Image {
    #[serde(rename = "docker-manifest-digest")]
    digest: String,
}

/// The signatures in what `cosign verify --output json` prints; what holds and is no signature is left out.
///
/// # Errors
/// It is not what cosign prints.
pub fn read_signatures(printed: &[u8]) -> Result<Vec<Signature>, String> {
    let text = String::from_utf8_lossy(printed);
    let line = text
        .lines()
        .find(|line| line.trim_start().starts_with('['))
        .ok_or("it printed no list of signatures")?;
    let payloads: Vec<Payload> = serde_json::from_str(line).map_err(|error| error.to_string())?;
    Ok(payloads
        .into_iter()
        .filter(|payload| SIGNATURE_TYPES.contains(&payload.critical.kind.as_str()))
        .map(signature)
        .collect())
}

fn signature(payload: Payload) -> Signature {
    let mut signature = Signature {
        digest: payload.critical.image.digest,
        ..Signature::default()
    };
    for (name, value) in payload.optional.unwrap_or_default() {
        let Value::String(text) = value else {
            // The receipt of a transparency log; cosign has checked it.
            continue;
        };
        match name.as_str() {
            "Issuer" => signature.issuer = Some(text),
            "Subject" => signature.identity = Some(text),
            _ => {
                signature.annotations.insert(name, text);
            }
        }
    }
    signature
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Bundle {
    verification_material: Material,
    #[serde(default)]
    dsse_envelope: Option<Envelope>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Material {
    #[serde(default)]
    public_key: Option<PublicKey>,
}

#[derive(Deserialize)]
struct PublicKey {
    hint: String,
}

#[derive(Deserialize)]
struct Envelope {
    payload: String,
}

/// Which keys claim to have signed, by what `cosign download signature` prints (one bundle in each line). Nothing of it
/// is proven. Attestations are left out.
#[must_use]
pub fn signed_hints(printed: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(printed);
    let hint = |line: &str| {
        let bundle: Bundle = serde_json::from_str(line).ok()?;
        let payload = base64::decode(&bundle.dsse_envelope?.payload);
        // One that was tampered with need not be JSON any more, so it is only searched.
        let payload = String::from_utf8_lossy(&payload);
        let is_signature =
            payload.contains(SIGNATURE_TYPES[1]) || !payload.contains("predicateType");
        is_signature.then_some(bundle.verification_material.public_key?.hint)
    };
    text.lines().filter_map(hint).collect()
}

/// How a bundle names the public key of a PEM file: base 64 of the SHA-256 of its bytes.
#[must_use]
pub fn public_key_hint(pem: &str) -> Option<String> {
    let (_, rest) = pem.split_once("-----BEGIN PUBLIC KEY-----")?;
    let (body, _) = rest.split_once("-----END PUBLIC KEY-----")?;
    let bytes = base64::decode(body);
    (!bytes.is_empty()).then(|| base64::encode(&Sha256::digest(&bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NEW: &str = r#"
[{"critical":{"identity":{"docker-reference":"r/x@sha256:aa"},"image":{"docker-manifest-digest":"sha256:aa"},"type":"https://cosign.sigstore.dev/attestation/vuln/v1"},"optional":{}},{"critical":{"identity":{"docker-reference":"r/x@sha256:aa"},"image":{"docker-manifest-digest":"sha256:aa"},"type":"https://sigstore.dev/cosign/sign/v1"},"optional":{"git.commit":"abc"}}]"#;
    const LEGACY: &str = r#"[{"critical":{"identity":{"docker-reference":"r/x"},"image":{"docker-manifest-digest":"sha256:aa"},"type":"cosign container image signature"},"optional":{"Bundle":{"SignedEntryTimestamp":"x"},"Issuer":"https://i","Subject":"a@b","git.commit":"abc"}}]"#;

    #[test]
    fn only_signatures_count_in_both_formats() {
        let new = read_signatures(NEW.as_bytes()).unwrap();
        assert_eq!(new.len(), 1, "an attestation is no signature");
        assert_eq!(new[0].annotations["git.commit"], "abc");
        let legacy = read_signatures(LEGACY.as_bytes()).unwrap();
        assert_eq!(legacy[0].identity.as_deref(), Some("a@b"));
        assert_eq!(legacy[0].issuer.as_deref(), Some("https://i"));
        assert_eq!(legacy[0].annotations.len(), 1);
        let without = LEGACY.replace(r#"{"Bundle":{"SignedEntryTimestamp":"x"},"Issuer":"https://i","Subject":"a@b","git.commit":"abc"}"#, "null");
        assert_eq!(read_signatures(without.as_bytes()).unwrap().len(), 1);
    }

    #[test]
    fn what_cosign_does_not_print_is_refused() {
        for text in [
            "",
            "Verified OK",
            "[{}]",
            "[1",
            r#"[{"critical":{"type":"x"}}]"#,
        ] {
            assert!(read_signatures(text.as_bytes()).is_err(), "{text}");
        }
        assert_eq!(read_signatures(b"[]").unwrap(), []);
    }

    #[test]
    fn a_bundle_names_its_key_as_cosign_does() {
        // Made with cosign 3.1.1.
        let pem = "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEAT0mcWM6Q4MFPA7knifIfscuwnNo\nUorj8AZLpK9PIfPD/2PlYZ9LmINPwV/ZPoODESE28gvBbOJIlQfsYQp9kQ==\n-----END PUBLIC KEY-----\n";
        let hint = "xn/wGMvlvMmsKICEXiq6lqaFK3NwrHmdUIuYNFZQpdk=";
        assert_eq!(public_key_hint(pem).as_deref(), Some(hint));
        assert_eq!(public_key_hint("ooo"), None);
        let bundle = |kind: &str| {
            let statement = format!(r#"{{"predicateType":"{kind}"}}"#);
            let payload = base64::encode(statement.as_bytes());
            format!(
                r#"{{"verificationMaterial":{{"publicKey":{{"hint":"{hint}"}}}},"dsseEnvelope":{{"payload":"{payload}"}}}}"#
            )
        };
        let printed = format!(
            "{}\n{}\nnoise\n",
            bundle(SIGNATURE_TYPES[1]),
            bundle("https://spdx.dev/Document")
        );
        assert_eq!(signed_hints(printed.as_bytes()), [hint]);
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_the_readers_panic(text in "\\PC{0,80}") {
            let _ = read_signatures(text.as_bytes());
            let _ = signed_hints(text.as_bytes());
            let _ = public_key_hint(&text);
        }
    }
}
