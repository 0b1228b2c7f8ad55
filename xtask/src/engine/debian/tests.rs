use super::*;
use crate::process::{Reply, Scripted};

struct Machine {
    _guard: tempfile::TempDir,
    root: Utf8PathBuf,
}

impl Machine {
    fn debian() -> Self {
        let guard = tempfile::tempdir().unwrap();
        let root = Utf8PathBuf::from_path_buf(guard.path().to_owned()).unwrap();
        std::fs::create_dir_all(root.join("etc/apt")).unwrap();
        std::fs::write(
            root.join("etc/os-release"),
            "ID=debian\nVERSION_CODENAME=bookworm\n",
        )
        .unwrap();
        std::fs::write(
            root.join("etc/apt/sources.list"),
            "deb [signed-by=/k.gpg] http://m.example/debian bookworm main\n",
        )
        .unwrap();
        Self {
            _guard: guard,
            root,
        }
    }

    fn prepare(&self, runner: &dyn Runner, suites: &[&str]) -> Result<PrivateApt> {
        PrivateApt::prepare_from(
            runner,
            &self.root,
            &self.root.join("apt"),
            suites,
            Some("amd64"),
        )
    }

    fn list(&self, suite: &str) {
        let lists = self.root.join("apt/lists");
        std::fs::create_dir_all(&lists).unwrap();
        let name = format!("m.example_debian_dists_{suite}_main_binary-amd64_Packages");
        std::fs::write(lists.join(name), "").unwrap();
    }
}

#[test]
fn lists_are_fetched_once_and_again_for_other_suites() {
    let machine = Machine::debian();
    machine.list("sid");
    let runner = Scripted::default().on("update", Reply::ok(""));
    machine.prepare(&runner, &["sid"]).unwrap();
    machine.prepare(&runner, &["sid"]).unwrap();
    assert_eq!(runner.asked().len(), 1);
    machine.list("bookworm");
    machine.prepare(&runner, &["sid", "bookworm"]).unwrap();
    assert_eq!(runner.asked().len(), 2);
    let sources = std::fs::read_to_string(machine.root.join("apt/private.sources")).unwrap();
    assert!(sources.contains("Suites: sid bookworm\n"), "{sources}");
    assert!(sources.contains("signed-by: /k.gpg\n"), "{sources}");
}

#[test]
fn old_lists_serve_where_the_mirror_does_not_answer() {
    let machine = Machine::debian();
    machine.list("sid");
    machine
        .prepare(&Scripted::default().on("update", Reply::ok("")), &["sid"])
        .unwrap();
    let stamp = std::fs::File::options()
        .write(true)
        .open(machine.root.join("apt/updated"))
        .unwrap();
    stamp.set_modified(std::time::UNIX_EPOCH).unwrap();
    let offline = Scripted::default();
    machine.prepare(&offline, &["sid"]).unwrap();
    assert_eq!(offline.asked().len(), 1);
}

#[test]
fn a_mirror_without_the_suite_is_said_so() {
    let machine = Machine::debian();
    let printed =
        "E: The repository 'http://m.example/debian sid Release' does not have a Release file.";
    let runner = Scripted::default().on("update", Reply::failure(100, printed));
    let error = machine.prepare(&runner, &["sid"]).unwrap_err();
    insta::assert_snapshot!(error, @"the apt mirror of this machine does not offer suite `sid` (help: point /etc/apt at a mirror that has it, or install Docker Engine with buildx and use `--engine system`)");
    let no_network = Scripted::default().on("update", Reply::ok(""));
    let error = machine.prepare(&no_network, &["sid"]).unwrap_err();
    assert_eq!(error.exit(), Exit::Missing);
    assert!(
        error
            .message()
            .starts_with("failed to fetch the package lists of suite `sid`")
    );
}

#[test]
fn a_machine_without_apt_is_said_so() {
    let error = Machine::debian()
        .prepare(&Scripted::default(), &["sid"])
        .unwrap_err();
    assert_eq!(error.exit(), Exit::Missing);
    assert!(error.to_string().contains("not Debian-like"), "{error}");
}

#[test]
fn fetched_files_are_kept_and_damaged_ones_found() {
    let machine = Machine::debian();
    machine.list("sid");
    let into = machine.root.join("debs");
    std::fs::create_dir_all(&into).unwrap();
    std::fs::write(into.join("a_1%3a2~b_amd64.deb"), "hello").unwrap();
    let line = "'http://m.example/pool/a_2.deb' a_1%3a2~b_amd64.deb 5 SHA256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824\n";
    let runner = Scripted::default()
        .on("update", Reply::ok(""))
        .on("--print-uris", Reply::ok(line))
        .on("download", Reply::ok(""));
    let apt = machine.prepare(&runner, &["sid"]).unwrap();
    let packages = apt.download(&runner, &[("a", "sid")], &into).unwrap();
    assert_eq!(
        (packages[0].name.as_str(), packages[0].version.as_str()),
        ("a", "1:2~b")
    );
    assert_eq!(runner.asked().len(), 2, "nothing was fetched");

    std::fs::write(into.join("a_1%3a2~b_amd64.deb"), "hullo").unwrap();
    let error = apt.download(&runner, &[("a", "sid")], &into).unwrap_err();
    assert_eq!(runner.asked().len(), 4, "it was fetched again");
    assert!(
        error.message().ends_with("is not what the apt index says"),
        "{error}"
    );
    assert_eq!(
        apt.download(&runner, &[("b", "sid")], &into)
            .unwrap_err()
            .message(),
        "apt found no package `b` in suite `sid`"
    );
}

/// Runs against the machine's mirror; `cargo test -- --ignored debian`.
#[test]
#[ignore = "fetches packages from the machine's apt mirror"]
fn real_packages_come_from_two_suites() {
    let guard = tempfile::tempdir().unwrap();
    let root = Utf8PathBuf::from_path_buf(guard.path().to_owned()).unwrap();
    let runner = crate::process::System::default();
    let codename = Release::of_machine().unwrap().codename;
    for architecture in [None, Some("arm64")] {
        let directory = root.join(architecture.unwrap_or("native"));
        let wanted = [
            ("tini-static", "sid"),
            ("uidmap", codename.as_str()),
            ("tzdata", "sid"),
        ];
        let begin = std::time::Instant::now();
        let apt =
            PrivateApt::prepare(&runner, &directory, &["sid", &codename], architecture).unwrap();
        println!("prepare {:?}", begin.elapsed());
        let first = apt
            .download(&runner, &wanted, &directory.join("debs"))
            .unwrap();
        println!("download {:?}", begin.elapsed());
        assert_eq!(
            apt.download(&runner, &wanted, &directory.join("debs"))
                .unwrap(),
            first
        );
        println!("again {:?}", begin.elapsed());
        println!("{first:#?}");
        unpack(&runner, &first[0].file, &directory.join("root")).unwrap();
        assert!(directory.join("root/usr/bin/tini-static").exists());
        let error = apt
            .download(&runner, &[("no-such-package", "sid")], &directory)
            .unwrap_err();
        println!("{error}");
    }
    let error =
        PrivateApt::prepare(&runner, &root.join("none"), &["no-such-suite"], None).unwrap_err();
    println!("{error}\n{}", error.tool_output().unwrap_or_default());
    assert!(
        error
            .message()
            .contains("does not offer suite `no-such-suite`"),
        "{error}"
    );
}
