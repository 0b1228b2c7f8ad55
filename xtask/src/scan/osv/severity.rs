//! How bad a vulnerability is: the base score of a CVSS 3 vector (first.org/cvss/v3.1, section 7.1 and appendix A), and
//! the words of databases.

use super::record::{Severity, Specific};
use crate::scan::vulnerability::{Level, Status};

/// The base score of a CVSS 3.0 or 3.1 vector in tenths: 98 is 9.8. Temporal and environmental metrics are passed over;
/// `None` if a base metric is missing, written twice or unknown.
#[must_use]
pub fn score_of_vector(vector: &str) -> Option<u8> {
    let metrics = vector
        .trim()
        .strip_prefix("CVSS:3.1/")
        .or_else(|| vector.trim().strip_prefix("CVSS:3.0/"))?;
    let metric = |name: &str| {
        let mut values = metrics
            .split('/')
            .filter_map(|metric| metric.split_once(':'))
            .filter(|(key, _)| *key == name)
            .map(|(_, value)| value);
        values.next().filter(|_| values.next().is_none())
    };
    let is_scope_changed = match metric("S")? {
        "U" => false,
        "C" => true,
        _ => return None,
    };
    let attack_vector = match metric("AV")? {
        "N" => 0.85,
        "A" => 0.62,
        "L" => 0.55,
        "P" => 0.2,
        _ => return None,
    };
    let attack_complexity = match metric("AC")? {
        "L" => 0.77,
        "H" => 0.44,
        _ => return None,
    };
    let privileges_required = match (metric("PR")?, is_scope_changed) {
        ("N", _) => 0.85,
        ("L", false) => 0.62,
        ("L", true) => 0.68,
        ("H", false) => 0.27,
        ("H", true) => 0.5,
        _ => return None,
    };
    let user_interaction = match metric("UI")? {
        "N" => 0.85,
        "R" => 0.62,
        _ => return None,
    };
    let impact_of = |name| match metric(name)? {
        "H" => Some(0.56),
        "L" => Some(0.22),
        "N" => Some(0.0),
        _ => None,
    };
    let (confidentiality, integrity, availability): (f64, f64, f64) =
        (impact_of("C")?, impact_of("I")?, impact_of("A")?);
    let sub_score = 1.0 - (1.0 - confidentiality) * (1.0 - integrity) * (1.0 - availability);
    let impact = if is_scope_changed {
        7.52 * (sub_score - 0.029) - 3.25 * (sub_score - 0.02_f64).powi(15)
    } else {
        6.42 * sub_score
    };
    if impact <= 0.0 {
        return Some(0);
    }
    let exploitability: f64 =
        8.22 * attack_vector * attack_complexity * privileges_required * user_interaction;
    let sum = impact + exploitability;
    let score = if is_scope_changed { 1.08 * sum } else { sum };
    Some(rounded_up(score.min(10.0)))
}

/// Appendix A: up to one decimal, in whole numbers, so that every machine gets the same.
fn rounded_up(score: f64) -> u8 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a score is between 0 and 10"
    )]
    let hundred_thousandths = (score * 100_000.0).round() as u32;
    u8::try_from(hundred_thousandths.div_ceil(10_000)).unwrap_or(100)
}

/// The worst of some vectors.
fn worst_score(severities: &[Severity]) -> Option<u8> {
    severities
        .iter()
        .filter(|severity| severity.kind.starts_with("CVSS_V3"))
        .filter_map(|severity| score_of_vector(&severity.score))
        .max()
}

/// How bad it is and by which score: what is said of the package before what is said of all, a score before a word,
/// unless only the word knows.
pub(super) fn judged(
    own: &[Severity],
    common: &[Severity],
    specifics: &[Option<&Specific>],
) -> (Level, Option<u8>) {
    let score = worst_score(own).or_else(|| worst_score(common));
    if let Some(score) = score {
        return (Level::from_tenths(score), Some(score));
    }
    let level = specifics
        .iter()
        .flatten()
        .flat_map(|specific| [&specific.severity, &specific.urgency])
        .flatten()
        .map(|word| Level::from_word(word.trim_end_matches('*')))
        .find(|level| *level != Level::Unknown);
    // Other kinds have a word in front of their vector: Ubuntu writes only the word.
    let level = level.or_else(|| {
        own.iter()
            .chain(common)
            .map(|severity| Level::from_word(&severity.score))
            .find(|level| *level != Level::Unknown)
    });
    (level.unwrap_or_default(), None)
}

/// What a distribution does about it, by its word for the urgency.
pub(super) fn status(specifics: &[Option<&Specific>]) -> Status {
    let is_over = specifics
        .iter()
        .flatten()
        .filter_map(|specific| specific.urgency.as_deref())
        .any(|urgency| urgency == "end-of-life");
    if is_over {
        Status::EndOfLife
    } else {
        Status::Affected
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Vectors with the scores that first.org (cvss/v3.1/examples) and NVD publish for them.
    #[test]
    fn scores_are_those_of_the_published_examples() {
        for (vector, score) in [
            ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", 98),
            ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H", 100),
            ("CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N", 61),
            ("CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:C/C:L/I:L/A:N", 64),
            ("CVSS:3.0/AV:N/AC:H/PR:N/UI:R/S:U/C:L/I:N/A:N", 31),
            ("CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H", 78),
            ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N", 75),
            ("CVSS:3.0/AV:N/AC:L/PR:L/UI:N/S:C/C:H/I:H/A:H", 99),
            ("CVSS:3.1/AV:P/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", 68),
            ("CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:H/I:H/A:H", 81),
            ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N", 0),
            ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H/E:P/RL:O", 75),
            ("CVSS:3.1/AV:A/AC:L/PR:N/UI:N/S:C/C:H/I:N/A:H", 93),
            ("CVSS:3.1/AV:L/AC:H/PR:H/UI:R/S:U/C:L/I:L/A:L", 38),
        ] {
            assert_eq!(score_of_vector(vector), Some(score), "{vector}");
        }
    }

    #[test]
    fn a_vector_that_lacks_or_repeats_a_metric_has_no_score() {
        for vector in [
            "",
            "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H",
            "CVSS:3.1/AV:N/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
            "CVSS:3.1/AV:X/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
            "AV:N/AC:L/Au:N/C:P/I:P/A:P",
            "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N",
        ] {
            assert_eq!(score_of_vector(vector), None, "{vector}");
        }
    }
}
