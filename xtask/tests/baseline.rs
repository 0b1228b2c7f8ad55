//! What the benches take for the seed's way of building.

use std::path::Path;

#[path = "../benches/baseline/mod.rs"]
mod baseline;

use baseline::{Options, SERVICES, builds, copy_workspace, write};

#[test]
fn the_baseline_is_written_with_the_dockerfiles_of_the_seed() {
    let checkout = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let folder = tempfile::tempdir().unwrap();
    write(checkout, folder.path()).unwrap();
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
    assert!(read("docker/base/Dockerfile").contains("COPY --chown=nodejs:nodejs . ."));
    assert!(read("apps/data-ingestion/Dockerfile").contains("npx nx build data-ingestion --prod"));
    assert!(read("apps/data-ingestion/Dockerfile").contains("SERVICE_PORT=3005"));
    assert!(read("apps/order-execution/Dockerfile").contains("--prod --optimization"));
    for (service, port) in SERVICES {
        let file = read(&format!("apps/{service}/Dockerfile"));
        assert!(!file.contains("{{"), "{file}");
        assert!(file.contains(&format!("SERVICE_PORT={port}")), "{file}");
        // The whole workspace is there, and only the Dockerfiles are others.
        assert!(
            folder
                .path()
                .join("apps")
                .join(service)
                .join("src/main.ts")
                .is_file()
        );
        let own = format!("apps/{service}/Dockerfile");
        assert_ne!(file, std::fs::read_to_string(checkout.join(own)).unwrap());
    }
    assert!(!folder.path().join("node_modules").exists());
}

#[test]
fn the_ports_are_those_of_the_services() {
    let checkout = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let folder = tempfile::tempdir().unwrap();
    copy_workspace(checkout, folder.path()).unwrap();
    for (service, port) in SERVICES {
        let file = folder.path().join(format!("apps/{service}/Dockerfile"));
        let text = std::fs::read_to_string(file).unwrap();
        assert!(text.contains(&format!("PORT={port}")), "{text}");
    }
    let has_dockerfile = |entry: &std::fs::DirEntry| entry.path().join("Dockerfile").is_file();
    let apps = std::fs::read_dir(checkout.join("apps")).unwrap();
    let services = apps.flatten().filter(has_dockerfile).count();
    assert_eq!(services, SERVICES.len());
}

#[test]
fn services_are_built_by_themselves_after_the_base() {
    let options = Options {
        prefix: "localhost:5000/seed/jts".to_owned(),
        tag: "1".to_owned(),
        node: Some("docker-image://stand-in".to_owned()),
        certificates: Some("/ca.pem".into()),
        extra: vec!["--push".to_owned()],
    };
    let builds = builds(&options);
    let lines: Vec<String> = builds
        .iter()
        .map(|build| build.arguments.join(" "))
        .collect();
    assert_eq!(
        lines[0],
        "buildx build --provenance=false --file docker/base/Dockerfile --tag localhost:5000/seed/jts-base-builder:1 \
         --secret id=ca,src=/ca.pem --target builder --build-context node:20.18.0-alpine=docker-image://stand-in --push ."
    );
    assert_eq!(
        lines[2],
        "buildx build --provenance=false --file apps/api-gateway/Dockerfile --tag localhost:5000/seed/jts-api-gateway:1 \
         --secret id=ca,src=/ca.pem --build-arg BASE_IMAGE=localhost:5000/seed/jts-base:1 \
         --build-arg BUILDER_IMAGE=localhost:5000/seed/jts-base-builder:1 --push ."
    );
    assert_eq!(builds.len(), 2 + SERVICES.len());
    assert_eq!(builds[1].name, "base");
    assert_eq!(
        builds[7].image,
        "localhost:5000/seed/jts-notification-service:1"
    );
}
