//! The base score of a CVSS 4.0 vector (first.org/cvss/v4-0/specification-document, section 8.2).
//!
//! Vectors fall into groups (macro vectors) by five criteria; each group has a score, and a vector loses as much of the
//! way to the next lower groups as it is away from the worst vectors of its own. Without threat and environmental
//! metrics exploits are taken to exist and requirements to be high, so most groups of the specification do not occur.

/// Scores of groups in tenths: by exploitability, by complexity, by impact with requirements (as [`Impact`] counts),
/// and by whether other systems are hit hard (section 8.3, table 24).
const SCORES: [[[[u8; 2]; 5]; 2]; 3] = [
    [
        [[100, 93], [96, 90], [93, 88], [92, 80], [79, 69]],
        [[95, 92], [91, 81], [92, 84], [82, 70], [71, 63]],
    ],
    [
        [[94, 87], [89, 75], [86, 72], [76, 57], [65, 53]],
        [[90, 77], [77, 66], [74, 61], [59, 52], [58, 23]],
    ],
    [
        [[86, 70], [74, 54], [72, 53], [57, 36], [47, 24]],
        [[73, 54], [55, 43], [61, 46], [51, 18], [24, 10]],
    ],
];

/// The impact on the system itself together with its requirements, from the worst.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Impact {
    /// Confidentiality and integrity are lost.
    Both = 0,
    /// As above where it is required less; only as the next lower group.
    BothLessRequired = 1,
    /// One of the three is lost.
    One = 2,
    /// As above where it is required less; only as the next lower group.
    OneLessRequired = 3,
    /// None is lost.
    None = 4,
}

/// How many steps each metric is away from its worst value, in the order `AV PR UI`, `AC AT`, `VC VI VA`, `SC SI SA`.
struct Steps {
    exploitability: [i32; 3],
    complexity: [i32; 2],
    own: [i32; 3],
    others: [i32; 3],
}

/// The base score in tenths of what follows `CVSS:4.0/`; `None` if a base metric is missing or unknown.
pub(super) fn score<'t>(metric: impl Fn(&str) -> Option<&'t str>) -> Option<u8> {
    let step = |name: &str, values: &str| {
        let value = metric(name)?;
        let at = values.split(' ').position(|known| known == value)?;
        i32::try_from(at).ok()
    };
    let impact = |name: &str| step(name, "H L N");
    let steps = Steps {
        exploitability: [
            step("AV", "N A L P")?,
            step("PR", "N L H")?,
            step("UI", "N P A")?,
        ],
        complexity: [step("AC", "L H")?, step("AT", "N P")?],
        own: [impact("VC")?, impact("VI")?, impact("VA")?],
        others: [impact("SC")?, impact("SI")?, impact("SA")?],
    };
    Some(steps.score())
}

impl Steps {
    fn score(&self) -> u8 {
        if self.own == [2; 3] && self.others == [2; 3] {
            return 0;
        }
        let exploitability = match self.exploitability {
            [0, 0, 0] => 0,
            [vector, privileges, interaction]
                if vector != 3 && (vector == 0 || privileges == 0 || interaction == 0) =>
            {
                1
            }
            _ => 2,
        };
        let complexity = usize::from(self.complexity != [0, 0]);
        let impact = match self.own {
            [0, 0, _] => Impact::Both,
            own if own.contains(&0) => Impact::One,
            _ => Impact::None,
        };
        let others = usize::from(!self.others.contains(&0));
        let of = |exploitability: usize, complexity: usize, impact: Impact, others: usize| {
            let group = SCORES.get(exploitability)?.get(complexity)?;
            group[impact as usize].get(others).copied().map(f64::from)
        };
        let own = of(exploitability, complexity, impact, others).unwrap_or_default();
        let lower_impact = match impact {
            Impact::Both => [Impact::BothLessRequired, Impact::One]
                .into_iter()
                .filter_map(|impact| of(exploitability, complexity, impact, others))
                .reduce(f64::max),
            Impact::One => of(exploitability, complexity, Impact::OneLessRequired, others),
            _ => None,
        };
        // What each criterion has: the score of the next lower group, the distance from the worst of the own group, and
        // how deep the own group is (section 8.4, table 25).
        let criteria = [
            (
                of(exploitability + 1, complexity, impact, others),
                self.steps_to_worst_exploitability(exploitability),
                [1.0, 4.0, 5.0][exploitability],
            ),
            (
                of(exploitability, complexity + 1, impact, others),
                distance(
                    &self.complexity,
                    [&[[0, 0]][..], &[[1, 0], [0, 1]]][complexity],
                ),
                [1.0, 2.0][complexity],
            ),
            (
                lower_impact,
                self.steps_to_worst_impact(impact),
                if impact == Impact::Both { 7.0 } else { 8.0 },
            ),
            (
                of(exploitability, complexity, impact, others + 1),
                distance(&self.others, [&[[0; 3]], &[[1; 3]]][others]),
                [5.0, 4.0][others],
            ),
        ];
        // That exploits may not exist is the next lower group of the fifth criterion, at no distance.
        let mut lower = 1.0;
        let mut lost = 0.0;
        for (next, distance, depth) in criteria {
            if let Some(next) = next {
                lower += 1.0;
                lost += (own - next) * f64::from(distance) / depth;
            }
        }
        // Halves are rounded up, also where the calculation ends a little below one.
        let tenths = (own - lost / lower + 0.000_01).round().clamp(0.0, 100.0);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "clamped to what a score can be"
        )]
        let tenths = tenths as u8;
        tenths
    }

    fn steps_to_worst_exploitability(&self, group: usize) -> i32 {
        let worst: &[[i32; 3]] = match group {
            0 => &[[0, 0, 0]],
            1 => &[[1, 0, 0], [0, 1, 0], [0, 0, 1]],
            _ => &[[3, 0, 0], [1, 1, 1]],
        };
        distance(&self.exploitability, worst)
    }

    fn steps_to_worst_impact(&self, impact: Impact) -> i32 {
        let worst: &[[i32; 3]] = match impact {
            Impact::Both | Impact::BothLessRequired => &[[0, 0, 0]],
            Impact::One | Impact::OneLessRequired => &[[1, 0, 0], [0, 1, 0]],
            Impact::None => &[[1, 1, 1]],
        };
        distance(&self.own, worst)
    }
}

/// How many steps `own` is away from the first of the worst that it is not worse than in any metric.
fn distance<const N: usize>(own: &[i32; N], worst: &[[i32; N]]) -> i32 {
    let steps = |worst: &[i32; N]| {
        let each = own.iter().zip(worst).map(|(own, worst)| own - worst);
        let each: Vec<i32> = each.collect();
        each.iter()
            .all(|step| *step >= 0)
            .then(|| each.iter().sum())
    };
    worst.iter().find_map(steps).unwrap_or(0)
}
