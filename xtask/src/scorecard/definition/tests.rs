use super::*;

fn errors(text: &str) -> Vec<String> {
    let source = Source::new("docker/scorecard.toml", text);
    match Definition::parse(&source) {
        Ok(_) => Vec::new(),
        Err(error) => std::iter::once(&error)
            .chain(error.others())
            .map(ToString::to_string)
            .collect(),
    }
}

/// A file with one row, whose evidence is `evidence`.
fn with(evidence: &str) -> String {
    format!(
        "schema_version = 1\ntitle = \"T\"\n\n[[commands]]\nname = \"build\"\nxtask = \"docker-build --format json\"\n\n\
         [[groups]]\nname = \"G\"\n\n[[groups.rows]]\nid = \"size\"\ntext = \"t\"\nsource = \"s\"\ngoal = \"g\"\n\n\
         [[groups.rows.evidence]]\n{evidence}\n"
    )
}

#[test]
fn commands_rows_and_evidence_are_read() {
    let text = with(
        "command = \"build\"\nvalue = \"/images/*/bytes\"\npart = \"/images/*/name\"\nunit = \"bytes\"\nat_most = \"150 MB\"",
    );
    let source = Source::new("s", text);
    let definition = Definition::parse(&source).unwrap();
    let command = &definition.commands[0];
    assert_eq!(command.line, "cargo xtask docker-build --format json");
    assert_eq!(command.words, ["docker-build", "--format", "json"]);
    assert_eq!(command.fails_with, [1, 4]);
    assert_eq!(command.limit.seconds(), 600);
    let row = &definition.groups[0].rows[0];
    assert_eq!(row.commands(), [0]);
    let Evidence::Number { reading, .. } = &row.evidence[0] else {
        panic!("{row:?}");
    };
    assert_eq!(reading.goal.to_string(), "at most 150.0 MB");
    assert_eq!(row.location.to_string(), "s:12:6");
}

#[test]
fn each_mistake_is_told_at_its_place() {
    let number = |more: &str| {
        with(&format!(
            "command = \"build\"\nvalue = \"/images/*/bytes\"\nunit = \"bytes\"\n{more}"
        ))
    };
    for (text, expected) in [
        (
            number("at_mots = \"1 MB\""),
            "21:1: unknown key `groups.0.rows.0.evidence.0.at_mots` (help: did you mean `at_most`?)",
        ),
        (
            number("at_most = 150"),
            "21:11: `groups.0.rows.0.evidence.0.at_most` must be a text, not a whole number",
        ),
        (
            number("at_most = \"150\""),
            "21:11: \"150\" is no limit in this unit (help: for example: `at_most = \"150 MB\"`)",
        ),
        (
            number("at_most = \"1 MB\"\nbelow = \"2 MB\""),
            "22:9: there are two goals",
        ),
        (
            number(""),
            "the goal is missing (help: for example: `at_most = \"150 MB\"`)",
        ),
        (
            number("at_most = \"1 MB\"\npart = \"/services/*/name\""),
            "22:8: \"/services/*/name\" does not say which element is meant",
        ),
        (
            number("at_most = \"1 MB\"\nwhere = { \"/images/*/a/*/b\" = 1 }"),
            "does not say which element is meant",
        ),
        (
            number("at_most = \"1 MB\"\ntake = \"max\"\nlimit = \"/images/*/limit\""),
            "only where each element is judged",
        ),
        (
            number("at_most = \"1 MB\"\ntake = \"most\""),
            "\"most\" is none of \"each\", \"max\"",
        ),
        (
            number("at_most = \"1 MB\"\nsays = \"x\""),
            "`says` means nothing in evidence of this kind",
        ),
        (
            with("command = \"buidl\"\nproves = \"x\""),
            "18:11: there is no command `buidl` (help: did you mean `build`?)",
        ),
        (with("command = \"build\""), "`proves` is missing"),
        (
            with("command = \"build\"\nnot_measured = \"x\""),
            "evidence must be of one kind",
        ),
        (with("proves = \"x\""), "evidence must be of one kind"),
        (
            with("command = \"build\"\nverdict = \"/a\"\nproves = \"x\"\npass = [\"ok\"]"),
            "nobody knows which words mean",
        ),
        (
            with(
                "command = \"build\"\nverdict = \"/a\"\nproves = \"x\"\npass = [\"ok\"]\nfail = [\"ok\"]",
            ),
            "\"ok\" cannot mean two things",
        ),
        (
            with(
                "command = \"build\"\nvalue = \"/a\"\nverdict = \"/b\"\nunit = \"count\"\nequals = \"1\"",
            ),
            "evidence is either a number or words",
        ),
        (
            with("command = \"build\"\nvalue = \"/a~x\"\nunit = \"count\"\nequals = \"1\""),
            "19:9: \"/a~x\" is no JSON pointer",
        ),
        (
            with("command = \"build\"\nvalue = \"a\"\nunit = \"count\"\nequals = \"1\""),
            "is no JSON pointer: it starts with `/`",
        ),
        (
            with("document = \"/etc/passwd\"\nsays = \"x\""),
            "starts at the root of the machine",
        ),
        (
            "schema_version = 1\ntitle = \"T\"\ngroups = [".to_owned(),
            "the scorecard is not TOML",
        ),
        (
            "schema_version = 2\ntitle = \"T\"\ngroups = []".to_owned(),
            "1:18: `schema_version`: this version",
        ),
        (
            "title = \"T\"\ngroups = []".to_owned(),
            "`schema_version` is missing",
        ),
    ] {
        let errors = errors(&text);
        assert!(
            errors.iter().any(|error| error.contains(expected)),
            "{expected}\n{errors:#?}\n{text}"
        );
    }
}

#[test]
fn names_are_there_once() {
    let row = "[[groups.rows]]\nid = \"size\"\ntext = \"t\"\nsource = \"s\"\ngoal = \"g\"\n[[groups.rows.evidence]]\nnot_measured = \"x\"\n";
    let text = with("not_measured = \"x\"") + row;
    let told = errors(&text);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(
        told[0].starts_with("docker/scorecard.toml:20:6: there are two rows `size`"),
        "{told:?}"
    );
    let text = with("not_measured = \"x\"").replace(
        "[[groups]]",
        "[[commands]]\nname = \"build\"\nxtask = \"docker-build --format  json\"\n\n[[groups]]",
    );
    let told = errors(&text);
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(
        told[0].contains("there are two commands `build`"),
        "{told:?}"
    );
    assert!(
        told[1].contains("is the command `build` already"),
        "{told:?}"
    );
}

#[test]
fn commands_that_cannot_be_run_are_told() {
    let with = |command: &str| {
        let command = format!("[[commands]]\nname = \"x\"\n{command}\n\n[[groups]]");
        errors(&with("not_measured = \"x\"").replace("[[groups]]", &command)).join("\n")
    };
    for (command, expected) in [
        ("", "the command `x` must be one command"),
        (
            "xtask = \"docker-lint\"\nprogram = \"true\"",
            "the command `x` must be one command",
        ),
        (
            "program = \"sh -c 'exit\"",
            "has a quote that is not closed",
        ),
        (
            "program = \"true\"\nafter = [\"bild\"]",
            "there is no command `bild` (help: did you mean `build`?)",
        ),
        (
            "program = \"true\"\nafter = [\"x\"]",
            "the command `x` must be run before itself",
        ),
        (
            "program = \"true\"\nfails_with = [0]",
            "a command that exits with 0 did not fail",
        ),
        (
            "program = \"true\"\nfails_with = [300]",
            "an exit code is between 0 and 255",
        ),
        (
            "cargo = \"test -p x\"",
            "one that skips would pass unseen (help: add `-- --show-output`)",
        ),
    ] {
        let told = with(command);
        assert!(told.contains(expected), "{expected}\n{told}");
    }
    assert_eq!(with("cargo = \"test -p x -- --show-output\""), "");
}

#[test]
fn what_must_be_run_before_comes_before_and_once() {
    let text = "schema_version = 1\ntitle = \"T\"\n\
        [[commands]]\nname = \"test\"\nprogram = \"test\"\nafter = [\"build\"]\n\
        [[commands]]\nname = \"build\"\nprogram = \"build\"\n\
        [[commands]]\nname = \"other\"\nprogram = \"other\"\n\
        [[groups]]\nname = \"G\"\n\
        [[groups.rows]]\nid = \"a\"\ntext = \"t\"\nsource = \"s\"\ngoal = \"g\"\n\
        evidence = [{ command = \"test\", proves = \"p\" }, { command = \"test\", proves = \"q\" }]\n\
        [[groups.rows]]\nid = \"b\"\ntext = \"t\"\nsource = \"s\"\ngoal = \"g\"\n\
        evidence = [{ command = \"build\", proves = \"p\" }]\n";
    let definition = Definition::parse(&Source::new("s", text)).unwrap();
    assert_eq!(definition.plan(definition.rows()), [1, 0]);
    assert_eq!(definition.plan(definition.rows().skip(1)), [1]);
    assert_eq!(definition.rows().next().unwrap().commands(), [0]);
}

#[test]
fn another_goal_is_another_fingerprint() {
    let fingerprint = |evidence: &str| {
        let source = Source::new("s", with(evidence));
        Definition::parse(&source).unwrap().groups[0].rows[0]
            .fingerprint
            .clone()
    };
    let of = |limit: &str| {
        fingerprint(&format!(
            "command = \"build\"\nvalue = \"/a\"\nunit = \"bytes\"\nat_most = \"{limit}\""
        ))
    };
    assert_eq!(of("150 MB"), of("150 MB"));
    assert_ne!(of("150 MB"), of("151 MB"));
}
