//! What a container that ended left, as an image, and waiting for a container's end.

use std::time::{Duration, Instant};

use super::{Container, State};
use crate::error::Result;

/// How often a container is asked whether it still runs.
const POLL: Duration = Duration::from_millis(50);

/// An image made of a container; removed when it is dropped.
pub struct Snapshot<'a> {
    session: &'a super::Session<'a>,
    id: String,
}

impl Snapshot<'_> {
    /// As the engine knows it.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }
}

impl Drop for Snapshot<'_> {
    fn drop(&mut self) {
        // One that stays has no name: `docker image prune` removes it.
        let _ = self.session.ask(["image", "rm", "--force", &self.id]);
    }
}

impl<'a> Container<'a> {
    /// Makes an image of what it has written (`docker commit`).
    ///
    /// # Errors
    /// What the engine says.
    pub fn snapshot(&self) -> Result<Snapshot<'a>> {
        let session = self.session();
        let output = session.ok(["commit", self.id()])?;
        Ok(Snapshot {
            session,
            id: output.text().trim().to_owned(),
        })
    }

    /// Waits for its end, as long as `limit` at most; `None` if it still runs then.
    ///
    /// # Errors
    /// The engine cannot be asked, or somebody asked to stop.
    pub fn ended_within(&self, limit: Duration) -> Result<Option<State>> {
        let begin = Instant::now();
        loop {
            self.session().means().interrupt.check()?;
            let state = self.state()?;
            if !state.running {
                return Ok(Some(state));
            }
            if begin.elapsed() >= limit {
                return Ok(None);
            }
            std::thread::sleep(POLL);
        }
    }
}
