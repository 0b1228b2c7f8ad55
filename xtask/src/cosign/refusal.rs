//! Why cosign refused, by its exit code and what it printed: each cause has its own message, and only some of them say
//! something about the image.

use crate::error::Error;
use crate::process::Output;

/// What a failed call means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// There is no signature at all.
    Unsigned,
    /// There is no attestation of this type.
    NotAttested,
    /// There are signatures, and none is of this key or holds.
    OtherKey,
    /// There are signatures, and none is of this identity.
    OtherIdentity(String),
    /// Whether it is signed cannot be told.
    Trouble(Trouble, String),
}

/// Why nothing can be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The registry does not answer.
    Unreachable,
    /// The registry refuses to tell.
    Denied,
    /// The registry has no such image.
    Absent,
    /// What Sigstore's services publish cannot be had.
    NoTrustRoot,
    /// The key cannot be read.
    Key,
    /// The key's password is missing or wrong.
    Password,
    /// Something else.
    Other,
}

impl Refusal {
    /// Reads what a failed call printed.
    #[must_use]
    pub(super) fn of(output: &Output) -> Self {
        let printed = output.error_text();
        let error = printed
            .split_once("Error: ")
            .map_or(printed.as_str(), |(_, error)| error);
        let error = error
            .split("\nerror during command execution")
            .next()
            .unwrap_or(error);
        let has = |words: &[&str]| words.iter().any(|word| error.contains(word));
        let first = error.lines().next().unwrap_or_default().to_owned();
        if has(&["no signatures found"]) {
            return Self::Unsigned;
        }
        if has(&["none of the attestations matched the predicate type"])
            || error.trim() == "no matching attestations:"
        {
            return Self::NotAttested;
        }
        if has(&["none of the expected identities matched"]) {
            return Self::OtherIdentity(first);
        }
        // The hosts of these are not the registry's.
        let trouble = if has(&["TUF", "tuf", "trusted root", "rekor public keys"]) {
            Trouble::NoTrustRoot
        } else if has(&["no matching signatures", "no matching attestations"]) {
            return Self::OtherKey;
        } else if has(&["decryption failed", "inappropriate ioctl for device"]) {
            Trouble::Password
        } else if has(&[
            "loading public key",
            "loading verifier",
            "reading key",
            "PEM decoding",
        ]) {
            Trouble::Key
        } else if has(&[
            "UNAUTHORIZED",
            "DENIED",
            "401 Unauthorized",
            "403 Forbidden",
        ]) {
            Trouble::Denied
        } else if has(&[
            "MANIFEST_UNKNOWN",
            "NAME_UNKNOWN",
            "404 Not Found",
            "entity not found",
        ]) {
            Trouble::Absent
        } else if has(&[
            "dial tcp",
            "connection refused",
            "no such host",
            "i/o timeout",
            "deadline exceeded",
            "EOF",
            "x509:",
            "tls:",
            "status code 5",
            "connection reset",
        ]) {
            Trouble::Unreachable
        } else {
            Trouble::Other
        };
        Self::Trouble(trouble, first)
    }

    /// The error for a call that had to succeed. `what` is what was to be done, such as `sign ghcr.io/x@sha256:…`.
    pub(super) fn into_error(self, what: &str, output: &Output) -> Error {
        let Self::Trouble(trouble, why) = self else {
            return Error::failed(format!("failed to {what}")).details(output.error_text());
        };
        let failed = format!("failed to {what}");
        match trouble {
            Trouble::Unreachable => Error::missing(failed)
                .because(format!("the registry cannot be reached: {why}"))
                .help("check the network and the registry, and run the command again"),
            Trouble::Denied => Error::usage(failed)
                .because(why)
                .help("log in to the registry: `docker login`; signatures are pushed beside the image"),
            Trouble::Absent => Error::usage(failed)
                .because("the registry has no such image")
                .help("push it first: `cargo xtask docker-build --push`"),
            Trouble::NoTrustRoot => Error::missing(failed)
                .because(format!("what Sigstore publishes cannot be had: {why}"))
                .help("without its services take a key and `transparency = \"none\"` in `[trust]`, or name a copy in `trusted_root`"),
            Trouble::Key => Error::usage(failed)
                .because(why)
                .help("name a key that can be read: a file, `env://VARIABLE`, or the URI of a key service"),
            Trouble::Password => Error::usage(failed)
                .because("the password of the key is missing or wrong")
                .help("set COSIGN_PASSWORD to it (set and empty for a key without one)"),
            Trouble::Other => Error::failed(failed).because(why).details(output.error_text()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What cosign 3.1.1 prints.
    #[test]
    fn each_cause_is_told_apart() {
        use Trouble::{Absent, Key, NoTrustRoot, Other, Password, Unreachable};
        let read = |text: &str| {
            let printed = format!(
                "WARNING: Skipping tlog verification.\nError: {text}\nerror during command execution: {text}\n"
            );
            Refusal::of(&Output {
                code: Some(1),
                stderr: printed.into_bytes(),
                ..Output::default()
            })
        };
        assert_eq!(read("no signatures found"), Refusal::Unsigned);
        assert_eq!(read("no matching attestations: "), Refusal::NotAttested);
        assert_eq!(
            read(
                "none of the attestations matched the predicate type: spdxjson, found: https://slsa.dev/provenance/v1"
            ),
            Refusal::NotAttested
        );
        for text in [
            "no matching signatures: invalid signature when validating ASN.1 encoded signature",
            "no matching attestations: failed to verify signature: could not verify envelope: accepted signatures do not match threshold, Found: 0, Expected 1",
            "no matching attestations: accepted signatures do not match threshold, Found: 0, Expected 1",
        ] {
            assert_eq!(read(text), Refusal::OtherKey, "{text}");
        }
        let identity = "no matching signatures: none of the expected identities matched what was in the certificate, got subjects [a@b] with issuer https://i";
        assert!(matches!(read(identity), Refusal::OtherIdentity(_)));
        for (text, expected) in [
            (
                "Get \"https://127.0.0.1:5999/v2/\": dial tcp 127.0.0.1:5999: connect: connection refused",
                Unreachable,
            ),
            (
                "setting trusted material: getting trusted root from TUF for new bundle verification: tuf refresh failed: Get \"https://tuf-repo-cdn.sigstore.dev/15.root.json\": dial tcp: no such host",
                NoTrustRoot,
            ),
            (
                "loading verifier from key opts: loading public key: open nokey.pub: no such file or directory",
                Key,
            ),
            (
                "signing [x]: signing digest: getting keypair and token: getting signer: reading key: decrypt: encrypted: decryption failed",
                Password,
            ),
            (
                "signing [x]: reading key: inappropriate ioctl for device",
                Password,
            ),
            (
                "signing [x]: signing digest: HEAD http://r/v2/x/manifests/sha256:aa: unexpected status code 404 Not Found (HEAD responses have no body, use GET for details)",
                Absent,
            ),
            ("something new", Other),
        ] {
            let Refusal::Trouble(trouble, why) = read(text) else {
                panic!("{text}")
            };
            assert_eq!(trouble, expected, "{text}");
            assert_eq!(why, text);
        }
    }
}
