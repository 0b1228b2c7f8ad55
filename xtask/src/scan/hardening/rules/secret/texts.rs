//! The texts of an image that everybody can read who can pull it: settings and history.

use std::collections::BTreeSet;

use crate::scan::hardening::image::Image;
use crate::secrets::content::{Format, Match, scan};
use crate::secrets::variables::{Secrecy, secrecy};

/// A secret in one of them.
#[derive(Debug)]
pub(super) struct Leak {
    /// Which entry of the history has it; `None` if only the settings do.
    pub(super) step: Option<usize>,
    /// The variable, argument or label.
    pub(super) place: String,
    /// What it is.
    pub(super) found: Match,
}

/// All secrets of an image's texts, those of its settings first.
pub(super) fn leaks(image: &Image<'_>) -> Vec<Leak> {
    let mut leaks = Vec::new();
    let settings = image.settings();
    for variable in &settings.env {
        if let Some((name, value)) = variable.split_once('=') {
            let step = written_in(image, "ENV", name);
            add_value(&mut leaks, (name, value), step, |name| {
                format!("the variable `{name}`")
            });
        }
    }
    for (name, value) in &settings.labels {
        let step = written_in(image, "LABEL", name);
        add_value(&mut leaks, (name, value), step, |name| {
            format!("the label `{name}`")
        });
    }
    for step in &image.history {
        let at = Some(step.index);
        for (name, value) in &step.arguments {
            add_value(&mut leaks, (name, value), at, |name| {
                format!("the build argument `{name}`, which the history keeps,")
            });
        }
        match step.keyword.as_str() {
            "RUN" => add_text(
                &mut leaks,
                &step.text,
                at,
                "a command that the history keeps",
            ),
            "CMD" | "ENTRYPOINT" | "HEALTHCHECK" => {
                add_text(&mut leaks, &step.text, at, "the command of the image");
            }
            "ARG" => {
                for variable in variables(&step.text) {
                    add_value(&mut leaks, variable, at, |name| {
                        format!("the default of the build argument `{name}`")
                    });
                }
            }
            // A later `ENV` changes the image, not what the history says.
            "ENV" => {
                for (name, value) in variables(&step.text) {
                    if image.variable(name).is_none_or(|now| now != value) {
                        add_value(&mut leaks, (name, value), at, |name| {
                            format!(
                                "an earlier value of the variable `{name}`, which the history keeps,"
                            )
                        });
                    }
                }
            }
            _ => {}
        }
    }
    // One secret is often seen several times: an argument, by every later `RUN`.
    let mut seen = BTreeSet::new();
    leaks.retain(|leak| seen.insert((leak.place.clone(), leak.found.rule.id)));
    leaks
}

fn add_value(
    leaks: &mut Vec<Leak>,
    (name, value): (&str, &str),
    step: Option<usize>,
    place: impl Fn(&str) -> String,
) {
    // A name with `key` in it says little: that of a public key is in many official images.
    let is_clear = secrecy(name) == Some(Secrecy::Clear);
    let text = format!("{name}={value}\n");
    let found = scan(Format::Variables, text.as_bytes()).matches;
    leaks.extend(
        found
            .into_iter()
            .filter(|found| is_clear || !found.rule.by_name)
            .map(|found| Leak {
                step,
                place: place(name),
                found,
            }),
    );
}

fn add_text(leaks: &mut Vec<Leak>, text: &str, step: Option<usize>, place: &str) {
    let found = scan(Format::Text, text.as_bytes()).matches;
    leaks.extend(found.into_iter().map(|found| Leak {
        step,
        place: place.to_owned(),
        found,
    }));
}

/// `A=b C=d` of an instruction. A value with blanks is cut at the first: builders do not say where it ends.
fn variables(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.split_whitespace()
        .filter_map(|word| word.split_once('='))
        .map(|(name, value)| (unquoted(name), unquoted(value)))
}

fn unquoted(text: &str) -> &str {
    text.trim_matches(['"', '\''])
}

/// The last entry of the history that sets a name.
fn written_in(image: &Image<'_>, keyword: &str, name: &str) -> Option<usize> {
    let mut steps = image
        .history
        .iter()
        .rev()
        .filter(|step| step.keyword == keyword);
    steps
        .find(|step| variables(&step.text).any(|(known, _)| known == name))
        .map(|step| step.index)
}
