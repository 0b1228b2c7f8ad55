//! No engine, or none that answers: exit code 3.

use crate::fixture::Fixture;

#[test]
fn no_client_at_all() {
    let fixture = Fixture::new();
    let nothing = fixture.root.join("nothing");
    let command = fixture
        .command(&["docker-build", "--engine=system"])
        .env("PATH", nothing);
    insta::assert_snapshot!(fixture.outcome(&command), @"");
}

#[test]
fn variables_of_an_engine_that_does_not_run() {
    let fixture = Fixture::new();
    let said = fixture.outcome(&fixture.command(&["docker-engine", "env"]));
    insta::assert_snapshot!(said, @"");
}
