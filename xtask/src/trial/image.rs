//! What every image must show by itself.

use super::Property;

/// All of them, by code. What each means to the reader stands here and nowhere else: `docs/test.md` is held to it.
pub const PROPERTIES: &[&Property] = &[
    &DOES_NOT_START,
    &BREAKS_WHEN_HARDENED,
    &NO_HEALTH_CHECK,
    &SLOW_START,
    &SLOW_HEALTH_ENDPOINT,
    &ALWAYS_TRUE_PROBE,
    &SILENT_HEALTH_CHECKS,
    &RUNS_AS_ROOT,
    &GAINS_PRIVILEGES,
    &IGNORES_SIGTERM,
    &UNCLEAN_EXIT,
    &DROPS_REQUESTS,
    &LEAVES_ZOMBIES,
    &ACCEPTS_BAD_CONFIGURATION,
    &UNCLEAR_CONFIGURATION_ERROR,
    &UNSTRUCTURED_LOGS,
    &BROKEN_METRICS,
    &WRITES_OUTSIDE,
    &BREAKS_WHEN_RESTARTED,
    &NEEDS_NETWORK,
    &OVER_MEMORY,
    &LEAKS_MEMORY,
];

/// It does not start.
pub static DOES_NOT_START: Property = Property {
    code: "DT1001",
    name: "does-not-start",
    holds: "A container of the image starts, and stays up.",
    help: "Read the last lines of its log. If it needs variables, give them in `[test.images.<image>.env]`.",
};

/// Hardening breaks it.
pub static BREAKS_WHEN_HARDENED: Property = Property {
    code: "DT1002",
    name: "breaks-when-hardened",
    holds: "It starts with a read-only root, without any capability, without new privileges, and within its memory \
            and process limits.",
    help: "The hardening that breaks it is named. Write to a folder of `test.tmpfs` instead of the image, listen on a \
           port above 1023, and need no capability; or raise the limit that is too small.",
};

/// No health check.
pub static NO_HEALTH_CHECK: Property = Property {
    code: "DT1101",
    name: "no-health-check",
    holds: "The image declares a `HEALTHCHECK`.",
    help: "Add `HEALTHCHECK … CMD …` to the stage that is the image: without it nobody notices a service that hangs.",
};

/// Healthy too late, or never.
pub static SLOW_START: Property = Property {
    code: "DT1102",
    name: "slow-start",
    holds: "It is healthy within `test.healthy_within`, by its own `HEALTHCHECK`.",
    help: "Do less before listening. With `--start-interval=1s` in the `HEALTHCHECK` a quick start is seen quickly.",
};

/// The endpoint of health answers slowly.
pub static SLOW_HEALTH_ENDPOINT: Property = Property {
    code: "DT1103",
    name: "slow-health-endpoint",
    holds: "The health endpoint answers every request with success, and 99 of 100 within `test.answers_within`.",
    help: "A health check asks for state that is there already; work that takes long is done beside it.",
};

/// A probe that cannot fail.
pub static ALWAYS_TRUE_PROBE: Property = Property {
    code: "DT1104",
    name: "always-true-probe",
    holds: "The `HEALTHCHECK` fails while all processes of the service are frozen, and succeeds again when they go on.",
    help: "Let the probe ask the service itself and fail with its answer, in time: no `|| true`, no check of a file or \
           a pid, a time limit on the request.",
};

/// The endpoint does not name its checks.
pub static SILENT_HEALTH_CHECKS: Property = Property {
    code: "DT1105",
    name: "silent-health-checks",
    holds: "The answer of the health endpoint names every check of `test.images.<image>.checks`.",
    help: "Register the check where health is told, or correct the list in the manifest.",
};

/// Root.
pub static RUNS_AS_ROOT: Property = Property {
    code: "DT1201",
    name: "runs-as-root",
    holds: "No process of the container has the user or group id 0: real, effective, saved or of the file system.",
    help: "Set `USER` to a number other than 0 in the stage that is the image, with a group that is not 0.",
};

/// Privileges.
pub static GAINS_PRIVILEGES: Property = Property {
    code: "DT1202",
    name: "gains-privileges",
    holds: "No process has a capability, and none can gain privileges (`NoNewPrivs`).",
    help: "Remove setuid programs and file capabilities from the image, and what needs them.",
};

/// SIGTERM ignored.
pub static IGNORES_SIGTERM: Property = Property {
    code: "DT1301",
    name: "ignores-sigterm",
    holds: "It ends by itself within `test.stops_within` of its stop signal.",
    help: "Write `CMD` and `ENTRYPOINT` in their exec form, start the program itself instead of `npm` or a shell, and \
           handle the signal, or put an init such as dumb-init or tini before it.",
};

/// It ends with the wrong code.
pub static UNCLEAN_EXIT: Property = Property {
    code: "DT1302",
    name: "unclean-exit",
    holds: "It ends with exit code 0 (`test.images.<image>.exit_code`) when it is stopped.",
    help: "Handle the stop signal: stop listening, answer what is open, close connections, exit with 0.",
};

/// Requests in flight are lost.
pub static DROPS_REQUESTS: Property = Property {
    code: "DT1303",
    name: "drops-requests",
    holds: "Requests that are in flight when the stop signal comes are answered.",
    help: "Stop accepting new connections, and wait for those that have a request before the process ends.",
};

/// Zombies.
pub static LEAVES_ZOMBIES: Property = Property {
    code: "DT1304",
    name: "leaves-zombies",
    holds: "No process that has ended stays in the process table.",
    help: "Wait for child processes, and put an init such as dumb-init or tini first: PID 1 must reap orphans.",
};

/// Wrong configuration is accepted.
pub static ACCEPTS_BAD_CONFIGURATION: Property = Property {
    code: "DT1401",
    name: "accepts-bad-configuration",
    holds: "With a wrong or missing variable it ends at once, with the exit code that the manifest expects.",
    help: "Check all variables before anything else, and exit with a code other than 0 (78 is EX_CONFIG of sysexits.h).",
};

/// Wrong configuration is not named.
pub static UNCLEAR_CONFIGURATION_ERROR: Property = Property {
    code: "DT1402",
    name: "unclear-configuration-error",
    holds: "With a wrong or missing variable it writes exactly one line of its log format, which names the variable.",
    help: "Gather what is wrong, write one log entry that names every variable, and no stack trace.",
};

/// Logs that are not JSON lines.
pub static UNSTRUCTURED_LOGS: Property = Property {
    code: "DT1501",
    name: "unstructured-logs",
    holds: "Standard output has nothing but JSON objects, one in a line, with the fields of `test.log_fields`; standard \
            error is empty.",
    help: "Use the logger for everything, and send warnings of the runtime through it or turn them off.",
};

/// Metrics that do not parse.
pub static BROKEN_METRICS: Property = Property {
    code: "DT1601",
    name: "broken-metrics",
    holds: "The metrics endpoint answers in Prometheus' text format, without a mistake.",
    help: "Let a client library write the format. The line that breaks it is named.",
};

/// Writes where it should not.
pub static WRITES_OUTSIDE: Property = Property {
    code: "DT1701",
    name: "writes-outside",
    holds: "It writes nowhere but to the folders of `test.tmpfs` and its volumes, also where it could.",
    help: "Write to a declared folder, or declare this one: what is written elsewhere is lost, or fails in production.",
};

/// It does not come back.
pub static BREAKS_WHEN_RESTARTED: Property = Property {
    code: "DT1702",
    name: "breaks-when-restarted",
    holds: "The same container, stopped and started again, is healthy again and stops as well as before.",
    help: "Leave nothing behind that the next start stumbles over: pid files, locks, sockets.",
};

/// It needs a network.
pub static NEEDS_NETWORK: Property = Property {
    code: "DT1703",
    name: "needs-network",
    holds: "It is healthy without any network, where `without_network` says so.",
    help: "Connect to others in the background, and serve what needs them degraded until they are there.",
};

/// Too much memory.
pub static OVER_MEMORY: Property = Property {
    code: "DT1801",
    name: "over-memory-budget",
    holds: "Its resident memory at rest and under load is within `test.memory_at_rest` and `test.memory_under_load`.",
    help: "Find what holds the memory, or raise the budget with a reason.",
};

/// Memory grows.
pub static LEAKS_MEMORY: Property = Property {
    code: "DT1802",
    name: "leaks-memory",
    holds: "Its own memory grows no more than `test.growth` for each 1000 requests, once it is warm.",
    help: "Look for what every request leaves behind: listeners, caches without a limit, unbounded labels of metrics.",
};
