use super::*;

fn checked(files: &[(&str, &str)]) -> Vec<String> {
    let sources: Vec<Source> = files
        .iter()
        .map(|(path, text)| Source::new(*path, *text))
        .collect();
    match check_dependencies(&sources) {
        Ok(()) => Vec::new(),
        Err(error) => {
            let others = error.others().to_vec();
            let place =
                |error: &Error| format!("{}: {}", error.location().unwrap(), error.message());
            std::iter::once(place(&error))
                .chain(others.iter().map(place))
                .collect()
        }
    }
}

#[test]
fn nobody_depends_on_nobody() {
    let text = "services:\n  a:\n    depends_on: [b, c]\n  b: {}\n";
    assert_eq!(
        checked(&[("compose.yaml", text)]),
        ["compose.yaml:3:21: `a` depends on `c`, which no file has as a service"]
    );
    assert_eq!(
        checked(&[("compose.yaml", text), ("more.yaml", "services: {c: {}}")]),
        Vec::<String>::new()
    );
    assert_eq!(
        checked(&[("compose.yaml", &format!("include: [x.yaml]\n{text}"))]),
        Vec::<String>::new()
    );
}

#[test]
fn circles_are_told_with_their_way_and_place() {
    let text = "services:\n  a: {depends_on: [b]}\n  b:\n    depends_on:\n      c: {condition: service_healthy}\n  c: {depends_on: [b, d]}\n  d: {}\n";
    assert_eq!(
        checked(&[("compose.yaml", text)]),
        ["compose.yaml:6:20: services wait for each other: b → c → b"]
    );
    assert_eq!(
        checked(&[("c.yaml", "services: {a: {depends_on: [a]}}")]),
        ["c.yaml:1:29: services wait for each other: a → a"]
    );
}

#[test]
fn what_is_no_yaml_has_its_place() {
    let told = checked(&[("c.yaml", "services: {a: [}")]);
    assert!(told[0].starts_with("c.yaml:1:"), "{told:?}");
}

const RESOLVED: &str = r#"{
  "name": "shop",
  "networks": {"default": {"name": "shop_default", "ipam": {}}, "edge": {"name": "edge", "external": true}},
  "volumes": {"data": null},
  "services": {
    "web": {
      "image": "shop-web:1", "container_name": "web", "restart": "always", "build": {"context": "/w", "dockerfile": "web/Dockerfile"},
      "depends_on": {"db": {"condition": "service_healthy", "required": true}, "init": {"condition": "service_completed_successfully"}},
      "environment": {"DB": "postgres://db/x?a=$$b", "EMPTY": null},
      "ports": [{"target": 80, "published": "8080"}], "expose": ["9090/tcp"],
      "volumes": [{"type": "bind", "source": "/etc", "target": "/etc"}, {"type": "volume", "source": "data", "target": "/d"}],
      "networks": {"default": null, "edge": {"ipv4_address": "10.0.0.2", "aliases": ["www"]}}
    },
    "db": {"image": "postgres"}, "init": {"image": "x", "labels": {"a": "b"}}
  }
}"#;

#[test]
fn compose_is_read() {
    let composition = Composition::read(RESOLVED.as_bytes()).unwrap();
    let web = composition.member("web").unwrap();
    assert_eq!(web.ports, [80, 9090]);
    assert_eq!(web.aliases, ["www"]);
    assert_eq!(
        web.environment,
        [("DB".to_owned(), "postgres://db/x?a=$b".to_owned())].into()
    );
    assert_eq!(
        web.dependencies,
        [
            ("db".to_owned(), Condition::Healthy),
            ("init".to_owned(), Condition::Completed)
        ]
    );
    assert_eq!(web.dockerfile.as_deref(), Some("/w/web/Dockerfile"));
    Composition::read(b"{}").unwrap_err();
    Composition::read(br#"{"services":{}}"#).unwrap_err();
}

#[test]
fn a_fleet_is_set_apart_from_the_machine() {
    let composition = Composition::read(RESOLVED.as_bytes()).unwrap();
    let labels = [("trial".to_owned(), "t$1".to_owned())];
    let images = [("web".to_owned(), "shop-web:built".to_owned())].into();
    let apart = composition.isolated(&Isolation {
        name: "trial-1",
        labels: &labels,
        images: &images,
    });
    let expected = json!({
        "name": "trial-1",
        "networks": {"default": {"labels": {"trial": "t$$1"}}, "edge": {"labels": {"trial": "t$$1"}}},
        "volumes": {"data": {"labels": {"trial": "t$$1"}}},
        "services": {
            "web": {
                "image": "shop-web:built", "restart": "no", "pull_policy": "never", "labels": {"trial": "t$$1"},
                "depends_on": {"db": {"condition": "service_healthy", "required": true}, "init": {"condition": "service_completed_successfully"}},
                "environment": {"DB": "postgres://db/x?a=$$b", "EMPTY": null},
                "expose": ["9090/tcp"],
                "volumes": [
                    {"type": "bind", "source": "/etc", "target": "/etc", "read_only": true},
                    {"type": "volume", "source": "data", "target": "/d"}
                ],
                "networks": {"default": null, "edge": {"aliases": ["www"]}}
            },
            "db": {"image": "postgres", "restart": "no", "pull_policy": "never", "labels": {"trial": "t$$1"}},
            "init": {"image": "x", "restart": "no", "pull_policy": "never", "labels": {"a": "b", "trial": "t$$1"}}
        }
    });
    assert_eq!(apart, expected);
}
