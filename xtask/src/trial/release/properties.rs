//! The properties of a release.

use crate::trial::Property;

/// The registry has what was pushed.
pub static PUSH: Property = Property {
    code: "DT4001",
    name: "digest-changed-by-push",
    holds: "the registry gives the manifest with the digest that the engine pushed.",
    help: "a digest that changes on its way cannot be signed or rolled back to; look at what stands between engine and registry.",
};

/// Every blob is what its manifest says.
pub static BLOBS: Property = Property {
    code: "DT4002",
    name: "blob-altered-or-lost",
    holds: "every manifest, configuration and layer that the registry gives has the digest and size it is named by.",
    help: "the registry's storage is damaged or was tampered with: do not deploy from it, and push again to another one.",
};

/// What is pulled is what was built.
pub static PULL: Property = Property {
    code: "DT4003",
    name: "pulled-image-differs",
    holds: "the image that is pulled by its digest has the layers and the configuration that were built.",
    help: "compare both with `docker-size --against`; a mirror between engine and registry may give something else.",
};

/// An index names an image for each platform.
pub static INDEX: Property = Property {
    code: "DT4004",
    name: "platform-missing",
    holds: "the index has an image for every platform of the release, and each is for the platform it is named by.",
    help: "build for all of them: `docker-build --platform linux/amd64,linux/arm64 --push`.",
};

/// Images of other platforms start.
pub static PLATFORM: Property = Property {
    code: "DT4005",
    name: "platform-does-not-start",
    holds: "the image of every other platform starts under emulation and becomes healthy.",
    help: "look for programs of the wrong platform: a `COPY --from` of a stage that was built for the builder's platform.",
};

/// Both versions become healthy.
pub static DEPLOY: Property = Property {
    code: "DT4006",
    name: "release-not-healthy",
    holds: "a version, and the one after it, become healthy when they are started by their digests.",
    help: "the evidence has the last answers of the health check.",
};

/// The way back works.
pub static ROLLBACK: Property = Property {
    code: "DT4007",
    name: "rollback-failed",
    holds: "the version before is put to work again by its digest, and becomes healthy.",
    help: "a version that cannot be started a second time keeps state where it should not.",
};

/// The way back is fast.
pub static SPEED: Property = Property {
    code: "DT4008",
    name: "rollback-too-slow",
    holds: "going back takes less than two minutes, from the first step until the version before is healthy.",
    help: "make the start faster (`docker-test --suite image` measures it), or the image smaller.",
};

/// A version that never becomes healthy does not stay.
pub static GOES_BACK: Property = Property {
    code: "DT4009",
    name: "broken-release-stays",
    holds: "a version that never becomes healthy gives way to the one that ran before.",
    help: "nobody but the health check can tell that a version is broken: it must fail when the service does not work.",
};

/// All of them, in the order they are tried.
pub const PROPERTIES: &[&Property] = &[
    &PUSH, &BLOBS, &PULL, &INDEX, &PLATFORM, &DEPLOY, &ROLLBACK, &SPEED, &GOES_BACK,
];
