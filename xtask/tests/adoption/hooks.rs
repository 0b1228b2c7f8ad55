//! `docker-hooks`: what git itself does with the hooks.

use std::os::unix::fs::PermissionsExt as _;

use super::repository::{Repository, SERVICE, run};

const TOOL: &str = concat!("--command=", env!("CARGO_BIN_EXE_xtask"));

fn wrong() -> String {
    SERVICE.replace("COPY", "ADD")
}

fn executable(repository: &Repository, path: &str, text: &str) {
    repository.write(path, text);
    let all_may_run = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(repository.path(path), all_may_run).unwrap();
}

#[test]
fn a_commit_with_a_mistake_is_refused() {
    let shop = Repository::shop("");
    shop.xtask(&["docker-hooks", "status"]).ends_with(1);
    shop.xtask(&["docker-hooks", "install", TOOL]).ends_with(0);
    shop.xtask(&["docker-hooks", "status"]).ends_with(0);
    shop.write("apps/api/Dockerfile", wrong());
    // Git sends what hooks print to standard error.
    let ran = shop.commit("wrong").ends_with(1);
    assert!(
        ran.stderr.contains("apps/api/Dockerfile:2"),
        "{}{}",
        ran.stdout,
        ran.stderr
    );
    shop.git(&["commit", "--quiet", "--no-verify", "-m", "wrong"])
        .ends_with(0);
    shop.write("apps/api/Dockerfile", SERVICE);
    // An index of its own is made for each of these.
    shop.git(&["commit", "--quiet", "--all", "-m", "right"])
        .ends_with(0);
    shop.write("apps/api/Dockerfile", wrong());
    shop.write("README.md", "Another one.\n");
    shop.git(&["commit", "--quiet", "-m", "a part", "README.md"])
        .ends_with(0);
    shop.git(&["commit", "--quiet", "-m", "a part", "apps/api/Dockerfile"])
        .ends_with(1);
}

#[test]
fn a_manifest_below_the_top_and_a_work_tree_beside_are_found() {
    let shop = Repository::shop("it's/here");
    let inside = shop.path("it's/here");
    let tool = env!("CARGO_BIN_EXE_xtask");
    run(&inside, tool, &["docker-hooks", "install", TOOL]).ends_with(0);
    shop.write("it's/here/apps/api/Dockerfile", wrong());
    shop.commit("wrong").ends_with(1);
    shop.git(&["checkout", "--quiet", "HEAD", "."]).ends_with(0);
    let beside = tempfile::tempdir().unwrap();
    let tree = beside.path().join("tree");
    shop.git(&["worktree", "add", "--quiet", tree.to_str().unwrap()])
        .ends_with(0);
    let dockerfile = tree.join("it's/here/apps/api/Dockerfile");
    std::fs::write(&dockerfile, wrong()).unwrap();
    run(&tree, "git", &["commit", "--quiet", "-am", "wrong"]).ends_with(1);
    std::fs::write(&dockerfile, format!("{SERVICE}\n")).unwrap();
    run(&tree, "git", &["commit", "--quiet", "-am", "right"]).ends_with(0);
    let ran = run(&tree.join("it's/here"), tool, &["docker-hooks", "status"]);
    ran.ends_with(0);
}

#[test]
fn what_was_there_before_is_called_and_comes_back_byte_for_byte() {
    let shop = Repository::shop("");
    let before = "#!/bin/sh\n# tabs\there, no line break at the end\necho before >> .git/said; test ! -e refuse";
    executable(&shop, ".git/hooks/pre-commit", before);
    let pushed = "#!/bin/sh\ncat >> .git/pushed";
    executable(&shop, ".git/hooks/pre-push", pushed);
    shop.write(".git/info/exclude", "refuse\n");
    for _ in 0..2 {
        shop.xtask(&["docker-hooks", "install", "--pre-push", TOOL])
            .ends_with(0);
    }
    assert_eq!(
        shop.read(".git/hooks/pre-commit.before-docker-hooks"),
        before
    );
    shop.write("README.md", "1\n");
    shop.commit("right").ends_with(0);
    assert_eq!(shop.read(".git/said"), "before\n");
    // The first one that says no decides.
    shop.write("refuse", "");
    shop.write("README.md", "2\n");
    shop.commit("refused").ends_with(1);
    std::fs::remove_file(shop.path("refuse")).unwrap();
    shop.write("apps/api/Dockerfile", wrong());
    shop.commit("wrong").ends_with(1);
    shop.git(&["commit", "--quiet", "--no-verify", "-m", "wrong"])
        .ends_with(0);
    // A push gives the refs to both.
    let remote = tempfile::tempdir().unwrap();
    run(remote.path(), "git", &["init", "--quiet", "--bare"]).ends_with(0);
    let remote = remote.path().to_str().unwrap();
    let ran = shop.git(&["push", "--quiet", remote, "HEAD:main"]);
    assert_eq!(
        ran.ends_with(1)
            .stdout
            .matches("apps/api/Dockerfile:2")
            .count(),
        1
    );
    assert!(shop.read(".git/pushed").contains("refs/heads/main"));
    shop.git(&["push", "--quiet", remote, "HEAD~1:refs/heads/main"])
        .ends_with(0);
    shop.git(&["push", "--quiet", remote, ":refs/heads/main"]);
    for _ in 0..2 {
        shop.xtask(&["docker-hooks", "uninstall"]).ends_with(0);
        assert_eq!(shop.read(".git/hooks/pre-commit"), before);
        assert_eq!(shop.read(".git/hooks/pre-push"), pushed);
    }
    let mode = shop
        .path(".git/hooks/pre-commit")
        .metadata()
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o755);
    assert!(
        !shop
            .path(".git/hooks/pre-commit.before-docker-hooks")
            .exists()
    );
}

#[test]
fn a_hook_of_someone_who_replaced_ours_is_not_lost() {
    let shop = Repository::shop("");
    executable(&shop, ".git/hooks/pre-commit", "#!/bin/sh\n# first\n");
    shop.xtask(&["docker-hooks", "install", TOOL]).ends_with(0);
    executable(&shop, ".git/hooks/pre-commit", "#!/bin/sh\n# second\n");
    let ran = shop.xtask(&["docker-hooks", "install", TOOL]).ends_with(2);
    assert!(ran.stderr.contains("merge the two files"), "{}", ran.stderr);
    assert!(shop.read(".git/hooks/pre-commit").contains("second"));
    assert!(
        shop.read(".git/hooks/pre-commit.before-docker-hooks")
            .contains("first")
    );
    shop.xtask(&["docker-hooks", "uninstall"]).ends_with(0);
    assert!(shop.read(".git/hooks/pre-commit").contains("second"));
}

#[test]
fn the_folder_of_the_configuration_counts_unless_it_is_everybodys() {
    let shop = Repository::shop("");
    shop.git(&["config", "core.hooksPath", "tools/hooks"])
        .ends_with(0);
    shop.xtask(&["docker-hooks", "install", TOOL]).ends_with(0);
    assert!(
        shop.read("tools/hooks/pre-commit")
            .contains("docker-check --staged")
    );
    assert!(!shop.path(".git/hooks/pre-commit").exists());
    shop.write("apps/api/Dockerfile", wrong());
    shop.commit("wrong").ends_with(1);
    let other = Repository::shop("");
    other.write(".git/global", "[core]\n\thooksPath = /nonexistent/hooks\n");
    let ran = run(
        other.root(),
        "env",
        &[
            "GIT_CONFIG_GLOBAL=.git/global",
            env!("CARGO_BIN_EXE_xtask"),
            "docker-hooks",
            "install",
        ],
    );
    let told = ran.ends_with(2).stderr;
    assert!(told.contains("every repository of this machine"), "{told}");
}

#[test]
fn a_hook_manager_is_told_what_to_add() {
    for (file, expected) in [
        (".husky/pre-commit", "add a line to .husky/pre-commit"),
        ("lefthook.yml", "add to lefthook.yml"),
        (".config/lefthook.toml", "add to .config/lefthook.toml"),
    ] {
        let shop = Repository::shop("");
        shop.write(file, "");
        let ran = shop.xtask(&["docker-hooks", "install"]).ends_with(2);
        assert!(ran.stderr.contains(expected), "{}", ran.stderr);
        assert!(!shop.path(".git/hooks/pre-commit").exists());
        shop.xtask(&["docker-hooks", "install", "--despite-manager"])
            .ends_with(0);
    }
    let nowhere = tempfile::tempdir().unwrap();
    let ran = run(
        nowhere.path(),
        env!("CARGO_BIN_EXE_xtask"),
        &["docker-hooks", "install"],
    );
    assert!(ran.stderr.contains("run it in one"), "{}", ran.stderr);
}
