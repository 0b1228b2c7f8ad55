use super::*;

fn repository() -> Repository {
    Repository {
        name: Some("hello".to_owned()),
        description: Some("Says hello".to_owned()),
        url: Some("https://example.com/o/hello".to_owned()),
        license: Some("MIT".to_owned()),
    }
}

fn all(planned: &[(&str, &str)], custom: &str) -> crate::error::Result<String> {
    let occasion = occasion("push", "refs/tags/v1.2.3");
    let planned = planned
        .iter()
        .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
        .collect();
    let pairs = labels(
        &planned,
        &lines("labels", custom),
        &repository(),
        &occasion,
        "api",
        Some("1.2.3"),
    )?;
    let lines = pairs.iter().map(|(name, value)| format!("{name}={value}"));
    Ok(lines.collect::<Vec<_>>().join("\n"))
}

#[test]
fn an_image_says_where_it_comes_from() {
    insta::assert_snapshot!(all(&[], "").unwrap(), @r#"
    org.opencontainers.image.created=2019-12-31T23:00:00Z
    org.opencontainers.image.description=Says hello
    org.opencontainers.image.licenses=MIT
    org.opencontainers.image.revision=860c1904a1ce19322e91ac35af1ab07466440c37
    org.opencontainers.image.source=https://example.com/o/hello
    org.opencontainers.image.title=hello
    org.opencontainers.image.url=https://example.com/o/hello
    org.opencontainers.image.version=1.2.3
    "#);
}

#[test]
fn what_is_asked_for_wins() {
    let title = "org.opencontainers.image.title";
    insta::assert_snapshot!(all(
        &[(title, "shop-api"), ("org.opencontainers.image.vendor", "Shop")],
        "org.opencontainers.image.description=of {{image}}=x\nmaintainer = {{tag}} \nmaintainer=me\nempty=",
    ).unwrap(), @r#"
    empty=
    maintainer=me
    org.opencontainers.image.created=2019-12-31T23:00:00Z
    org.opencontainers.image.description=of api=x
    org.opencontainers.image.licenses=MIT
    org.opencontainers.image.revision=860c1904a1ce19322e91ac35af1ab07466440c37
    org.opencontainers.image.source=https://example.com/o/hello
    org.opencontainers.image.title=shop-api
    org.opencontainers.image.url=https://example.com/o/hello
    org.opencontainers.image.vendor=Shop
    org.opencontainers.image.version=1.2.3
    "#);
    for custom in ["maintainer", "=x", "a={{nope}}", "a={{b"] {
        assert!(all(&[], custom).is_err(), "{custom}");
    }
}

#[test]
fn annotations_have_levels() {
    let levels = |text: &str| {
        AnnotationLevels::of(
            &[(
                "DOCKER_METADATA_ANNOTATIONS_LEVELS".to_owned(),
                text.to_owned(),
            )]
            .into(),
        )
    };
    let pairs = Pairs::from([("a".to_owned(), "b".to_owned())]);
    for (text, expected) in [
        ("", vec!["manifest:a=b"]),
        ("manifest,index", vec!["manifest:a=b", "index:a=b"]),
        ("manifest[linux/amd64]", vec!["manifest[linux/amd64]:a=b"]),
    ] {
        assert_eq!(levels(text).unwrap().annotations(&pairs), expected);
    }
    for text in ["manifests", "manifest,", "index[x"] {
        assert!(levels(text).is_err(), "{text}");
    }
}

#[test]
fn images_have_the_names_that_are_asked_for() {
    let names =
        |list: &str, is_alone: bool| image_names(&lines("images", list))?.of("shop-api", is_alone);
    for (list, expected) in [
        ("ghcr.io/acme/{name}", vec!["ghcr.io/acme/shop-api"]),
        (
            "name=GHCR.io/Acme/{name}\nname=o/x-{name},enable=true\nname=n/{name},enable=false",
            vec!["ghcr.io/acme/shop-api", "o/x-shop-api"],
        ),
        (
            "a/{name},b/{name},a/{name}",
            vec!["a/shop-api", "b/shop-api"],
        ),
        ("", vec![]),
    ] {
        assert_eq!(names(list, false).unwrap(), expected, "{list}");
    }
    assert_eq!(names("user/app", true).unwrap(), ["user/app"]);
    for (list, expected) in [
        ("user/app", "several images"),
        ("a/{name}:1", "no name"),
        ("name=,enable=true", "no name"),
        ("name=a/{name},enable=yes", "enable is true or false"),
        ("name=a/{name},tag=x", "has no `tag`"),
        ("a b/{name}", "no name"),
    ] {
        let error = names(list, false).unwrap_err().to_string();
        assert!(error.contains(expected), "{list}: {error}");
    }
}
