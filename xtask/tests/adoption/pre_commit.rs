//! The hooks of this repository with the real pre-commit (<https://pre-commit.com>).

use std::path::{Path, PathBuf};
use std::process::Command;

use super::repository::{Ran, Repository, SERVICE, run};

/// The release that is fetched where none is installed.
const PRE_COMMIT: &str = "pre-commit==4.7.0";

/// The real pre-commit: the one that `PRE_COMMIT` names, else the one on `PATH`, else one that pip can get.
fn pre_commit() -> Result<PathBuf, String> {
    if let Some(named) = std::env::var_os("PRE_COMMIT") {
        return Ok(named.into());
    }
    if let Ok(found) = which::which("pre-commit") {
        return Ok(found);
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/peers/pre-commit");
    let program = folder.join("bin/pre-commit");
    if program.is_file() {
        return Ok(program);
    }
    let folder = folder.to_str().unwrap();
    for arguments in [
        vec!["python3", "-m", "venv", folder],
        vec![
            "bin/python",
            "-m",
            "pip",
            "install",
            "--quiet",
            "--retries=0",
            PRE_COMMIT,
        ],
    ] {
        let program = match arguments[0] {
            "python3" => PathBuf::from("python3"),
            inside => Path::new(folder).join(inside),
        };
        let output = Command::new(program).args(&arguments[1..]).output();
        let output = output.map_err(|error| error.to_string())?;
        if !output.status.success() {
            return Err(format!(
                "{PRE_COMMIT} cannot be had: {}",
                String::from_utf8_lossy(&output.stderr)
            ));
        }
    }
    Ok(program)
}

/// A `cargo` that answers `cargo --quiet xtask …` with the program under test, as the alias does; first on `PATH`.
fn with_cargo(shop: &Repository, program: &Path, arguments: &[&str]) -> Ran {
    let folder = shop.path(".git/bin");
    std::fs::create_dir_all(&folder).unwrap();
    let script = format!(
        "#!/bin/sh\nshift 2\nexec {} \"$@\"\n",
        env!("CARGO_BIN_EXE_xtask")
    );
    let cargo = folder.join("cargo");
    std::fs::write(&cargo, script).unwrap();
    run(shop.root(), "chmod", &["755", ".git/bin/cargo"]).ends_with(0);
    let path = format!(
        "PATH={}:{}",
        folder.display(),
        std::env::var("PATH").unwrap()
    );
    let home = format!("PRE_COMMIT_HOME={}", shop.path(".git/pre-commit").display());
    let mut all = vec![path.as_str(), home.as_str(), program.to_str().unwrap()];
    all.extend(arguments);
    run(shop.root(), "env", &all)
}

#[test]
fn the_published_hooks_run_in_another_repository() {
    let program = match pre_commit() {
        Ok(program) => program,
        Err(why) => return println!("skipped: {why}"),
    };
    // What others name as `repo:`: here a clone of what this work tree says, since nothing is fetched.
    let hooks = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.pre-commit-hooks.yaml");
    let published = Repository::new(&[(
        ".pre-commit-hooks.yaml",
        &std::fs::read_to_string(hooks).unwrap(),
    )]);
    published.commit("hooks").ends_with(0);
    let published = published.root().to_str().unwrap().to_owned();
    let shop = Repository::shop("");
    let tried = |id: &str| {
        let arguments = ["try-repo", &published, id, "--all-files", "--verbose"];
        let ran = with_cargo(&shop, &program, &arguments);
        let line = format!("hook id: {id}");
        assert!(ran.stdout.contains(&line), "{}{}", ran.stdout, ran.stderr);
        ran
    };
    let ids = [
        "docker-check",
        "docker-lint",
        "docker-bake-check",
        "docker-ignore",
        "docker-lint-fix",
    ];
    for id in ids {
        tried(id).ends_with(0);
    }
    shop.write("apps/api/Dockerfile", SERVICE.replace("COPY", "ADD"));
    shop.git(&["add", "--all"]).ends_with(0);
    // The bake file does not depend on what is copied; and the last one mends the mistake, which pre-commit tells.
    for (id, code) in ids.into_iter().zip([1, 1, 0, 0, 1]) {
        tried(id).ends_with(code);
    }
    assert_eq!(shop.read("apps/api/Dockerfile"), SERVICE);
}

#[test]
fn the_hooks_of_this_repository_are_well_formed_and_check_a_commit() {
    let program = match pre_commit() {
        Ok(program) => program,
        Err(why) => return println!("skipped: {why}"),
    };
    let configuration = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.pre-commit-config.yaml");
    let shop = Repository::shop("");
    shop.write(
        ".pre-commit-config.yaml",
        std::fs::read_to_string(configuration).unwrap(),
    );
    shop.commit("hooks").ends_with(0);
    with_cargo(&shop, &program, &["validate-config"]).ends_with(0);
    let check = || with_cargo(&shop, &program, &["run", "docker-check"]);
    // A commit that only takes away has no file to name.
    shop.git(&["rm", "--quiet", "apps/api/server"]).ends_with(0);
    check().ends_with(1);
    shop.git(&["reset", "--quiet", "--hard"]).ends_with(0);
    shop.write("README.md", "A good shop.\n");
    shop.git(&["add", "--all"]).ends_with(0);
    shop.write("apps/api/Dockerfile", "FRO scratch\n");
    check().ends_with(0);
}
