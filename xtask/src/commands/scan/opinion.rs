//! Trivy's opinion on images.

use camino::Utf8Path;

use super::data::Lookup;
use super::looked::Looked;
use crate::commands::images::Place;
use crate::date::Date;
use crate::error::{Error, Exit, Result};
use crate::project::manifest::{Trivy as Settings, TrivyUse};
use crate::scan::scanned::Unknown;
use crate::scan::trivy::Report;
use crate::trivy::{Subject, Trivy, locate};

/// What Trivy says about an image.
#[derive(Default)]
pub(super) struct Opinion {
    pub(super) report: Option<Report>,
    /// Why there is none, where there should be one.
    pub(super) unknown: Option<Unknown>,
}

/// What Trivy says about all images.
#[derive(Default)]
pub(super) struct Opinions {
    pub(super) by_image: Vec<Opinion>,
    /// From when its data are.
    pub(super) as_of: Option<Date>,
    pub(super) remarks: Vec<String>,
    pub(super) errors: Vec<Error>,
}

impl Opinions {
    /// Asks Trivy about each image, if it is to be asked.
    ///
    /// # Errors
    /// It must not be trusted, or somebody asked to stop.
    pub(super) fn ask(lookup: &Lookup<'_>, looked: &Looked) -> Result<Self> {
        let mut settings = lookup.settings.scan.trivy.clone();
        if let Some(when) = lookup.arguments.data.trivy {
            settings.usage = when.into();
        }
        let mut opinions = Self::default();
        let is_required = settings.usage == TrivyUse::Required;
        let path = match settings.usage {
            TrivyUse::Off => None,
            TrivyUse::Auto | TrivyUse::Required => {
                lookup.environment.variable("PATH").and_then(locate)
            }
        };
        let Some(path) = path else {
            for image in &looked.images {
                opinions.by_image.push(Opinion {
                    report: None,
                    unknown: is_required.then(|| Unknown {
                        message: format!("{}: Trivy is required, and not installed", image.name),
                        reason: "Trivy is required, and not installed".to_owned(),
                        help: Some(
                            "install it, or set `use = \"auto\"` in `[scan.trivy]`".to_owned(),
                        ),
                        is_nobodys: false,
                    }),
                });
            }
            return Ok(opinions);
        };
        opinions.by(lookup, looked, &path, &settings)?;
        Ok(opinions)
    }

    fn by(
        &mut self,
        lookup: &Lookup<'_>,
        looked: &Looked,
        path: &Utf8Path,
        settings: &Settings,
    ) -> Result<()> {
        let environment = lookup.environment;
        let runner = environment.runner.as_ref();
        let work = lookup.cache().join("trivy");
        let trivy = Trivy::at(runner, path, settings, None, &work)?;
        let is_required = settings.usage == TrivyUse::Required;
        let host = looked.engine.as_ref().and_then(|engine| {
            let mut variables = engine.variables.iter();
            variables
                .find(|(name, _)| name == "DOCKER_HOST")
                .map(|(_, value)| value.as_str())
        });
        let platform = lookup.arguments.platform.as_deref();
        for (image, (place, is_alone)) in looked.images.iter().zip(&looked.places) {
            environment.interrupt.check()?;
            let subject = match place {
                Place::Engine(reference) => Subject::Engine { reference, host },
                Place::Registry(reference) => Subject::Registry {
                    reference,
                    platform,
                },
                Place::Folder(path) | Place::Archive(path) => Subject::Path(path),
            };
            let unknown = |why: String, help: Option<String>| Unknown {
                message: format!("{}: {why}", image.name),
                reason: why,
                help,
                is_nobodys: false,
            };
            if !is_alone {
                let why = "Trivy was not asked: it looks at the first image of an archive only";
                self.remarks.push(format!("{}: {why}", image.name));
                self.by_image.push(Opinion {
                    report: None,
                    unknown: is_required.then(|| unknown(why.to_owned(), None)),
                });
                continue;
            }
            lookup.common.note(
                environment,
                &format!("asking Trivy {} about {}", trivy.version(), image.name),
            );
            let opinion = match trivy.scan(
                runner,
                subject,
                &image.packages,
                lookup.arguments.data.offline,
            ) {
                Ok(scan) => {
                    if let Some(age) = scan.database {
                        self.as_of = Some(age.updated.date());
                    }
                    Opinion {
                        report: Some(scan.report),
                        unknown: None,
                    }
                }
                Err(error) if error.exit() == Exit::Interrupted => return Err(error),
                Err(error) => self.without_report(error, is_required, unknown),
            };
            self.by_image.push(opinion);
        }
        Ok(())
    }

    /// A Trivy that has no data is one that was not asked; one that broke off has failed, whoever asked for it.
    fn without_report(
        &mut self,
        error: Error,
        is_required: bool,
        unknown: impl Fn(String, Option<String>) -> Unknown,
    ) -> Opinion {
        let help = error.helps().first().cloned();
        let unknown = unknown(error.message().to_owned(), help);
        let has_failed = error.exit() != Exit::Missing;
        if has_failed {
            self.errors.push(error);
        } else if !is_required {
            self.remarks.push(unknown.message.clone());
        }
        Opinion {
            report: None,
            unknown: (has_failed || is_required).then_some(unknown),
        }
    }
}
