//! `docker-new`, in a copy of this repository: a service that passes everything at once.

use camino::Utf8Path;

use super::repository::{Ran, Repository, run};
use super::support::{Machine, Shared, checkout, xtask};

/// A copy of this repository as it is, committed; nothing that git ignores.
fn copy() -> Repository {
    let repository = Repository::new(&[]);
    let script = "git -C \"$1\" ls-files -z --cached --others --exclude-standard -- \
                  apps docker libs .dockerignore '*.json' '*.mts' '*.mjs' ':!xtask' \
                  | (cd \"$1\" && xargs -0 sh -c 'for f; do test -e \"$f\" && printf \"%s\\0\" \"$f\"; done' -) \
                  | tar -C \"$1\" --null -T - -cf - | tar -xf -";
    let checkout = checkout().canonicalize_utf8().unwrap();
    run(
        repository.root(),
        "sh",
        &["-c", script, "-", checkout.as_str()],
    )
    .ends_with(0);
    repository.commit("a copy").ends_with(0);
    repository
}

fn with_pricing() -> Repository {
    let copy = copy();
    copy.xtask(&["docker-new", "pricing-desk", "--write"])
        .ends_with(0);
    copy
}

fn refused(copy: &Repository, arguments: &[&str], expected: &str) {
    let ran: Ran = copy
        .xtask(&[&["docker-new"], arguments].concat())
        .ends_with(2);
    assert!(ran.stderr.contains(expected), "{}", ran.stderr);
}

#[test]
fn a_new_service_passes_every_check() {
    let copy = copy();
    let ran = copy.xtask(&["docker-new", "pricing-desk"]).ends_with(0);
    assert_eq!(copy.git(&["status", "--porcelain"]).stdout, "");
    let written = copy
        .xtask(&["docker-new", "pricing-desk", "--write"])
        .ends_with(0);
    assert_eq!(written.stdout, ran.stdout);
    copy.xtask(&["docker-check"]).ends_with(0);
    copy.xtask(&["docker-bake"]).ends_with(0);
    let plan = copy
        .xtask(&["docker-bake", "--print", "--format=json"])
        .ends_with(0);
    assert!(plan.stdout.contains("\"pricing-desk\""));
    assert!(
        copy.read("docker/docker-bake.hcl")
            .contains("target \"pricing-desk\"")
    );
    let dockerfile = copy.read("apps/pricing-desk/Dockerfile");
    assert!(
        dockerfile.contains("SERVICE_NAME=pricing-desk"),
        "{dockerfile}"
    );
    assert!(dockerfile.contains("EXPOSE 3007"), "{dockerfile}");
    // Only what was to be changed is.
    let changed = copy.git(&["diff", "--stat", "--", "apps", "libs"]).stdout;
    assert_eq!(changed, "");
    for file in ["docker/compose.yaml", "docker/compose.dev.yaml"] {
        let diff = copy.git(&["diff", "--numstat", "--", file]).stdout;
        assert_eq!(diff.split('\t').nth(1), Some("0"), "{diff}");
        assert!(copy.read(file).contains("jts-pricing-desk"));
    }
    assert!(
        copy.read("docker/compose.dev.yaml")
            .contains("127.0.0.1:3007:3007', '127.0.0.1:9237:9229")
    );
    refused(
        &copy,
        &["pricing-desk"],
        "there is a `pricing-desk` already",
    );
    refused(&copy, &["Pricing"], "cannot be the name of a service");
    refused(
        &copy,
        &["x", "--like=pricing-dsk"],
        "did you mean `pricing-desk`?",
    );
    refused(
        &copy,
        &["x", "--port=3007"],
        "another service listens on port 3007",
    );
    copy.write("apps/billing/README.md", "somebody's\n");
    copy.xtask(&["docker-new", "billing"]).ends_with(0);
    copy.write("apps/billing/Dockerfile.bak", "");
    copy.write("apps/desk/tsconfig.json", "");
    refused(&copy, &["desk"], "apps/desk/tsconfig.json is there already");
}

#[test]
fn a_new_service_runs_its_own_tests() {
    let modules = checkout().join("node_modules");
    if !modules.is_dir() {
        return println!("skipped: there are no node_modules (`npm ci` brings them)");
    }
    let copy = with_pricing();
    let modules = modules.canonicalize_utf8().unwrap();
    std::os::unix::fs::symlink(modules, copy.path("node_modules")).unwrap();
    for arguments in [
        &["exec", "--offline", "vitest", "run", "apps/pricing-desk"][..],
        &[
            "exec",
            "--offline",
            "tsc",
            "--",
            "--noEmit",
            "-p",
            "tsconfig.json",
        ],
    ] {
        run(copy.root(), "npm", arguments).ends_with(0);
    }
}

#[test]
fn a_new_service_builds() {
    let Some(machine) = Shared::find() else {
        return;
    };
    let copy = with_pricing();
    let root = Utf8Path::from_path(copy.root()).unwrap();
    Machine::lend_to(root);
    let built = super::support::run(&xtask(
        root,
        &[
            "docker-build",
            "pricing-desk",
            "--offline",
            machine.choice(),
        ],
    ));
    assert!(built.success(), "{}{}", built.text(), built.error_text());
}
