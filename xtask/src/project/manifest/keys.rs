//! Every key of the manifest, once: the checker, the suggestions, the JSON schema and the reference page read it here.

mod affected;
mod budget;
mod ci;
mod deploy;
mod fleet;
mod lint;
mod report;
mod retention;
mod rollback;
mod scan;
mod structure;
mod tags;
mod test;
mod trust;

use affected::AFFECTED;
use budget::BUDGET;
use ci::CI;
use deploy::DEPLOY;
use lint::LINT;
use report::REPORT;
use retention::RETENTION;
use rollback::ROLLBACK;
use scan::SCAN;
use tags::TAGS;
use test::TEST;
use trust::{AUDIT, TRUST};

use super::kind::Presence::{Default, Optional, Required};
use super::kind::{Key, Kind, key};

/// The keys at the top.
pub(crate) const MANIFEST: &[Key] = &[
    key(
        "schema_version",
        Kind::Version,
        Required,
        "The version of this file's language. It is raised when a key changes its meaning.",
    ),
    key("project", Kind::Table(PROJECT), Required, "The project."),
    key(
        "registry",
        Kind::Table(REGISTRY),
        Optional,
        "Where images are pushed to. Without it images have local names and cannot be pushed.",
    ),
    key(
        "base",
        Kind::OneOrMore(BASE),
        Optional,
        "The image the services share, built once. Several bases are written as `[[base]]`.",
    ),
    key(
        "services",
        Kind::Table(SERVICES),
        Optional,
        "How services are found. One service is one Dockerfile.",
    ),
    key(
        "stages",
        Kind::Table(STAGES),
        Optional,
        "What the stages of the Dockerfiles are called.",
    ),
    key(
        "platforms",
        Kind::Table(PLATFORMS),
        Optional,
        "For which platforms images are built. A build on one's own machine uses that machine's platform.",
    ),
    key(
        "budget",
        Kind::Table(BUDGET),
        Optional,
        "How large an image may be, in Docker's units: 1 MB is 1,000,000 bytes. A manifest without this table holds \
         every image to 150 MB unpacked; in a table that is there, a limit that is not written is none: the image is \
         measured and not judged. `docker-build` judges `unpacked` and `compressed`, `docker-size` all of them.",
    ),
    key(
        "build",
        Kind::Table(BUILD),
        Optional,
        "What every build gets.",
    ),
    key(
        "secrets",
        Kind::Map("<id>", &Kind::Name, &Kind::Table(SECRET)),
        Optional,
        "Where the secrets come from that Dockerfiles ask for with `RUN --mount=type=secret,id=<id>`. Only the place \
         is written here, never the secret.",
    ),
    key(
        "cache",
        Kind::Table(CACHE),
        Optional,
        "Where build caches are kept between machines. The builder's own cache needs no entry.",
    ),
    key(
        "attestations",
        Kind::Table(ATTESTATIONS),
        Optional,
        "What a release build records about itself, on a builder that can.",
    ),
    key(
        "builders",
        Kind::Map("<name>", &Kind::Name, &Kind::Table(BUILDER)),
        Optional,
        "Builders beyond this machine, for `docker-build --builder <name>`.",
    ),
    key(
        "labels",
        Kind::Map("<label>", &Kind::Label, &Kind::Template),
        Optional,
        "Labels of every image, by their full name or the short name of the Open Container Initiative (`title`, \
         `description`, `source`, `url`, `documentation`, `vendor`, `authors`, `licenses`). `{name}` stands for the \
         image's name; `title` is the image's name below its registry unless written. `revision`, `created`, \
         `version` and `base.name` are filled in.",
    ),
    key(
        "overrides",
        Kind::Table(OVERRIDES),
        Optional,
        "For what cannot be read from a Dockerfile.",
    ),
    key(
        "lint",
        Kind::Table(LINT),
        Optional,
        "What `docker-lint` reports, and how bad it is. `docs/rules/` lists the rules.",
    ),
    key(
        "trust",
        Kind::Table(TRUST),
        Optional,
        "Which images are trusted: who must have signed them, and what must be attested about them. `docker-sign` makes \
         the signatures, `docker-verify` holds images to this.",
    ),
    key(
        "audit",
        Kind::Table(AUDIT),
        Optional,
        "The record of what was built, scanned, signed, pushed and deployed.",
    ),
    key(
        "scan",
        Kind::Table(SCAN),
        Optional,
        "What images may have wrong with them, and for how long: `docker-scan`.",
    ),
    key(
        "retention",
        Kind::Table(RETENTION),
        Optional,
        "What of the images in the registry is kept: `docker-clean`. Without rules nothing is removed.",
    ),
    key(
        "test",
        Kind::Table(TEST),
        Optional,
        "What started images must show: `docker-test`.",
    ),
    key(
        "rollback",
        Kind::Table(ROLLBACK),
        Optional,
        "How an earlier image is put to work again: `docker-rollback`.",
    ),
    key(
        "report",
        Kind::Table(REPORT),
        Optional,
        "What the project set out to reach, and what was measured of it: `docker-report`.",
    ),
    key(
        "ci",
        Kind::Table(CI),
        Optional,
        "The workflow that builds, judges and publishes the images: `docker-ci --write` makes it. Without this table none \
         is written, and those that are there are judged.",
    ),
    key(
        "tags",
        Kind::Table(TAGS),
        Optional,
        "What images are called: `docker-tags`, and `docker-build --tags-from-git`. docs/tags.md explains the lines.",
    ),
    key(
        "affected",
        Kind::Table(AFFECTED),
        Optional,
        "What `docker-affected` may take for granted.",
    ),
    key(
        "deploy",
        Kind::Table(DEPLOY),
        Optional,
        "How the images are put to work: `docker-deploy` writes Kubernetes manifests from this, the Dockerfiles and the \
         compose file, and judges those that are written by hand.",
    ),
    key(
        "stand_in",
        Kind::Table(STAND_IN),
        Optional,
        "How `--offline` stands in for packages of the real base image.",
    ),
];

const PROJECT: &[Key] = &[key(
    "name",
    Kind::Prefix,
    Required,
    "Prefix of the bake variables (in upper case, such as `JTS_TAG`) and, unless `registry.image` says otherwise, of \
     the image names.",
)];

const REGISTRY: &[Key] = &[
    key(
        "host",
        Kind::Host,
        Optional,
        "The registry, with its port if it has one, such as `\"ghcr.io\"`.",
    ),
    key(
        "namespace",
        Kind::ImagePath,
        Optional,
        "The path below the host, such as `\"ddoachi\"`.",
    ),
    key(
        "image",
        Kind::ImageTemplate,
        Optional,
        "What an image is called there. Unset, it is `<project name>-{name}`.",
    ),
];

const BASE: &[Key] = &[
    key("dockerfile", Kind::Path, Required, "Its Dockerfile."),
    key("name", Kind::Name, Default("\"base\""), "Its name."),
    key(
        "production",
        Kind::Name,
        Optional,
        "The stage that is the image. Unset, it is `stages.production`. A service that says \
         `FROM <image>` gets this stage, and `FROM <image>-<stage>` any other.",
    ),
];

const SERVICES: &[Key] = &[
    key(
        "dockerfiles",
        Kind::List(&Kind::Glob),
        Default("[\"apps/*/Dockerfile\"]"),
        "Where the services' Dockerfiles lie. `*` and `?` match within one name, `**` any number of folders. A \
         service is called what the last wildcard stands for.",
    ),
    key(
        "exclude",
        Kind::List(&Kind::Glob),
        Default("[]"),
        "Dockerfiles that are no service.",
    ),
];

const STAGES: &[Key] = &[
    key(
        "production",
        Kind::Name,
        Default("\"production\""),
        "The stage that runs in production. Every Dockerfile must have it.",
    ),
    key(
        "development",
        Kind::Name,
        Optional,
        "The stage for developing. Written here, every service must have it; unset, a stage called `development` is \
         taken where there is one.",
    ),
];

const PLATFORMS: &[Key] = &[key(
    "release",
    Kind::List(&Kind::Platform),
    Default("[]"),
    "The platforms of a release build. Empty, a release is built for the builder's own platform.",
)];

const BUILD: &[Key] = &[
    key(
        "context",
        Kind::Path,
        Default("\".\""),
        "The folder that is sent to the builder.",
    ),
    key(
        "contexts",
        Kind::Map("<name>", &Kind::Name, &Kind::Path),
        Optional,
        "Folders besides it, by the name that `COPY --from=<name>` and `RUN --mount=from=<name>` ask for. Each has its \
         own `.dockerignore` in its root.",
    ),
    key(
        "args",
        Kind::Map("<ARG>", &Kind::Variable, &Kind::Scalar),
        Optional,
        "Build arguments. A Dockerfile gets those it declares; an argument none declares is an error. `VCS_REF`, \
         `BUILD_DATE` and `VERSION` are filled in where declared.",
    ),
];

const SECRET: &[Key] = &[
    key(
        "file_env",
        Kind::List(&Kind::Variable),
        Default("[]"),
        "Environment variables that may hold the path of a file with the secret; the first that is set counts.",
    ),
    key(
        "env",
        Kind::Variable,
        Optional,
        "The environment variable that holds the secret itself. Beware of long values: see `file_env`.",
    ),
    key(
        "optional",
        Kind::Switch,
        Default("false"),
        "Whether a build goes on without it.",
    ),
];

const CACHE: &[Key] = &[
    key(
        "backend",
        Kind::Choice(&["none", "gha", "registry", "local"]),
        Default("\"none\""),
        "`gha` is the cache of GitHub Actions, `registry` an image tag beside each image, `local` a folder.",
    ),
    key(
        "mode",
        Kind::Choice(&["min", "max"]),
        Default("\"max\""),
        "`max` keeps the layers of every stage, `min` those of the image only.",
    ),
    key(
        "directory",
        Kind::Path,
        Default("\"target/docker-cache\""),
        "The folder of the `local` backend; every target has its own below it.",
    ),
    key(
        "goal",
        Kind::Percent,
        Default("80"),
        "How many percent of the steps are to be cached for the median commit: `docker-cache`.",
    ),
];

const ATTESTATIONS: &[Key] = &[
    key(
        "provenance",
        Kind::Choice(&["none", "min", "max"]),
        Default("\"max\""),
        "How much is said about how the image was built.",
    ),
    key(
        "sbom",
        Kind::Switch,
        Default("true"),
        "Whether the image's packages are listed.",
    ),
];

const BUILDER: &[Key] = &[
    key(
        "driver",
        Kind::Choice(&["docker-container", "kubernetes", "remote"]),
        Required,
        "The driver of `docker buildx create`.",
    ),
    key(
        "nodes",
        Kind::Tables(NODE),
        Optional,
        "The machines. `remote` needs at least one; the others default to one on the current endpoint.",
    ),
    key(
        "options",
        Kind::Map("<option>", &Kind::Text, &Kind::Scalar),
        Optional,
        "Driver options of every node (`docker buildx create --driver-opt`).",
    ),
];

const NODE: &[Key] = &[
    key(
        "platforms",
        Kind::List(&Kind::Platform),
        Required,
        "What it builds for.",
    ),
    key(
        "endpoint",
        Kind::Text,
        Optional,
        "Where it is: a Docker context, `ssh://…` or `tcp://…`.",
    ),
    key(
        "options",
        Kind::Map("<option>", &Kind::Text, &Kind::Scalar),
        Optional,
        "Driver options of this node.",
    ),
];

const OVERRIDES: &[Key] = &[key(
    "services",
    Kind::Map("<service>", &Kind::Name, &Kind::Table(OVERRIDE)),
    Optional,
    "By service.",
)];

const OVERRIDE: &[Key] = &[
    key(
        "port",
        Kind::Port,
        Optional,
        "The port it listens on. Unset, it is the `EXPOSE` of the production stage.",
    ),
    key(
        "health_path",
        Kind::UrlPath,
        Optional,
        "The path that tells its health. Unset, it is that of the URL in `HEALTHCHECK`.",
    ),
    key(
        "production",
        Kind::Name,
        Optional,
        "Its production stage, where it is called otherwise.",
    ),
    key(
        "development",
        Kind::Name,
        Optional,
        "Its development stage, where it is called otherwise.",
    ),
    key("title", Kind::Text, Optional, "Its title label."),
    key(
        "description",
        Kind::Text,
        Optional,
        "Its description label.",
    ),
];

const STAND_IN: &[Key] = &[key(
    "packages",
    Kind::Map("<package>", &Kind::Text, &Kind::Opaque),
    Optional,
    "By name of the package in the real base: what stands in for it.",
)];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::manifest::kind::Presence;

    fn every(keys: &'static [Key], visit: &mut impl FnMut(&Key)) {
        for key in keys {
            visit(key);
            below(key.kind, visit);
        }
    }

    fn below(kind: Kind, visit: &mut impl FnMut(&Key)) {
        match kind {
            Kind::Table(keys) | Kind::Tables(keys) | Kind::OneOrMore(keys) => every(keys, visit),
            Kind::Map(_, _, value) | Kind::List(value) => below(*value, visit),
            _ => {}
        }
    }

    #[test]
    fn every_key_is_explained_in_sentences() {
        every(MANIFEST, &mut |key| {
            assert!(key.doc.ends_with('.'), "{}: {}", key.name, key.doc);
        });
    }

    #[test]
    fn every_default_is_a_toml_value() {
        every(MANIFEST, &mut |key| {
            if let Presence::Default(text) = key.presence {
                assert!(toml::de::DeValue::parse(text).is_ok(), "{}", key.name);
            }
        });
    }
}
