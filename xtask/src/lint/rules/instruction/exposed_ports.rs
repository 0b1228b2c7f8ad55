//! The words of `EXPOSE`, taken apart.

use crate::dockerfile::InstructionKind;
use crate::lint::{Known, Model, Step};
use crate::source::Spanned;

/// Every word of every `EXPOSE`, in order.
pub(super) fn exposed_words(model: &Model) -> impl Iterator<Item = (Step<'_>, &Spanned<String>)> {
    model.steps().flat_map(|step| {
        let words = match step.kind() {
            InstructionKind::Expose(words) => words.as_slice(),
            _ => &[],
        };
        words.iter().map(move |word| (step, word))
    })
}

/// What a word says once quotes are gone and variables replaced; nothing if one of them is not known.
pub(super) fn values(step: Step<'_>, word: &Spanned<String>) -> Vec<String> {
    if !word.value.contains('$') {
        return vec![word.value.trim_matches(['"', '\'']).to_owned()];
    }
    match step.before().expand(&word.value) {
        Known::Yes(value) => value.split_whitespace().map(str::to_owned).collect(),
        Known::Unknown => Vec::new(),
    }
}

/// `host:8000-8002/udp` as `8000-8002` and `udp`.
pub(super) fn container_part(word: &str) -> (&str, Option<&str>) {
    let (ports, protocol) = match word.split_once('/') {
        Some((ports, protocol)) => (ports, Some(protocol)),
        None => (word, None),
    };
    (ports.rsplit(':').next().unwrap_or_default(), protocol)
}

/// First and last port of `80` or `8000-8002`; what is wrong with it otherwise.
pub(super) fn range(ports: &str) -> Result<(u16, u16), String> {
    let number = |text: &str| {
        if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(format!("`{text}` is no number"));
        }
        text.parse::<u16>()
            .map_err(|_| format!("{text} is above 65535"))
    };
    let (first, last) = match ports.split_once('-') {
        Some((first, last)) => (number(first)?, number(last)?),
        None => (number(ports)?, number(ports)?),
    };
    if first > last {
        return Err(format!("{first} is above {last}"));
    }
    Ok((first, last))
}
