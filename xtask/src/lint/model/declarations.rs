//! Which names a file declares, for rules that look for a name in all stages.

use foldhash::{HashMap, HashSet};

use crate::dockerfile::{ArgDeclaration, Dockerfile, InstructionKind};
use crate::lint::model::Model;

/// The names that a file declares, with where. Made once, when somebody asks.
#[derive(Debug, Default)]
pub(super) struct Declarations {
    /// By name, the first `ARG` before the first `FROM`.
    global: HashMap<String, usize>,
    /// By name, the first `ARG` of each stage that has one: its stage, instruction, and place in the instruction.
    in_stages: HashMap<String, Vec<(usize, usize, usize)>>,
    /// What any `ENV` sets, behind `ONBUILD` too.
    variables: HashSet<String>,
}

impl Declarations {
    fn of(model: &Model) -> Self {
        let mut found = Self::default();
        let file: &Dockerfile = &model.file;
        for (index, argument) in file.global_args.iter().enumerate() {
            let name = argument.name.value.clone();
            found.global.entry(name).or_insert(index);
        }
        for stage in &file.stages {
            for (index, instruction) in stage.instructions.iter().enumerate() {
                let InstructionKind::Arg(arguments) = &instruction.kind else {
                    continue;
                };
                for (part, argument) in arguments.iter().enumerate() {
                    let name = argument.name.value.clone();
                    let places = found.in_stages.entry(name).or_default();
                    if places.last().is_none_or(|last| last.0 != stage.index) {
                        places.push((stage.index, index, part));
                    }
                }
            }
        }
        for step in model.steps() {
            if let InstructionKind::Env(pairs) = step.kind() {
                let names = pairs.iter().map(|pair| pair.key.value.clone());
                found.variables.extend(names);
            }
        }
        found
    }
}

impl Model {
    fn declarations(&self) -> &Declarations {
        self.declarations.get_or_init(|| Declarations::of(self))
    }

    /// The first `ARG` of a name before the first `FROM`.
    pub(in crate::lint) fn global_argument(&self, name: &str) -> Option<&ArgDeclaration> {
        let index = *self.declarations().global.get(name)?;
        self.file.global_args.get(index)
    }

    /// The first `ARG` of a name in each stage that has one, with the stage's index, in order.
    pub(in crate::lint) fn stage_arguments(
        &self,
        name: &str,
    ) -> impl Iterator<Item = (usize, &ArgDeclaration)> {
        let places = self.declarations().in_stages.get(name);
        let places = places.map_or(&[][..], Vec::as_slice).iter();
        places.filter_map(|&(stage, instruction, part)| {
            match &self.file.stages[stage].instructions[instruction].kind {
                InstructionKind::Arg(arguments) => Some((stage, arguments.get(part)?)),
                _ => None,
            }
        })
    }

    /// Whether any `ENV` of the file sets a name.
    pub(in crate::lint) fn sets_variable(&self, name: &str) -> bool {
        self.declarations().variables.contains(name)
    }
}
