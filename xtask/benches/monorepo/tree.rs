//! A monorepo of any size, made of what monorepos have, with a history of two commits.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Names a service.
fn service(number: usize) -> String {
    format!("service-{number:04}")
}

/// Makes one below `root`. `program` writes what is generated, so that nothing is out of date.
pub(crate) fn make(root: &Path, services: usize, files: usize, program: &Path) {
    let _ = std::fs::remove_dir_all(root);
    let put = |path: &str, text: &str| {
        let path = root.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    put(
        "package.json",
        "{\"name\": \"shop\", \"private\": true, \"dependencies\": {}}\n",
    );
    put(
        "package-lock.json",
        "{\"name\": \"shop\", \"lockfileVersion\": 3, \"packages\": {}}\n",
    );
    put("nx.json", "{}\n");
    put("tsconfig.base.json", "{\"compilerOptions\": {}}\n");
    put("README.md", "A shop.\n");
    put(".gitignore", "/target/\nnode_modules/\ndist/\n.env\n");
    put(".dockerignore", IGNORE);
    put("docker/base/Dockerfile", BASE);
    put("docker/docker.toml", &manifest(services));
    put("docker/compose.yaml", &compose(services));
    for environment in ["staging", "production"] {
        put(
            &format!("docker/deploy/kubernetes/overlays/{environment}/kustomization.yaml"),
            &format!(
                "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nnamespace: shop-{environment}\n\
                 resources:\n  - ../../base\n"
            ),
        );
    }
    put(".github/workflows/ci.yml", WORKFLOW);
    for number in 0..services {
        let name = service(number);
        put(
            &format!("apps/{name}/Dockerfile"),
            &dockerfile(&name, number),
        );
        put(
            &format!("apps/{name}/project.json"),
            &format!("{{\"name\": \"{name}\"}}\n"),
        );
    }
    sources(root, services, files);
    let tool = |arguments: &[&str]| {
        let mut command = Command::new(program);
        command.args(arguments).current_dir(root);
        let output = command.stdin(Stdio::null()).output().unwrap();
        assert!(
            output.status.success(),
            "{arguments:?}: {}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
    };
    git(root, &["init", "--quiet", "--initial-branch=main"]);
    git(
        root,
        &["remote", "add", "origin", "https://example.org/acme/shop"],
    );
    tool(&["docker-bake", "--write"]);
    tool(&["docker-ci", "--write"]);
    tool(&["docker-deploy", "--write"]);
    git(root, &["add", "--all"]);
    git(root, &["commit", "--quiet", "--message", "First"]);
    put(
        "apps/service-0000/src/part-0/module-0.ts",
        "export const value = 1;\n",
    );
    git(root, &["add", "--all"]);
    git(root, &["commit", "--quiet", "--message", "Second"]);
    put(".git/info/exclude", ".complete\n");
    put(".complete", "");
}

/// So many small files that the tree has about `files`: nine of ten in services, the rest in libraries.
fn sources(root: &Path, services: usize, files: usize) {
    let write = |folder: &Path, from: usize, to: usize| {
        for number in from..to {
            let text = format!(
                "import {{ other }} from './module-{}';\n\nexport const name{number} = () => other({number});\n",
                number / 2
            );
            std::fs::write(folder.join(format!("module-{number}.ts")), text).unwrap();
        }
    };
    let each = (files * 9 / 10 / services).saturating_sub(2);
    let libraries = services.div_ceil(10);
    let of_library = files / 10 / libraries;
    let apps = (0..services).map(|number| (format!("apps/{}/src", service(number)), each));
    let libs = (0..libraries).map(|number| (format!("libs/library-{number:03}/src"), of_library));
    for (folder, count) in apps.chain(libs) {
        for part in 0..count.div_ceil(30) {
            let folder = root.join(format!("{folder}/part-{part}"));
            std::fs::create_dir_all(&folder).unwrap();
            write(&folder, part * 30, ((part + 1) * 30).min(count));
        }
    }
}

fn git(root: &Path, arguments: &[&str]) {
    let author = ["user.name=Ada", "user.email=ada@example.org", "gc.auto=0"];
    let settings = author.iter().flat_map(|setting| ["-c", setting]);
    let output = Command::new("git")
        .args(settings)
        .args(arguments)
        .current_dir(root)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "git {arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// A program to compare with: its name, where it is if it is there, its arguments.
pub(crate) type Peer = (String, Option<PathBuf>, Vec<String>);

/// Programs that do the like on the same tree.
pub(crate) fn peers(root: &Path) -> Vec<Peer> {
    let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
    let found = |variable: &str, program: &str| {
        let named = std::env::var_os(variable).map(PathBuf::from);
        named.or_else(|| which::which(program).ok())
    };
    let apps = std::fs::read_dir(root.join("apps")).unwrap();
    let dockerfiles = apps.map(|entry| {
        let folder = entry.unwrap().path();
        folder.join("Dockerfile").to_string_lossy().into_owned()
    });
    let hadolint = std::iter::once("--no-fail".to_owned()).chain(dockerfiles);
    let buildx = found("DOCKER_BUILDX", "docker-buildx");
    vec![
        (
            "peer: git status".to_owned(),
            found("GIT", "git"),
            words("status --porcelain"),
        ),
        (
            "peer: git ls-files".to_owned(),
            found("GIT", "git"),
            words("ls-files --others --exclude-standard"),
        ),
        (
            "peer: hadolint".to_owned(),
            found("HADOLINT", "hadolint"),
            hadolint.collect(),
        ),
        (
            "peer: buildx bake".to_owned(),
            buildx,
            words("bake --file docker/docker-bake.hcl --print"),
        ),
        (
            "peer: nx affected".to_owned(),
            found("NX", "nx"),
            words("show projects --affected --base HEAD~1"),
        ),
    ]
}

fn manifest(services: usize) -> String {
    let mut text = MANIFEST.to_owned();
    for number in (0..services).step_by(2) {
        let _ = write!(
            text,
            "\n[deploy.services.{}]\nreplicas = 2\nmemory_request = \"256Mi\"\n",
            service(number)
        );
    }
    text.push_str(EDGES);
    for environment in ["staging", "production"] {
        let _ = write!(
            text,
            "\n[[deploy.environments]]\nname = \"{environment}\"\npath = \"docker/deploy/kubernetes/overlays/{environment}\"\n"
        );
    }
    text
}

fn compose(services: usize) -> String {
    let mut text = "name: shop\nservices:\n".to_owned();
    for number in 0..services {
        let name = service(number);
        let _ = write!(
            text,
            "  {name}:\n    image: ghcr.io/acme/shop-{name}:${{SHOP_TAG:-dev}}\n    read_only: true\n    \
             cap_drop: [ALL]\n    security_opt: ['no-new-privileges:true']\n    mem_limit: 256m\n    pids_limit: 100\n    \
             restart: unless-stopped\n    stop_grace_period: 10s\n"
        );
        if number % 10 != 0 {
            let _ = write!(
                text,
                "    depends_on:\n      {}: {{ condition: service_healthy }}\n",
                service(number - 1)
            );
        }
    }
    text
}

fn dockerfile(name: &str, number: usize) -> String {
    let port = 3000 + number;
    let library = number / 10;
    format!(
        "# check=error=true
#
# {name}: one service of many.
ARG BASE_IMAGE=ghcr.io/acme/shop-base:0.1
ARG BUILDER_IMAGE=ghcr.io/acme/shop-base-builder:0.1

FROM --platform=$BUILDPLATFORM ${{BUILDER_IMAGE}} AS builder
ARG BUILD_ENV=production
COPY --chown=1001:1001 libs/library-{library:03} /workspace/libs/library-{library:03}
COPY --chown=1001:1001 apps/{name} /workspace/apps/{name}
RUN --mount=type=cache,id=nx,target=/workspace/.nx,uid=1001,gid=1001 \\
    node_modules/.bin/nx build {name} --configuration=\"${{BUILD_ENV}}\"

FROM ${{BASE_IMAGE}} AS production
COPY --from=builder --chown=0:0 /workspace/dist/apps/{name}/ /app/
ENV SERVICE_NAME={name} \\
    PORT={port}
EXPOSE {port}
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \\
    CMD exec wget -q -O /dev/null \"http://127.0.0.1:${{PORT}}/health\"
CMD [\"node\", \"main.js\"]
ARG BUILD_DATE=1970-01-01T00:00:00Z
ARG VCS_REF=unknown
LABEL org.opencontainers.image.created=${{BUILD_DATE}} \\
      org.opencontainers.image.revision=${{VCS_REF}}
"
    )
}

const IGNORE: &str = "\
*\n!apps\n!libs\n!nx.json\n!package-lock.json\n!package.json\n!tsconfig.base.json\n**/node_modules\n**/dist\n**/target
**/coverage\n**/.nx\n**/.cache\n**/.env\n**/.env.*\n**/.npmrc\n**/*.pem\n**/*.key\n**/*.log\n**/*.md\n**/*.test.ts
**/test\n**/tests\n**/__pycache__\n**/.venv\n**/.DS_Store\n**/.idea\n**/.vscode\n**/.git\n**/Dockerfile
**/*.tsbuildinfo\n";

const BASE: &str = "\
# check=error=true
ARG NODE_VERSION=20.18.0
FROM node:${NODE_VERSION}-alpine AS base
# hadolint ignore=DL3018
RUN apk add --no-cache dumb-init tzdata \\
    && addgroup -g 1001 -S nodejs \\
    && adduser -S -D -H -h /app -u 1001 -G nodejs nodejs
WORKDIR /app

FROM base AS builder
WORKDIR /workspace
RUN chown 1001:1001 /workspace
USER 1001:1001
COPY --chown=1001:1001 package.json package-lock.json ./
RUN --mount=type=cache,id=npm,target=/var/cache/npm,uid=1001,gid=1001 npm ci --omit=dev --ignore-scripts
COPY --chown=1001:1001 nx.json tsconfig.base.json ./

FROM base AS production
ENV NODE_ENV=production
USER 1001:1001
ENTRYPOINT [\"dumb-init\", \"--\"]
";

const MANIFEST: &str = "\
schema_version = 1

[project]
name = \"shop\"

[registry]
host = \"ghcr.io\"
namespace = \"acme\"

[base]
dockerfile = \"docker/base/Dockerfile\"

[services]
dockerfiles = [\"apps/*/Dockerfile\"]

[platforms]
release = [\"linux/amd64\", \"linux/arm64\"]

[build.args]
NODE_VERSION = \"20.18.0\"

[budget]
unpacked = \"150 MB\"

[cache]
backend = \"registry\"
mode = \"max\"

[builders.ci]
driver = \"docker-container\"

[ci]
branches = [\"main\"]

[tags]
rules = [\"type=ref,event=branch\", \"type=ref,event=tag\", \"type=sha\"]
default_branch = \"main\"

[deploy]
compose = \"docker/compose.yaml\"
base = \"docker/deploy/kubernetes/base\"
liveness_path = \"/\"

[deploy.defaults]
cpu_request = \"50m\"
cpu_limit = \"500m\"
memory_request = \"128Mi\"
";

const EDGES: &str = "
[[deploy.edges]]
from = \"namespace:ingress-nginx\"
to = \"service-0000\"

[[deploy.edges]]
from = \"namespace:monitoring\"
to = \"*\"
";

const WORKFLOW: &str = "\
name: ci
on:
  push:
    branches: [main]
  pull_request:
permissions:
  contents: read
jobs:
  test:
    runs-on: ubuntu-24.04
    timeout-minutes: 20
    steps:
      - uses: actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8 # v5.0.0
        with:
          persist-credentials: false
      - run: npm ci
      - run: npm test
";
