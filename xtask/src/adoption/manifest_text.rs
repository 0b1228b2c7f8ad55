//! The manifest as it is proposed: each line with where it comes from.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use camino::{Utf8Path, Utf8PathBuf};

use super::image_places::UNKNOWN;
use super::survey::{Answers, Found, Survey};
use super::{ImagePlace, proposal};
use crate::error::{Error, Result};

/// A value, and where it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stated<T> {
    /// The value.
    pub value: T,
    /// As a clause: `package.json says so`.
    pub by: String,
    /// It is likely, and no more.
    pub guessed: bool,
}

impl<T> Stated<T> {
    /// Somebody says so.
    pub fn said(value: T, by: impl Into<String>) -> Self {
        Self {
            value,
            by: by.into(),
            guessed: false,
        }
    }

    /// It is likely.
    pub fn guessed(value: T, by: impl Into<String>) -> Self {
        Self {
            guessed: true,
            ..Self::said(value, by)
        }
    }

    fn comment(&self) -> String {
        let mark = if self.guessed { "guessed: " } else { "" };
        format!("# {mark}{}\n", self.by)
    }
}

/// What the manifest says besides what the survey knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManifestFacts {
    /// The project's name.
    pub name: Stated<String>,
    /// Host and namespace; `None` for local names.
    pub registry: Option<Stated<(String, String)>>,
    /// `registry.image`, where it is not `<project>-{name}`.
    pub image: Option<Stated<String>>,
}

/// What images are called, as a Dockerfile that starts from another one of the repository asks for it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Asked {
    registry: Option<(String, String)>,
    template: String,
    reference: String,
}

impl ManifestFacts {
    /// Puts together what names the images: Dockerfiles that ask for images of the repository, then the command line,
    /// then compose files and workflows. `fallback` is a name for the project.
    ///
    /// # Errors
    /// They contradict each other: only the user can tell.
    pub fn of(
        survey: &Survey,
        answers: &Answers,
        places: &[ImagePlace],
        fallback: Stated<String>,
    ) -> Result<Self> {
        let asked = asked(survey)?;
        let registry = registry(asked.as_ref(), answers, places)?;
        let template = match asked {
            Some(asked) => Some(Stated::said(
                asked.template,
                format!("as `{}` is called", asked.reference),
            )),
            None => stated_template(survey, places),
        };
        let name = match &answers.name {
            Some(name) => Stated::said(name.clone(), "`--name` says so"),
            None => template
                .as_ref()
                .and_then(|template| {
                    let name = template.value.strip_suffix("-{name}")?;
                    is_project_name(name).then(|| Stated {
                        value: name.to_owned(),
                        ..template.clone()
                    })
                })
                .unwrap_or(fallback),
        };
        if !is_project_name(&name.value) {
            return Err(
                Error::usage(format!("`{}` cannot be the project's name", name.value))
                    .because(&name.by)
                    .help("`--name` gives one: small letters, digits, `-` and `_`, a letter first"),
            );
        }
        let is_usual = |one: &Stated<String>| one.value == format!("{}-{{name}}", name.value);
        let image = template.filter(|template| !is_usual(template));
        Ok(Self {
            name,
            registry,
            image,
        })
    }
}

fn is_project_name(name: &str) -> bool {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_".contains(c);
    name.starts_with(|c: char| c.is_ascii_lowercase()) && name.chars().all(fits)
}

/// How the Dockerfiles ask for images of the repository: all must do it alike, or the build cannot be put in place of
/// what they name.
fn asked(survey: &Survey) -> Result<Option<Asked>> {
    let mut all: Vec<Asked> = Vec::new();
    for (name, path, stage) in &survey.references {
        let Some(base) = survey.bases().find(|base| base.path() == path) else {
            continue;
        };
        let (_, last) = name.path.rsplit_once('/').unwrap_or(("", &name.path));
        let stage_name = base
            .dockerfile
            .stages
            .get(*stage)
            .and_then(|stage| stage.name.as_ref());
        let image = stage_name
            .filter(|_| *stage != base.production)
            .and_then(|name| last.strip_suffix(&format!("-{}", name.value.to_lowercase())))
            .unwrap_or(last);
        let Some(prefix) = image.strip_suffix(base.name.to_lowercase().as_str()) else {
            continue;
        };
        let place = ImagePlace::of(name, path);
        all.push(Asked {
            registry: place.map(|place| (place.host, place.namespace)),
            template: format!("{prefix}{{name}}"),
            reference: name.context_key(),
        });
    }
    let Some(first) = all.first().cloned() else {
        return Ok(None);
    };
    let other = all
        .iter()
        .find(|other| (&other.registry, &other.template) != (&first.registry, &first.template));
    match other {
        None => Ok(Some(first)),
        Some(other) => Err(Error::usage("Dockerfiles ask for images of this repository by different kinds of names")
            .because(format!("`{}` and `{}`", first.reference, other.reference))
            .help("name them alike in all `FROM`: same registry, same path, same words around the image's own name")),
    }
}

/// What images are called where they are pushed to, if all places say so alike.
fn stated_template(survey: &Survey, places: &[ImagePlace]) -> Option<Stated<String>> {
    let of_place = |place: &ImagePlace| {
        if place.image.contains(UNKNOWN) {
            return Some(place.image.replacen(UNKNOWN, "{name}", 1));
        }
        let names = survey.images.iter().map(|image| image.name.to_lowercase());
        let prefixes = names.filter_map(|name| place.image.strip_suffix(&name).map(str::to_owned));
        let whole = |prefix: &String| prefix.is_empty() || prefix.ends_with(['-', '_', '.']);
        // `api` and `web-api`: the longest name is meant.
        let prefix = prefixes.filter(whole).min_by_key(String::len)?;
        Some(format!("{prefix}{{name}}"))
    };
    let templates: BTreeSet<String> = places.iter().filter_map(of_place).collect();
    let mut templates = templates.into_iter();
    match (templates.next(), templates.next(), places.first()) {
        (Some(template), None, Some(place)) if template.matches("{name}").count() == 1 => Some(
            Stated::said(template, format!("{} names images so", place.file)),
        ),
        _ => None,
    }
}

fn registry(
    asked: Option<&Asked>,
    answers: &Answers,
    places: &[ImagePlace],
) -> Result<Option<Stated<(String, String)>>> {
    let told = match answers.registry.as_deref() {
        None => None,
        Some("") => return Ok(None),
        Some(text) => {
            let (host, namespace) = text
                .trim_end_matches('/')
                .split_once('/')
                .unwrap_or((text, ""));
            Some((host.to_owned(), namespace.to_owned()))
        }
    };
    if let Some(asked) = asked {
        if told.is_some() && told != asked.registry {
            return Err(Error::usage("`--registry` is not where the Dockerfiles look for images of this repository")
                .because(format!("they ask for `{}`", asked.reference))
                .help("change what stands in their `FROM` first: what is built is put in its place by that name"));
        }
        let by = format!("as `{}` is called", asked.reference);
        return Ok(asked.registry.clone().map(|place| Stated::said(place, by)));
    }
    if let Some(told) = told {
        return Ok(Some(Stated::said(told, "`--registry` says so")));
    }
    let Some(first) = places.first() else {
        return Ok(None);
    };
    let same =
        |place: &&ImagePlace| (&place.host, &place.namespace) == (&first.host, &first.namespace);
    if let Some(other) = places.iter().find(|place| !same(place)) {
        let told =
            |place: &ImagePlace| format!("{}/{} ({})", place.host, place.namespace, place.file);
        return Err(Error::usage("images are pushed to more than one place")
            .because(format!("{} and {}", told(first), told(other)))
            .help("`--registry HOST/NAMESPACE` says which one counts"));
    }
    let by = format!("{} names it", first.file);
    Ok(Some(Stated::said(
        (first.host.clone(), first.namespace.clone()),
        by,
    )))
}

/// The manifest's text.
#[must_use]
pub fn manifest_text(survey: &Survey, facts: &ManifestFacts) -> String {
    let mut text = String::from(
        "#:schema ./docker.schema.json\n\
         # What cannot be read from the Dockerfiles. Proposed by `docker-init`; look at what is marked \"guessed\".\n\
         schema_version = 1\n\n[project]\n",
    );
    text.push_str(&facts.name.comment());
    line(&mut text, "name", &facts.name.value);
    match &facts.registry {
        Some(registry) => {
            let (host, namespace) = &registry.value;
            text.push_str("\n[registry]\n");
            text.push_str(&registry.comment());
            line(&mut text, "host", host);
            if !namespace.is_empty() {
                line(&mut text, "namespace", namespace);
            }
        }
        None => text.push_str("\n# Nothing says where images are pushed to: they have local names until [registry] does.\n"),
    }
    if let Some(image) = &facts.image {
        if facts.registry.is_none() {
            text.push_str("[registry]\n");
        }
        text.push_str(&image.comment());
        line(&mut text, "image", &image.value);
    }
    let production = survey.production_name();
    let bases: Vec<&Found> = survey.bases().collect();
    for base in &bases {
        text.push_str(if bases.len() > 1 {
            "\n[[base]]\n"
        } else {
            "\n[base]\n"
        });
        line(&mut text, "dockerfile", base.path().as_str());
        if base.name != "base" || bases.len() > 1 {
            line(&mut text, "name", &base.name);
        }
        let stage = proposal::stage_name(base, &production);
        if stage != production {
            line(&mut text, "production", &stage);
        }
    }
    text.push_str("\n[services]\n");
    list(&mut text, "dockerfiles", survey.patterns());
    let excluded = survey.excluded();
    if !excluded.is_empty() {
        for path in &excluded {
            let one = survey.left_out.iter().find(|one| one.path == **path);
            if let Some(one) = one {
                // Writing to a string cannot fail.
                let _ = writeln!(text, "# {path}: {}", one.why);
            }
        }
        list(
            &mut text,
            "exclude",
            excluded.iter().map(|path| path.as_str()),
        );
    }
    if production != "production" {
        text.push_str("\n[stages]\n# guessed: the stage that runs in most Dockerfiles; [overrides] has those where it is another\n");
        line(&mut text, "production", &production);
    }
    if survey.context != "" {
        text.push_str("\n[build]\n");
        line(&mut text, "context", survey.context.as_str());
    }
    for (id, path) in survey.secrets() {
        secret(&mut text, &id, &path);
    }
    for service in survey.services() {
        let stage = proposal::stage_name(service, &production);
        if stage != production {
            let _ = writeln!(text, "\n[overrides.services.{}]", key(&service.name));
            line(&mut text, "production", &stage);
        }
    }
    text
}

fn secret(text: &mut String, id: &str, path: &Utf8PathBuf) {
    let variable: String = id
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() {
                c.to_ascii_uppercase()
            } else {
                '_'
            }
        })
        .collect();
    let _ = writeln!(
        text,
        "\n[secrets.{}]\n# guessed: {path} asks for it; say which variable holds it, and whether builds go on without it",
        key(id)
    );
    line(text, "env", &variable);
    text.push_str("optional = true\n");
}

fn line(text: &mut String, key: &str, value: &str) {
    let _ = writeln!(text, "{key} = {}", quoted(value));
}

fn list<'v>(text: &mut String, key: &str, values: impl IntoIterator<Item = &'v str>) {
    let values: Vec<String> = values.into_iter().map(quoted).collect();
    let _ = writeln!(text, "{key} = [{}]", values.join(", "));
}

/// A bare key where that is possible (<https://toml.io/en/v1.0.0#keys>).
fn key(name: &str) -> String {
    let is_bare = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
    if !name.is_empty() && name.chars().all(is_bare) {
        name.to_owned()
    } else {
        quoted(name)
    }
}

/// A basic string (<https://toml.io/en/v1.0.0#string>).
fn quoted(value: &str) -> String {
    let mut quoted = String::from("\"");
    for c in value.chars() {
        match c {
            '"' | '\\' => {
                quoted.push('\\');
                quoted.push(c);
            }
            c if c.is_control() => {
                let _ = write!(quoted, "\\u{:04X}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// A name for the project from one that people chose for something else: `@acme/Shop` is `shop`.
#[must_use]
pub fn project_name(from: &str) -> String {
    let last = from.rsplit('/').next().unwrap_or(from).to_lowercase();
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_".contains(c);
    let name: String = last
        .chars()
        .map(|c| if fits(c) { c } else { '-' })
        .collect();
    name.trim_matches(|c: char| !c.is_ascii_alphanumeric())
        .to_owned()
}

/// Where the manifest is proposed.
#[must_use]
pub fn manifest_path() -> &'static Utf8Path {
    Utf8Path::new(crate::project::root::DEFAULT_MANIFEST)
}
