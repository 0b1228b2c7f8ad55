//! Every way in which a manifest can be wrong is told by its name, at its place.

use crate::shop::Shop;

/// What is changed, where, into what; the codes that follow; a part of the first one's message.
type Case = (
    &'static str,
    &'static str,
    &'static str,
    &'static [&'static str],
    &'static str,
);

const WEB: &str = "k8s/base/web.yaml";
const STOCK: &str = "k8s/base/stock.yaml";
const LIVE: &str = "k8s/live/kustomization.yaml";

const CASES: &[Case] = &[
    (
        WEB,
        "containerPort: 8080",
        "containerPort: 8081",
        &["DK1001", "DK1002"],
        "names port 8081, and its image listens on 8080",
    ),
    (
        WEB,
        "path: /healthz",
        "path: /health",
        &["DK1002"],
        "asks `/health`, and it answers at `/healthz`",
    ),
    (
        WEB,
        "readinessProbe:",
        "lifecycle: {}\n          otherProbe:",
        &["DK1003"],
        "has no `readinessProbe`",
    ),
    (
        WEB,
        "timeoutSeconds: 2",
        "timeoutSeconds: 1",
        &["DK1004"],
        "waits 1 s for an answer, and the HEALTHCHECK waits 2 s",
    ),
    (
        WEB,
        "failureThreshold: 7",
        "failureThreshold: 2",
        &["DK1004"],
        "started anew after 10 s without an answer, and the HEALTHCHECK gives it 20 s",
    ),
    (
        WEB,
        "runAsUser: 65532",
        "runAsUser: 1000",
        &["DK1005"],
        "has `runAsUser: 1000`, and its image runs as `65532:65532`",
    ),
    (
        WEB,
        "targetPort: http",
        "targetPort: 8443",
        &["DK1006"],
        "leads to port 8443, which no container behind it names",
    ),
    (
        WEB,
        "terminationGracePeriodSeconds: 22",
        "terminationGracePeriodSeconds: 20",
        &["DK1007"],
        "is killed after 20 seconds, and gives up by itself after 20000 ms (`STOP_MS`)",
    ),
    (
        WEB,
        "value: '20000'",
        "value: '60000'",
        &["DK1007"],
        "gives up by itself after 60000 ms",
    ),
    (
        WEB,
        "image: registry.example.org/acme/shop-web@",
        "image: registry.example.org/acme/other@",
        &["DK1008"],
        "`live` does not run `web`",
    ),
    (
        WEB,
        "readOnlyRootFilesystem: true",
        "readOnlyRootFilesystem: false",
        &["DK2001"],
        "can write to the files of its image",
    ),
    (
        WEB,
        "drop: [ALL]",
        "drop: [NET_RAW]",
        &["DK2002"],
        "keeps capabilities",
    ),
    (
        WEB,
        "drop: [ALL]",
        "drop: [ALL]\n              add: [NET_ADMIN]",
        &["DK2002"],
        "is given the capability `NET_ADMIN`",
    ),
    (
        WEB,
        "allowPrivilegeEscalation: false",
        "privileged: true",
        &["DK2003", "DK2006"],
        "may gain privileges",
    ),
    (
        WEB,
        "runAsNonRoot: true",
        "runAsNonRoot: false",
        &["DK2004"],
        "nothing keeps a container from running as root",
    ),
    (
        WEB,
        "type: RuntimeDefault",
        "type: Unconfined",
        &["DK2005"],
        "are not filtered",
    ),
    (
        WEB,
        "enableServiceLinks: false",
        "hostNetwork: true",
        &["DK2006"],
        "has `hostNetwork: true`",
    ),
    (
        WEB,
        "mountPath: /tmp",
        "mountPath: /other",
        &["DK2007"],
        "has nothing at `/tmp` to write to",
    ),
    (
        WEB,
        "            sizeLimit: 16Mi\n",
        "",
        &["DK2007"],
        "may grow without limit",
    ),
    (
        STOCK,
        "- name: STOP_MS",
        "- name: API_TOKEN",
        &["DK2008"],
        "holds the value of `API_TOKEN`",
    ),
    (
        STOCK,
        "---\napiVersion: v1\nkind: Service\n",
        "---\napiVersion: v1\nkind: Secret\nmetadata: {name: stock}\nstringData: {password: hunter2}\n---\napiVersion: v1\nkind: Service\n",
        &["DK2008"],
        "holds its data",
    ),
    (
        STOCK,
        "automountServiceAccountToken: false",
        "automountServiceAccountToken: true",
        &["DK2009"],
        "gets a token",
    ),
    (
        WEB,
        "              memory: 64Mi\n",
        "",
        &["DK3001"],
        "has no `resources.limits.memory`",
    ),
    (
        WEB,
        "memory: 64Mi",
        "memory: 32Mi",
        &["DK3002"],
        "gets 32Mi of memory, and is tested with 64Mi",
    ),
    (
        WEB,
        "cpu: 50m\n              memory: 64Mi",
        "cpu: 50m\n              memory: 1Gi",
        &["DK3002"],
        "asks for 1Gi of `memory`, more than its limit of 64Mi",
    ),
    (
        WEB,
        "kind: PodDisruptionBudget",
        "kind: Other",
        &["DK3003"],
        "nothing keeps all 2 pods",
    ),
    (
        WEB,
        "maxUnavailable: 1",
        "maxUnavailable: 0",
        &["DK3003"],
        "forbids that any pod is ever stopped",
    ),
    (
        WEB,
        "topologySpreadConstraints:",
        "otherConstraints:",
        &["DK3004"],
        "may be on one machine",
    ),
    (
        STOCK,
        "type: Recreate",
        "type: RollingUpdate",
        &["DK3005"],
        "starts the new one before the old one has stopped",
    ),
    (
        LIVE,
        "namespace: shop\n",
        "namespace: shop\nreplicas: [{name: stock, count: 2}]\n",
        &["DK3003", "DK3004", "DK3005"],
        "nothing keeps all 2 pods",
    ),
    (
        WEB,
        "image: registry.example.org/acme/shop-web@",
        "image: registry.example.org/acme/shop-web:1.2.3 # @",
        &["DK4001"],
        "wants images by digest",
    ),
    (
        "docker/docker.toml",
        "digests = true",
        "digests = false # by tag",
        &[],
        "",
    ),
    (
        WEB,
        "- podSelector:\n            matchLabels:\n              app.kubernetes.io/name: stock",
        "- podSelector: {}",
        &["DK5003"],
        "`web` may be reached by `web`",
    ),
    (
        STOCK,
        "app.kubernetes.io/name: web",
        "app.kubernetes.io/name: wed",
        &["DK5002", "DK5003"],
        "`web` must reach `stock` at port 9000, and no policy lets it enter `stock`",
    ),
    (
        WEB,
        "port: 9000",
        "port: 9001",
        &["DK5002", "DK5003"],
        "no policy lets it leave `web`",
    ),
    (
        STOCK,
        "  egress:\n",
        "  egress:\n    - {}\n",
        &["DK5003"],
        "everybody may be reached by `stock`",
    ),
    (
        STOCK,
        "  egress:\n",
        "  egress:\n    - to: [{ipBlock: {cidr: 0.0.0.0/0}}]\n      ports: [{port: 443}]\n",
        &["DK5003"],
        "`0.0.0.0/0` may be reached by `stock` at port 443",
    ),
    (
        STOCK,
        "  egress:\n",
        "  egress:\n    - to: [{podSelector: {matchLabels: {app.kubernetes.io/name: db}}}]\n",
        &["DK5003"],
        "at every port",
    ),
    (
        WEB,
        "kubernetes.io/metadata.name: edge",
        "kubernetes.io/metadata.name: wild",
        &["DK5002", "DK5003"],
        "`namespace:edge` must reach `web` at port 8080",
    ),
    (
        "k8s/base/network.yaml",
        "port: 53",
        "port: 54",
        &["DK5003", "DK5004"],
        "may not ask for names",
    ),
];

#[test]
fn each_defect_is_told_by_its_name_at_its_place() {
    let sound = Shop::by_hand();
    assert_eq!(sound.findings(&[]), Vec::<String>::new());
    assert_eq!(sound.run(&[]).code, Some(0));
    let mut wrong = Vec::new();
    for (path, from, to, codes, message) in CASES {
        let shop = Shop::by_hand();
        shop.edit(path, from, to);
        let ran = shop.run(&["--format", "json"]);
        if ran.stdout.is_empty() {
            wrong.push(format!("{path}: {from:?} → {to:?}: {}", ran.stderr));
            continue;
        }
        let found = ran.findings();
        let mut told: Vec<&str> = found.iter().map(|finding| &finding[..6]).collect();
        told.sort_unstable();
        told.dedup();
        let is_said = found.iter().any(|finding| finding.contains(message));
        let has_place = found.iter().all(|finding| !finding.contains(":0 "));
        let code = i32::from(!codes.is_empty());
        if told != *codes || !(is_said || codes.is_empty()) || !has_place || ran.code != Some(code)
        {
            wrong.push(format!("{path}: {from:?} → {to:?}: {found:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn nothing_is_denied_where_there_is_no_policy() {
    let shop = Shop::by_hand();
    for file in ["web", "stock", "network"] {
        shop.edit(
            &format!("k8s/base/{file}.yaml"),
            "kind: NetworkPolicy",
            "kind: Other",
        );
    }
    let found = shop.findings(&[]);
    assert_eq!(found.len(), 4, "{found:#?}");
    assert!(
        found.iter().all(|it| it.starts_with("DK5001")),
        "{found:#?}"
    );
}

#[test]
fn what_another_tool_rendered_is_judged_alike() {
    let shop = Shop::by_hand();
    let files = ["web", "stock", "network"].map(|file| shop.read(&format!("k8s/base/{file}.yaml")));
    let rendered = files.join("---\n");
    // The kustomization is of no concern any more.
    shop.write(LIVE, "helmCharts: []\n");
    shop.write("all.yaml", &rendered);
    assert_eq!(
        shop.findings(&["live", "--rendered", "all.yaml"]),
        Vec::<String>::new()
    );
    shop.write(
        "all.yaml",
        &rendered.replace("runAsUser: 65533", "runAsUser: yes"),
    );
    let found = shop.findings(&["live", "--rendered", "all.yaml"]);
    assert_eq!(found.len(), 1, "{found:#?}");
    assert!(found[0].starts_with("DK1005 all.yaml:"), "{found:#?}");
    let ran = shop.run(&["--rendered", "all.yaml", "live", "--write"]);
    assert_eq!(ran.code, Some(2), "{}", ran.stdout);
}

#[test]
fn what_people_see() {
    let shop = Shop::by_hand();
    shop.edit(
        WEB,
        "readOnlyRootFilesystem: true",
        "readOnlyRootFilesystem: false",
    );
    shop.edit(WEB, "port: 9000", "port: 9001");
    let shown = |format: &str| {
        let ran = shop.run(&["--format", format]);
        assert_eq!(ran.code, Some(1), "{}", ran.stderr);
        ran.stdout
    };
    insta::assert_snapshot!("terminal", shown("terminal"));
    insta::assert_snapshot!("json", shown("json"));
    insta::assert_snapshot!("github", shown("github"));
    insta::assert_snapshot!("markdown", shown("markdown"));
    insta::assert_snapshot!("junit", shown("junit"));
    let sarif: serde_json::Value = serde_json::from_str(&shown("sarif")).unwrap();
    let rules = sarif["runs"][0]["tool"]["driver"]["rules"]
        .as_array()
        .unwrap();
    let codes: Vec<_> = rules
        .iter()
        .map(|rule| rule["id"].as_str().unwrap())
        .collect();
    assert_eq!(codes, ["DK2001", "DK5002", "DK5003"]);
}

#[test]
fn levels_are_those_of_the_manifest() {
    let shop = Shop::by_hand();
    shop.edit(
        WEB,
        "readOnlyRootFilesystem: true",
        "readOnlyRootFilesystem: false",
    );
    shop.edit(
        "docker/docker.toml",
        "[deploy]\n",
        "[lint.rules]\ncontainer-files-writable = \"note\"\n[deploy]\n",
    );
    let ran = shop.run(&[]);
    assert_eq!(ran.code, Some(0), "{}", ran.stdout);
    assert!(ran.stdout.contains("note[DK2001"), "{}", ran.stdout);
    shop.edit("docker/docker.toml", "\"note\"", "\"off\"");
    assert_eq!(shop.findings(&[]), Vec::<String>::new());
}
