//! What a kustomization comes to, against the real one.

use std::collections::BTreeMap;
use std::process::{Command, Stdio};

use camino::Utf8Path;
use serde_json::{Map, Value};
use xtask::deploy::tree::{Data, Tree};
use xtask::deploy::{Object, kustomize};
use xtask::source::Source;
use xtask::yaml::Style;

use crate::support::checkout;
use crate::support::scratch::Scratch;
use crate::{found, peers};

/// The objects, by kind and name.
type Objects = BTreeMap<String, Value>;

/// What `kubectl kustomize` makes of a folder.
fn real(kubectl: &std::path::Path, folder: &Utf8Path) -> Objects {
    let output = Command::new(kubectl)
        .args(["kustomize", folder.as_str()])
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let text = String::from_utf8(output.stdout).unwrap();
    let objects = Object::read(&Source::new("rendered.yaml", text.as_str())).unwrap();
    // The names of what is generated end in a hash there, and so do all that refer to them.
    let mut renamed = text;
    for object in &objects {
        if let Some((name, hash)) = object.name.rsplit_once('-')
            && matches!(object.kind.as_str(), "ConfigMap" | "Secret")
            && hash.len() == 10
        {
            renamed = renamed.replace(&object.name, name);
        }
    }
    by_name(&Object::read(&Source::new("rendered.yaml", renamed)).unwrap())
}

fn ours(root: &Utf8Path, folder: &Utf8Path) -> Objects {
    by_name(&kustomize::build(root, folder).unwrap())
}

fn by_name(objects: &[Object]) -> Objects {
    let named = objects.iter().map(|it| (it.title(), json(&it.tree)));
    let all: Objects = named.collect();
    assert_eq!(all.len(), objects.len(), "two objects of one name");
    all
}

/// As Kubernetes reads it: what is not quoted may be a number or a switch.
fn json(tree: &Tree) -> Value {
    match &tree.data {
        Data::Sequence(items) => items.iter().map(json).collect(),
        Data::Mapping(fields) => {
            let fields = fields.iter().map(|it| (it.name.clone(), json(&it.value)));
            // Kubernetes does not tell an empty mapping from none where kustomize drops it.
            Value::Object(fields.collect::<Map<_, _>>())
        }
        Data::Scalar(scalar) if scalar.style != Style::Plain => scalar.text.clone().into(),
        Data::Scalar(_) if tree.is_null() => Value::Null,
        Data::Scalar(scalar) => match (tree.switch(), scalar.text.parse::<i64>()) {
            (Some(switch), _) => switch.into(),
            (None, Ok(number)) => number.into(),
            (None, Err(_)) => scalar.text.clone().into(),
        },
    }
}

fn assert_same(ours: &Objects, real: &Objects) {
    let names = |objects: &Objects| objects.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(ours), names(real));
    for (name, object) in ours {
        let text = |value: &Value| serde_json::to_string_pretty(&sorted(value)).unwrap();
        pretty(name, &text(object), &text(&real[name]));
    }
}

fn pretty(name: &str, ours: &str, real: &str) {
    let line = ours.lines().zip(real.lines()).position(|(a, b)| a != b);
    assert!(
        ours == real,
        "{name} differs at line {line:?}:\n{ours}\n--- kubectl ---\n{real}"
    );
}

/// The order of names means nothing, and neither does that of constraints, all of which hold.
fn sorted(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(sorted).collect(),
        Value::Object(fields) => {
            let fields: BTreeMap<&String, Value> = fields
                .iter()
                .map(|(name, value)| (name, sorted(value)))
                .collect();
            let fields = fields.into_iter().map(|(name, mut value)| {
                if let (true, Value::Array(items)) =
                    (name == "topologySpreadConstraints", &mut value)
                {
                    items.sort_by_key(Value::to_string);
                }
                (name.clone(), value)
            });
            Value::Object(fields.collect())
        }
        other => other.clone(),
    }
}

#[test]
fn the_overlays_of_this_repository_come_to_what_kubectl_says() {
    let Some(kubectl) = found(peers::kubectl()) else {
        return;
    };
    let root = checkout().canonicalize_utf8().unwrap();
    for name in ["staging", "production"] {
        let folder = Utf8Path::new("docker/deploy/kubernetes/overlays").join(name);
        assert_same(&ours(&root, &folder), &real(&kubectl, &root.join(&folder)));
    }
}

const BASE: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata: {name: a}
spec:
  replicas: 1
  selector: {matchLabels: {app: a}}
  template:
    metadata: {labels: {app: a}}
    spec:
      initContainers: [{name: i, image: 'r:5000/i:1'}]
      containers:
        - name: one
          image: r:5000/x/one:1@sha256:1111111111111111111111111111111111111111111111111111111111111111
          env: [{name: A, value: '1'}, {name: B, value: b}]
          ports: [{containerPort: 1, name: p}, {containerPort: 2}]
          args: [a, b]
        - {name: two, image: two}
      volumes: [{name: v, emptyDir: {}}]
      topologySpreadConstraints:
        - {topologyKey: zone, maxSkew: 1, whenUnsatisfiable: ScheduleAnyway}
        - {topologyKey: host, maxSkew: 1, whenUnsatisfiable: ScheduleAnyway}
---
apiVersion: v1
kind: Service
metadata: {name: a}
spec: {ports: [{port: 80, targetPort: p}, {port: 81}], selector: {app: a}}
---
apiVersion: example.org/v1
kind: Thing
metadata: {name: t}
spec: {containers: [{name: x}, {name: y}]}
---
apiVersion: v1
kind: Namespace
metadata: {name: n}
";

/// Kustomizations over the same base; each is laid over it by both.
const CASES: &[&str] = &[
    "",
    "namespace: elsewhere\n",
    "images: [{name: 'r:5000/x/one', newTag: '2'}, {name: two, newName: three}, {name: 'r:5000/i', newTag: x, digest: 'sha256:22'}]\n",
    "images: [{name: 'r:5000/x/one', newName: 'z/one', digest: 'sha256:33'}]\n",
    "replicas: [{name: a, count: 4}]\n",
    "labels: [{pairs: {l: m}}, {pairs: {k: v}, includeTemplates: true}]\ncommonAnnotations: {note: 'true'}\n",
    "configMapGenerator: [{name: c, literals: [A=1, 'B=x=y', C=\"q\"]}]\n",
    "patches:\n  - patch: |-\n      apiVersion: apps/v1\n      kind: Deployment\n      metadata: {name: a}\n      spec:\n        template:\n          spec:\n            containers:\n              - name: one\n                env: [{name: B, value: c}, {name: N, value: é}]\n                ports: [{containerPort: 2, name: q}, {containerPort: 3}]\n                args: [z]\n              - {name: three, image: three}\n            volumes: [{name: v, $patch: delete}, {name: w, emptyDir: {medium: Memory}}]\n",
    "patches:\n  - patch: |-\n      apiVersion: apps/v1\n      kind: Deployment\n      metadata: {name: a}\n      spec:\n        replicas: null\n        template:\n          spec:\n            containers:\n              - {name: two, $patch: delete}\n            initContainers: null\n",
    "patches:\n  - patch: |-\n      apiVersion: v1\n      kind: Service\n      metadata: {name: a}\n      spec:\n        ports: [{port: 81, name: other}, {port: 82}]\n        selector: {$patch: replace, x: y}\n",
    "patches:\n  - patch: |-\n      apiVersion: example.org/v1\n      kind: Thing\n      metadata: {name: t}\n      spec: {containers: [{name: z}], more: {a: 1}}\n",
    "patches:\n  - target: {kind: Deployment, name: a}\n    patch: |-\n      - {op: add, path: /spec/template/spec/containers/0/env/-, value: {name: Z, value: z}}\n      - {op: add, path: /spec/template/spec/containers/0/env/0, value: {name: X, value: x}}\n      - {op: replace, path: /spec/replicas, value: 7}\n      - {op: remove, path: /spec/template/spec/containers/1}\n      - {op: test, path: /spec/replicas, value: 7}\n      - {op: add, path: /metadata/annotations, value: {a~b/c: '1'}}\n      - {op: add, path: /metadata/annotations/x~1y, value: w}\n",
    "patches:\n  - patch: |-\n      apiVersion: v1\n      kind: Service\n      metadata: {name: a}\n      $patch: delete\n",
    "patches:\n  - patch: |-\n      apiVersion: apps/v1\n      kind: Deployment\n      metadata: {name: a}\n      spec:\n        template:\n          spec:\n            topologySpreadConstraints:\n              - {topologyKey: zone, whenUnsatisfiable: ScheduleAnyway, maxSkew: 2}\n              - {topologyKey: host, whenUnsatisfiable: DoNotSchedule}\n",
    "patches: [{target: {kind: Deployment}, patch: '[{\"op\": \"replace\", \"path\": \"/spec/replicas\", \"value\": 3}]'}]\nreplicas: [{name: a, count: 9}]\n",
];

#[test]
fn every_field_comes_to_what_kubectl_says() {
    let Some(kubectl) = found(peers::kubectl()) else {
        return;
    };
    let scratch = Scratch::new();
    let write = |path: &str, text: &str| {
        let file = scratch.path.join(path);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, text).unwrap();
    };
    write("base/all.yaml", BASE);
    write("base/kustomization.yaml", "resources: [all.yaml]\n");
    write(
        "part/kustomization.yaml",
        "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nimages: [{name: two, newTag: component}]\nreplicas: [{name: a, count: 5}]\n",
    );
    for (number, case) in CASES.iter().enumerate() {
        for with in ["", "components: [../part]\n"] {
            let folder = format!("over{number}{}", with.len());
            write(
                &format!("{folder}/kustomization.yaml"),
                &format!("resources: [../base]\n{with}{case}"),
            );
            println!("{with}{case}");
            let folder = Utf8Path::new(&folder);
            assert_same(
                &ours(&scratch.path, folder),
                &real(&kubectl, &scratch.path.join(folder)),
            );
        }
    }
}
