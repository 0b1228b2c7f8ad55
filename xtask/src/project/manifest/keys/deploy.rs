//! `[deploy]`: how the images are put to work, and what the manifests of it are held to.

use crate::project::manifest::kind::Presence::{Default, Optional, Required};
use crate::project::manifest::kind::{Key, Kind, key};

pub(super) const DEPLOY: &[Key] = &[
    key(
        "compose",
        Kind::Path,
        Optional,
        "The compose file that the images are tested with: limits, read-only files, who depends on whom. Kubernetes must \
         give no less and allow no more.",
    ),
    key(
        "base",
        Kind::Path,
        Optional,
        "The folder that `docker-deploy --write` fills with a kustomization of all services. Nothing in it is written by \
         hand. Unset, nothing is generated, and only `environments` are judged.",
    ),
    key(
        "falco",
        Kind::Path,
        Optional,
        "The file that `docker-deploy --write` fills with lists for Falco's rules: images, ports, programs.",
    ),
    key(
        "shutdown_variable",
        Kind::Variable,
        Optional,
        "The environment variable that holds, in milliseconds, after how long a service that is told to stop gives up. \
         Kubernetes must wait longer.",
    ),
    key(
        "liveness_path",
        Kind::UrlPath,
        Optional,
        "The path that answers as long as the process works, whatever it depends on: who fails here is started anew. \
         Unset, it is the health path.",
    ),
    key(
        "metrics_path",
        Kind::UrlPath,
        Optional,
        "The path of the metrics; the pods are annotated with it for Prometheus.",
    ),
    key(
        "defaults",
        Kind::Table(DEFAULTS),
        Optional,
        "What holds for every service unless it says otherwise.",
    ),
    key(
        "services",
        Kind::Map("<service>", &Kind::Name, &Kind::Table(SERVICE)),
        Optional,
        "What holds for single services.",
    ),
    key(
        "edges",
        Kind::Tables(EDGE),
        Optional,
        "Who may talk to whom, besides the `depends_on` and the URLs of the compose file. Everything else is denied.",
    ),
    key(
        "environments",
        Kind::Tables(ENVIRONMENT),
        Optional,
        "The kustomizations that are put to work, and judged.",
    ),
];

const DEFAULTS: &[Key] = &[
    key(
        "replicas",
        Kind::Count,
        Optional,
        "How many of each service. Unset, one.",
    ),
    key(
        "cpu_request",
        Kind::Text,
        Optional,
        "What a container is sure to get of a processor, such as `\"50m\"`.",
    ),
    key(
        "cpu_limit",
        Kind::Text,
        Optional,
        "What a container gets of a processor at most, where the compose file does not say.",
    ),
    key(
        "memory_request",
        Kind::Text,
        Optional,
        "What a container is sure to get of the memory, such as `\"128Mi\"`. Unset, all of its limit.",
    ),
    key(
        "variables",
        Kind::Map("<VARIABLE>", &Kind::Variable, &Kind::Scalar),
        Optional,
        "Environment variables of every container.",
    ),
];

const SERVICE: &[Key] = &[
    key("replicas", Kind::Count, Optional, "How many."),
    key(
        "single",
        Kind::Switch,
        Default("false"),
        "Whether there may never be two at a time, because it keeps its state to itself: the old one is stopped before \
         the new one is started.",
    ),
    key(
        "cpu_request",
        Kind::Text,
        Optional,
        "As in `deploy.defaults`.",
    ),
    key(
        "cpu_limit",
        Kind::Text,
        Optional,
        "As in `deploy.defaults`.",
    ),
    key(
        "memory_request",
        Kind::Text,
        Optional,
        "As in `deploy.defaults`.",
    ),
    key(
        "memory_limit",
        Kind::Text,
        Optional,
        "What a container gets of the memory at most. Unset, what the compose file says.",
    ),
    key(
        "variables",
        Kind::Map("<VARIABLE>", &Kind::Variable, &Kind::Scalar),
        Optional,
        "Its environment variables.",
    ),
    key(
        "secrets",
        Kind::Map("<VARIABLE>", &Kind::Variable, &Kind::Text),
        Optional,
        "Its secret variables, each as `\"<secret>/<key>\"`: the Secret in the cluster that holds it. Never the secret \
         itself.",
    ),
    key(
        "migrate",
        Kind::List(&Kind::Text),
        Default("[]"),
        "What is run in its image before it is started, in an init container: the migration of its database.",
    ),
    key(
        "programs",
        Kind::List(&Kind::Text),
        Default("[]"),
        "The programs that it starts besides those of `ENTRYPOINT` and `CMD`, for Falco.",
    ),
];

const EDGE: &[Key] = &[
    key(
        "from",
        Kind::Text,
        Required,
        "Who talks: a service, `*` (every service), `namespace:<name>`, or a network such as `10.0.0.0/8`.",
    ),
    key(
        "to",
        Kind::Text,
        Required,
        "Who answers: as `from`; another name is what has it as its label `app.kubernetes.io/name`; `internet` is every \
         public address.",
    ),
    key(
        "port",
        Kind::Port,
        Optional,
        "The port. Unset, that of the service that answers.",
    ),
    key(
        "environments",
        Kind::List(&Kind::Name),
        Default("[]"),
        "The environments that have this connection; their overlays allow it. Empty, all have it, and what is generated \
         allows it.",
    ),
];

const ENVIRONMENT: &[Key] = &[
    key("name", Kind::Name, Required, "What it is called."),
    key(
        "path",
        Kind::Path,
        Required,
        "The folder of its kustomization.",
    ),
    key(
        "digests",
        Kind::Switch,
        Default("false"),
        "Whether every image must be named by its digest. A tag can be moved after it was tested.",
    ),
];
