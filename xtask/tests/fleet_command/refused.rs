//! What cannot be tried is refused with its place, before anything starts.

use crate::shop::{GOOD, Shop};

#[test]
fn mistakes_are_told_with_their_place() {
    let Some(shop) = Shop::new() else { return };
    let refused = |compose: &str, manifest: &str, expected: &[&str]| {
        shop.fleet(compose, manifest);
        let told = shop.tried();
        assert_eq!(told.code, Some(2), "{}", told.text);
        for part in expected {
            assert!(
                told.text.contains(part),
                "{part:?} is not in:\n{}",
                told.text
            );
        }
    };
    let circle = "services:
  a: {image: shop-member, depends_on: [b]}
  b: {image: shop-member, depends_on: [a]}
";
    refused(
        circle,
        "",
        &[
            "compose.yaml:3:39",
            "services wait for each other: a → b → a",
        ],
    );
    let nobody = "services:\n  a: {image: shop-member, depends_on: [c]}\n";
    refused(
        nobody,
        "",
        &[
            "compose.yaml:2:40",
            "`a` depends on `c`",
            "the services are a",
        ],
    );
    refused("services: [", "", &["compose.yaml:1:", "no YAML"]);
    refused(
        "services: {a: {image: x, odd: 1}}",
        "",
        &["does not take the files of `test.fleet.compose`", "odd"],
    );
    refused(
        GOOD.compose,
        "kill = [\"stroe\"]\n",
        &[
            "docker.toml:8:9",
            "no service `stroe`",
            "they have api, store, web",
        ],
    );
    let step = "[[test.fleet.scenarios]]\nname = \"x\"\n[[test.fleet.scenarios.steps]]\n";
    refused(
        GOOD.compose,
        &format!("{step}service = \"api\"\npath = \"/{{order}}\"\n"),
        &["docker.toml:10:1", "nothing is known as `{order}`"],
    );
    refused(
        GOOD.compose,
        &format!("{step}receiver = \"hook\"\n"),
        &["docker.toml:10:1", "there is no receiver `hook`"],
    );
    refused(
        GOOD.compose,
        &format!("{step}service = \"api\"\n"),
        &["the request has no `path`"],
    );
    refused(
        GOOD.compose,
        &format!("{step}service = \"api\"\npath = \"/\"\njson = 2027-01-01\n"),
        &["JSON has no dates"],
    );
    refused(
        GOOD.compose,
        &format!("{step}service = \"api\"\npath = \"/\"\nexpect = {{ id = 1 }}\n"),
        &["no JSON pointer"],
    );
    let elsewhere = "services: {a: {image: 'nowhere.invalid/none:1'}}";
    shop.fleet(elsewhere, "");
    let told = shop.tried();
    assert_eq!(told.code, Some(3), "{}", told.text);
    assert!(
        told.text
            .contains("the image nowhere.invalid/none:1 of `a` cannot be had"),
        "{}",
        told.text
    );
    shop.assert_nothing_is_left();
}
