//! What is known at a moment.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::*;
use crate::dockerfile::parse;
use crate::source::Source;

fn model(text: &str) -> Model {
    model_with(text, &[], &|_| None)
}

fn model_with(text: &str, arguments: &[(&str, &str)], resolve: Resolve<'_>) -> Model {
    let file = parse(&Source::new("Dockerfile", text));
    assert_eq!(file.errors, []);
    let arguments = arguments
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    Model::new(file, arguments, resolve)
}

fn end(model: &Model) -> Moment<'_> {
    model.final_stage().unwrap().end()
}

/// `name=value origin`, `*` for what the image keeps.
fn variables(moment: Moment<'_>) -> Vec<String> {
    moment
        .variables()
        .into_iter()
        .filter(|variable| variable.name != "PATH")
        .map(|variable| {
            let value = match &variable.value {
                Known::Yes(Some(value)) => format!("={value}"),
                Known::Yes(None) => String::new(),
                Known::Unknown => "=?".to_owned(),
            };
            let image = if variable.in_image { "*" } else { "" };
            format!("{}{value} {:?}{image}", variable.name, variable.origin)
        })
        .collect()
}

#[test]
fn variables_know_their_value_and_where_it_comes_from() {
    let text = "ARG G=1\nARG H=2\nARG NONE\nFROM scratch AS base\nARG G\nARG H=${G}3 I=$H\nARG NONE\n\
        ARG TARGETARCH\nENV E=$G-$I A=$E P=$TARGETARCH\nFROM base\nARG G\nARG E=arg\nARG O=x\n";
    let given = model_with(text, &[("O", "outside"), ("UNUSED", "x")], &|_| None);
    assert_eq!(
        variables(given.stages().next().unwrap().end()),
        [
            "A= Env*",
            "E=1-13 Env*",
            "G=1 Arg",
            "H=13 Arg",
            "I=13 Arg",
            "NONE Arg",
            "P=? Env*",
            "TARGETARCH=? Arg"
        ]
    );
    let moment = end(&given);
    assert_eq!(moment.variable("E").unwrap().origin, Origin::Arg);
    assert!(moment.variable("E").unwrap().in_image);
    assert_eq!(
        moment.image_variable("E").unwrap().value,
        Known::Yes(Some("1-13".to_owned()))
    );
    assert_eq!(
        moment.variable("O").unwrap().value,
        Known::Yes(Some("outside".to_owned()))
    );
    assert_eq!(
        moment.variable("H").unwrap().span.unwrap().of(text),
        "H=${G}3"
    );
    assert!(moment.variable("UNUSED").is_none());
    assert_eq!(
        moment.variable("http_proxy").unwrap().origin,
        Origin::Predefined
    );
    // Before it is declared it is not there.
    assert!(given.final_stage().unwrap().start().variable("O").is_none());
}

#[test]
fn texts_are_expanded_only_if_every_variable_is_known() {
    let known = model("FROM scratch\nARG A=1\nARG B\nARG TARGETOS\n");
    let moment = end(&known);
    assert_eq!(
        moment.expand("x$A\"y\"$B-$C"),
        Known::Yes("x1y-".to_owned())
    );
    assert_eq!(moment.expand("${TARGETOS:-linux}"), Known::Unknown);
    assert_eq!(moment.expand("${"), Known::Unknown);
    let outside = model("FROM example.com/unheard/of:1\nARG A=1\n");
    assert_eq!(end(&outside).expand("$A"), Known::Yes("1".to_owned()));
    assert_eq!(end(&outside).expand("$C"), Known::Unknown);
}

fn workdir(text: &str) -> Option<String> {
    let model = model(text);
    let found = end(&model).workdir().yes()?;
    Some(found.value.to_owned())
}

#[test]
fn working_directories_are_joined() {
    let unknown = "FROM example.com/unheard/of:1\n";
    for (text, expected) in [
        ("FROM scratch\n", Some("/")),
        ("FROM scratch\nWORKDIR a\nWORKDIR ../b/./c\n", Some("/b/c")),
        (
            "FROM scratch AS x\nARG D=/d\nWORKDIR $D\nFROM x\nWORKDIR e\n",
            Some("/d/e"),
        ),
        (
            "FROM scratch AS x\nONBUILD WORKDIR /t\nFROM x\nWORKDIR u\n",
            Some("/t/u"),
        ),
        ("FROM scratch AS x\nONBUILD WORKDIR /t\n", Some("/")),
        (unknown, None),
        (&format!("{unknown}WORKDIR a\n"), None),
        (&format!("{unknown}WORKDIR /a\nWORKDIR b\n"), Some("/a/b")),
    ] {
        assert_eq!(workdir(text).as_deref(), expected, "{text}");
    }
    let long = format!("FROM scratch\n{}", "WORKDIR 0123456789\n".repeat(1000));
    assert_eq!(workdir(&long), None);
}

#[test]
fn settings_say_where_they_were_made() {
    let text = "FROM scratch AS one\nUSER app\nHEALTHCHECK CMD x\nCMD [\"a\"]\nENTRYPOINT [\"e\"]\nEXPOSE 80-81/tcp\n\
        SHELL [\"/bin/bash\", \"-c\"]\nFROM one AS two\nENV PORT=9000\nEXPOSE ${PORT}\nENTRYPOINT [\"f\"]\n\
        FROM two\nHEALTHCHECK NONE\n# hadolint shell=pwsh\nCMD b\n";
    let model = model(text);
    let stages: Vec<_> = model.stages().collect();
    let user = end(&model).user().yes().unwrap();
    assert_eq!((user.value, user.stage.unwrap().index), ("app", 0));
    assert_eq!(user.span.unwrap().of(text), "app");
    assert_eq!(stages[0].start().user().yes().unwrap().value, "root");
    let of_two = stages[1].end().healthcheck().yes().unwrap().unwrap();
    assert_eq!(
        (of_two.value.is_some(), of_two.stage.unwrap().index),
        (true, 0)
    );
    assert!(matches!(
        end(&model).healthcheck(),
        Known::Yes(Some(Inherited { value: None, .. }))
    ));
    assert!(stages[0].end().cmd().is_some());
    // A new ENTRYPOINT takes the inherited CMD away.
    assert!(stages[1].end().cmd().is_none());
    assert_eq!(end(&model).cmd().unwrap().stage.unwrap().index, 2);
    assert_eq!(end(&model).entrypoint().unwrap().stage.unwrap().index, 1);
    let ports: Vec<u16> = end(&model).ports().iter().map(|port| port.value).collect();
    assert_eq!(ports, [80, 81, 9000]);
    assert_eq!(stages[1].start().shell_kind(), ShellKind::Bash);
    assert_eq!(stages[1].start().shell().value, ["/bin/bash", "-c"]);
    assert_eq!(stages[2].start().shell_kind(), ShellKind::Bash);
    assert_eq!(end(&model).shell_kind(), ShellKind::PowerShell);
    assert_eq!(stages[0].start().shell_kind(), ShellKind::Posix);
}

#[test]
fn what_another_dockerfile_leaves_is_inherited() {
    let base = Arc::new(model(
        "FROM scratch AS prod\nARG SECRET=s\nENV NODE_ENV=production\nWORKDIR /app\n\
         RUN adduser -S app\nUSER app\nONBUILD ENV FROM_TRIGGER=1\n",
    ));
    let service = model_with(
        "ARG BASE=ghcr.io/o/base:latest\nFROM ${BASE}\nENV X=$NODE_ENV$SECRET\n",
        &[],
        &|reference| (reference == "ghcr.io/o/base:latest").then(|| (Arc::clone(&base), 0)),
    );
    let moment = end(&service);
    assert_eq!(
        variables(moment),
        [
            "FROM_TRIGGER=1 Env*",
            "NODE_ENV=production Env*",
            "X=production Env*"
        ]
    );
    assert_eq!(moment.variable("NODE_ENV").unwrap().span, None);
    assert_eq!(moment.variable("FROM_TRIGGER").unwrap().span, None);
    let workdir = moment.workdir().yes().unwrap();
    assert_eq!(workdir.value, "/app");
    assert!(std::ptr::eq(workdir.stage.unwrap().model, &raw const *base));
    assert_eq!(moment.user().yes().unwrap().value, "app");
    assert!(moment.base_is_known());
    assert_eq!(moment.has_user("app"), Known::Yes(true));
    assert_eq!(moment.has_user("other"), Known::Yes(false));
    assert_eq!(moment.created_accounts()[0].span, None);
}

/// The accounts that are created, users as they are, groups with `%`.
fn accounts(run: &str) -> String {
    let model = model(&format!("FROM scratch\nARG NAME=arg\n{run}\n"));
    let accounts = end(&model).created_accounts();
    let shown: Vec<String> = accounts
        .iter()
        .map(|account| {
            let mark = if account.is_group { "%" } else { "" };
            let id = account.id.map(|id| format!("={id}")).unwrap_or_default();
            format!("{mark}{}{id}", account.name)
        })
        .collect();
    shown.join(" ")
}

#[test]
fn accounts_are_made_by_the_tools_of_each_distribution() {
    for (run, expected) in [
        (
            "RUN addgroup -g 1001 -S nodejs && adduser -S nextjs -u 1001",
            "%nodejs=1001 nextjs=1001",
        ),
        ("RUN adduser -D -H -u1000 -G users app", "app=1000"),
        ("RUN adduser -D app", "app %app"),
        ("RUN adduser --disabled-password --gecos '' app", "app %app"),
        (
            "RUN adduser --system --group --uid=999 app",
            "app=999 %app=999",
        ),
        ("RUN adduser --system --no-create-home app", "app"),
        ("RUN adduser -m -r -d /x app", "app %app"),
        ("RUN adduser app docker; addgroup app docker", ""),
        (
            "RUN useradd -rm -s /bin/sh -u 1500 app",
            "app=1500 %app=1500",
        ),
        ("RUN useradd -g users $NAME", "arg"),
        ("RUN useradd -D -s /bin/sh", ""),
        (
            "RUN groupadd --gid 5 app && useradd -g app app",
            "%app=5 app",
        ),
        ("RUN groupadd a && groupmod -n b a", "%b"),
        ("RUN adduser -D a && deluser a", "%a"),
        ("RUN usermod -aG docker app", ""),
        (
            "RUN echo 'app:x:1000:1000::/app:/bin/sh' >> /etc/passwd && echo 'app:x:1000:' >> /etc/group",
            "app=1000 %app=1000",
        ),
        ("RUN [\"adduser\", \"-D\", \"app\"]", "app %app"),
    ] {
        assert_eq!(accounts(run), expected, "{run}");
    }
}

fn has_user(lines: &str, name: &str) -> Known<bool> {
    end(&model(&format!("FROM scratch\n{lines}\n"))).has_user(name)
}

#[test]
fn nobody_guesses_whether_a_user_exists() {
    for (lines, name, expected) in [
        ("", "app", Known::Yes(false)),
        ("", "root", Known::Yes(true)),
        ("RUN adduser -D app", "app:app", Known::Yes(true)),
        ("RUN adduser -D app", "nodejs", Known::Yes(false)),
        ("RUN adduser -D -u 7 app", "7", Known::Yes(true)),
        ("RUN adduser -D app", "1000", Known::Unknown),
        ("RUN adduser -D $UNKNOWN", "app", Known::Unknown),
        ("RUN ./setup.sh", "app", Known::Unknown),
        ("RUN sh /tmp/setup", "app", Known::Unknown),
        ("RUN curl x | bash", "app", Known::Unknown),
        ("RUN sh -c 'echo x'", "app", Known::Yes(false)),
        ("RUN apk add nginx", "nginx", Known::Unknown),
        ("RUN apk add curl dumb-init", "nodejs", Known::Yes(false)),
        (
            "RUN adduser -D app\nCOPY passwd /etc/passwd",
            "app",
            Known::Unknown,
        ),
        (
            "RUN adduser -D app\nCOPY x.conf /etc/",
            "app",
            Known::Yes(true),
        ),
        ("COPY rootfs/ /", "app", Known::Unknown),
        ("COPY package.json /", "app", Known::Yes(false)),
    ] {
        assert_eq!(has_user(lines, name), expected, "{lines} {name}");
    }
}

#[test]
fn packages_and_programs() {
    let known = model(
        "FROM scratch AS a\nARG PKG=jq\nRUN apk add --no-cache -t .x curl=8.1 git $PKG && apk del git\n\
         COPY --from=x /y/tool /usr/local/bin/mine\n",
    );
    let moment = end(&known);
    let packages: Vec<String> = moment
        .packages()
        .iter()
        .map(|package| {
            let constraint = package.constraint.clone().unwrap_or_default();
            format!("{} {}{constraint}", package.manager, package.name.value)
        })
        .collect();
    assert_eq!(packages, ["apk curl=8.1", "apk jq"]);
    assert_eq!(moment.has_program("curl"), Known::Yes(true));
    assert_eq!(moment.has_program("mine"), Known::Yes(true));
}

#[test]
fn pragmas_count_for_their_stage() {
    let model = model(
        "# hadolint shell=bash\nFROM scratch\nRUN a\nFROM scratch\n# hadolint shell=cmd\nRUN b\nSHELL [\"sh\"]\nRUN c\n",
    );
    let kinds: Vec<ShellKind> = model
        .steps()
        .map(|step| step.before().shell_kind())
        .collect();
    assert_eq!(
        kinds,
        [
            ShellKind::Bash,
            ShellKind::Cmd,
            ShellKind::Cmd,
            ShellKind::Posix
        ]
    );
}

#[test]
fn growing_values_stay_small() {
    let text = format!(
        "FROM scratch\nENV A=0123456789\n{}",
        "ENV A=$A$A\n".repeat(200)
    );
    let model = model(&text);
    assert_eq!(end(&model).variable("A").unwrap().value, Known::Unknown);
    let _: &BTreeMap<String, String> = &model.arguments;
}
