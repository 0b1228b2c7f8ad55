//! The TypeScript half of the repository: types, lint, format and tests, with the versions of the lock file.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail by panicking")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

#[expect(
    clippy::disallowed_methods,
    reason = "a test runs npm as a developer would"
)]
fn npm(root: &Path, arguments: &[&str]) -> std::io::Result<Output> {
    Command::new("npm")
        .args(arguments)
        .current_dir(root)
        .env("CI", "true")
        .env("NX_DAEMON", "false")
        .env("NX_TUI", "false")
        .output()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .to_owned()
}

#[test]
fn the_services_pass_their_checks() {
    let root = root();
    match npm(&root, &["--version"]) {
        Ok(output) if output.status.success() => {}
        #[expect(
            clippy::disallowed_methods,
            reason = "CI must not be a place where this is skipped"
        )]
        _ if std::env::var_os("CI").is_none() => {
            println!("skipped: npm is not installed");
            return;
        }
        _ => panic!("npm is not installed"),
    }
    let installed = root.join("node_modules/.package-lock.json");
    let newer = |a: &Path, b: &Path| {
        let time = |p: &Path| p.metadata().and_then(|m| m.modified()).ok();
        time(a).is_some_and(|a| time(b).is_some_and(|b| a >= b))
    };
    let mut steps: Vec<&[&str]> = vec![
        &["run", "typecheck"],
        &["run", "lint"],
        &["run", "format:check"],
        &["run", "build"],
        &["run", "test"],
    ];
    if !newer(&installed, &root.join("package-lock.json")) {
        steps.insert(0, &["ci", "--ignore-scripts", "--no-audit", "--no-fund"]);
    }
    for step in steps {
        let started = std::time::Instant::now();
        let output = npm(&root, step).unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        println!(
            "npm {} ({:.1} s)\n{text}",
            step.join(" "),
            started.elapsed().as_secs_f64()
        );
        assert!(
            output.status.success(),
            "npm {}:\n{text}\n{}",
            step.join(" "),
            String::from_utf8_lossy(&output.stderr)
        );
    }
}

/// The images bundle without Nx: what they start has to be what `nx build` starts.
#[test]
fn images_bundle_with_the_command_of_the_build_target() {
    let root = root();
    let read = |path: &str| std::fs::read_to_string(root.join(path)).unwrap();
    let workspace: serde_json::Value = serde_json::from_str(&read("nx.json")).unwrap();
    let command = workspace["targetDefaults"]["build"]["options"]["command"]
        .as_str()
        .unwrap();
    let mut services = 0;
    for entry in std::fs::read_dir(root.join("apps")).unwrap().flatten() {
        let name = entry.file_name().into_string().unwrap();
        if !entry.path().is_dir() {
            continue;
        }
        let run = format!(
            "RUN {} \"${{BUILD_ENV}}\"",
            command.replace("{projectName}", &name)
        );
        let dockerfile = read(&format!("apps/{name}/Dockerfile"));
        assert!(
            dockerfile.contains(&run),
            "apps/{name}/Dockerfile has no {run}"
        );
        let project: serde_json::Value =
            serde_json::from_str(&read(&format!("apps/{name}/project.json"))).unwrap();
        assert_eq!(project["name"], name.as_str());
        assert_eq!(project["targets"]["build"], serde_json::json!({}));
        services += 1;
    }
    assert!(services > 0);
}
