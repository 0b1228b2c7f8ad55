//! What is said of manifests: the codes, and their pages.

use crate::finding::Severity;
use crate::rule::{About, Category, Fixability};

/// Declares a code: the doc comment is its page.
macro_rules! declare {
    ($(#[doc = $line:expr])* $name:ident = $code:expr, $rule:expr, $severity:ident, $category:ident, $summary:expr;) => {
        pub(super) static $name: About = About {
            code: $code,
            name: $rule,
            aliases: &[],
            severity: Severity::$severity,
            enabled: true,
            category: Category::$category,
            summary: $summary,
            fix: Fixability::None,
            documentation: &[$($line),*],
        };
    };
}

/// All of them, by code.
pub const RULES: &[&About] = &[
    &PORT,
    &PROBE,
    &NO_PROBE,
    &IMPATIENT,
    &USER,
    &SERVICE_PORT,
    &GRACE,
    &NOT_DEPLOYED,
    &WRITABLE,
    &CAPABILITIES,
    &ESCALATION,
    &ROOT,
    &SECCOMP,
    &HOST,
    &NO_TMPFS,
    &SECRET,
    &TOKEN,
    &NO_LIMIT,
    &LOW_LIMIT,
    &NO_BUDGET,
    &NOT_SPREAD,
    &REPLICATED,
    &TAG,
    &UNPINNED,
    &MOVES,
    &OTHER_DIGEST,
    &NOT_DENIED,
    &BLOCKED,
    &NOT_MEANT,
    &NO_NAMES,
    &OUTDATED,
];

/// The rule about generated files, which commands hold to what is there.
#[must_use]
pub fn outdated() -> &'static About {
    &OUTDATED
}

declare! {
    /// ## What it does
    /// Reports a container whose ports do not have the one that its image listens on: the `EXPOSE` of the Dockerfile, or `port` in `[overrides.services]`.
    ///
    /// ## Why it is bad
    /// Probes, Services and network policies go by the ports that the manifest names. One that nobody listens on is a pod that never gets ready.
    ///
    /// ## What to do
    /// Name the port of the image, or generate the manifest anew: `docker-deploy --write`.
    PORT = "DK1001", "container-port-differs", Error, Correctness, "a container names another port than its image listens on";
}
declare! {
    /// ## What it does
    /// Reports a probe that asks another path or port than the image's `HEALTHCHECK`. A liveness probe may ask `deploy.liveness_path` instead.
    ///
    /// ## Why it is bad
    /// What was tested is the `HEALTHCHECK`. A probe that asks elsewhere tells nothing of it, or never gets an answer.
    ///
    /// ## What to do
    /// Ask what the `HEALTHCHECK` asks.
    PROBE = "DK1002", "probe-differs", Error, Correctness, "a probe asks something else than the image's HEALTHCHECK";
}
declare! {
    /// ## What it does
    /// Reports a service without a readiness or liveness probe although its image has a `HEALTHCHECK`, which Kubernetes does not look at.
    ///
    /// ## Why it is bad
    /// Without the first, requests reach a service that cannot answer yet; without the second, one that hangs is never started anew.
    ///
    /// ## What to do
    /// Add `readinessProbe` and `livenessProbe`.
    NO_PROBE = "DK1003", "probe-missing", Warning, Correctness, "a container has no probe where its image has a HEALTHCHECK";
}
declare! {
    /// ## What it does
    /// Reports probes that give up earlier than the image's `HEALTHCHECK`: a shorter time for one answer, or less time to start.
    ///
    /// ## Why it is bad
    /// The image was tested with the times of its `HEALTHCHECK`. What is slower than the probe allows is started anew, for ever.
    ///
    /// ## What to do
    /// Raise `timeoutSeconds`, or add a `startupProbe` whose `periodSeconds` times `failureThreshold` is the `--start-period`.
    IMPATIENT = "DK1004", "probe-impatient", Warning, Correctness, "a probe gives up earlier than the image's HEALTHCHECK";
}
declare! {
    /// ## What it does
    /// Reports a container that runs as another user or group than its image's `USER`.
    ///
    /// ## Why it is bad
    /// The files of the image, and every test of it, are for that user.
    ///
    /// ## What to do
    /// Give `runAsUser` and `runAsGroup` the numbers of the Dockerfile.
    USER = "DK1005", "container-user-differs", Error, Correctness, "a container runs as another user than its image";
}
declare! {
    /// ## What it does
    /// Reports a port of a Service that leads to no port of the pods it selects, and a Service that selects none.
    ///
    /// ## Why it is bad
    /// Nobody answers there.
    ///
    /// ## What to do
    /// Let `targetPort` be the name or number of a container's port, and `selector` the labels of the pods.
    SERVICE_PORT = "DK1006", "service-leads-nowhere", Error, Correctness, "a Service leads to no pod or port";
}
declare! {
    /// ## What it does
    /// Reports a pod that is killed before the service has stopped by itself: `terminationGracePeriodSeconds` is not longer than the time that the service takes (`deploy.shutdown_variable`, with what `preStop` sleeps), or shorter than `stop_grace_period` in the compose file.
    ///
    /// ## Why it is bad
    /// Requests under way are cut off, and what was to be saved is lost.
    ///
    /// ## What to do
    /// Raise `terminationGracePeriodSeconds`, or lower the service's own deadline.
    GRACE = "DK1007", "grace-period-too-short", Warning, Correctness, "a pod is killed before its service has stopped";
}
declare! {
    /// ## What it does
    /// Reports a service of the project that an environment does not run.
    ///
    /// ## Why it is bad
    /// Those that talk to it find nobody.
    ///
    /// ## What to do
    /// Add it, or say on purpose that it is not there: `docker-deploy --without SERVICE`.
    NOT_DEPLOYED = "DK1008", "service-not-deployed", Warning, Correctness, "an environment does not run a service";
}
declare! {
    /// ## What it does
    /// Reports a container that can write to its image's files although the compose file has `read_only: true`.
    ///
    /// ## Why it is bad
    /// Whoever breaks in can leave something behind. The image is tested to work without.
    ///
    /// ## What to do
    /// Set `readOnlyRootFilesystem: true`.
    WRITABLE = "DK2001", "container-files-writable", Warning, Security, "a container can write to the files of its image";
}
declare! {
    /// ## What it does
    /// Reports a container that keeps capabilities, or is given some.
    ///
    /// ## Why it is bad
    /// A service that listens on a high port and runs as a user needs none of root's powers.
    ///
    /// ## What to do
    /// Set `capabilities.drop: [ALL]`, and add none.
    CAPABILITIES = "DK2002", "container-capabilities-kept", Warning, Security, "a container keeps capabilities";
}
declare! {
    /// ## What it does
    /// Reports a container without `allowPrivilegeEscalation: false`.
    ///
    /// ## Why it is bad
    /// A program with the setuid bit gives powers that the container does not have.
    ///
    /// ## What to do
    /// Set `allowPrivilegeEscalation: false`, which is compose's `no-new-privileges`.
    ESCALATION = "DK2003", "privilege-escalation-allowed", Warning, Security, "a container may gain privileges";
}
declare! {
    /// ## What it does
    /// Reports a container without `runAsNonRoot: true`, of its own or of its pod.
    ///
    /// ## Why it is bad
    /// An image that runs as root would be started all the same.
    ///
    /// ## What to do
    /// Set `runAsNonRoot: true`.
    ROOT = "DK2004", "container-may-run-as-root", Warning, Security, "nothing keeps a container from running as root";
}
declare! {
    /// ## What it does
    /// Reports a container without `seccompProfile`, of its own or of its pod, or with the profile `Unconfined`.
    ///
    /// ## Why it is bad
    /// Docker filters system calls by default, Kubernetes does not: the container may do more than when it was tested.
    ///
    /// ## What to do
    /// Set `seccompProfile.type: RuntimeDefault`.
    SECCOMP = "DK2005", "seccomp-profile-missing", Warning, Security, "the system calls of a container are not filtered";
}
declare! {
    /// ## What it does
    /// Reports a pod that shares what is the machine's: `privileged`, `hostNetwork`, `hostPID`, `hostIPC`, a `hostPath`, a `hostPort`.
    ///
    /// ## Why it is bad
    /// Whoever breaks into the container is on the machine.
    ///
    /// ## What to do
    /// Leave it out.
    HOST = "DK2006", "host-shared-with-container", Error, Security, "a pod shares what is the machine's";
}
declare! {
    /// ## What it does
    /// Reports a folder that the compose file has in memory (`tmpfs`) and the pod has not, or without an upper limit.
    ///
    /// ## Why it is bad
    /// On read-only files, the service cannot write where it has to; without a limit it can fill the memory of the machine.
    ///
    /// ## What to do
    /// Mount an `emptyDir` with `medium: Memory` and a `sizeLimit` there.
    NO_TMPFS = "DK2007", "memory-folder-missing", Error, Correctness, "a folder that the service writes to is missing";
}
declare! {
    /// ## What it does
    /// Reports a secret that stands in a manifest: a Secret with its data, or a variable whose name or value says that it is secret.
    ///
    /// ## Why it is bad
    /// Whoever reads the repository has it, and its history keeps it.
    ///
    /// ## What to do
    /// Refer to a Secret that something else puts into the cluster: `valueFrom.secretKeyRef`.
    SECRET = "DK2008", "secret-in-manifest", Error, Security, "a secret stands in a manifest";
}
declare! {
    /// ## What it does
    /// Reports a pod that gets the token of its service account.
    ///
    /// ## Why it is bad
    /// Whoever breaks in can ask the cluster's API. A service that never does needs no token.
    ///
    /// ## What to do
    /// Set `automountServiceAccountToken: false`.
    TOKEN = "DK2009", "service-account-token-mounted", Warning, Security, "a pod gets a token for the cluster's API";
}
declare! {
    /// ## What it does
    /// Reports a container without a limit of memory, or without requests of memory and processor.
    ///
    /// ## Why it is bad
    /// Without a limit one container takes what the others need; without requests the pods of a full machine are evicted by chance.
    ///
    /// ## What to do
    /// Set `resources.limits.memory` and `resources.requests`.
    NO_LIMIT = "DK3001", "resource-limit-missing", Warning, Correctness, "a container has no limit or request of a resource";
}
declare! {
    /// ## What it does
    /// Reports a limit of memory that is lower than the one that the image is tested with, and a limit that is lower than the request.
    ///
    /// ## Why it is bad
    /// Nobody knows whether the service works with so little; a container over its limit is killed.
    ///
    /// ## What to do
    /// Raise the limit, or lower that of the compose file and test it.
    LOW_LIMIT = "DK3002", "memory-limit-below-tested", Warning, Correctness, "a container gets less memory than it is tested with";
}
declare! {
    /// ## What it does
    /// Reports a service with several replicas and no PodDisruptionBudget, and a budget that forbids every disruption.
    ///
    /// ## Why it is bad
    /// Without one, draining a machine may stop all of them at once; with one that allows nothing, the machine is never drained.
    ///
    /// ## What to do
    /// Add a PodDisruptionBudget with `maxUnavailable: 1`.
    NO_BUDGET = "DK3003", "disruption-budget-missing", Warning, Correctness, "nothing keeps all replicas from being stopped at once";
}
declare! {
    /// ## What it does
    /// Reports a service with several replicas that may all be on one machine: it has neither `topologySpreadConstraints` nor a `podAntiAffinity`.
    ///
    /// ## Why it is bad
    /// When the machine is gone, all of them are.
    ///
    /// ## What to do
    /// Spread them over `kubernetes.io/hostname`, and zones if there are any.
    NOT_SPREAD = "DK3004", "replicas-not-spread", Warning, Correctness, "all replicas may be on one machine";
}
declare! {
    /// ## What it does
    /// Reports a service that the manifest calls `single` and that may run twice: several replicas, or an update that starts the new one before the old one has stopped.
    ///
    /// ## Why it is bad
    /// It keeps its state to itself; two of them do not agree.
    ///
    /// ## What to do
    /// Set `replicas: 1` and `strategy.type: Recreate`.
    REPLICATED = "DK3005", "single-service-replicated", Error, Correctness, "a service that must be alone may run twice";
}
declare! {
    /// ## What it does
    /// Reports an image that is named by its tag in an environment with `digests = true`.
    ///
    /// ## Why it is bad
    /// Somebody may move the tag to an image that was neither tested, scanned nor signed.
    ///
    /// ## What to do
    /// Write the digests of what was pushed: `docker-deploy --write --images FILE`.
    TAG = "DK4001", "deployed-image-by-tag", Error, Reproducibility, "an environment that wants digests names an image by its tag";
}
declare! {
    /// ## What it does
    /// Tells that nothing says yet which build of an image is put to work: it has the tag `unpinned`, which `docker-deploy --write` gives it and nobody pushes.
    ///
    /// ## Why it is bad
    /// It is not: nothing starts by mistake. It must be pinned before it is applied.
    ///
    /// ## What to do
    /// `docker-deploy --write --images FILE` writes the digests of what was pushed.
    UNPINNED = "DK4002", "deployed-image-unpinned", Note, Reproducibility, "nothing says yet which build of an image is put to work";
}
declare! {
    /// ## What it does
    /// Reports an image with the tag `latest`, or without tag and digest.
    ///
    /// ## Why it is bad
    /// It is another image every day, and nobody can go back to yesterday's.
    ///
    /// ## What to do
    /// Name it by its digest, or by a tag that is never moved.
    MOVES = "DK4003", "deployed-image-moves", Warning, Reproducibility, "a deployed image is another one every day";
}
declare! {
    /// ## What it does
    /// Reports an image with another digest than the record of the build, given with `--images`.
    ///
    /// ## Why it is bad
    /// What is put to work is not what was built, tested and signed.
    ///
    /// ## What to do
    /// `docker-deploy --write --images FILE`.
    OTHER_DIGEST = "DK4004", "deployed-digest-differs", Error, Reproducibility, "a deployed image is not the one that was built";
}
declare! {
    /// ## What it does
    /// Reports a pod that no NetworkPolicy isolates, for what comes in or what goes out.
    ///
    /// ## Why it is bad
    /// Whatever no policy selects may talk to everybody.
    ///
    /// ## What to do
    /// Add a policy that selects every pod (`podSelector: {}`), names `Ingress` and `Egress`, and allows nothing.
    NOT_DENIED = "DK5001", "network-not-denied", Warning, Security, "no policy limits who a pod talks to";
}
declare! {
    /// ## What it does
    /// Reports a connection that the services need (`depends_on` and URLs in the compose file, `[[deploy.edges]]`) and the policies do not allow.
    ///
    /// ## Why it is bad
    /// The service cannot do its work.
    ///
    /// ## What to do
    /// Allow it on both sides: `egress` of the one, `ingress` of the other.
    BLOCKED = "DK5002", "needed-connection-blocked", Error, Correctness, "a policy blocks a connection that is needed";
}
declare! {
    /// ## What it does
    /// Reports a connection that a policy allows and that neither the compose file nor `[[deploy.edges]]` knows.
    ///
    /// ## Why it is bad
    /// Nobody tested it, and whoever breaks in can use it.
    ///
    /// ## What to do
    /// Remove it from the policy, or say in `[[deploy.edges]]` that it is meant.
    NOT_MEANT = "DK5003", "connection-not-meant", Warning, Security, "a policy allows a connection that nobody needs";
}
declare! {
    /// ## What it does
    /// Reports a pod that talks to others by name and may not ask for names: no policy lets it reach port 53.
    ///
    /// ## Why it is bad
    /// Every connection to a name fails.
    ///
    /// ## What to do
    /// Allow egress to port 53, UDP and TCP.
    NO_NAMES = "DK5004", "name-lookup-blocked", Error, Correctness, "a pod may not ask for names";
}
declare! {
    /// ## What it does
    /// Reports a generated file that is not what the Dockerfiles, the compose file and the manifest say.
    ///
    /// ## Why it is bad
    /// What is put to work is not what was built and tested.
    ///
    /// ## What to do
    /// `docker-deploy --write`.
    OUTDATED = "DK6001", "generated-manifest-outdated", Error, Correctness, "a generated file is not up to date";
}
