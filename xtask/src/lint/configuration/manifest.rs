//! `[lint]` of the manifest.

use std::collections::BTreeMap;

use camino::Utf8PathBuf;

use super::hadolint::label_kind;
use super::levels::severity;
use super::{Configuration, Level, Override, Preset, meaning};
use crate::error::{Error, Result};
use crate::project::Manifest;
use crate::project::manifest::Lint;

/// The Dockerfile of each service, by name; of the bases, too.
pub type Services = BTreeMap<String, Utf8PathBuf>;

impl Configuration {
    /// Changes what holds as the manifest says.
    ///
    /// # Errors
    /// A code or a service means nothing; all mistakes at once, each with its place.
    pub fn apply_manifest(&mut self, manifest: &Manifest, services: &Services) -> Result<()> {
        let lint = &manifest.lint;
        if let Some(preset) = lint.preset.as_deref().and_then(Preset::parse) {
            self.levels = preset.levels();
        }
        if let Some(word) = &lint.fail_on {
            self.fail_on = severity(word);
        }
        let mut errors = Vec::new();
        for (code, level) in changes(manifest, &["lint", "rules"], &lint.rules, &mut errors) {
            self.levels.set(&code, level);
        }
        for (index, one) in lint.overrides.iter().enumerate() {
            let index = index.to_string();
            let at = ["lint", "overrides", &index];
            let files = files(manifest, &at, &one.services, services, &mut errors);
            self.overrides.push(Override {
                paths: one.paths.clone(),
                files,
                stages: one.stages.clone(),
                changes: changes(
                    manifest,
                    &["lint", "overrides", &index, "rules"],
                    &one.rules,
                    &mut errors,
                ),
            });
        }
        Error::all(errors)?;
        self.take_options(lint);
        self.exclude.clone_from(&lint.exclude);
        self.baseline.clone_from(&lint.baseline);
        Ok(())
    }

    fn take_options(&mut self, lint: &Lint) {
        let options = &mut self.options;
        options
            .trusted_registries
            .extend(lint.trusted_registries.iter().cloned());
        options.label_schema.extend(
            lint.label_schema
                .iter()
                .filter_map(|(label, kind)| Some((label.clone(), label_kind(kind)?))),
        );
        options.strict_labels |= lint.strict_labels;
        options.unused_context_limit = lint.unused_context_limit.or(options.unused_context_limit);
    }
}

fn changes(
    manifest: &Manifest,
    at: &[&str],
    rules: &BTreeMap<String, String>,
    errors: &mut Vec<Error>,
) -> Vec<(String, Level)> {
    let mut changes = Vec::new();
    for (word, level) in rules {
        // The manifest's table of keys lets no other words pass.
        let Some(level) = Level::parse(level) else {
            continue;
        };
        match meaning(word) {
            Ok(codes) => changes.extend(codes.into_iter().map(|code| (code, level))),
            Err(error) => {
                let path: Vec<&str> = at.iter().copied().chain([word.as_str()]).collect();
                errors.push(error.at(manifest.key_location(&path)));
            }
        }
    }
    changes
}

fn files(
    manifest: &Manifest,
    at: &[&str],
    names: &[String],
    services: &Services,
    errors: &mut Vec<Error>,
) -> Vec<Utf8PathBuf> {
    let mut files = Vec::new();
    for (index, name) in names.iter().enumerate() {
        if let Some(file) = services.get(name) {
            files.push(file.clone());
            continue;
        }
        let index = index.to_string();
        let path: Vec<&str> = at.iter().copied().chain(["services", &index]).collect();
        let known = services.keys().map(String::as_str);
        let error = Error::usage(format!("there is no service `{name}`"))
            .at(manifest.value_location(&path));
        errors.push(match crate::project::suggestion::nearest(name, known) {
            Some(near) => error.help(format!("did you mean `{near}`?")),
            None => error,
        });
    }
    files
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Severity;
    use crate::lint::options::LabelKind;
    use crate::source::Source;

    fn manifest(lint: &str) -> Manifest {
        let text = format!("schema_version = 1\n[project]\nname = \"shop\"\n{lint}");
        Manifest::parse(&Source::new("docker/docker.toml", text)).unwrap()
    }

    fn apply(lint: &str) -> Result<Configuration> {
        let services = Services::from([("api".to_owned(), "apps/api/Dockerfile".into())]);
        let mut configuration = Configuration::default();
        configuration.apply_manifest(&manifest(lint), &services)?;
        Ok(configuration)
    }

    #[test]
    fn every_key_has_its_effect() {
        let configuration = apply(
            "[lint]\n\
             preset = \"strict\"\n\
             fail-on = \"error\"\n\
             trusted-registries = [\"docker.io\"]\n\
             strict-labels = true\n\
             baseline = \"docker/lint-baseline.json\"\n\
             exclude = [\"vendor/**\"]\n\
             [lint.rules]\n\
             workdir-not-absolute = \"note\"\n\
             [lint.label-schema]\n\
             version = \"semver\"\n\
             [[lint.overrides]]\n\
             services = [\"api\"]\n\
             stages = [\"build\"]\n\
             rules = { DL3000 = \"off\" }\n",
        )
        .unwrap();
        assert_eq!(configuration.fail_on, Some(Severity::Error));
        assert_eq!(configuration.levels.of("DL3000"), Level::On(Severity::Note));
        assert_eq!(
            configuration.options.label_schema["version"],
            LabelKind::Semver
        );
        assert!(configuration.options.strict_labels);
        assert_eq!(configuration.exclude, ["vendor/**"]);
        let api = configuration.for_file(camino::Utf8Path::new("apps/api/Dockerfile"));
        assert_eq!(api.in_stage("DL3000", Some("build"), 0), Level::Off);
        assert_eq!(
            api.in_stage("DL3000", Some("run"), 1),
            Level::On(Severity::Note)
        );
    }

    #[test]
    fn every_mistake_is_told_with_its_place() {
        let error = apply(
            "[lint.rules]\n\
             DL30000 = \"off\"\n\
             [[lint.overrides]]\n\
             services = [\"apii\"]\n\
             rules = { WorkdirRelativPath = \"off\" }\n",
        )
        .unwrap_err();
        insta::assert_snapshot!(error.to_string(), @"docker/docker.toml:5:1: there is no rule `DL30000` (help: did you mean `DL3000`?); docker/docker.toml:7:13: there is no service `apii` (help: did you mean `api`?); docker/docker.toml:8:11: there is no rule `WorkdirRelativPath` (help: did you mean `WorkdirRelativePath`?)");
    }
}
