//! The `RUN`s whose text is for a shell of Unix, and what they start, so that rules about other programs can pass by.

use crate::dockerfile::Run;
use crate::lint::model::{Model, ShellKind, StageModel, Step};
use crate::lint::packages::Manager;
use crate::shell::Invocation;

/// Which instructions they are, and what they start.
#[derive(Debug, Default)]
pub(super) struct UnixRuns {
    /// The places of stage and instruction, in order.
    places: Vec<(usize, usize)>,
    managers: u32,
    programs: Signs,
}

/// A bit for each of some names; a few names share one.
#[derive(Clone, Copy, Debug, Default)]
struct Signs([u64; 4]);

impl Signs {
    fn of<'n>(names: impl Iterator<Item = &'n str>) -> Self {
        let mut signs = Self::default();
        signs.add(names);
        signs
    }

    fn add<'n>(&mut self, names: impl Iterator<Item = &'n str>) {
        for name in names {
            let bytes = name.as_bytes();
            let [first, .., last] = bytes else {
                // Of one letter: like one another.
                self.0[0] |= 1;
                continue;
            };
            let middle = bytes[bytes.len() / 2];
            let length = bytes.len().to_le_bytes()[0];
            let number = u32::from_le_bytes([*first, middle, *last, length]);
            let place = number.wrapping_mul(0x9e37_79b1) >> 24;
            self.0[place as usize / 64] |= 1 << (place % 64);
        }
    }

    fn share_any(&self, other: &Self) -> bool {
        self.0
            .iter()
            .zip(&other.0)
            .any(|(own, other)| own & other != 0)
    }
}

impl UnixRuns {
    fn of(model: &Model) -> Self {
        let mut runs = Self::default();
        for step in model.steps().filter(|step| is_meant(*step)) {
            runs.places.push((step.stage.index, step.index));
            let programs = step.invocations().iter();
            runs.programs.add(programs.map(|it| it.program.as_str()));
            runs.managers |= sign_of_managers(step.managers());
        }
        runs
    }
}

/// Commands, in order.
pub(in crate::lint) struct UnixCommands<'m> {
    model: &'m Model,
    left: std::slice::Iter<'m, (usize, usize)>,
    programs: Option<&'static [&'static str]>,
    current: Option<(Step<'m>, std::slice::Iter<'m, Invocation>)>,
}

impl<'m> Iterator for UnixCommands<'m> {
    type Item = (Step<'m>, &'m Invocation);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some((step, commands)) = &mut self.current {
                let found = match self.programs {
                    Some(programs) => commands.find(|it| it.is_any(programs)),
                    None => commands.next(),
                };
                if let Some(command) = found {
                    return Some((*step, command));
                }
            }
            let step = self.model.step_at(*self.left.next()?);
            self.current = Some((step, step.invocations().iter()));
        }
    }
}

fn is_meant(step: Step<'_>) -> bool {
    let shell = || step.before().shell_kind();
    step.run().is_some()
        && (step.invocations().is_empty()
            || !matches!(shell(), ShellKind::PowerShell | ShellKind::Cmd))
}

fn sign_of_managers(managers: impl Iterator<Item = Manager>) -> u32 {
    managers.fold(0, |signs, manager| signs | 1 << (manager as u32))
}

impl Model {
    /// The `RUN`s (behind `ONBUILD` too) whose text is for a shell of Unix, or that are in exec form.
    pub(in crate::lint) fn unix_runs(&self) -> impl Iterator<Item = (Step<'_>, &Run)> {
        self.runs_at(&self.runs().places)
    }

    /// All of them if any calls one of some package managers, none otherwise.
    pub(in crate::lint) fn unix_runs_if_any_calls(
        &self,
        managers: &[Manager],
    ) -> impl Iterator<Item = (Step<'_>, &Run)> + use<'_> {
        self.runs_at(if self.calls_any(managers) {
            &self.runs().places
        } else {
            &[]
        })
    }

    fn runs_at<'m>(
        &'m self,
        places: &'m [(usize, usize)],
    ) -> impl Iterator<Item = (Step<'m>, &'m Run)> {
        places.iter().filter_map(|place| {
            let step = self.step_at(*place);
            Some((step, step.run()?))
        })
    }

    /// The step of a stage, both by their places.
    const fn step_at(&self, (stage, index): (usize, usize)) -> Step<'_> {
        let stage = StageModel {
            model: self,
            index: stage,
        };
        Step { stage, index }
    }

    /// Every command of those `RUN`s.
    pub(in crate::lint) fn unix_commands(&self) -> UnixCommands<'_> {
        UnixCommands {
            model: self,
            left: self.runs().places.iter(),
            programs: None,
            current: None,
        }
    }

    /// The commands of those `RUN`s that start one of some programs.
    pub(in crate::lint) fn unix_commands_of(
        &self,
        programs: &'static [&'static str],
    ) -> UnixCommands<'_> {
        let runs = self.runs();
        let may_be = runs
            .programs
            .share_any(&Signs::of(programs.iter().copied()));
        let places: &[(usize, usize)] = if may_be { &runs.places } else { &[] };
        UnixCommands {
            model: self,
            left: places.iter(),
            programs: Some(programs),
            current: None,
        }
    }

    /// Whether one of those `RUN`s calls one of some package managers.
    fn calls_any(&self, managers: &[Manager]) -> bool {
        self.runs().managers & sign_of_managers(managers.iter().copied()) != 0
    }

    fn runs(&self) -> &UnixRuns {
        self.unix_runs.get_or_init(|| UnixRuns::of(self))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::dockerfile::parse;
    use crate::source::Source;

    #[test]
    fn nothing_that_is_asked_for_is_passed_by() {
        const NAMES: [&str; 8] = ["w", "x", "apt-get", "apt", "curl", "cc", "npm", ""];
        const ASKED: [&[&str]; 6] = [
            &["w"],
            &["y"],
            &["apt-get", "curl"],
            &["wget", "cc"],
            &["dnf"],
            &[],
        ];
        // Each as it can be started or not, all at once.
        for chosen in 0..1_usize << NAMES.len() {
            let started = NAMES.iter().enumerate();
            let started = started.filter(|(at, _)| chosen >> at & 1 == 1);
            let lines: Vec<String> = started
                .map(|(_, name)| format!("RUN {name} a && $b {name}\nCMD dnf b\n"))
                .collect();
            let lines = lines.concat();
            let text = format!("FROM a\n{lines}SHELL [\"cmd\"]\nRUN y && dnf install c\n");
            let file = parse(&Source::new("Dockerfile", text));
            let model = Model::new(file, BTreeMap::new(), &|_| None);
            for programs in ASKED {
                let all = model.unix_commands();
                let expected: Vec<_> = all.filter(|(_, it)| it.is_any(programs)).collect();
                let found: Vec<_> = model.unix_commands_of(programs).collect();
                let spans = |commands: &[(Step<'_>, &Invocation)]| -> Vec<_> {
                    commands.iter().map(|(_, it)| it.span).collect()
                };
                assert_eq!(spans(&found), spans(&expected), "{programs:?} {chosen:b}");
            }
            assert_eq!(
                model.calls_any(&[Manager::Dnf, Manager::Npm]),
                chosen >> 6 & 1 == 1
            );
            assert_eq!(model.calls_any(&[Manager::Apt]), chosen >> 2 & 3 != 0);
        }
    }
}
