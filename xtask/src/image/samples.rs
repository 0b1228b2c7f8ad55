//! Images for tests.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::analysis::{
    Analysis, Folder, LayerReport, LeftoverReport, PackageReport, SCHEMA_VERSION, Sizes,
};
use super::attribution::{Evidence, Origin};

/// A layer that a line of a Dockerfile made; a third of it compressed.
pub(crate) fn layer(
    at: Option<(&str, usize, usize)>,
    instruction: &str,
    bytes: u64,
) -> LayerReport {
    LayerReport {
        diff_id: format!("sha256:{instruction}-{bytes}"),
        digest: format!("sha256:blob-{instruction}-{bytes}"),
        encoding: "gzip".to_owned(),
        unpacked_bytes: bytes,
        compressed_bytes: bytes.div_ceil(3),
        tar_bytes: bytes + 1_024,
        files: 1,
        hidden_bytes: 0,
        hides_bytes: 0,
        origin: Origin {
            evidence: Evidence::Dockerfile,
            instruction: instruction.to_owned(),
            dockerfile: at.map(|(file, ..)| file.to_owned()),
            line: at.map(|(_, line, _)| line),
            end_line: at.map(|(.., end)| end),
            is_base: Some(at.is_none()),
        },
    }
}

/// A folder with what is in it; its own bytes are those of its children if there are any.
pub(crate) fn folder(name: &str, bytes: u64, children: Vec<Folder>) -> Folder {
    let inside: u64 = children.iter().map(|child| child.bytes).sum();
    Folder {
        name: name.to_owned(),
        bytes: bytes + inside,
        files: 1,
        layers: BTreeMap::new(),
        children,
    }
}

pub(crate) fn package(manager: &str, name: &str, version: &str, bytes: u64) -> PackageReport {
    PackageReport {
        manager: manager.to_owned(),
        name: name.to_owned(),
        version: version.to_owned(),
        bytes,
        files: 1,
        layer: None,
    }
}

pub(crate) fn leftover(category: &str, bytes: u64) -> LeftoverReport {
    LeftoverReport {
        category: category.to_owned(),
        bytes,
        files: 1,
        by_layer: Vec::new(),
        largest: Vec::new(),
    }
}

/// An image of these layers, in which nothing is hidden.
pub(crate) fn analysis(name: &str, layers: Vec<LayerReport>) -> Analysis {
    let sum = |of: fn(&LayerReport) -> u64| layers.iter().map(of).sum::<u64>();
    let unpacked = sum(|layer| layer.unpacked_bytes);
    Analysis {
        schema_version: SCHEMA_VERSION,
        name: name.to_owned(),
        source: "archive".to_owned(),
        platform: "linux/amd64".to_owned(),
        digest: "sha256:m".to_owned(),
        config_digest: "sha256:c".to_owned(),
        sizes: Sizes {
            unpacked_bytes: unpacked,
            compressed_bytes: sum(|layer| layer.compressed_bytes),
            compressed_is_estimate: false,
            tar_bytes: sum(|layer| layer.tar_bytes),
            visible_bytes: Some(unpacked),
            hidden_bytes: Some(0),
            base_bytes: Some(0),
            own_bytes: Some(unpacked),
            files: 3,
        },
        layers,
        folders: folder("/", 0, Vec::new()),
        packages: Vec::new(),
        leftovers: Vec::new(),
        duplicates: Vec::new(),
        duplicate_bytes: 0,
        waste: Vec::new(),
        hidden_files: Vec::new(),
        largest_files: Vec::new(),
        remarks: Vec::new(),
    }
}

/// A small service; `step` makes it grow: more code, a newer library, a cache that stays behind.
pub(crate) fn service(name: &str, step: u64) -> Analysis {
    let file = format!("apps/{name}/Dockerfile");
    let code = 4_000_000 + step * 377_000;
    let modules = 30_000_000 + step * 1_800_000;
    let mut image = analysis(
        name,
        vec![
            layer(None, "ADD alpine-minirootfs.tar.gz /", 8_000_000),
            layer(
                Some((&file, 7, 9)),
                &format!("RUN npm ci{}", if step > 0 { " --omit=dev" } else { "" }),
                modules,
            ),
            layer(Some((&file, 10, 10)), "COPY dist /app", code),
        ],
    );
    image.packages = vec![
        package(
            "npm",
            "express",
            if step > 0 { "5.0.0" } else { "4.19.2" },
            200_000 + step,
        ),
        package("npm", "lodash", "4.17.21", 1_400_000),
        package("apk", "musl", "1.2.5-r0", 600_000),
    ];
    if step > 0 {
        image
            .packages
            .push(package("npm", "left-pad", "1.3.0", 10_000));
        image
            .leftovers
            .push(leftover("package caches", 900_000 * step));
    }
    image.folders = folder(
        "/",
        0,
        vec![
            folder(
                "app",
                0,
                vec![
                    folder(
                        "node_modules",
                        0,
                        vec![folder(
                            "lodash",
                            modules,
                            vec![folder("deep", 5, Vec::new())],
                        )],
                    ),
                    folder("main.js", code, Vec::new()),
                ],
            ),
            folder("lib", 600_000, Vec::new()),
            folder("…", 1_000, Vec::new()),
        ],
    );
    image
}

prop_compose! {
    fn any_layer()(
        diff in 0_u8..6,
        file in proptest::option::of("[ab]/Dockerfile"),
        line in proptest::option::of((1_usize..5, 0_usize..2)),
        instruction in "(RUN|COPY) [ab]{1,2}",
        bytes in 0_u64..50,
        compressed in 0_u64..9,
    ) -> LayerReport {
        let mut layer = layer(None, &instruction, bytes);
        layer.diff_id = if diff == 0 { String::new() } else { format!("{diff}") };
        // What has one content has one size.
        if diff > 0 {
            (layer.unpacked_bytes, layer.compressed_bytes) = (u64::from(diff) * 10, u64::from(diff));
        } else {
            layer.compressed_bytes = compressed;
        }
        layer.origin.dockerfile = file;
        layer.origin.line = line.map(|(line, _)| line);
        layer.origin.end_line = line.map(|(line, more)| line + more);
        layer
    }
}

fn any_folder() -> impl Strategy<Value = Folder> {
    let leaf = (0_u64..1_000).prop_map(|bytes| folder("", bytes, Vec::new()));
    leaf.prop_recursive(4, 24, 4, |inner| {
        (
            0_u64..1_000,
            proptest::collection::btree_map("[a-d]", inner, 0..4),
        )
            .prop_map(|(bytes, children)| {
                let named = children
                    .into_iter()
                    .map(|(name, child)| Folder { name, ..child });
                folder("/", bytes, named.collect())
            })
    })
}

prop_compose! {
    /// Any image, all of them of one name.
    pub(crate) fn any_analysis()(
        layers in proptest::collection::vec(any_layer(), 0..7),
        folders in any_folder(),
        packages in proptest::collection::vec(("(npm|apk)", "[ab]", "[12]", 0_u64..99), 0..8),
        leftovers in proptest::collection::vec(("[ab]", 0_u64..9), 0..3),
        hidden in proptest::option::of(0_u64..99),
        is_listed in proptest::bool::weighted(0.9),
        is_estimate in proptest::bool::weighted(0.2),
    ) -> Analysis {
        let mut image = analysis("api", layers);
        image.sizes.hidden_bytes = hidden;
        image.sizes.compressed_is_estimate = is_estimate;
        if is_listed {
            image.folders = folders;
            image.packages = packages
                .iter()
                .map(|(manager, name, version, bytes)| package(manager, name, version, *bytes))
                .collect();
            image.leftovers = leftovers.iter().map(|(kind, bytes)| leftover(kind, *bytes)).collect();
        } else {
            image.sizes.visible_bytes = None;
        }
        image
    }
}
