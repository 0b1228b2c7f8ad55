//! What is said about a wrong command line or manifest; nothing is started for it.

use crate::repository::Repository;

fn refused(manifest: &str, arguments: &[&str]) -> String {
    let repository = Repository::unbuilt(Some(&["good"]));
    let file = repository.root.join("docker/docker.toml");
    let text = std::fs::read_to_string(&file).unwrap() + manifest;
    std::fs::write(&file, text).unwrap();
    let output = repository.xtask(&[&["docker-test"], arguments].concat());
    assert_eq!(output.code, Some(2), "{}", output.error_text());
    assert_eq!(output.text(), "");
    output.error_text()
}

#[test]
fn names_that_nothing_has() {
    insta::assert_snapshot!(refused("", &["bad"]));
    insta::assert_snapshot!(refused("", &["--explain", "DT9999"]));
    insta::assert_snapshot!(refused(
        "[test.images.goood]\nexit_code = 3\n\n[[test.configuration]]\nimages = [\"good\", \"gone\"]\nenv = { PORT = 1 }\n\n\
         [[test.exceptions]]\nimage = \"good\"\nproperty = \"ignores-sigint\"\nreason = \"r\"\nowner = \"o\"\nexpires = 2027-01-01\n",
        &[]
    ));
}

#[test]
fn values_that_mean_nothing() {
    insta::assert_snapshot!(refused(
        "[[test.configuration]]\nexit_code = 0\n\n[test.images.other]\nexit_code = 256\ntmpfs = [\"tmp\", \"/a:exec\"]\n",
        &[]
    ));
    insta::assert_snapshot!(refused(
        "[test.images.other]\ntmpfs = [\"tmp\", \"/a:exec\"]\n",
        &[]
    ));
}

#[test]
fn properties_are_listed_and_explained_without_a_repository() {
    let folder = crate::support::scratch::Scratch::new();
    let run = |arguments: &[&str]| {
        let output = crate::support::run(&crate::support::xtask(&folder.path, arguments));
        assert_eq!(output.code, Some(0), "{}", output.error_text());
        output.text()
    };
    let list = run(&["docker-test", "--list"]);
    for property in xtask::trial::image::PROPERTIES {
        assert!(
            list.contains(property.code) && list.contains(property.name),
            "{list}"
        );
    }
    insta::assert_snapshot!(run(&["docker-test", "--explain", "ignores-SIGTERM"]));
}

#[test]
fn an_image_that_is_not_built_is_missing() {
    let Some(machine) = crate::support::Shared::find() else {
        return;
    };
    let repository = Repository::unbuilt(Some(&["good"]));
    crate::support::Machine::lend_to(&repository.root);
    let file = repository.root.join("docker/docker.toml");
    let text = std::fs::read_to_string(&file)
        .unwrap()
        .replace("\"trial\"", "\"never\"");
    std::fs::write(&file, text).unwrap();
    let output = repository.xtask(&["docker-test", "--suite=image", machine.choice()]);
    assert_eq!(output.code, Some(3), "{}", output.error_text());
    let said = output.error_text();
    assert!(
        said.contains("there is no image never-good:dev in the engine"),
        "{said}"
    );
    assert!(said.contains("docker-build"), "{said}");
}
