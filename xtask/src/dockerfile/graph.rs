//! How stages depend on each other, and which images from outside they need.

use std::collections::BTreeMap;

use foldhash::HashMap;

use crate::dockerfile::expand::expand;
use crate::dockerfile::image_name::check_reference;
use crate::dockerfile::scope::{GlobalScope, PLATFORM_ARGS};
use crate::dockerfile::{
    Dockerfile, FileTransfer, Instruction, InstructionKind, Run, Stage, SyntaxError,
};
use crate::source::{Span, Spanned};

/// What a stage starts from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Base {
    /// Nothing: `FROM scratch`.
    Scratch,
    /// The earlier stage with this index.
    Stage(usize),
    /// An image from outside.
    Image,
}

/// Why an image is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReferenceKind {
    /// `FROM image`.
    From,
    /// `COPY --from=image`.
    Copy,
    /// `RUN --mount=from=image`.
    Mount,
}

/// An image from outside the file. A build context of the same name replaces it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageReference {
    /// The reference, expanded. Empty if it could not be.
    pub reference: String,
    /// As written, with its place.
    pub raw: Spanned<String>,
    /// `--platform=` of a `FROM`, as written.
    pub platform: Option<Spanned<String>>,
    /// Why it is needed.
    pub kind: ReferenceKind,
    /// The stage that needs it.
    pub stage: usize,
    /// Variables in it that have no value.
    pub undefined: Vec<String>,
}

/// The stages of a file and their dependencies.
#[derive(Clone, Debug)]
pub struct StageGraph {
    /// What each stage starts from.
    pub bases: Vec<Base>,
    /// The stages each stage needs directly (its base, `COPY --from`, mounts), ascending. A faulty file can name
    /// later stages and itself: see [`StageGraph::errors`].
    pub dependencies: Vec<Vec<usize>>,
    /// Every image from outside, by stage, in the order of the file.
    pub images: Vec<ImageReference>,
    /// The global scope.
    pub globals: GlobalScope,
    /// What `BuildKit` would refuse when it builds, not when it parses.
    pub errors: Vec<SyntaxError>,
}

impl Dockerfile {
    /// The stage with this name (case does not matter; the last one if several share it) or index, as
    /// `COPY --from=` finds it. `--target` knows names only.
    #[must_use]
    pub fn stage(&self, name_or_index: &str) -> Option<&Stage> {
        let index = match self.names.get(&name_or_index.to_lowercase()) {
            Some(index) => *index,
            None => name_or_index.parse().ok()?,
        };
        self.stages.get(index)
    }

    /// The stage graph under the given build arguments and [`PLATFORM_ARGS`].
    #[must_use]
    pub fn graph(&self, args: &BTreeMap<String, String>) -> StageGraph {
        let globals = self.global_scope(args);
        let mut builder = Builder {
            file: self,
            graph: StageGraph {
                bases: Vec::with_capacity(self.stages.len()),
                dependencies: Vec::with_capacity(self.stages.len()),
                images: Vec::new(),
                errors: globals.errors.clone(),
                globals,
            },
            last: HashMap::default(),
        };
        let mut earlier: HashMap<String, usize> = HashMap::default();
        for stage in &self.stages {
            if let Some(name) = stage.lower_name() {
                builder.last.insert(name, stage.index);
            }
        }
        for stage in &self.stages {
            builder.stage(stage, &earlier);
            if let Some(name) = stage.lower_name() {
                earlier.insert(name, stage.index);
            }
        }
        builder.graph
    }
}

impl Stage {
    /// Whether this is the stage's name; case does not matter.
    #[must_use]
    pub fn is_named(&self, name: &str) -> bool {
        self.lower_name()
            .is_some_and(|own| own == name.to_lowercase())
    }

    /// The name as `BuildKit` keeps it.
    pub(super) fn lower_name(&self) -> Option<String> {
        self.name.as_ref().map(|name| name.value.to_lowercase())
    }

    /// What a stage that starts from this one runs first.
    pub(super) fn triggers(&self) -> impl Iterator<Item = &Instruction> {
        self.instructions
            .iter()
            .filter_map(|instruction| match &instruction.kind {
                InstructionKind::Onbuild(onbuild) => onbuild.trigger.as_deref().ok(),
                _ => None,
            })
    }
}

impl StageGraph {
    /// The stages a build of `target` runs, the target included, in the order `BuildKit` looks at them: ascending.
    #[must_use]
    pub fn reachable(&self, target: usize) -> Vec<usize> {
        let mut seen = vec![false; self.dependencies.len()];
        let mut open = vec![target];
        while let Some(stage) = open.pop() {
            if let Some(seen) = seen.get_mut(stage)
                && !std::mem::replace(seen, true)
            {
                open.extend(&self.dependencies[stage]);
            }
        }
        (0..seen.len()).filter(|&stage| seen[stage]).collect()
    }

    /// The images from outside that a build of `target` needs, in the order of the file.
    pub fn images_of(&self, target: usize) -> impl Iterator<Item = &ImageReference> {
        let reachable = self.reachable(target);
        self.images
            .iter()
            .filter(move |image| reachable.binary_search(&image.stage).is_ok())
    }

    /// From the stage that starts from no other stage up to `stage` itself.
    #[must_use]
    pub fn lineage(&self, stage: usize) -> Vec<usize> {
        let mut lineage = vec![stage];
        let mut current = stage;
        // A base always has a smaller index, so this ends.
        while let Some(Base::Stage(base)) = self.bases.get(current) {
            lineage.push(*base);
            current = *base;
        }
        lineage.reverse();
        lineage
    }
}

struct Builder<'f> {
    file: &'f Dockerfile,
    graph: StageGraph,
    /// The last stage of each name.
    last: HashMap<String, usize>,
}

impl<'f> Builder<'f> {
    fn stage(&mut self, stage: &'f Stage, earlier: &HashMap<String, usize>) {
        let mut dependencies = Vec::new();
        let base = self.base(stage, earlier);
        self.graph.bases.push(base);
        if let Base::Stage(base) = base {
            dependencies.push(base);
            let file = self.file;
            for trigger in file.stages[base].triggers() {
                self.instruction(stage.index, trigger, &mut dependencies);
            }
        }
        for instruction in &stage.instructions {
            self.instruction(stage.index, instruction, &mut dependencies);
        }
        dependencies.sort_unstable();
        dependencies.dedup();
        self.graph.dependencies.push(dependencies);
    }

    fn error(&mut self, span: Span, message: impl Into<String>) {
        self.graph.errors.push(SyntaxError {
            span,
            message: message.into(),
        });
    }

    fn base(&mut self, stage: &Stage, earlier: &HashMap<String, usize>) -> Base {
        let raw = &stage.base;
        let globals = &self.graph.globals.values;
        let (reference, undefined) = match expand(&raw.value, self.file.escape, &|name| {
            globals.get(name).cloned()
        }) {
            Ok(expanded) => (expanded.value, expanded.undefined),
            Err(message) => {
                self.error(raw.span, message);
                (String::new(), Vec::new())
            }
        };
        // The platform has a value in every build, only perhaps not in ours: the reference may become a good one.
        let is_platform = |name: &String| PLATFORM_ARGS.contains(&name.as_str());
        // The name counts as written here, and names are kept in lower case.
        if let Some(&index) = earlier.get(&reference) {
            return Base::Stage(index);
        }
        if reference == "scratch" {
            return Base::Scratch;
        }
        if reference.is_empty() {
            self.error(
                raw.span,
                format!("the base `{}` expands to nothing", raw.value),
            );
        } else if !undefined.iter().any(is_platform)
            && let Err(message) = check_reference(&reference)
        {
            self.error(raw.span, message);
        }
        self.graph.images.push(ImageReference {
            reference,
            raw: raw.clone(),
            platform: stage.platform.clone(),
            kind: ReferenceKind::From,
            stage: stage.index,
            undefined,
        });
        Base::Image
    }

    fn instruction(
        &mut self,
        stage: usize,
        instruction: &Instruction,
        dependencies: &mut Vec<usize>,
    ) {
        match &instruction.kind {
            InstructionKind::Copy(copy) => self.copy(stage, copy, dependencies),
            InstructionKind::Run(run) => self.mounts(stage, run, dependencies),
            _ => {}
        }
    }

    fn copy(&mut self, stage: usize, copy: &FileTransfer, dependencies: &mut Vec<usize>) {
        let Some(from) = copy.flag("from").filter(|from| !from.value.is_empty()) else {
            return;
        };
        let found = match from.value.parse::<i64>() {
            Ok(index) => match usize::try_from(index) {
                Ok(index) if index < self.file.stages.len() => Some(index),
                _ => {
                    self.error(from.span, format!("there is no stage {index}"));
                    return;
                }
            },
            Err(_) => self.last.get(&from.value.to_lowercase()).copied(),
        };
        match found {
            Some(index) => {
                if index >= stage {
                    self.error(
                        from.span,
                        format!("`{}` does not stand before this stage", from.value),
                    );
                }
                dependencies.push(index);
            }
            None if from.value.contains('$') => self.error(
                from.span,
                "`--from` cannot hold a variable: name a stage `FROM $image AS name` and use that",
            ),
            None => self.image(stage, from, ReferenceKind::Copy),
        }
    }

    fn mounts(&mut self, stage: usize, run: &Run, dependencies: &mut Vec<usize>) {
        for mount in &run.mounts {
            // Unlike `COPY --from`, an index means nothing here.
            let Some(from) = mount.field("from").filter(|from| !from.is_empty()) else {
                continue;
            };
            match self.last.get(&from.to_lowercase()).copied() {
                Some(index) => {
                    if index >= stage {
                        self.error(
                            mount.span,
                            format!("`{from}` does not stand before this stage"),
                        );
                    }
                    dependencies.push(index);
                }
                None => self.image(
                    stage,
                    &Spanned::new(from.to_owned(), mount.span),
                    ReferenceKind::Mount,
                ),
            }
        }
    }

    fn image(&mut self, stage: usize, raw: &Spanned<String>, kind: ReferenceKind) {
        if raw.value == "scratch" {
            return;
        }
        if let Err(message) = check_reference(&raw.value) {
            self.error(raw.span, message);
        }
        self.graph.images.push(ImageReference {
            reference: raw.value.clone(),
            raw: raw.clone(),
            platform: None,
            kind,
            stage,
            undefined: Vec::new(),
        });
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;
    use crate::dockerfile::parse;
    use crate::source::Source;

    fn graph(text: &str, args: &[(&str, &str)]) -> StageGraph {
        let args = args
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let file = parse(&Source::new("Dockerfile", text));
        assert_eq!(file.errors, []);
        file.graph(&args)
    }

    const FILE: &str = "ARG V=20\nARG IMAGE=node:$V\nFROM --platform=$BUILDPLATFORM $IMAGE AS Deps\n\
        FROM scratch AS lone\nFROM deps AS build\nRUN --mount=type=bind,from=DEPS,target=/d --mount=from=alpine:3 x\n\
        FROM ${IMAGE}-slim\nCOPY --from=2 /a /b\nCOPY --from=busybox /c /d\nCOPY --from=scratch /e /f\n";

    #[test]
    fn reachable_stages_and_their_images() {
        let graph = graph(FILE, &[("V", "22"), ("UNUSED", "x")]);
        assert_eq!(
            graph.bases,
            [Base::Image, Base::Scratch, Base::Stage(0), Base::Image]
        );
        assert_eq!(graph.reachable(3), [0, 2, 3]);
        assert_eq!(graph.reachable(1), [1]);
        assert_eq!(graph.lineage(2), [0, 2]);
        let images: Vec<_> = graph
            .images_of(3)
            .map(|image| {
                (
                    image.reference.as_str(),
                    image.kind,
                    image.raw.span.of(FILE),
                )
            })
            .collect();
        assert_eq!(
            images,
            [
                ("node:22", ReferenceKind::From, "$IMAGE"),
                ("alpine:3", ReferenceKind::Mount, "--mount=from=alpine:3"),
                ("node:22-slim", ReferenceKind::From, "${IMAGE}-slim"),
                ("busybox", ReferenceKind::Copy, "busybox"),
            ]
        );
        assert_eq!(
            graph.images[0].platform.as_ref().unwrap().value,
            "$BUILDPLATFORM"
        );
        assert_eq!(graph.images_of(1).count(), 0);
        assert_eq!(graph.errors, []);
    }

    #[test]
    fn stages_are_found_by_name_in_any_case_or_by_index() {
        let file = parse(&Source::new("Dockerfile", FILE));
        let index = |name| file.stage(name).map(|stage| stage.index);
        assert_eq!(
            (index("DEPS"), index("build"), index("3"), index("4")),
            (Some(0), Some(2), Some(3), None)
        );
    }

    #[test]
    fn names_resolve_as_buildkit_resolves_them() {
        // FROM: the last earlier one, and only in lower case. COPY --from: the last one of the file.
        let graph = graph(
            "FROM a AS x\nFROM b AS X\nFROM x\nFROM X\nCOPY --from=9 a b\nCOPY --from=x a b\nFROM c AS x\n",
            &[],
        );
        assert_eq!(graph.bases[2..4], [Base::Stage(1), Base::Image]);
        assert_eq!(graph.dependencies[3], [4]);
        let messages: Vec<_> = graph.errors.iter().map(|e| e.message.as_str()).collect();
        assert_eq!(
            messages,
            [
                "`X` cannot name an image: its name must be lowercase",
                "there is no stage 9",
                "`x` does not stand before this stage"
            ]
        );
        // Circles end.
        assert_eq!(graph.reachable(3), [3, 4]);
    }

    #[test]
    fn platform_arguments_need_no_declaration_and_lose_to_a_default() {
        let graph = graph(
            "ARG TARGETOS=mine\nFROM a-$TARGETOS-$TARGETARCH-$OTHER\n",
            &[
                ("TARGETARCH", "arm64"),
                ("TARGETOS", "linux"),
                ("OTHER", "x"),
            ],
        );
        assert_eq!(graph.images[0].reference, "a-mine-arm64-");
        assert_eq!(graph.images[0].undefined, ["OTHER"]);
    }

    #[test]
    fn triggers_bring_dependencies_to_the_stage_that_starts_from_them() {
        let graph = graph(
            "FROM a AS x\nFROM b AS y\nONBUILD COPY --from=x /a /b\nFROM y\nFROM 2\n",
            &[],
        );
        assert_eq!(graph.dependencies[..3], [vec![], vec![], vec![0, 1]]);
    }

    #[test]
    fn a_hundred_thousand_stages_take_no_time() {
        let mut text = String::from("FROM a AS s0\n");
        for i in 1..100_000 {
            let _ = write!(text, "FROM s{} AS s{i}\nCOPY --from=s0 a b\n", i - 1);
        }
        let graph = graph(&text, &[]);
        assert_eq!(graph.reachable(99_999).len(), 100_000);
        assert_eq!(graph.lineage(99_999).len(), 100_000);
    }
}
