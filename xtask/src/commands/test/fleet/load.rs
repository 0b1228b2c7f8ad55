//! Requests at a bounded rate, or many at once, from inside of the fleet's network.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::client;
use super::running::{ANSWER, Running};
use super::scenarios::title;
use crate::error::Result;
use crate::project::manifest::Step;
use crate::trial::fleet::step::{self, Values};

/// What is sent.
pub(super) struct Load<'a> {
    pub(super) running: &'a Running<'a>,
    /// In turn.
    pub(super) requests: &'a [Step],
    /// Per second; as fast as answers come where it is not said.
    pub(super) rate: Option<u32>,
    /// How many may be under way at any time.
    pub(super) at_once: usize,
    /// How many there are in all; until somebody stops it where it is not said.
    pub(super) most: Option<u64>,
}

/// What came of one request.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    /// Its number, from 0.
    pub(super) number: u64,
    /// The request in a few words.
    pub(super) title: String,
    pub(super) begun: Instant,
    pub(super) took: Duration,
    /// The status; none where no whole answer came.
    pub(super) status: Option<u16>,
    /// What was captured, or what is wrong with the answer.
    pub(super) judged: Result<Values, String>,
}

impl Load<'_> {
    /// Sends until it is to stop; the answers in the order of their numbers.
    pub(super) fn run(&self, stop: &AtomicBool) -> Result<Vec<Answer>> {
        let next = AtomicU64::new(0);
        let answers = Mutex::new(Vec::new());
        let values = self.running.values();
        let begin = Instant::now();
        self.running.outpost.reach().within(|| {
            std::thread::scope(|scope| {
                for _ in 0..self.at_once {
                    scope.spawn(|| self.work(begin, &next, stop, &values, &answers));
                }
            });
            Ok(())
        })?;
        let mut answers = answers.into_inner().unwrap_or_else(PoisonError::into_inner);
        answers.sort_by_key(|answer: &Answer| answer.number);
        Ok(answers)
    }

    fn work(
        &self,
        begin: Instant,
        next: &AtomicU64,
        stop: &AtomicBool,
        values: &Values,
        answers: &Mutex<Vec<Answer>>,
    ) {
        let mut values = values.clone();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if self.most.is_some_and(|most| number >= most) {
                return;
            }
            if let Some(rate) = self.rate {
                #[expect(clippy::cast_precision_loss, reason = "at most some thousands")]
                let due = Duration::from_secs_f64(number as f64 / f64::from(rate.max(1)));
                std::thread::sleep(due.saturating_sub(begin.elapsed()));
            }
            if stop.load(Ordering::Relaxed) {
                return;
            }
            values.insert("n".to_owned(), number.into());
            let count = u64::try_from(self.requests.len()).unwrap_or(1).max(1);
            let turn = usize::try_from(number % count).unwrap_or(0);
            let Some(step) = self.requests.get(turn) else {
                return;
            };
            let answer = self.ask(number, step, &values);
            answers
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(answer);
        }
    }

    fn ask(&self, number: u64, step: &Step, values: &Values) -> Answer {
        let begun = Instant::now();
        let mut status = None;
        let judged = step::prepare(step, values).and_then(|prepared| {
            let (service, port) = self.running.target(step).ok_or("it names no service")?;
            let message = client::exchange(service, port, &prepared, ANSWER)?;
            status = message.status();
            prepared.judge(status, &message.body)
        });
        Answer {
            number,
            title: title(step),
            begun,
            took: begun.elapsed(),
            status,
            judged,
        }
    }
}
