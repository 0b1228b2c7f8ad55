//! Which entries somebody wants to see.

use super::entry::{Action, Entry};
use crate::timestamp::Timestamp;

/// All that is set must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Of these images, by name, full name or digest (its beginning is enough).
    pub images: Vec<String>,
    /// With one of these actions.
    pub actions: Vec<Action>,
    /// Not before.
    pub since: Option<Timestamp>,
    /// Before.
    pub until: Option<Timestamp>,
}

impl Filter {
    /// Whether an entry is wanted.
    #[must_use]
    pub fn admits(&self, entry: &Entry) -> bool {
        (self.images.is_empty() || self.images.iter().any(|wanted| is_of(entry, wanted)))
            && (self.actions.is_empty() || self.actions.contains(&entry.action))
            && self.since.is_none_or(|since| entry.time >= since)
            && self.until.is_none_or(|until| entry.time < until)
    }
}

fn is_of(entry: &Entry, wanted: &str) -> bool {
    let Some(image) = &entry.image else {
        return false;
    };
    let by_digest = image.digest.as_deref().is_some_and(|digest| {
        let hex = digest.split_once(':').map_or(digest, |(_, hex)| hex);
        let is_digest = wanted.len() >= 6 && wanted.bytes().all(|b| b.is_ascii_hexdigit());
        wanted.contains(':') && digest.starts_with(wanted) || is_digest && hex.starts_with(wanted)
    });
    let by_reference = image.reference.as_deref().is_some_and(|reference| {
        let rest = reference.strip_prefix(wanted);
        // The port of a registry is no tag.
        let is_end = |rest: &str| rest.starts_with(':') && !rest.contains('/');
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('@') || is_end(rest))
    });
    by_digest || by_reference || image.name.as_deref() == Some(wanted)
}

#[cfg(test)]
mod tests {
    use super::super::entry::tests::draft;
    use super::*;

    #[test]
    fn every_condition_counts() {
        let mut draft = draft(3);
        if let Some(image) = &mut draft.image {
            image.reference = Some("localhost:5000/o/api:1@sha256:00".to_owned());
            image.digest = Some(format!("sha256:{}", "ab".repeat(32)));
        }
        let (line, _) = draft.seal(None).unwrap();
        let entry: Entry = serde_json::from_str(&line).unwrap();
        let of = |image: &str| Filter {
            images: vec!["none".to_owned(), image.to_owned()],
            ..Filter::default()
        };
        for image in [
            "service-3",
            "localhost:5000/o/api",
            "localhost:5000/o/api:1",
            "sha256:abab",
            "ababab",
        ] {
            assert!(of(image).admits(&entry), "{image}");
        }
        for image in [
            "service",
            "localhost:5000/o/ap",
            "localhost",
            "abab",
            "sha256:b",
        ] {
            assert!(!of(image).admits(&entry), "{image}");
        }
        let time = entry.time;
        let since = Filter {
            since: Some(time),
            ..Filter::default()
        };
        let until = Filter {
            until: Some(time),
            ..Filter::default()
        };
        assert!(since.admits(&entry) && !until.admits(&entry));
        let scans = Filter {
            actions: vec![Action::Scan],
            ..Filter::default()
        };
        assert!(!scans.admits(&entry) && Filter::default().admits(&entry));
    }
}
