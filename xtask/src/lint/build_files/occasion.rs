//! What a workflow does on an event, as far as its text tells.

use super::BuildFile;
use super::github::Job;
use crate::expression::{self, Value, parse};
use crate::yaml::Node;

/// Why a workflow runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::lint) enum Occasion {
    /// Something was pushed to the repository; where the workflow does not run on that, a release, a schedule or a start
    /// by hand.
    Push,
    /// A pull request from a branch of the repository.
    PullRequest,
    /// A pull request from somebody else's copy of it: its token may only read, and it gets no secrets.
    PullRequestOfFork,
}

/// What stands for the repository where only "the same" or "another" counts.
const OWN: &str = "own/repository";
const FORK: &str = "fork/repository";

impl Occasion {
    /// Whether the workflow runs at all.
    pub(in crate::lint) fn starts(self, workflow: &BuildFile) -> bool {
        self.event(workflow).is_some()
    }

    fn event(self, workflow: &BuildFile) -> Option<&'static str> {
        let events: &[&str] = match self {
            Self::Push => &["push", "release", "workflow_dispatch", "schedule"],
            Self::PullRequest | Self::PullRequestOfFork => &["pull_request"],
        };
        let mut events = events.iter().copied();
        events.find(|event| workflow.event(event).is_some())
    }

    /// Whether a job runs, if that is known. A needed job that is left out leaves it out, too, unless it asks for the
    /// state of its needs itself.
    pub(in crate::lint) fn runs_job(self, job: Job<'_>) -> Option<bool> {
        self.job_runs(job, 0)
    }

    fn job_runs(self, job: Job<'_>, depth: usize) -> Option<bool> {
        if !self.starts(job.workflow) {
            return Some(false);
        }
        let condition = job.node.get("if");
        let own = self.condition(job, None, condition);
        if own == Some(false) {
            return own;
        }
        let text = condition.and_then(Node::as_str).unwrap_or_default();
        let looks_itself = ["always()", "failure()", "cancelled()"]
            .iter()
            .any(|call| text.contains(call));
        // Needs in a circle start nothing; GitHub says so.
        if depth < 16 && !looks_itself {
            let needed = job.needs().into_iter();
            let needed = needed.filter_map(|name| job.workflow.job(name));
            for needed in needed {
                if self.job_runs(needed, depth + 1) == Some(false) {
                    return Some(false);
                }
            }
        }
        own
    }

    /// Whether a step of a job runs, if that is known.
    pub(in crate::lint) fn runs_step(self, job: Job<'_>, step: &Node) -> Option<bool> {
        let runs = self.runs_job(job);
        if runs == Some(false) {
            return runs;
        }
        let own = self.condition(job, Some(step), step.get("if"));
        match (runs, own) {
            (_, Some(false)) => own,
            (Some(true), Some(true)) => Some(true),
            _ => None,
        }
    }

    /// The value of a text of a step, or of what is around it, if it is known.
    pub(in crate::lint) fn value(
        self,
        job: Job<'_>,
        step: Option<&Node>,
        text: &str,
    ) -> Option<Value> {
        let value = expression::value(text, &|name| self.lookup(job, step, name))?;
        Some(match value {
            // YAML's own switches arrive as text.
            Value::Text(text) if text.eq_ignore_ascii_case("true") => Value::Switch(true),
            Value::Text(text) if text.eq_ignore_ascii_case("false") => Value::Switch(false),
            value => value,
        })
    }

    fn condition(self, job: Job<'_>, step: Option<&Node>, node: Option<&Node>) -> Option<bool> {
        let Some(text) = node.and_then(Node::text) else {
            return Some(true);
        };
        let text = text.trim();
        let inner = match text.strip_prefix("${{") {
            Some(rest) => rest.strip_suffix("}}")?,
            None => text,
        };
        let expression = parse(inner).ok()?;
        // The repository's name is only known to be, or not to be, that of the pull request.
        let compares_heads = expression
            .contexts()
            .iter()
            .any(|name| name.starts_with("github.event.pull_request.head.repo"));
        expression.holds(&|name| match name {
            "github.repository" if !compares_heads => None,
            name => self.lookup(job, step, name),
        })
    }

    fn lookup(self, job: Job<'_>, step: Option<&Node>, name: &str) -> Option<Value> {
        let is_push = self == Self::Push;
        match name {
            "github.event_name" => self.event(job.workflow).map(Value::text),
            "github.ref" if !is_push => Some(Value::text("refs/pull/1/merge")),
            "github.ref_type" if !is_push => Some(Value::text("branch")),
            "github.head_ref" | "github.base_ref" if is_push => Some(Value::text("")),
            "github.head_ref" => Some(Value::text("topic")),
            "github.repository" => Some(Value::text(OWN)),
            "github.event.pull_request.head.repo.full_name" if !is_push => {
                Some(Value::text(self.head()))
            }
            "github.event.pull_request.head.repo.fork" if !is_push => {
                Some(Value::Switch(self == Self::PullRequestOfFork))
            }
            _ if name.starts_with("github.event.pull_request") && is_push => Some(Value::Null),
            _ => {
                let name = name.strip_prefix("env.")?;
                let places = [step, Some(job.node), Some(&job.workflow.root)];
                let written = places.into_iter().flatten().find_map(|place| {
                    let entries = place.get("env")?.entries();
                    let is_it = |key: &str| key.eq_ignore_ascii_case(name);
                    entries
                        .iter()
                        .find(|entry| entry.key.as_str().is_some_and(is_it))
                })?;
                let text = written.value.as_str()?;
                // What a variable is made of may be another one, and so on: one step is enough.
                let plain = |name: &str| match name {
                    "github.repository" => None,
                    name if name.starts_with("env.") => None,
                    name => self.lookup(job, None, name),
                };
                expression::value(text, &plain)
            }
        }
    }

    const fn head(self) -> &'static str {
        match self {
            Self::PullRequestOfFork => FORK,
            _ => OWN,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Source;
    use crate::yaml;

    fn file(text: &str) -> BuildFile {
        let source = Source::new("w.yml", text);
        let root = yaml::parse(&source).unwrap();
        BuildFile::new(source, root)
    }

    #[test]
    fn conditions_of_jobs_and_steps_are_followed() {
        for (job_if, step_if, expected) in [
            ("true", "true", [Some(true), Some(true), Some(true)]),
            (
                "github.event_name == 'push'",
                "true",
                [Some(true), Some(false), Some(false)],
            ),
            (
                "true",
                "${{ github.event_name != 'pull_request' }}",
                [Some(true), Some(false), Some(false)],
            ),
            (
                "startsWith(github.ref, 'refs/tags/')",
                "true",
                [None, Some(false), Some(false)],
            ),
            (
                "github.event_name != 'pull_request' || github.event.pull_request.head.repo.full_name == github.repository",
                "always()",
                [Some(true), Some(true), Some(false)],
            ),
            (
                "true",
                "github.event.pull_request.head.repo.fork != true",
                [Some(true), Some(true), Some(false)],
            ),
            ("github.repository == 'acme/shop'", "true", [None; 3]),
            ("env.PUBLISH == 'yes'", "true", [Some(true); 3]),
            (
                "env.EVENT == 'push'",
                "true",
                [Some(true), Some(false), Some(false)],
            ),
            ("secrets.X != ''", "failure()", [Some(false); 3]),
            ("not an expression", "true", [None; 3]),
        ] {
            let text = format!(
                "on: [push, pull_request]\nenv:\n  PUBLISH: 'yes'\n  EVENT: ${{{{ github.event_name }}}}\njobs:\n  a:\n    if: {job_if:?}\n    steps:\n      - run: x\n        if: {step_if:?}\n"
            );
            let file = file(&text);
            let job = file.job("a").unwrap();
            let found = [
                Occasion::Push,
                Occasion::PullRequest,
                Occasion::PullRequestOfFork,
            ]
            .map(|occasion| occasion.runs_step(job, &job.steps()[0]));
            assert_eq!(found, expected, "{job_if} / {step_if}");
        }
    }

    #[test]
    fn what_is_published_by_a_release_or_by_hand_is_published() {
        for (on, expected) in [
            ("push", Some(true)),
            ("{release: {types: [published]}}", Some(true)),
            ("workflow_dispatch", Some(true)),
            ("pull_request", Some(false)),
        ] {
            let text = format!(
                "on: {on}\njobs:\n  a:\n    if: github.event_name != 'pull_request'\n    steps: []\n"
            );
            let file = file(&text);
            assert_eq!(
                Occasion::Push.runs_job(file.job("a").unwrap()),
                expected,
                "{on}"
            );
        }
    }

    #[test]
    fn a_job_that_needs_one_that_is_left_out_is_left_out() {
        let text = "on: pull_request\njobs:\n  a:\n    if: github.event_name == 'push'\n    steps: []\n  b:\n    needs: a\n    steps: []\n  c:\n    needs: [b]\n    if: always()\n    steps: []\n";
        let file = file(text);
        let runs = |name: &str| Occasion::PullRequest.runs_job(file.job(name).unwrap());
        assert_eq!(
            [runs("a"), runs("b"), runs("c")],
            [Some(false), Some(false), Some(true)]
        );
        assert_eq!(Occasion::Push.runs_job(file.job("c").unwrap()), Some(false));
    }
}
