//! What came of a question to a registry.

use crate::http::Answer;
use crate::retention::Digest;

/// What a registry has under a reference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fetched {
    /// The bytes, and what they are called.
    Found(Digest, Vec<u8>),
    /// The registry says that there is no such thing.
    Absent,
    /// Nobody knows: why, as a clause.
    Unreadable(String),
}

/// What became of something that was to be removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Removed {
    /// It is gone.
    Now,
    /// It was gone before.
    Before,
    /// The server refuses: why.
    Refused(String),
}

impl Removed {
    /// What a server's answer to a request to remove means.
    ///
    /// # Errors
    /// There is no answer: why.
    pub fn of(answer: Answer) -> std::result::Result<Self, String> {
        let response = answer?;
        Ok(match response.status {
            200..=299 => Self::Now,
            // Also after a first try whose answer was lost.
            404 | 410 => Self::Before,
            _ => Self::Refused(response.complaint()),
        })
    }
}

/// What an answer means to a question for content, by its digest or by a tag.
pub(super) fn fetched(reference: &str, answer: Answer) -> Fetched {
    let response = match answer {
        Ok(response) => response,
        Err(why) => return Fetched::Unreadable(why),
    };
    match response.status {
        200 => {}
        404 => return Fetched::Absent,
        _ => return Fetched::Unreadable(response.complaint()),
    }
    let told = match reference.parse::<Digest>() {
        Ok(digest) => Some(digest),
        Err(_) => response
            .header("docker-content-digest")
            .and_then(|told| told.parse().ok()),
    };
    match told {
        Some(digest) if digest.names(&response.body) => Fetched::Found(digest, response.body),
        Some(_) => Fetched::Unreadable("its bytes are not what its digest names".to_owned()),
        None => Fetched::Found(Digest::of(&response.body), response.body),
    }
}
