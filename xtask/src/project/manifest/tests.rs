use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::report::{Color, terminal};

const SHORTEST: &str = "schema_version = 1\n[project]\nname = \"shop\"\n";

fn parse(text: &str) -> Result<Manifest> {
    Manifest::parse(&Source::new("docker/docker.toml", text))
}

fn shown(text: &str) -> String {
    terminal::error(&parse(text).unwrap_err(), Color::Plain)
}

/// Every key there is.
const EVERYTHING: &str = r#"
schema_version = 1
[project]
name = "jts"
[registry]
host = "ghcr.io"
namespace = "ddoachi"
image = "jts-{name}"
[base]
dockerfile = "docker/base/Dockerfile"
name = "base"
production = "runtime"
[services]
dockerfiles = ["apps/*/Dockerfile"]
exclude = ["apps/old/Dockerfile"]
[stages]
production = "production"
development = "development"
[platforms]
release = ["linux/amd64", "linux/arm/v7"]
[budget]
unpacked = "150 MB"
compressed = "60 MiB"
waste = "2.5 %"
layer = "90 MB"
growth = "5 MB"
[budget.soft]
unpacked = "140 MB"
compressed = "50 MiB"
waste = "2 %"
layer = "80 MB"
growth = "3 %"
[budget.images.api]
unpacked = "20 MB"
compressed = "10 MB"
waste = "0 B"
layer = "10 MB"
growth = "1 %"
soft = { unpacked = "19 MB", compressed = "9 MB", waste = "0 %", layer = "9 MB", growth = "0 %" }
[[budget.exceptions]]
image = "api"
measure = "unpacked"
limit = "190 MB"
reason = "r"
owner = "o"
expires = 2027-06-30
[build]
contexts = { lib = "libs/shared" }
context = "."
args = { NODE_VERSION = "20.18.0", JOBS = 4, FAST = true }
[secrets.ca]
file_env = ["NODE_EXTRA_CA_CERTS"]
optional = true
[secrets.token]
env = "TOKEN"
[scan]
fail_on = "critical"
only_fixable = true
only_new = true
max_data_age = "3 days"
allow_unknown = true
record = "docker/vulnerabilities.json"
vex = ["docker/vex/*.json"]
trivyignore = [".trivyignore"]
[scan.remediation]
critical = "12 hours"
high = "7 days"
medium = "4 weeks"
low = "26 weeks"
unknown = "90 days"
[scan.database]
path = "target/advisories"
url = "https://advisories.example.com"
[scan.trivy]
use = "required"
version = "0.59.1"
sha256 = "45925bac2d4d1574d059b078e80d362ad9713487293b1f8c12ddc2859b75d4a2"
offline = true
database = "ghcr.io/acme/trivy-db:2"
[[scan.ignores]]
id = "CVE-2027-12345"
package = "openssl"
images = ["api"]
paths = ["lib/**"]
purls = ["pkg:apk/alpine/openssl"]
reason = "r"
owner = "o"
expires = 2027-06-30
[cache]
goal = 95
backend = "registry"
mode = "min"
directory = "target/cache"
[attestations]
provenance = "min"
sbom = false
[builders.farm]
driver = "remote"
options = { timeout = "10s" }
[[builders.farm.nodes]]
platforms = ["linux/arm64"]
endpoint = "tcp://arm:1234"
options = { cacert = "/x" }
[labels]
title = "JTS {name}"
"com.example.x" = "1"
[overrides.services.api]
port = 3001
health_path = "/health"
production = "final"
development = "dev"
title = "t"
description = "d"
[lint]
preset = "strict"
fail-on = "note"
trusted-registries = ["docker.io"]
strict-labels = true
unused-context-limit = "1 GB"
baseline = "docker/lint-baseline.json"
exclude = ["vendor/**"]
[lint.rules]
DL3000 = "off"
[lint.label-schema]
version = "semver"
[[lint.overrides]]
paths = ["apps/**"]
services = ["api"]
stages = ["build*"]
rules = { DL3000 = "error" }
[trust]
require = ["push", "deploy"]
keys = ["docker/cosign.pub", "awskms:///alias/signing"]
signing_key = "env://COSIGN_PRIVATE_KEY"
transparency = "rekor"
signing_config = "docker/signing.json"
trusted_root = "docker/root.json"
registries = ["ghcr.io/acme"]
annotations = { "image.name" = "{name}" }
platforms = true
base_images = "report"
identities = [
    { issuer = "https://issuer.example.org", identity = "ada@example.org" },
    { issuer_pattern = ".+", identity_pattern = ".+" },
]
attestations = [{ type = "scan", max_age = "7 days", verdict = "pass" }]

[audit]
file = "docker/audit.jsonl"
required = true

[test]
tmpfs = ["/tmp"]
memory = "256 MB"
pids = 50
healthy_within = "20 seconds"
answers_within = "1 second"
stops_within = "8 seconds"
requests = 300
memory_at_rest = "80 MB"
memory_under_load = "120 MB"
growth = "8 MB"
log_fields = ["level"]
metrics = "/metrics"
[test.images.api]
tmpfs = ["/tmp"]
memory = "256 MB"
pids = 50
healthy_within = "20 seconds"
answers_within = "1 second"
stops_within = "8 seconds"
requests = 300
memory_at_rest = "80 MB"
memory_under_load = "120 MB"
growth = "8 MB"
log_fields = ["level"]
metrics = "/metrics"
env = { FLAG = "on" }
checks = ["database"]
load_path = "/"
slow_path = "/slow"
exit_code = 3
without_network = true
[[test.configuration]]
images = ["api"]
env = { PORT = "x" }
without = ["FLAG"]
exit_code = 78
names = ["PORT"]
[[test.exceptions]]
image = "api"
property = "unclean-exit"
reason = "r"
owner = "o"
expires = 2027-06-30
[test.structure]
files = ["apps/*/test/structure.yaml"]
[test.fleet]
compose = ["compose.yaml"]
variables = { TAG = "dev" }
entry = "api"
kill = ["api"]
restart = ["api"]
budgets = { healthy = "90 seconds", notice = "20 seconds", recovery = "60 seconds", p99_milliseconds = 500 }
receivers = [{ name = "webhook", port = 8080 }]
load = { rate = 20, requests = [{ service = "api", path = "/" }] }
[[test.fleet.scenarios]]
name = "an order"
steps = [
    { service = "api", port = 3001, method = "POST", path = "/orders", headers = { x-id = "1" }, json = { a = 1 }, status = 201, capture = { order = "/id" } },
    { receiver = "webhook", expect = { "/id" = "{order}" }, within = "5 seconds" },
]
[[test.fleet.bursts]]
name = "many"
at_once = 10
requests = 100
answers = [200]
send = { service = "api", path = "/" }
[[test.fleet.outages]]
service = "postgres"
lasts = "1 second"
excused = ["api"]
send = { service = "api", path = "/" }
confirm = { service = "api", path = "/" }
[[test.fleet.stand_ins]]
service = "postgres"
packages = ["postgresql"]
entrypoint = "docker/postgres.sh"

[deploy]
compose = "docker/compose.yaml"
base = "k8s/base"
falco = "k8s/falco.yaml"
shutdown_variable = "STOP_MS"
liveness_path = "/"
metrics_path = "/metrics"
defaults = { replicas = 2, cpu_request = "50m", cpu_limit = "1", memory_request = "64Mi", variables = { STOP_MS = 5000 } }
edges = [{ from = "namespace:edge", to = "*", port = 80, environments = ["live"] }]
environments = [{ name = "live", path = "k8s/live", digests = true }]

[deploy.services.api]
replicas = 1
single = true
cpu_request = "50m"
cpu_limit = "0.5"
memory_request = "64Mi"
memory_limit = "128Mi"
variables = { LEVEL = "info" }
secrets = { TOKEN = "api/token" }
migrate = ["api", "migrate"]
programs = ["helper"]
[ci]
workflow = ".github/workflows/images.yml"
action = ".github/actions/tool"
branches = ["main", "next"]
pull_requests = ["main"]
builder = "farm"
runners = { "linux/amd64" = "ubuntu-latest" }
tool = ["tools/**"]
paths = ["openapi/**"]
timeout = "90 minutes"

[tags]
rules = ["type=semver,pattern={{version}}", "type=sha"]
flavor = ["latest=auto"]
labels = ["com.acme.branch={{branch}}"]
annotations = ["com.acme.image={{image}}"]
default_branch = "main"

[report]
scorecard = "docker/scorecard.toml"
history = "docker/measured.jsonl"

[affected]
lockfile = "imports"

[retention]
api = "github"
protected = ["latest", '/v\d+\.\d+/']
digests = ["sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"]
untagged = "7 days"
grace = "2 hours"
[[retention.rules]]
tags = ["pr-*"]
exclude = ["pr-1"]
images = ["api"]
keep = 5
keep_for = "14 days"
[stand_in.packages.python3]
debian = ["python3"]
depends = []

[rollback]
target = "file"
compose = ["docker/compose.yaml"]
images = "deploy/images/kustomization.yaml"
patience = "2 minutes"
require = ["signature", "scan"]
"#;

#[test]
fn every_key_is_read() {
    let manifest = parse(EVERYTHING).unwrap();
    assert_eq!(manifest.build.args["JOBS"], "4");
    assert_eq!(manifest.bases[0].production.as_deref(), Some("runtime"));
    assert_eq!(
        manifest.budget.exceptions[0].expires.to_string(),
        "2027-06-30"
    );
    assert!(manifest.stand_in.packages["python3"].contains_key("debian"));
    // Nothing of what is written is lost on the way into the types.
    let written: toml::Table = toml::from_str(EVERYTHING).unwrap();
    let read = serde_json::to_value(&manifest).unwrap();
    for (name, value) in written {
        let read = &read[&name];
        match (name.as_str(), value) {
            ("base", toml::Value::Table(base)) => assert_eq!(keys_of(&read[0]), table_keys(&base)),
            (_, toml::Value::Table(mut table)) => {
                if name == "cache" {
                    // No part of a plan, so it is read and not written.
                    assert!(table.remove("goal").is_some());
                    assert_eq!(manifest.cache.goal, 95);
                }
                assert_eq!(keys_of(read), table_keys(&table), "{name}");
            }
            _ => {}
        }
    }
}

fn keys_of(value: &serde_json::Value) -> Vec<String> {
    let mut keys: Vec<String> = value.as_object().unwrap().keys().cloned().collect();
    keys.sort();
    keys
}

fn table_keys(table: &toml::Table) -> Vec<String> {
    let mut keys: Vec<String> = table.keys().cloned().collect();
    keys.sort();
    keys
}

/// The table of keys and the types agree: what one knows, the other reads.
#[test]
fn the_example_of_everything_names_every_key() {
    /// Tables of one kind, wherever they stand: one may be an alternative to another, together they name every key.
    type Kinds = BTreeMap<usize, (&'static [kind::Key], String, BTreeSet<String>)>;
    fn table(keys: &'static [kind::Key], table: &toml::Table, path: &str, kinds: &mut Kinds) {
        let (_, _, named) = kinds
            .entry(keys.as_ptr() as usize)
            .or_insert_with(|| (keys, path.to_owned(), BTreeSet::new()));
        named.extend(table.keys().cloned());
        for key in keys {
            if let Some(value) = table.get(key.name) {
                below(key.kind, value, &format!("{path}{}.", key.name), kinds);
            }
        }
    }
    fn below(kind: kind::Kind, value: &toml::Value, path: &str, kinds: &mut Kinds) {
        match (kind, value) {
            (kind::Kind::Table(keys) | kind::Kind::OneOrMore(keys), toml::Value::Table(one)) => {
                table(keys, one, path, kinds);
            }
            (kind::Kind::Tables(keys), toml::Value::Array(items)) => {
                for item in items {
                    table(keys, item.as_table().unwrap(), path, kinds);
                }
            }
            (kind::Kind::Map(_, _, kind::Kind::Table(keys)), toml::Value::Table(entries)) => {
                for entry in entries.values() {
                    table(keys, entry.as_table().unwrap(), path, kinds);
                }
            }
            _ => {}
        }
    }
    let mut kinds = Kinds::new();
    let everything = toml::from_str(EVERYTHING).unwrap();
    table(keys::MANIFEST, &everything, "", &mut kinds);
    let found: Vec<String> = kinds
        .values()
        .flat_map(|(keys, path, named)| {
            let missing = keys.iter().filter(|key| !named.contains(key.name));
            missing.map(move |key| format!("{path}{}", key.name))
        })
        .collect();
    assert!(found.is_empty(), "{found:?}");
}

/// The defaults in the table of keys, which the reference shows, are those of the types.
#[test]
fn documented_defaults_are_the_real_ones() {
    fn defaults(keys: &[kind::Key]) -> toml::Table {
        let mut table = toml::Table::new();
        for key in keys {
            match (key.presence, key.kind) {
                (kind::Presence::Default(text), _) => {
                    let parsed: toml::Table = toml::from_str(&format!("v = {text}")).unwrap();
                    table.insert(key.name.to_owned(), parsed["v"].clone());
                }
                (kind::Presence::Optional, kind::Kind::Table(keys)) => {
                    table.insert(key.name.to_owned(), toml::Value::Table(defaults(keys)));
                }
                _ => {}
            }
        }
        table
    }
    let mut written = defaults(keys::MANIFEST);
    // Budgets that are left out are others than those of an empty table.
    written.remove("budget");
    // What a table of tests leaves out is filled in for each image; `test.rs` holds both to each other. Parts of a fleet
    // have no meaning without what must be written in them.
    written.remove("test");
    written.extend(toml::from_str::<toml::Table>(SHORTEST).unwrap());
    let written: Manifest = serde_json::from_value(serde_json::to_value(written).unwrap()).unwrap();
    let left_out = parse(SHORTEST).unwrap();
    assert_eq!(
        serde_json::to_value(&written).unwrap(),
        serde_json::to_value(&left_out).unwrap()
    );
}

#[test]
fn an_unknown_key_is_pointed_at_with_a_suggestion() {
    let text =
        format!("{SHORTEST}[services]\ndockerfile = [\"x\"]\n[budgets]\n[registry]\nzzz = 1\n");
    insta::assert_snapshot!(shown(&text), @r#"
    error: unknown key `services.dockerfile`
     --> docker/docker.toml:5:1
      |
    5 | dockerfile = ["x"]
      | ^^^^^^^^^^
      |
      = help: did you mean `dockerfiles`?

    error: unknown key `budgets`
     --> docker/docker.toml:6:2
      |
    6 | [budgets]
      |  ^^^^^^^
      |
      = help: did you mean `budget`?

    error: unknown key `registry.zzz`
     --> docker/docker.toml:8:1
      |
    8 | zzz = 1
      | ^^^
      |
      = help: the keys here are `host`, `namespace`, `image`
    "#);
}

#[test]
fn a_wrong_value_is_pointed_at() {
    for (text, expected) in [
        (
            "[budget]\nunpacked = \"150\"",
            "docker/docker.toml:5:12: `budget.unpacked`: \"150\" is not a size",
        ),
        (
            "[budget]\nunpacked = 150",
            "`budget.unpacked` must be a size in quotes, such as \"150 MB\", not a whole number",
        ),
        (
            "[overrides.services.a]\nport = 70000",
            "a port is between 1 and 65535",
        ),
        (
            "[overrides.services.a]\nport = \"x\"",
            "must be a port number, not a text",
        ),
        (
            "[overrides.services.a]\nhealth_path = \"health\"",
            "is not the path of a URL",
        ),
        (
            "[platforms]\nrelease = [\"linux/amd64\", \"amd64\"]",
            "5:27: `platforms.release`: \"amd64\" is not a platform",
        ),
        (
            "[platforms]\nrelease = [\"linux/amd64\", \"linux/amd64\"]",
            "says this twice",
        ),
        (
            "[cache]\nbackend = \"s3\"",
            "\"s3\" is none of \"none\", \"gha\", \"registry\", \"local\"",
        ),
        (
            "[cache]\nbackend = \"registry\"",
            "`registry.host` names none",
        ),
        (
            "[base]\ndockerfile = \"../x\"",
            "leads out of the repository",
        ),
        (
            "[base]\ndockerfile = \"/x\"",
            "starts at the root of the machine",
        ),
        ("[base]\nname = \"b\"", "`base.dockerfile` is missing"),
        ("[registry]\nimage = \"jts\"", "with `{name}` where"),
        ("[registry]\nnamespace = \"Upper\"", "lower-case"),
        (
            "[registry]\nhost = \"ghcr.io\"",
            "`registry.namespace` is missing",
        ),
        ("[secrets.a]\noptional = true", "must come from one place"),
        (
            "[secrets.a]\nenv = \"X\"\nfile_env = [\"Y\"]",
            "must come from one place",
        ),
        ("[secrets.\"a b\"]\nenv = \"X\"", "is not a name"),
        (
            "[builders.a]\ndriver = \"remote\"",
            "must say where its nodes are",
        ),
        ("[labels]\nvendr = \"x\"", "did you mean `vendor`?"),
        (
            "[labels]\ntitle = \"{nam}\"",
            "braces that are not `{name}`",
        ),
        (
            "[[budget.exceptions]]\nimage = \"a\"",
            "`budget.exceptions.0.reason` is missing",
        ),
        (
            "[[budget.exceptions]]\nexpires = \"2027-01-01\"",
            "must be a date without quotes",
        ),
        (
            "[[budget.exceptions]]\nexpires = 2027-01-01T00:00:00",
            "a date without a time",
        ),
        (
            "[build.args]\nX = 1.5",
            "must be a text, a whole number or a switch, not a number with a fraction",
        ),
        ("services = 1", "must be a table, not a whole number"),
        ("[a\n", "is not TOML"),
    ] {
        // Keys before the first table belong to the top.
        let text = if text.starts_with('[') {
            format!("{SHORTEST}{text}\n")
        } else {
            format!("{text}\n{SHORTEST}")
        };
        let error = parse(&text).unwrap_err().to_string();
        assert!(error.contains(expected), "{text}\n{error}");
    }
}

#[test]
fn a_limit_that_means_nothing_is_pointed_at() {
    for (text, expected) in [
        (
            "[budget]\ngrowth = 5",
            "`budget.growth` must be a size or a percentage in quotes, such as \"10 MB\" or \"5 %\", not a whole number",
        ),
        (
            "[budget]\nwaste = \"5 % of it\"",
            "docker/docker.toml:5:9: `budget.waste`: \"5 % of it\" is not a size: expected a size such as \"10 MB\", or a \
             percentage such as \"5 %\"",
        ),
        (
            "[budget]\nlayer = \"5 %\"",
            "`budget.layer`: \"5 %\" is not a size",
        ),
        (
            "[budget]\nunpacked = \"150 MB\"\n[budget.soft]\nunpacked = \"151 MB\"",
            "docker/docker.toml:7:12: the soft limit of 151.0 MB is above the limit of 150.0 MB: it would never warn",
        ),
        (
            "[budget.images.a]\ngrowth = \"5 %\"\nsoft.growth = \"5.01 %\"",
            "docker/docker.toml:6:15: the soft limit of 5.01 % is above the limit of 5 %",
        ),
        (
            "[[budget.exceptions]]\nimage = \"a\"\nmeasure = \"layer\"\nlimit = \"5 %\"\nreason = \"r\"\nexpires = 2027-01-01",
            "docker/docker.toml:7:9: a limit on `layer` cannot be a percentage",
        ),
    ] {
        let error = parse(&format!("{SHORTEST}{text}\n"))
            .unwrap_err()
            .to_string();
        assert!(error.contains(expected), "{text}\n{error}");
    }
}

#[test]
fn the_project_must_say_who_it_is() {
    insta::assert_snapshot!(shown(""), @r#"
    error: `schema_version` is missing
     --> docker/docker.toml:1:1
      |
    1 |
      | ^
      |
      = help: for example: `schema_version = 1`

    error: `project` is missing
     --> docker/docker.toml:1:1
      |
    1 |
      | ^
      |
      = help: for example: `[project]`
    "#);
    assert!(shown("schema_version = 2\nproject.name = 'x'").contains("version 1 only"));
    assert!(
        shown("schema_version = 1\nproject.name = 'Shop'").contains("cannot begin image names")
    );
}

#[test]
fn budgets_left_out_are_not_those_of_an_empty_table() {
    let unpacked = |text: &str| parse(text).unwrap().budget.hard.unpacked;
    assert_eq!(unpacked(SHORTEST), Some(Budget::DEFAULT_UNPACKED));
    assert_eq!(unpacked(&format!("{SHORTEST}[budget]\n")), None);
    assert_eq!(
        unpacked(&format!("{SHORTEST}[budget]\nlayer = '1 MB'\n")),
        None
    );
}

#[test]
fn several_bases_are_a_list() {
    let text = format!(
        "{SHORTEST}[[base]]\ndockerfile = \"a\"\n[[base]]\nname = \"py\"\ndockerfile = \"b\"\n"
    );
    let names: Vec<String> = parse(&text)
        .unwrap()
        .bases
        .into_iter()
        .map(|b| b.name)
        .collect();
    assert_eq!(names, ["base", "py"]);
}

#[test]
fn places_are_known_afterwards() {
    let manifest = parse(EVERYTHING).unwrap();
    let line = |location: &Location| location.source.line_column(location.span.start).line;
    let key = manifest.key_location(&["build", "args", "JOBS"]);
    assert_eq!(key.span.of(EVERYTHING), "JOBS");
    let value = manifest.value_location(&["budget", "exceptions", "0", "image"]);
    assert_eq!(value.span.of(EVERYTHING), "\"api\"");
    // What is not written is its table.
    assert_eq!(
        manifest.key_location(&["cache", "zzz"]).span.of(EVERYTHING),
        "cache"
    );
    assert!(line(&manifest.key_location(&["secrets", "ca"])) > 1);
    assert!(manifest.is_written(&["stages", "development"]));
}

proptest::proptest! {
    /// Whatever is written, the answer is a manifest or an error that can be shown.
    #[test]
    fn no_text_is_too_strange(text in "([a-z_.\\[\\]=\"{}0-9: \n'#-]|schema_version|project|budget|base){0,40}") {
        if let Err(error) = parse(&text) {
            proptest::prop_assert!(!terminal::error(&error, Color::Plain).is_empty());
        }
    }
}
