//! Nothing of a trial stays behind, however it ends.

use std::os::unix::process::ExitStatusExt as _;
use std::process::{Child, Stdio};
use std::time::Duration;

use xtask::engine::Means;
use xtask::engine::containers::{Reach, Session, WayOut};
use xtask::engine::private::PrivateEngine;
use xtask::process::{Interrupt, System};

use crate::repository::Repository;
use crate::support::{Shared, checkout, within};

/// The program, tried on an image that is slow to start, once it has started a container.
fn in_the_middle(repository: &Repository, machine: &Shared) -> Child {
    let command = repository.command(&[
        "docker-test",
        "slow-start",
        "--suite=image",
        machine.choice(),
    ]);
    #[expect(clippy::disallowed_methods, reason = "the test ends it from outside")]
    let mut child = std::process::Command::new(command.program())
        .args(command.arguments())
        .envs(
            command
                .variables()
                .iter()
                .map(|(name, value)| (name, value)),
        )
        .current_dir(&repository.root)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    within(Duration::from_mins(1), "a container is started", || {
        assert!(child.try_wait().unwrap().is_none(), "it ended early");
        let folder = repository.root.join("target/docker-test");
        let left = if folder.is_dir() {
            repository.left_behind()
        } else {
            Vec::new()
        };
        left.iter().any(|one| one.starts_with("ps ")).then_some(())
    });
    child
}

#[test]
fn what_an_interrupted_run_started_is_gone_at_once_and_that_of_a_killed_one_with_the_next() {
    let Some(machine) = Shared::find() else {
        return;
    };
    let repository = Repository::of_images(&machine, Some(&["good", "slow-start"]));

    let mut child = in_the_middle(&repository, &machine);
    let pid = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    let status = child.wait().unwrap();
    assert_eq!(status.code(), Some(130));
    assert_eq!(repository.left_behind(), Vec::<String>::new());

    let mut child = in_the_middle(&repository, &machine);
    child.kill().unwrap();
    assert_eq!(child.wait().unwrap().signal(), Some(9));
    let left = repository.left_behind();
    assert!(left.iter().any(|one| one.starts_with("ps ")), "{left:?}");
    assert!(
        left.iter().any(|one| one.starts_with("network ")),
        "{left:?}"
    );

    let output = repository.xtask(&["docker-test", "good", "--suite=image", machine.choice()]);
    assert_eq!(
        output.code,
        Some(0),
        "{}\n{}",
        output.text(),
        output.error_text()
    );
    assert!(
        output
            .error_text()
            .contains("that an earlier run left behind"),
        "{}",
        output.error_text()
    );
    assert_eq!(repository.left_behind(), Vec::<String>::new());

    panics(&repository, &machine);
    assert_eq!(repository.left_behind(), Vec::<String>::new());
}

/// A trial whose code panics while two sessions of one process hold containers: its own are gone, the other's stay.
fn panics(repository: &Repository, machine: &Shared) {
    let (runner, interrupt) = (System::default(), Interrupt::default());
    let means = Means {
        runner: &runner,
        interrupt: &interrupt,
        note: &|line| println!("{line}"),
    };
    let private = PrivateEngine::new(checkout().join("target/docker-engine"));
    let folder = repository.root.join("target/docker-test");
    let image = repository.image("good");
    let open = || {
        let reach = Reach::to(&machine.engine, &private).unwrap();
        Session::open(means, &machine.engine, reach, &folder).unwrap()
    };
    let other = open();
    let container = other.start(&[], &image, &[]).unwrap();
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let session = open();
        let network = session.network("test", WayOut::None).unwrap();
        let options = [format!("--network={}", network.name())];
        let _container = session.start(&options, &image, &[]).unwrap();
        assert!(repository.left_behind().len() >= 3);
        panic!("as a mistake in the code does");
    }));
    assert!(panicked.is_err());
    assert_eq!(
        repository.left_behind().len(),
        1,
        "{:?}",
        repository.left_behind()
    );
    assert!(container.state().unwrap().running);
}
