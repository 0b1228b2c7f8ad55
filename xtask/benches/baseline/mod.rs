//! The seed's way of building, kept so that it can be measured: each service by itself, on a base that holds everything.
//! `README.md` lists what had to be corrected for it to build at all.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The services in the seed's order, with their ports.
pub(crate) const SERVICES: [(&str, u16); 6] = [
    ("api-gateway", 3001),
    ("strategy-engine", 3002),
    ("order-execution", 3003),
    ("risk-management", 3004),
    ("data-ingestion", 3005),
    ("notification-service", 3006),
];

/// What a Node workspace consists of: what the seed's `COPY . .` would have found. The tool itself came later.
const WORKSPACE: [&str; 11] = [
    "apps",
    "libs",
    "docker",
    "package.json",
    "package-lock.json",
    "nx.json",
    ".nxignore",
    "tsconfig.base.json",
    "tsconfig.json",
    "eslint.config.mjs",
    "vitest.config.mts",
];

/// What lies in a checkout and belongs to nobody else's.
const LEFT_OUT: [&str; 5] = ["node_modules", "dist", ".nx", "target", "__pycache__"];

const BASE: &str = include_str!("files/base.txt");
const SERVICE: &str = include_str!("files/service.txt");
const STRATEGY_ENGINE: &str = include_str!("files/strategy-engine.txt");
const ORDER_EXECUTION: &str = include_str!("files/order-execution.txt");
const IGNORED: &str = include_str!("files/dockerignore.txt");

/// How the baseline's images are built and called.
#[derive(Clone, Debug, Default)]
pub(crate) struct Options {
    /// What stands before `-base` and `-api-gateway`, such as `localhost:5000/baseline/jts`.
    pub(crate) prefix: String,
    /// The tag of every image.
    pub(crate) tag: String,
    /// What takes the place of `node:20.18.0-alpine`, such as `docker-image://xtask.local/stand-in/node:…`.
    pub(crate) node: Option<String>,
    /// A file of certificate authorities for npm.
    pub(crate) certificates: Option<PathBuf>,
    /// Further arguments of every build, such as `--push`.
    pub(crate) extra: Vec<String>,
}

/// One `docker buildx build`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Build {
    /// What is built: `base-builder`, `base`, or a service.
    pub(crate) name: String,
    /// The image it makes.
    pub(crate) image: String,
    /// The arguments of `docker`, to be run in the folder of the workspace.
    pub(crate) arguments: Vec<String>,
}

/// Copies the Node workspace of `checkout` into `folder`, with the seed's Dockerfiles in the place of its own.
///
/// # Errors
/// If something cannot be read or written.
pub(crate) fn write(checkout: &Path, folder: &Path) -> io::Result<()> {
    copy_workspace(checkout, folder)?;
    fs::remove_dir_all(folder.join("docker"))?;
    fs::create_dir_all(folder.join("docker/base"))?;
    fs::write(folder.join(".dockerignore"), IGNORED)?;
    fs::write(folder.join("docker/base/Dockerfile"), BASE)?;
    for (service, port) in SERVICES {
        let file = folder.join("apps").join(service).join("Dockerfile");
        fs::write(file, dockerfile(service, port))?;
    }
    Ok(())
}

/// Copies the files of the Node workspace, as they are, into `folder`.
///
/// # Errors
/// If something cannot be read or written.
pub(crate) fn copy_workspace(checkout: &Path, folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    for name in WORKSPACE {
        copy(&checkout.join(name), &folder.join(name))?;
    }
    Ok(())
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    if !from.is_dir() {
        return fs::copy(from, to).map(drop);
    }
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let name = entry?.file_name();
        if !LEFT_OUT.iter().any(|left_out| name == *left_out) {
            copy(&from.join(&name), &to.join(&name))?;
        }
    }
    Ok(())
}

/// The seed's Dockerfile of a service.
fn dockerfile(service: &str, port: u16) -> String {
    match service {
        "strategy-engine" => STRATEGY_ENGINE.to_owned(),
        "order-execution" => ORDER_EXECUTION.to_owned(),
        _ => SERVICE
            .replace("{{service}}", service)
            .replace("{{port}}", &port.to_string()),
    }
}

/// All builds, in the order they need one another: the two images of the base, then each service.
#[must_use]
pub(crate) fn builds(options: &Options) -> Vec<Build> {
    let builder = build(options, "base-builder", "docker/base/Dockerfile", |line| {
        line.extend(words("--target builder"));
        line.extend(options.node_context());
    });
    let base = build(options, "base", "docker/base/Dockerfile", |line| {
        line.extend(options.node_context());
    });
    let services = SERVICES.iter().map(|(service, _)| {
        let file = format!("apps/{service}/Dockerfile");
        build(options, service, &file, |line| {
            for (argument, image) in [("BASE_IMAGE", &base), ("BUILDER_IMAGE", &builder)] {
                line.push("--build-arg".to_owned());
                line.push(format!("{argument}={}", image.image));
            }
        })
    });
    let services: Vec<Build> = services.collect();
    [builder.clone(), base.clone()]
        .into_iter()
        .chain(services)
        .collect()
}

impl Options {
    fn node_context(&self) -> Vec<String> {
        let context = |node| format!("node:20.18.0-alpine={node}");
        let node = self.node.as_ref().map(context);
        node.map_or_else(Vec::new, |node| vec!["--build-context".to_owned(), node])
    }
}

fn build(
    options: &Options,
    name: &str,
    dockerfile: &str,
    more: impl FnOnce(&mut Vec<String>),
) -> Build {
    let image = format!("{}-{name}:{}", options.prefix, options.tag);
    let mut arguments = words("buildx build --provenance=false --file");
    arguments.push(dockerfile.to_owned());
    arguments.extend(["--tag".to_owned(), image.clone()]);
    if let Some(file) = &options.certificates {
        arguments.push("--secret".to_owned());
        arguments.push(format!("id=ca,src={}", file.display()));
    }
    more(&mut arguments);
    arguments.extend(options.extra.iter().cloned());
    arguments.push(".".to_owned());
    Build {
        name: name.to_owned(),
        image,
        arguments,
    }
}

fn words(text: &str) -> Vec<String> {
    text.split(' ').map(str::to_owned).collect()
}
