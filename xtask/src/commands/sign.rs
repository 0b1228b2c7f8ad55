//! `docker-sign`: signs what was built by its digest, attests what is known of it, and verifies both.

mod arguments;
mod output;
mod signing;

pub use arguments::{Annotation, Arguments};
pub(super) use signing::{Signing, ToSign};

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};
use serde_json::Value;

use self::output::SignedImage;
use super::engine::Format;
use super::trust::{self, Built, Session};
use crate::cli::Common;
use crate::cosign::{Cosign, fetch, generate_key};
use crate::engine::Means;
use crate::environment::Environment;
use crate::error::{Error, Exit, Result};
use crate::project::{ImageName, Project, root};
use crate::trust::Predicate;

/// Carries it out.
///
/// # Errors
/// What could not be signed; the others are.
pub fn run(arguments: &Arguments, common: &Common, environment: &Environment) -> Result<Exit> {
    let root = root::find(&environment.current_dir, common.manifest.as_deref())?;
    let project = Project::load(&root)?;
    let note = |line: &str| common.note(environment, line);
    let means = Means {
        runner: environment.runner.as_ref(),
        interrupt: &environment.interrupt,
        note: &note,
    };
    if arguments.fetch_cosign {
        let fetched = fetch(means, &trust::folder(&project))?;
        environment.print(&format!(
            "cosign {} ({})\n",
            fetched.version, fetched.program
        ))?;
        return Ok(Exit::Clean);
    }
    if let Some(prefix) = &arguments.generate_key {
        return make_key(&environment.current_dir.join(prefix), &project, environment);
    }
    let to_sign = subjects(arguments, &project, environment)?;
    let session = Session::open(&project, environment, means, arguments.engine)?;
    let signing = Signing::prepare(session, arguments, common)?;
    let mut signed = Vec::new();
    let mut errors = Vec::new();
    for one in to_sign {
        means.interrupt.check()?;
        match one.and_then(|one| signing.sign(&one)) {
            Ok(image) => signed.push(image),
            Err(error) => errors.push(error),
        }
    }
    report(&signed, arguments.format, environment)?;
    Error::all(errors).map(|()| Exit::Clean)
}

fn report(signed: &[SignedImage], format: Format, environment: &Environment) -> Result<()> {
    if signed.is_empty() && format == Format::Terminal {
        return Ok(());
    }
    environment.print(&match format {
        Format::Terminal => output::table(signed),
        Format::Json => output::json(signed)?,
    })
}

fn make_key(prefix: &Utf8Path, project: &Project, environment: &Environment) -> Result<Exit> {
    if !environment.variables.contains_key("COSIGN_PASSWORD") {
        return Err(Error::usage("the key needs a password")
            .help("set COSIGN_PASSWORD to it; set and empty makes a key without one, for tries"));
    }
    let runner = environment.runner.as_ref();
    let cosign = Cosign::find(runner, &trust::folder(project))?;
    let [private, public] = generate_key(&cosign, runner, prefix)?;
    environment.print(&format!(
        "{private}  keep it out of git: its contents go into a secret of the pipeline\n\
         {public}  commit it, and name it in `keys` of `[trust]`\n"
    ))?;
    Ok(Exit::Clean)
}

/// What is to be signed, each with what is to be attested about it; one that cannot be does not keep the others from it.
fn subjects(
    arguments: &Arguments,
    project: &Project,
    environment: &Environment,
) -> Result<Vec<Result<ToSign>>> {
    let file = match &arguments.metadata {
        Some(file) => environment.current_dir.join(file),
        None => trust::metadata_file(project),
    };
    let mut named: Vec<(bool, &str)> = Vec::new();
    for image in &arguments.images {
        named.push((trust::of_project(project, image)?, image));
    }
    let built = if named.is_empty() || named.iter().any(|(of_project, _)| *of_project) {
        trust::built(project, &file)?
    } else {
        BTreeMap::new()
    };
    let of_built = |built: &Built| -> Result<ToSign> {
        let predicates =
            arguments.predicates(&built.name, Some(built), &project.root, environment)?;
        let reference = built.metadata["buildx.build.ref"]
            .as_str()
            .map(str::to_owned);
        Ok(ToSign {
            name: built.name.clone(),
            reference: built.pinned.clone()?,
            build: reference,
            predicates,
        })
    };
    if named.is_empty() {
        if built.is_empty() {
            return Err(
                Error::usage(format!("{file} tells of no image of this project"))
                    .help("build and push first: `cargo xtask docker-build --push`"),
            );
        }
        return Ok(built.values().map(of_built).collect());
    }
    Ok(named
        .into_iter()
        .map(|(of_project, image)| {
            if of_project {
                let built = built.get(image).ok_or_else(|| {
                    Error::usage(format!("{file} does not tell of `{image}`"))
                        .help("build it: `cargo xtask docker-build --push`")
                })?;
                return of_built(built);
            }
            let name = ImageName::parse(image)
                .ok_or_else(|| Error::usage(format!("`{image}` is no name of an image")))?;
            let Some(digest) = &name.digest else {
                return Err(Error::usage(format!("`{image}` has no digest"))
                    .because("what a tag means may be another image by the time it is signed")
                    .help(format!("name it as {}/{}@sha256:…", name.domain, name.path)));
            };
            let called = trust::image_name(project, &name);
            Ok(ToSign {
                predicates: arguments.predicates(&called, None, &project.root, environment)?,
                reference: format!("{}/{}@{digest}", name.domain, name.path),
                name: called,
                build: None,
            })
        })
        .collect())
}

impl Arguments {
    /// What is to be attested about an image.
    fn predicates(
        &self,
        name: &str,
        built: Option<&Built>,
        root: &Utf8Path,
        environment: &Environment,
    ) -> Result<Vec<Predicate>> {
        let mut predicates = Vec::new();
        let document = |file: &Utf8PathBuf| -> Result<(String, Value)> {
            let file = environment
                .current_dir
                .join(file.as_str().replace("{name}", name));
            let text = std::fs::read(&file)
                .map_err(|e| Error::usage(format!("failed to read {file}")).because(e))?;
            let value = serde_json::from_slice(&text)
                .map_err(|e| Error::usage(format!("{file} is not JSON")).because(e))?;
            Ok((file.into_string(), value))
        };
        let unfit = |file: String| {
            move |why: String| Error::usage(format!("{file} cannot be attested")).because(why)
        };
        if let Some(file) = &self.sbom {
            let (file, value) = document(file)?;
            predicates.push(crate::trust::sbom(value).map_err(unfit(file))?);
        }
        if self.provenance {
            let built = built.ok_or_else(|| {
                Error::usage(format!("how `{name}` was built is not known"))
                    .help("`--provenance` is for services, whose build left its metadata")
            })?;
            let head = crate::git::head(environment.runner.as_ref(), root);
            let source = head.map(|head| super::audit::source(&head.revision));
            predicates.push(built.provenance(&builder(environment), source.as_ref()));
        }
        if let Some(file) = &self.scan {
            let (file, value) = document(file)?;
            let now = super::audit::now(environment);
            predicates.push(crate::trust::scan(value, name, now).map_err(unfit(file))?);
        }
        for attest in &self.attest {
            let (_, contents) = document(&attest.file)?;
            predicates.push(Predicate {
                kind: attest.kind.clone(),
                contents,
            });
        }
        Ok(predicates)
    }
}

/// Who ran the build, as a URI: the workflow, where there is one.
pub(super) fn builder(environment: &Environment) -> String {
    if let Some(workflow) = environment.variable("GITHUB_WORKFLOW_REF") {
        let server = environment
            .variable("GITHUB_SERVER_URL")
            .unwrap_or("https://github.com");
        return format!("{server}/{workflow}");
    }
    if let Some(project) = environment.variable("CI_PROJECT_URL") {
        return project.to_owned();
    }
    "https://mobyproject.org/buildkit@v1".to_owned()
}
