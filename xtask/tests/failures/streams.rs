//! Readers that leave early.

use xtask::process::Command;

use crate::fixture::Fixture;
use crate::support::{checkout, run};

/// More than a pipe holds, so that the program is still writing when its reader is gone.
#[test]
fn a_closed_standard_output_is_no_panic() {
    let fixture = Fixture::new();
    for number in 0..300 {
        fixture.write(
            &format!("apps/service-{number}/Dockerfile"),
            "FROM scratch AS production\nCOPY a /a\n",
        );
    }
    for arguments in [
        "docker-bake --print",
        "docker-bake --print --format json",
        "docker-build --dry-run",
    ] {
        let program = env!("CARGO_BIN_EXE_xtask");
        let script = format!("({program} {arguments}; echo \"exit $?\" >&2) | head -n 1");
        let output = run(&Command::new("sh").args(["-c", &script]).dir(&fixture.root));
        assert_eq!(output.text().lines().count(), 1, "{arguments}");
        assert_eq!(output.error_text(), "exit 0", "{arguments}");
    }
    let help = format!("{} --help >&-; echo $?", env!("CARGO_BIN_EXE_xtask"));
    let output = run(&Command::new("sh").args(["-c", &help]).dir(checkout()));
    assert_eq!(
        (output.text(), output.error_text()),
        ("0".into(), String::new())
    );
}
