//! Which earlier image is meant.

use super::history::{Deployment, History};
use crate::audit::Action;
use crate::error::{Error, Result};
use crate::timestamp::Timestamp;

/// The fewest hexadecimal digits that name a digest or commit.
const FEWEST_DIGITS: usize = 7;

/// What somebody wants to go back to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// The last that was good.
    LastGood,
    /// A digest, the beginning of one, a commit or its beginning, or a tag.
    Named(String),
}

/// What is to be put to work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// The digest that runs now, as far as the trail tells.
    pub current: Option<String>,
    /// Its digest.
    pub digest: String,
    /// Of which commit.
    pub commit: Option<String>,
    /// As it was recorded.
    pub reference: Option<String>,
    /// When it was put to work last, or made.
    pub since: Option<Timestamp>,
}

/// Chooses the image of a service.
///
/// # Errors
/// The trail tells of none, or of several, or it is what runs.
pub fn choose(service: &str, history: &History, wanted: &Wanted) -> Result<Choice> {
    let current = history.current().map(|one| one.digest.clone());
    let chosen = match wanted {
        Wanted::LastGood => last_good(service, history, current.as_deref())?.clone(),
        Wanted::Named(word) => named(service, history, word)?,
    };
    if current.as_deref() == Some(chosen.digest.as_str()) {
        return Err(Error::usage(format!(
            "{} is what runs of {service} already",
            short(&chosen.digest)
        ))
        .help("name another version with `--to`"));
    }
    Ok(Choice {
        current,
        digest: chosen.digest,
        commit: chosen.commit,
        reference: chosen.reference,
        since: (chosen.action != Action::Recovery).then_some(chosen.time),
    })
}

fn last_good<'h>(
    service: &str,
    history: &'h History,
    current: Option<&str>,
) -> Result<&'h Deployment> {
    let help = "name a version with `--to DIGEST`, `--to COMMIT` or `--to TAG`";
    let Some(current) = current else {
        let error = Error::usage(format!(
            "the audit trail tells of no deployment of {service} that worked"
        ));
        return Err(error
            .help(
                "record deployments where they happen: `cargo xtask docker-audit record deploy …`",
            )
            .help(help));
    };
    history.before(current).ok_or_else(|| {
        let mut error = Error::usage(format!(
            "there is no earlier version of {service} to go back to"
        ));
        let mut others: Vec<&Deployment> = Vec::new();
        for one in history.deployed.iter().rev() {
            let is_known = others.iter().any(|other| other.digest == one.digest);
            if one.digest != current && !is_known {
                others.push(one);
            }
        }
        if others.is_empty() {
            error = error.because(format!(
                "{} is the only one that the audit trail tells of",
                short(current)
            ));
        }
        for one in others {
            let fault = one.fault.as_deref().unwrap_or("it is no good");
            error = error.because(format!("{}: {fault}", short(&one.digest)));
        }
        error.help(help)
    })
}

fn named(service: &str, history: &History, word: &str) -> Result<Deployment> {
    let all = || history.deployed.iter().chain(&history.made);
    let mut found: Vec<&Deployment> = Vec::new();
    for one in all().filter(|one| is_called(one, word)) {
        match found.iter_mut().find(|known| known.digest == one.digest) {
            // Of one digest, what is told last counts.
            Some(known) if known.time <= one.time => *known = one,
            Some(_) => {}
            None => found.push(one),
        }
    }
    match found.as_slice() {
        [one] => Ok((*one).clone()),
        [] if is_digest(word) => Ok(Deployment {
            digest: word.to_owned(),
            reference: None,
            commit: None,
            time: Timestamp::default(),
            action: Action::Recovery,
            fault: None,
        }),
        [] => {
            let known: Vec<&str> = {
                let mut seen = Vec::new();
                for one in all().rev() {
                    if !seen.contains(&short(&one.digest)) {
                        seen.push(short(&one.digest));
                    }
                }
                seen
            };
            let error = Error::usage(format!("the audit trail knows no `{word}` of {service}"));
            Err(if known.is_empty() {
                error.help("give the whole digest: `--to sha256:…`")
            } else {
                error.help(format!("it knows {}", known.join(", ")))
            })
        }
        several => {
            let digests: Vec<&str> = several.iter().map(|one| short(&one.digest)).collect();
            Err(
                Error::usage(format!("`{word}` means several images of {service}"))
                    .because(digests.join(", "))
                    .help("give the digest: `--to sha256:…`"),
            )
        }
    }
}

fn is_called(one: &Deployment, word: &str) -> bool {
    let hex = one
        .digest
        .split_once(':')
        .map_or(one.digest.as_str(), |(_, hex)| hex);
    let is_hex = word.len() >= FEWEST_DIGITS && word.bytes().all(|byte| byte.is_ascii_hexdigit());
    let lower = word.to_ascii_lowercase();
    let by_digest = word.strip_prefix("sha256:").map_or_else(
        || is_hex && hex.starts_with(&lower),
        |digits| digits.len() >= FEWEST_DIGITS && hex.starts_with(digits),
    );
    let by_commit = is_hex
        && one
            .commit
            .as_ref()
            .is_some_and(|commit| commit.starts_with(&lower));
    let tag = one.reference.as_deref().and_then(tag);
    by_digest || by_commit || tag == Some(word)
}

/// The tag in a reference.
fn tag(reference: &str) -> Option<&str> {
    let without_digest = reference
        .split_once('@')
        .map_or(reference, |(name, _)| name);
    let last = without_digest.rsplit('/').next()?;
    last.split_once(':').map(|(_, tag)| tag)
}

fn is_digest(word: &str) -> bool {
    word.strip_prefix("sha256:").is_some_and(|hex| {
        hex.len() == 64 && hex.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
    })
}

/// Enough of a digest to tell it from others.
fn short(digest: &str) -> &str {
    digest.get(.."sha256:".len() + 12).unwrap_or(digest)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::audit::{Check, Entry, Image, Outcome, Source};

    fn digest(letter: char) -> String {
        format!("sha256:{}", letter.to_string().repeat(64))
    }

    fn entry(number: i64, action: Action, letter: char) -> Entry {
        Entry {
            schema_version: 1,
            sequence: 0,
            previous: String::new(),
            time: Timestamp::from_unix_seconds(1_796_000_000 + number),
            action,
            actor: crate::audit::Actor::default(),
            tool: String::new(),
            source: Some(Source {
                commit: format!("{number:07}{}", "0".repeat(33)),
                dirty: false,
            }),
            image: Some(Image {
                name: Some("api".to_owned()),
                reference: Some(format!("localhost:5000/acme/api:v{number}")),
                digest: Some(digest(letter)),
                platform: None,
            }),
            verdicts: Vec::new(),
            details: BTreeMap::new(),
            hash: String::new(),
        }
    }

    fn failed(mut entry: Entry) -> Entry {
        entry.verdicts = vec![Check {
            check: "health".to_owned(),
            outcome: Outcome::Fail,
            detail: Some("never healthy".to_owned()),
        }];
        entry
    }

    fn chosen(entries: &[Entry], wanted: &Wanted) -> Result<String> {
        let history = History::of("api", entries);
        choose("api", &history, wanted).map(|choice| choice.digest)
    }

    #[test]
    fn the_last_good_version_is_the_one_before_the_current() {
        let a = entry(1, Action::Deploy, 'a');
        let b = entry(2, Action::Deploy, 'b');
        let c = entry(3, Action::Deploy, 'c');
        let last = |entries: &[Entry]| chosen(entries, &Wanted::LastGood);
        assert_eq!(last(&[a.clone(), b.clone()]).unwrap(), digest('a'));
        // A version that failed is none, neither as the current nor to go back to.
        let entries = [a.clone(), failed(b.clone()), c.clone()];
        assert_eq!(last(&entries).unwrap(), digest('a'));
        let entries = [a.clone(), b.clone(), failed(c.clone())];
        assert_eq!(last(&entries).unwrap(), digest('a'));
        // Nor is one that was gone back from, unless it was deployed again.
        let mut back = entry(4, Action::Rollback, 'a');
        back.details.insert("from".to_owned(), digest('b'));
        let entries = [a.clone(), b.clone(), back.clone()];
        let error = last(&entries).unwrap_err().to_string();
        assert!(error.contains("no earlier version of api"), "{error}");
        assert!(error.contains("rolled back from"), "{error}");
        let again = entry(5, Action::Deploy, 'b');
        let entries = [a.clone(), b.clone(), back, again];
        assert_eq!(last(&entries).unwrap(), digest('a'));
        // The same version deployed twice is one version.
        let error = last(&[a.clone(), a.clone()]).unwrap_err().to_string();
        assert!(error.contains("the only one"), "{error}");
        let error = last(&[entry(1, Action::Push, 'a')])
            .unwrap_err()
            .to_string();
        assert!(error.contains("no deployment of api"), "{error}");
        assert!(chosen(&[a, b], &Wanted::LastGood).is_ok());
    }

    #[test]
    fn a_version_is_named_by_digest_commit_or_tag() {
        let entries = [
            entry(1, Action::Push, 'a'),
            entry(2, Action::Deploy, 'b'),
            entry(3, Action::Deploy, 'c'),
        ];
        let named = |word: &str| chosen(&entries, &Wanted::Named(word.to_owned()));
        for word in ["v1", "aaaaaaa", "sha256:aaaaaaaa", "0000001", &digest('a')] {
            assert_eq!(named(word).unwrap(), digest('a'), "{word}");
        }
        assert_eq!(named(&digest('d')).unwrap(), digest('d'));
        for (word, expected) in [
            ("v3", "already"),
            ("v9", "knows no `v9`"),
            ("sha256:aa", "knows no"),
            ("aaaaaa", "knows no"),
        ] {
            let error = named(word).unwrap_err().to_string();
            assert!(error.contains(expected), "{word}: {error}");
        }
        let mut twice = entry(4, Action::Push, 'e');
        twice.image.as_mut().unwrap().reference = Some("acme/api:v2".to_owned());
        let entries = [entry(2, Action::Push, 'b'), twice];
        let error = chosen(&entries, &Wanted::Named("v2".to_owned())).unwrap_err();
        assert!(error.to_string().contains("several"), "{error}");
    }

    #[test]
    fn the_newest_scan_of_any_of_its_images_counts() {
        let scan = |number, letter, outcome| {
            let mut entry = entry(number, Action::Scan, letter);
            entry.verdicts = vec![Check {
                check: "scan".to_owned(),
                outcome,
                detail: None,
            }];
            entry
        };
        let entries = [
            scan(1, 'a', Outcome::Pass),
            scan(2, 'b', Outcome::Fail),
            scan(3, 'c', Outcome::Pass),
        ];
        let history = History::of("api", &entries);
        let outcome = |letters: &str| {
            let digests: Vec<String> = letters.chars().map(digest).collect();
            history
                .scan(digests.iter().map(String::as_str))
                .map(|(_, outcome)| outcome)
        };
        assert_eq!(outcome("a"), Some(Outcome::Pass));
        assert_eq!(outcome("ab"), Some(Outcome::Fail));
        assert_eq!(outcome("x"), None);
    }
}
