//! One service: how it is started, and everything that is tried with it, in order.

use std::net::IpAddr;
use std::time::{Duration, Instant};

use super::hardening::{self, Hardening};
use super::{One, configuration, ending, endpoint, inside, probe, unhindered};
use crate::commands::test::Trial;
use crate::commands::test::progress::Task;
use crate::engine::containers::{Container, Session, State};
use crate::engine::events::Timestamp;
use crate::error::Result;
use crate::image::config::RunConfig;
use crate::project::ImageDefinition;
use crate::project::manifest::ImageTest;
use crate::trial::image::{
    DOES_NOT_START, NO_HEALTH_CHECK, PROPERTIES, SLOW_START, UNSTRUCTURED_LOGS,
};
use crate::trial::{Measurement, Outcome, Subject, Unit, Verdict, logs};

/// How often the engine is asked how a container is.
const POLL: Duration = Duration::from_millis(150);
/// How long one without a health check has to stay up to count as started.
const SETTLED: Duration = Duration::from_millis(1500);

/// A service that is tried.
pub(super) struct Service<'t> {
    pub(super) trial: &'t Trial<'t>,
    pub(super) session: &'t Session<'t>,
    pub(super) image: &'t ImageDefinition,
    pub(super) reference: &'t str,
    pub(super) config: &'t RunConfig,
    pub(super) task: &'t Task<'t>,
    pub(super) test: ImageTest,
    pub(super) limits: Limits,
    network: &'t str,
}

/// How long things may take, by the manifest.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// Until it is healthy, from its start.
    pub(super) healthy: Duration,
    /// Until its health is told.
    pub(super) answers: Duration,
    /// Until it ended after it was told to.
    pub(super) stops: Duration,
}

/// How a container is started.
#[derive(Clone, Debug, Default)]
pub(super) struct How {
    /// The restrictions that are left away.
    pub(super) without: Vec<Hardening>,
    /// How long it may take to come up; as the manifest says where it is not said.
    pub(super) limit: Option<Duration>,
    /// Without any network.
    pub(super) alone: bool,
}

/// A container, and whether it came up.
pub(super) struct Attempt<'s> {
    pub(super) container: Container<'s>,
    pub(super) state: State,
    /// By its own health check; none where it has none, or where it never was.
    pub(super) healthy_after: Option<Duration>,
    /// Whether it ran in the end.
    pub(super) is_running: bool,
    /// Why it did not come up, in a clause.
    pub(super) trouble: Option<String>,
}

impl Attempt<'_> {
    /// Where it can be reached.
    pub(super) fn address(&self) -> Option<IpAddr> {
        let (_, address) = self.state.addresses.first()?;
        address.parse().ok()
    }
}

impl<'t> Service<'t> {
    pub(super) fn new(one: &One<'t>) -> Self {
        let test = one.trial.project.manifest.test.of(&one.image.name);
        let seconds = |period: Option<crate::timestamp::Period>| {
            Duration::from_secs(period.unwrap_or_default().seconds())
        };
        Self {
            limits: Limits {
                healthy: seconds(test.limits.healthy_within),
                answers: seconds(test.limits.answers_within),
                stops: seconds(test.limits.stops_within),
            },
            trial: one.trial,
            session: one.session,
            image: one.image,
            reference: one.reference,
            config: &one.inspected.config,
            task: one.task,
            test,
            network: one.network.name(),
        }
    }

    /// The health check of the image, unless it is switched off.
    pub(super) fn health_command(&self) -> Option<Vec<&str>> {
        let test = &self.config.healthcheck.as_ref()?.test;
        let words: Vec<&str> = test.iter().map(String::as_str).collect();
        match words.as_slice() {
            ["CMD", command @ ..] if !command.is_empty() => Some(command.to_vec()),
            ["CMD-SHELL", script] => Some(vec!["/bin/sh", "-c", script]),
            _ => None,
        }
    }

    /// The port it listens on.
    pub(super) fn port(&self) -> Option<u16> {
        self.image.port
    }

    /// The path of its health, as its health check asks for it.
    pub(super) fn health_path(&self) -> &str {
        self.image.health_path.as_deref().unwrap_or("/")
    }

    /// The path that is asked for under load.
    pub(super) fn load_path(&self) -> &str {
        self.test.load_path.as_deref().unwrap_or(self.health_path())
    }

    /// Options for `docker run`.
    fn options(&self, how: &How) -> Vec<String> {
        let mut options = Hardening::options(&how.without, self);
        let network = if how.alone { "none" } else { self.network };
        options.push(format!("--network={network}"));
        // It is there; one that vanishes in between is not fetched from somewhere else.
        options.push("--pull=never".to_owned());
        options.extend(
            self.test
                .limits
                .tmpfs
                .iter()
                .flatten()
                .map(|folder| format!("--tmpfs={folder}")),
        );
        options.extend(
            self.test
                .env
                .iter()
                .map(|(name, value)| format!("--env={name}={value}")),
        );
        if self.health_command().is_some() && self.has_start_interval() {
            // The image's own probe, asked more often while it starts: otherwise its interval is measured.
            let seconds = self.limits.healthy.as_secs().max(1);
            options.push(format!("--health-start-period={seconds}s"));
            options.push("--health-start-interval=500ms".to_owned());
        }
        options
    }

    /// `--health-start-interval` came with Docker 25.
    fn has_start_interval(&self) -> bool {
        let version = &self.session.engine().server_version;
        let major = version
            .split('.')
            .next()
            .and_then(|major| major.parse().ok());
        major.is_some_and(|major: u32| major >= 25)
    }

    /// Starts a container that is as the manifest says but for some variables.
    pub(super) fn start_with(
        &self,
        variables: &[(&str, &str)],
        without: &[String],
    ) -> Result<Container<'t>> {
        let mut options = self.options(&How::default());
        let left_out = |option: &String| {
            without
                .iter()
                .any(|name| option.starts_with(&format!("--env={name}=")))
        };
        options.retain(|option| !left_out(option));
        options.extend(
            variables
                .iter()
                .map(|(name, value)| format!("--env={name}={value}")),
        );
        self.session.start(&options, self.reference, &[])
    }

    /// Starts a container and waits until it is up, or will not be.
    pub(super) fn attempt(&self, how: &How) -> Result<Attempt<'t>> {
        let container = self.session.start(&self.options(how), self.reference, &[]);
        self.await_up(container?, how.limit.unwrap_or(self.limits.healthy))
    }

    /// Waits until a container that was just started is healthy, or where it has no health check, settled.
    pub(super) fn await_up<'s>(
        &self,
        container: Container<'s>,
        limit: Duration,
    ) -> Result<Attempt<'s>> {
        let begin = Instant::now();
        let is_probed = self.health_command().is_some();
        loop {
            self.session.means().interrupt.check()?;
            let state = container.state()?;
            let up = if is_probed {
                state.health.as_deref() == Some("healthy")
            } else {
                begin.elapsed() >= SETTLED
            };
            let trouble = if !state.running {
                Some(ended(&state))
            } else if up {
                None
            } else if begin.elapsed() >= limit {
                Some(format!(
                    "it is not healthy within {} s{}",
                    limit.as_secs(),
                    last_probe(&state)
                ))
            } else {
                std::thread::sleep(POLL);
                continue;
            };
            return Ok(Attempt {
                healthy_after: healthy_after(&state).filter(|_| trouble.is_none()),
                is_running: state.running,
                container,
                state,
                trouble,
            });
        }
    }

    /// Everything, in order.
    pub(super) fn judge(&self, subject: &mut Subject) -> Result<()> {
        self.task.step("starting it with all restrictions");
        let hardened = hardening::start(self)?;
        subject.verdicts.extend(hardened.verdicts);
        let attempt = hardened.attempt;
        self.judge_start(&attempt, subject);
        if attempt.is_running {
            self.task.step("looking at its processes");
            inside::judge(self, &attempt, &hardened.relaxed, subject)?;
            self.task.step("asking its endpoints");
            endpoint::judge(self, &attempt, subject)?;
            self.task.step("loading it");
            inside::judge_memory(self, &attempt, subject)?;
            if Self::is_up(&attempt, subject)? {
                self.task.step("freezing it");
                probe::judge(self, &attempt, subject)?;
                inside::judge_zombies(&attempt, subject)?;
                self.task.step("stopping it");
                ending::judge(self, &attempt, subject)?;
                self.judge_logs(&attempt, subject)?;
                self.task.step("starting it again");
                ending::judge_restart(self, attempt, subject)?;
            } else {
                self.judge_logs(&attempt, subject)?;
            }
            self.task.step("starting it with wrong configurations");
            configuration::judge(self, subject)?;
            self.task
                .step("starting it without a network and with a root it may write to");
            unhindered::judge(self, &hardened.relaxed, subject)?;
        } else {
            subject.log_tail = hardening::log_tail(&attempt);
        }
        let missing = PROPERTIES.iter().filter(|property| {
            subject
                .verdicts
                .iter()
                .all(|verdict| verdict.property != **property)
        });
        let missing: Vec<Verdict> = missing
            .map(|property| Verdict::skipped(property, "not tried, as it does not stay up"))
            .collect();
        subject.verdicts.extend(missing);
        Ok(())
    }

    /// Whether it still runs after it was asked and loaded.
    fn is_up(attempt: &Attempt<'_>, subject: &mut Subject) -> Result<bool> {
        let state = attempt.container.state()?;
        if !state.running {
            let failed = Verdict::failed(
                &DOES_NOT_START,
                format!("{}, while it was asked and loaded", ended(&state)),
            );
            subject
                .verdicts
                .retain(|verdict| verdict.property != &DOES_NOT_START);
            subject.verdicts.push(failed);
        }
        Ok(state.running)
    }

    fn judge_start(&self, attempt: &Attempt<'_>, subject: &mut Subject) {
        let Some(command) = self.health_command() else {
            subject.verdicts.push(Verdict::failed(
                &NO_HEALTH_CHECK,
                "it declares no HEALTHCHECK, or `HEALTHCHECK NONE`",
            ));
            subject.verdicts.push(Verdict::skipped(
                &SLOW_START,
                "nothing tells whether it is healthy",
            ));
            return;
        };
        subject
            .verdicts
            .push(Verdict::passed(&NO_HEALTH_CHECK, clip(&command.join(" "))));
        let budget = self.limits.healthy;
        let verdict = match (&attempt.trouble, attempt.healthy_after) {
            (Some(trouble), _) => Verdict::failed(&SLOW_START, trouble.clone()),
            (None, Some(took)) => {
                subject.measurements.push(Measurement {
                    name: "time-to-healthy",
                    value: took.as_secs_f64() * 1e3,
                    unit: Unit::Milliseconds,
                    budget: Some(budget.as_secs_f64() * 1e3),
                });
                let said = format!("healthy after {:.2} s", took.as_secs_f64());
                if took <= budget {
                    Verdict::passed(&SLOW_START, said)
                } else {
                    Verdict::failed(
                        &SLOW_START,
                        format!("{said}, more than {} s", budget.as_secs()),
                    )
                }
            }
            (None, None) => Verdict::unknown(
                &SLOW_START,
                "the engine does not say when it was first healthy",
            ),
        };
        subject.verdicts.push(verdict);
    }

    fn judge_logs(&self, attempt: &Attempt<'_>, subject: &mut Subject) -> Result<()> {
        let output = attempt.container.logs()?;
        let fields = self.test.limits.log_fields.clone().unwrap_or_default();
        let found = logs::judge(&output.text(), &output.error_text(), &fields);
        let verdict = if !found.problems.is_empty() {
            Verdict::failed(&UNSTRUCTURED_LOGS, found.problems.join("; ")).proven_by(found.evidence)
        } else if found.lines == 0 {
            Verdict::passed(&UNSTRUCTURED_LOGS, "it logs nothing")
        } else {
            Verdict::passed(
                &UNSTRUCTURED_LOGS,
                format!("{} lines, all of them entries", found.lines),
            )
        };
        subject.verdicts.push(verdict);
        if subject.outcome() == Outcome::Failed {
            subject.log_tail = hardening::log_tail(attempt);
        }
        Ok(())
    }
}

/// How it ended, in a clause.
pub(super) fn ended(state: &State) -> String {
    if state.out_of_memory {
        return "it was killed, as it took more memory than it may".to_owned();
    }
    let why = if state.error.is_empty() {
        String::new()
    } else {
        format!(" ({})", clip(&state.error))
    };
    format!("it ended with exit code {}{why}", state.exit_code)
}

/// What the last probe said, as the end of a clause.
fn last_probe(state: &State) -> String {
    let probe = state.probes.last();
    probe.map_or_else(String::new, |probe| {
        format!(
            "; its last probe: exit code {}, {}",
            probe.exit_code,
            clip(probe.output.trim())
        )
    })
}

/// When the first probe of this start succeeded.
fn healthy_after(state: &State) -> Option<Duration> {
    let started = Timestamp::parse(&state.started_at)?;
    let ends = state.probes.iter().filter(|probe| probe.exit_code == 0);
    let ends = ends.filter_map(|probe| Timestamp::parse(&probe.end));
    ends.filter(|end| *end > started)
        .min()
        .map(|end| end.since(started))
}

/// Foreign text in a clause.
pub(super) fn clip(text: &str) -> String {
    logs::clipped(&text.replace('\n', " "))
}
