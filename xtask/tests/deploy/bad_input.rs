//! What cannot be read or followed ends in one message with its place, and in the exit code that says what it is.

use crate::shop::Shop;

const LIVE: &str = "k8s/live/kustomization.yaml";

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn bad_input_has_a_place_and_an_exit_code() {
    for (path, from, to, code, message) in [
        (
            LIVE,
            "namespace: shop",
            "namespace: [",
            2,
            "kustomization.yaml:",
        ),
        (
            LIVE,
            "resources: [../base]",
            "resources: [../bass]",
            2,
            "k8s/live/kustomization.yaml:2:13",
        ),
        (
            LIVE,
            "resources: [../base]",
            "resources: [../../../x]",
            2,
            "is no path inside of the repository",
        ),
        (
            LIVE,
            "resources: [../base]",
            "resources: [.]",
            2,
            "leads to itself",
        ),
        (
            LIVE,
            "resources: [../base]",
            "resources: ../base",
            2,
            "`resources` is a list",
        ),
        (
            LIVE,
            "resources: [../base]",
            "resources: ['https://x/y']",
            3,
            "lies elsewhere, and nothing is fetched here",
        ),
        (
            LIVE,
            "namespace: shop",
            "helmCharts: []",
            3,
            "what `helmCharts` in a kustomization comes to is not known here",
        ),
        (
            LIVE,
            "namespace: shop",
            "replicas: [{name: nobody, count: 1}]",
            2,
            "nothing called `nobody`",
        ),
        (
            LIVE,
            "namespace: shop",
            "patches: [{patch: '{kind: Deployment, metadata: {name: nobody}}'}]",
            2,
            "for nothing that is there",
        ),
        (
            LIVE,
            "namespace: shop",
            "patches: [{target: {kind: Deployment}, patch: '[{op: remove, path: /spec/nothing}]'}]",
            2,
            "does not fit",
        ),
        (
            LIVE,
            "namespace: shop",
            "patches: [{patch: '{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {template: {spec: {topologySpreadConstraints: [{topologyKey: kubernetes.io/hostname, maxSkew: 2}]}}}}'}]",
            3,
            "it is known by its `whenUnsatisfiable`, too",
        ),
        (
            LIVE,
            "namespace: shop",
            "patches: [{target: {labelSelector: a=b}, patch: '[]'}]",
            3,
            "which objects `labelSelector` means",
        ),
        (
            "k8s/base/web.yaml",
            "kind: ServiceAccount\n",
            "",
            2,
            "this is no Kubernetes object: `kind` is missing",
        ),
        (
            "k8s/base/web.yaml",
            "apiVersion: v1",
            "apiVersion: [v1",
            2,
            "web.yaml:",
        ),
        (
            "compose.yaml",
            "mem_limit: 64m",
            "mem_limit: much",
            2,
            "compose.yaml:7:16",
        ),
        (
            "compose.yaml",
            "  web:\n    image: registry.example.org/acme/shop-web:",
            "  www:\n    image: other:",
            2,
            "has no service for `web`",
        ),
        (
            "docker/docker.toml",
            "path = \"k8s/live\"",
            "path = \"k8s/dead\"",
            2,
            "k8s/dead has no kustomization.yaml",
        ),
        (
            "docker/docker.toml",
            "to = \"db\"",
            "to = \"DB!\"",
            2,
            "is no end of a connection",
        ),
        (
            "docker/docker.toml",
            "port = 5432\n",
            "",
            2,
            "which port of `db`?",
        ),
        (
            "docker/docker.toml",
            "single = true",
            "single = true\nreplicas = 2",
            2,
            "is `single` and has several replicas",
        ),
        (
            "docker/docker.toml",
            "\"stock/password\"",
            "\"hunter2\"",
            2,
            "a secret is named here, never written",
        ),
        (
            "docker/docker.toml",
            "replicas = 2",
            "memory_limit = \"lots\"",
            2,
            "`lots` is no amount",
        ),
        (
            "docker/docker.toml",
            "[deploy.services.web]",
            "[deploy.services.wep]",
            2,
            "there is no service `wep`",
        ),
        (
            "docker/docker.toml",
            "to = \"web\"",
            "to = \"web\"\nenvironments = [\"dead\"]",
            2,
            "there is no environment `dead`",
        ),
    ] {
        let shop = Shop::by_hand();
        shop.edit(path, from, to);
        let ran = shop.run(&[]);
        assert_eq!(ran.code, Some(code), "{to}: {}{}", ran.stdout, ran.stderr);
        assert!(ran.stderr.contains(message), "{to}: {}", ran.stderr);
        assert_eq!(ran.stdout, "", "{to}");
        assert!(
            !ran.stderr.contains("hunter2\"\n   |") || to.contains("hunter2"),
            "{}",
            ran.stderr
        );
    }
}

#[test]
fn arguments_that_mean_nothing_are_refused() {
    let shop = Shop::by_hand();
    for (arguments, message) in [
        (&["livee"][..], "did you mean `live`?"),
        (&["--without", "nobody"], "there is no service `nobody`"),
        (&["live", "--rendered", "x.yaml"], "there is no such file"),
        (&["--images", "x.json"], "failed to read"),
        (
            &["--images", "compose.yaml"],
            "is not the metadata of a build",
        ),
        (&["--write", "--rendered", "x"], "cannot be used with"),
    ] {
        let ran = shop.run(arguments);
        assert_eq!(ran.code, Some(2), "{arguments:?}: {}", ran.stderr);
        assert!(
            ran.stderr.contains(message),
            "{arguments:?}: {}",
            ran.stderr
        );
    }
    shop.write("docker/docker.toml", "schema_version = 1\n[project]\nname = \"shop\"\n[services]\ndockerfiles = [\"services/*/Dockerfile\"]\n");
    let ran = shop.run(&[]);
    assert_eq!(ran.code, Some(2));
    assert!(
        ran.stderr
            .contains("says nothing of how images are put to work"),
        "{}",
        ran.stderr
    );
}
