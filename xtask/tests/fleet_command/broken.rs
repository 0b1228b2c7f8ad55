//! Fleets that are broken in one way each are told by name, and by nothing else.

use crate::shop::Shop;

/// Nothing is killed or replaced.
const QUIET: &str = "kill = []\nrestart = []\n";

fn has(text: &str, part: &str) {
    assert!(text.contains(part), "{part:?} is not in:\n{text}");
}

#[test]
fn a_service_that_never_is_healthy() {
    let Some(shop) = Shop::new() else { return };
    let compose = "services:
  web:
    image: shop-member
    depends_on: {api: {condition: service_healthy}}
  api:
    image: shop-member
    environment: {MODE: never}
";
    shop.fleet(compose, "[test.fleet.budgets]\nhealthy = \"4 seconds\"\n");
    let told = shop.tried();
    assert_eq!(told.code, Some(4), "{}", told.text);
    told.assert_failed(&["never-healthy"]);
    has(
        &told.evidence("never-healthy"),
        "api: it is starting: not well",
    );
    has(&told.evidence("never-healthy"), "api | listening");
    // What was not tried did not pass.
    assert_eq!(told.outcomes("does-not-recover"), ["unknown"]);
    shop.assert_nothing_is_left();
}

#[test]
fn a_peer_that_is_called_wrong_and_a_scenario_that_does_not_come_out() {
    let Some(shop) = Shop::new() else { return };
    let compose = "services:
  web:
    image: shop-member
    environment: {PEERS: 'http://aip:8080,http://api:8081'}
  api:
    image: shop-member
";
    let scenario = r#"
[test.fleet.budgets]
notice = "1 second"

[[test.fleet.scenarios]]
name = "an item is there"
[[test.fleet.scenarios.steps]]
service = "api"
path = "/items/none"
"#;
    shop.fleet(compose, &format!("{QUIET}{scenario}"));
    let told = shop.tried();
    assert_eq!(told.code, Some(4), "{}", told.text);
    told.assert_failed(&["unreachable-peer", "unwell-at-rest", "broken-scenario"]);
    let evidence = told.evidence("unreachable-peer");
    has(
        &evidence,
        "web (PEERS): the name `aip` is not known in its network",
    );
    has(&evidence, "takes no connection at port 8081");
    has(
        &told.evidence("unwell-at-rest"),
        "web: health answered 200, with aip (unhealthy), api (unhealthy)",
    );
    let step = "step 1 (GET api/items/none): it answered 404, not 2xx: {}";
    has(&told.evidence("broken-scenario"), step);
}

#[test]
fn services_that_fall_with_their_peer_or_hide_that_it_is_gone() {
    let Some(shop) = Shop::new() else { return };
    let compose = "services:
  web:
    image: shop-member
    environment: {PEERS: 'http://store:8080', MODE: hides}
  api:
    image: shop-member
    environment: {PEERS: 'http://store:8080', MODE: falls}
  store:
    image: shop-member
";
    let manifest =
        "kill = [\"store\"]\nrestart = []\n[test.fleet.budgets]\nnotice = \"2 seconds\"\n";
    shop.fleet(compose, manifest);
    let told = shop.tried();
    assert_eq!(told.code, Some(4), "{}", told.text);
    told.assert_failed(&["falls-with-its-peer", "hides-a-lost-peer"]);
    has(
        &told.evidence("falls-with-its-peer"),
        "api: health answered 503, with store (unhealthy)",
    );
    has(
        &told.evidence("hides-a-lost-peer"),
        "web: its check named store still passes",
    );
    assert_eq!(told.outcomes("does-not-recover"), ["passed"]);
}

#[test]
fn a_service_that_does_not_recover() {
    let Some(shop) = Shop::new() else { return };
    let compose = "services:
  web:
    image: shop-member
    environment: {PEERS: 'http://store:8080', MODE: sulks}
  store:
    image: shop-member
";
    let manifest =
        "kill = [\"store\"]\nrestart = []\n[test.fleet.budgets]\nrecovery = \"6 seconds\"\n";
    shop.fleet(compose, manifest);
    let told = shop.tried();
    assert_eq!(told.code, Some(4), "{}", told.text);
    told.assert_failed(&["does-not-recover"]);
    has(
        &told.evidence("does-not-recover"),
        "web: health answered 200, with store (unhealthy)",
    );
}

#[test]
fn a_service_that_loses_requests_when_it_is_replaced_and_is_slow() {
    let Some(shop) = Shop::new() else { return };
    let compose = "services:
  web:
    image: shop-member
    environment: {MODE: abrupt, SLEEP_MS: '400'}
";
    let manifest = r#"kill = []
[test.fleet.budgets]
p99_milliseconds = 100
[test.fleet.load]
rate = 25
[[test.fleet.load.requests]]
service = "web"
path = "/items/"
"#;
    shop.fleet(compose, manifest);
    let told = shop.tried();
    assert_eq!(told.code, Some(4), "{}", told.text);
    told.assert_failed(&["loses-requests-on-restart", "slow-under-load"]);
    has(
        &told.evidence("loses-requests-on-restart"),
        "(GET web/items/) while web was replaced",
    );
}

#[test]
fn services_that_break_under_a_burst_die_with_their_database_or_lose_what_was_stored() {
    let Some(shop) = Shop::new() else { return };
    let compose = "services:
  web:
    image: shop-member
    environment: {MODE: fragile, SLEEP_MS: '100'}
  api:
    image: shop-member
    environment: {PEERS: 'http://store:8080', MODE: dies}
  store:
    image: shop-member
";
    let manifest = r#"
[[test.fleet.bursts]]
name = "more than it can take"
at_once = 12
requests = 24
answers = [200]
[test.fleet.bursts.send]
service = "web"
path = "/items/"

[[test.fleet.outages]]
service = "store"
lasts = "1 second"
[test.fleet.outages.send]
service = "store"
method = "POST"
path = "/items/{run}-{n}"
status = 201
capture = { item = "/id" }
[test.fleet.outages.confirm]
service = "store"
path = "/items/{item}"

[test.fleet.budgets]
recovery = "5 seconds"
"#;
    shop.fleet(compose, &format!("{QUIET}{manifest}"));
    let told = shop.tried();
    assert_eq!(told.code, Some(4), "{}", told.text);
    told.assert_failed(&[
        "breaks-under-burst",
        "dies-with-its-database",
        "loses-what-it-acknowledged",
    ]);
    has(
        &told.evidence("breaks-under-burst"),
        "the connection was closed without an answer",
    );
    has(
        &told.evidence("dies-with-its-database"),
        "api: its process ended meanwhile",
    );
    has(
        &told.evidence("loses-what-it-acknowledged"),
        "answered 404, not 2xx",
    );
}
