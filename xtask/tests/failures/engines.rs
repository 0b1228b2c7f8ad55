//! No engine, or none that answers: exit code 3.

use crate::fixture::Fixture;

#[test]
fn no_client_at_all() {
    let fixture = Fixture::new();
    let nothing = fixture.root.join("nothing");
    let command = fixture
        .command(&["docker-build", "--engine=system"])
        .env("PATH", nothing);
    insta::assert_snapshot!(fixture.outcome(&command), @"
    exit 3

    error: the Docker of this machine cannot be used
     |
     = note: there is no `docker` client on PATH
     = help: install Docker Engine: https://docs.docker.com/engine/install/
     = help: or leave out `--engine system`: a private engine is started then
    ");
}

#[test]
fn variables_of_an_engine_that_does_not_run() {
    let fixture = Fixture::new();
    let said = fixture.outcome(&fixture.command(&["docker-engine", "env"]));
    insta::assert_snapshot!(said, @"
    exit 3

    error: the private engine does not run
     |
     = help: start it: `cargo xtask docker-engine up`
    ");
}
