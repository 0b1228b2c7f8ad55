//! `[trust]` and `[audit]`: which images are trusted, and the record of what was done.

use crate::project::manifest::kind::Presence::{Default, Optional, Required};
use crate::project::manifest::kind::{Key, Kind, key};

pub(super) const TRUST: &[Key] = &[
    key(
        "require",
        Kind::List(&Kind::Choice(&["push", "deploy"])),
        Default("[]"),
        "When images must be trusted. `push`: `docker-build --push` signs what it pushed with `signing_key` and holds \
         it to this table. `deploy`: commands that put images to work refuse those that do not verify.",
    ),
    key(
        "keys",
        Kind::List(&Kind::Text),
        Default("[]"),
        "Public keys, any of which may have signed: a file from the root, or the URI of a key service (`awskms://`, \
         `gcpkms://`, `azurekms://`, `hashivault://`, `k8s://`).",
    ),
    key(
        "identities",
        Kind::Tables(IDENTITY),
        Optional,
        "Who may have signed without a key, by a certificate of a moment: a pipeline or a person.",
    ),
    key(
        "signing_key",
        Kind::Text,
        Optional,
        "The private key that `docker-sign` takes unless told another: a file from the root that git ignores, \
         `env://VARIABLE`, or the URI of a key service. Its password is in `COSIGN_PASSWORD`, never here.",
    ),
    key(
        "transparency",
        Kind::Choice(&["none", "rekor"]),
        Optional,
        "Whether signatures are written to, and looked for in, a transparency log. Unset, `rekor` without a key and \
         `none` with one: what is in the public log is there for everybody and for ever.",
    ),
    key(
        "signing_config",
        Kind::Path,
        Optional,
        "The signing configuration of a private Sigstore, as `cosign signing-config create` writes it.",
    ),
    key(
        "trusted_root",
        Kind::Path,
        Optional,
        "The trusted root of a private Sigstore, or a copy of the public one for machines without a network.",
    ),
    key(
        "registries",
        Kind::List(&Kind::Text),
        Default("[]"),
        "Where images may come from: registries, with a path below them if need be, such as `\"ghcr.io/acme\"`; `*` \
         stands for one part of a host name. Empty, from anywhere.",
    ),
    key(
        "annotations",
        Kind::Map("<annotation>", &Kind::Text, &Kind::Template),
        Optional,
        "What a signature must say. `{name}` stands for the image's name, and `*` alone for anything. `docker-sign` \
         writes those that have a value, and `image.name`, `git.commit`, `git.dirty` and `build.ref` by itself.",
    ),
    key(
        "platforms",
        Kind::Switch,
        Default("true"),
        "Whether the image of each platform must be signed, too, and not only the index that names them.",
    ),
    key(
        "attestations",
        Kind::Tables(ATTESTATION),
        Optional,
        "What must be attested about an image.",
    ),
    key(
        "base_images",
        Kind::Choice(&["ignore", "report", "require"]),
        Optional,
        "Whether images from elsewhere that ours stand on must be signed as `keys` and `identities` say. `report` tells \
         and changes no exit code. Unset, `ignore`.",
    ),
];

const IDENTITY: &[Key] = &[
    key(
        "issuer",
        Kind::Text,
        Optional,
        "Who vouched for the signer, such as `\"https://token.actions.githubusercontent.com\"`.",
    ),
    key(
        "issuer_pattern",
        Kind::Text,
        Optional,
        "The same as a regular expression; it must match the whole issuer.",
    ),
    key(
        "identity",
        Kind::Text,
        Optional,
        "The signer: of a workflow, its file and ref as a URL; of a person, the mail address.",
    ),
    key(
        "identity_pattern",
        Kind::Text,
        Optional,
        "The same as a regular expression; it must match the whole identity.",
    ),
];

const ATTESTATION: &[Key] = &[
    key(
        "type",
        Kind::Text,
        Required,
        "`sbom` (CycloneDX or SPDX), `provenance` (SLSA 1), `scan` (cosign's record of a vulnerability scan), or the \
         URI of another predicate type.",
    ),
    key(
        "max_age",
        Kind::Period,
        Optional,
        "How old it may be, by the time it tells itself. One that tells none is too old.",
    ),
    key(
        "verdict",
        Kind::Choice(&["pass"]),
        Optional,
        "What the scan must have come to. A scan that tells no verdict has not passed.",
    ),
];

pub(super) const AUDIT: &[Key] = &[
    key(
        "file",
        Kind::Path,
        Optional,
        "The file of the record, from the root. Unset, it lies in git's own folder (`docker-audit/<project name>.jsonl`), \
         where no clean-up of the work tree reaches it and no commit takes it along; outside of git, in the user's folder \
         for state.",
    ),
    key(
        "required",
        Kind::Switch,
        Default("false"),
        "Whether builds, scans and verifications fail if they cannot be recorded. Signing, pushing and deploying always do.",
    ),
];
