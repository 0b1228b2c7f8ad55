//! What holds for a run: which rules are on, how bad their findings are, where other things hold.

mod hadolint;
mod hadolint_file;
mod levels;
mod manifest;
mod preset;

use camino::{Utf8Path, Utf8PathBuf};

pub use hadolint::{HadolintSettings, label_requirement, threshold, variables};
pub use levels::{Level, Levels};
pub use manifest::Services;
pub use preset::Preset;
pub(in crate::lint) use preset::is_buildkits;

use crate::error::{Error, Result};
use crate::finding::Severity;
use crate::lint::options::Options;
use crate::lint::registry;
use crate::project::suggestion::nearest;

/// What holds for a run.
#[derive(Clone, Debug)]
pub struct Configuration {
    /// Where nothing else is said.
    pub levels: Levels,
    /// Where something else is said, in order: the last that fits counts.
    pub overrides: Vec<Override>,
    /// Settings of rules that need some.
    pub options: Options,
    /// From which severity on findings make the run fail; `None`: never.
    pub fail_on: Option<Severity>,
    /// Patterns of files that are passed over when files are looked for, from the root.
    pub exclude: Vec<String>,
    /// Known findings, from the root.
    pub baseline: Option<Utf8PathBuf>,
    /// Whether `# hadolint ignore=` counts.
    pub hadolint_pragmas: bool,
}

/// Other levels for some files or stages.
#[derive(Clone, Debug, Default)]
pub struct Override {
    /// Patterns of paths; any of them.
    pub paths: Vec<String>,
    /// Paths in full, of the services that were named; any of them, or of the patterns.
    pub files: Vec<Utf8PathBuf>,
    /// Names (with wildcards) or indexes of stages; empty: all.
    pub stages: Vec<String>,
    /// By code.
    pub changes: Vec<(String, Level)>,
}

/// What holds in one file.
#[derive(Debug)]
pub struct FileLevels<'c> {
    levels: Levels,
    stages: Vec<&'c Override>,
}

impl Default for Configuration {
    fn default() -> Self {
        Self {
            levels: Preset::Recommended.levels(),
            overrides: Vec::new(),
            options: Options::default(),
            fail_on: Some(Severity::Warning),
            exclude: Vec::new(),
            baseline: None,
            hadolint_pragmas: true,
        }
    }
}

impl Configuration {
    /// What holds in a file, given by its path from the root.
    #[must_use]
    pub fn for_file(&self, path: &Utf8Path) -> FileLevels<'_> {
        let mut levels = self.levels.clone();
        let mut stages = Vec::new();
        for one in self.overrides.iter().filter(|one| one.fits(path)) {
            if one.stages.is_empty() {
                one.apply(&mut levels);
            } else {
                stages.push(one);
            }
        }
        FileLevels { levels, stages }
    }

    /// Turns off every rule that is not among `codes`, and on those that are.
    ///
    /// # Errors
    /// A code means nothing.
    pub fn only(&mut self, codes: &[String]) -> Result<()> {
        let mut kept = Levels::off();
        for code in codes {
            for code in meaning(code)? {
                let level = match self.levels.of(&code) {
                    Level::Off => Level::On(default_severity(&code)),
                    on @ Level::On(_) => on,
                };
                kept.set(&code, level);
            }
        }
        let keeps = |(code, _): &(String, Level)| kept.of(code) != Level::Off;
        for one in &mut self.overrides {
            one.changes.retain(keeps);
        }
        self.levels = kept;
        Ok(())
    }

    /// Whether a rule is on in any file.
    pub(in crate::lint) fn may_run(&self, code: &str) -> bool {
        let changes = self.overrides.iter().flat_map(|one| &one.changes);
        self.levels.of(code) != Level::Off
            || changes
                .filter(|(changed, _)| changed == code)
                .any(|(_, level)| *level != Level::Off)
    }

    /// Sets the level of a rule everywhere.
    ///
    /// # Errors
    /// The code means nothing.
    pub fn set(&mut self, code: &str, level: Level) -> Result<()> {
        for code in meaning(code)? {
            for one in &mut self.overrides {
                one.changes.retain(|(changed, _)| *changed != code);
            }
            self.levels.set(&code, level);
        }
        Ok(())
    }
}

impl Override {
    fn fits(&self, path: &Utf8Path) -> bool {
        let everywhere = self.paths.is_empty() && self.files.is_empty();
        everywhere
            || self.files.iter().any(|file| file == path)
            || self
                .paths
                .iter()
                .any(|pattern| crate::project::glob::matches(pattern, path))
    }

    fn apply(&self, levels: &mut Levels) {
        for (code, level) in &self.changes {
            levels.set(code, *level);
        }
    }

    fn has_stage(&self, name: Option<&str>, index: usize) -> bool {
        self.stages.iter().any(|wanted| {
            wanted.parse() == Ok(index)
                || name.is_some_and(|name| {
                    crate::project::glob::name_matches(&wanted.to_lowercase(), &name.to_lowercase())
                })
        })
    }
}

impl FileLevels<'_> {
    /// Whether a rule can be on anywhere in the file, and the level it has where no stage says otherwise.
    #[must_use]
    pub fn runs(&self, code: &str) -> bool {
        let on = |level: Level| level != Level::Off;
        on(self.levels.of(code))
            || self
                .stages
                .iter()
                .flat_map(|one| &one.changes)
                .any(|(changed, level)| changed == code && on(*level))
    }

    /// As [`FileLevels::runs`], for the rule at a position among all.
    #[inline]
    pub(in crate::lint) fn rule_runs(&self, position: usize) -> bool {
        self.levels.of_rule(position) != Level::Off
            || !self.stages.is_empty() && self.runs(registry::all()[position].code)
    }

    /// The level of the rule at a position among all, outside of all stages.
    #[inline]
    pub(in crate::lint) fn of_rule(&self, position: usize) -> Level {
        self.levels.of_rule(position)
    }

    /// The level of a code outside of all stages.
    #[must_use]
    pub fn level(&self, code: &str) -> Level {
        self.levels.of(code)
    }

    /// The level that was said for a code which only an external tool knows; `None`: as the tool says itself.
    #[must_use]
    pub fn said(&self, code: &str) -> Option<Level> {
        self.levels.said_of_other(code)
    }

    /// The level of a code in a stage.
    #[must_use]
    pub fn in_stage(&self, code: &str, name: Option<&str>, index: usize) -> Level {
        self.stages
            .iter()
            .rev()
            .filter(|one| one.has_stage(name, index))
            .flat_map(|one| one.changes.iter().rev())
            .find(|(changed, _)| changed == code)
            .map_or_else(|| self.levels.of(code), |(_, level)| *level)
    }

    /// Whether stages differ.
    #[must_use]
    pub fn by_stage(&self) -> bool {
        !self.stages.is_empty()
    }

    /// Changes the level of a code in the whole file.
    pub(in crate::lint) fn set(&mut self, code: &str, level: Level) {
        self.levels.set(code, level);
    }
}

/// The codes that a code, name or alias means.
///
/// # Errors
/// It means nothing.
pub fn meaning(word: &str) -> Result<Vec<String>> {
    let rules = registry::find(word);
    if !rules.is_empty() {
        return Ok(rules.iter().map(|rule| rule.code.to_owned()).collect());
    }
    if is_shellcheck_code(word) {
        return Ok(vec![word.to_owned()]);
    }
    let error = Error::usage(format!("there is no rule `{word}`"));
    Err(match suggestion(word) {
        Some(near) => error.help(format!("did you mean `{near}`?")),
        None => error.help("`docker-lint --list-rules` shows them all"),
    })
}

/// The code, name or alias that is nearly this word.
#[must_use]
pub fn suggestion(word: &str) -> Option<&'static str> {
    let upper = word.to_ascii_uppercase();
    let names = || {
        registry::all().iter().flat_map(|rule| {
            [rule.code, rule.name]
                .into_iter()
                .chain(rule.aliases.iter().copied())
        })
    };
    names()
        .find(|name| name.eq_ignore_ascii_case(word))
        // Two codes that differ by a digit are two rules, not a slip of the finger.
        .or_else(|| nearest(word, names().filter(|name| !is_numbered(name))))
        .or_else(|| nearest(&upper, names().filter(|name| is_numbered(name))))
}

/// `SC2086`: `ShellCheck` has more codes than we have rules.
#[must_use]
pub fn is_shellcheck_code(word: &str) -> bool {
    word.strip_prefix("SC")
        .is_some_and(|digits| digits.len() == 4 && digits.bytes().all(|b| b.is_ascii_digit()))
}

fn is_numbered(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_uppercase())
        && name.ends_with(|c: char| c.is_ascii_digit())
}

fn default_severity(code: &str) -> Severity {
    registry::find(code)
        .first()
        .map_or(Severity::Warning, |rule| rule.severity)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OTHER: &str = "SC9999";

    fn configuration(overrides: Vec<Override>) -> Configuration {
        Configuration {
            overrides,
            ..Configuration::default()
        }
    }

    fn change(code: &str, level: Level) -> Vec<(String, Level)> {
        vec![(code.to_owned(), level)]
    }

    #[test]
    fn the_last_override_that_fits_counts() {
        let configuration = configuration(vec![
            Override {
                paths: vec!["apps/**".to_owned()],
                changes: change(OTHER, Level::Off),
                ..Override::default()
            },
            Override {
                files: vec!["apps/api/Dockerfile".into()],
                changes: change(OTHER, Level::On(Severity::Error)),
                ..Override::default()
            },
        ]);
        let level = |path: &str| configuration.for_file(Utf8Path::new(path)).level(OTHER);
        assert_eq!(level("docker/Dockerfile"), Level::On(Severity::Warning));
        assert_eq!(level("apps/cart/Dockerfile"), Level::Off);
        assert_eq!(level("apps/api/Dockerfile"), Level::On(Severity::Error));
    }

    #[test]
    fn stages_go_by_name_pattern_or_index() {
        let mut configuration = configuration(vec![Override {
            stages: vec!["Build*".to_owned(), "2".to_owned()],
            changes: change(OTHER, Level::On(Severity::Note)),
            ..Override::default()
        }]);
        configuration.set(OTHER, Level::Off).unwrap();
        assert!(!configuration.for_file(Utf8Path::new("a")).runs(OTHER));
        configuration.overrides[0].changes = change(OTHER, Level::On(Severity::Note));
        let levels = configuration.for_file(Utf8Path::new("a"));
        assert!(levels.runs(OTHER));
        let note = Level::On(Severity::Note);
        assert_eq!(levels.in_stage(OTHER, Some("builder"), 0), note);
        assert_eq!(levels.in_stage(OTHER, None, 2), note);
        assert_eq!(levels.in_stage(OTHER, Some("final"), 1), Level::Off);
        assert_eq!(levels.level(OTHER), Level::Off);
    }

    #[test]
    fn only_turns_the_others_off_and_what_is_named_on() {
        let mut configuration = Configuration::default();
        configuration
            .only(&["workdir-not-absolute".to_owned()])
            .unwrap();
        assert_eq!(
            configuration.levels.of("DL3000"),
            Level::On(Severity::Error)
        );
        assert_eq!(configuration.levels.of(OTHER), Level::Off);
    }

    #[test]
    fn words_that_mean_nothing_get_a_suggestion() {
        for (word, expected) in [
            ("DL3000", Ok(vec!["DL3000".to_owned()])),
            ("WorkdirRelativePath", Ok(vec!["DL3000".to_owned()])),
            ("SC1234", Ok(vec!["SC1234".to_owned()])),
            ("dl3000", Err("did you mean `DL3000`?")),
            (
                "workdir-not-absolut",
                Err("did you mean `workdir-not-absolute`?"),
            ),
            ("nonsense", Err("`docker-lint --list-rules` shows them all")),
        ] {
            let found = meaning(word).map_err(|error| error.helps()[0].clone());
            assert_eq!(found, expected.map_err(str::to_owned), "{word}");
        }
    }
}
