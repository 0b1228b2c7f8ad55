use serde_json::json;

use super::*;
use crate::image::accounting::Encoding;
use crate::image::config::ImageConfig;
use crate::size::Bytes;

const BASE: &str = "FROM scratch\nCOPY --from=x / /\nWORKDIR /app\n";
const OWN: &str = "FROM base\n# why\nRUN a \\\n # no\n && b\nCOPY c d\n";

fn image(digests: &[&str], history: &[(&str, bool)]) -> SavedImage {
    let layer = |digest: &&str| Layer {
        diff_id: format!("sha256:{digest}-plain"),
        digest: format!("sha256:{digest}"),
        encoding: Encoding::Gzip,
        unpacked: Bytes(1),
        tar: Bytes(1),
        compressed: Bytes(1),
        compressed_is_estimate: false,
        files: 1,
        contents: None,
    };
    let entry = |(created_by, empty_layer): &(&str, bool)| HistoryEntry {
        created_by: (*created_by).to_owned(),
        empty_layer: *empty_layer,
    };
    SavedImage {
        names: Vec::new(),
        manifest_digest: None,
        config_digest: "sha256:config".to_owned(),
        config: ImageConfig {
            history: history.iter().map(entry).collect(),
            ..ImageConfig::default()
        },
        layers: digests.iter().map(layer).collect(),
    }
}

fn shown(origins: &[Origin]) -> Vec<String> {
    let show = |origin: &Origin| {
        format!(
            "{:?} {}:{}-{} base={:?} {}",
            origin.evidence,
            origin.dockerfile.as_deref().unwrap_or("?"),
            origin.line.unwrap_or(0),
            origin.end_line.unwrap_or(0),
            origin.is_base,
            origin.instruction
        )
    };
    origins.iter().map(show).collect()
}

#[test]
fn what_the_builder_recorded_is_exact() {
    let chain = |digests: &[&str]| {
        let layer = |digest: &&str| json!({"digest": format!("sha256:{digest}"), "size": 1});
        json!([digests.iter().map(layer).collect::<Vec<_>>()])
    };
    let at = |source: usize, lines: &[usize]| {
        let range = |line: &usize| json!({"start": {"line": line}, "end": {"line": line}});
        let ranges: Vec<_> = lines.iter().map(range).collect();
        json!({"locations": [{"sourceIndex": source, "ranges": ranges}]})
    };
    // "RlJPTSBz…" is BASE, "RlJPTSBi…" is OWN.
    let metadata = json!({"buildx.build.provenance": {"metadata": {BUILDKIT_KEY: {
        "source": {
            "infos": [
                {"data": "RlJPTSBzY3JhdGNoCkNPUFkgLS1mcm9tPXggLyAvCldPUktESVIgL2FwcAo="},
                {"data": "RlJPTSBiYXNlCiMgd2h5ClJVTiBhIFwKICMgbm8KICYmIGIKQ09QWSBjIGQK"},
            ],
            "locations": {"step0": {}, "step3": at(0, &[2]), "step4": at(0, &[3]), "step9": at(1, &[3, 4, 5]), "step10": at(1, &[6])},
        },
        "layers": {
            "step0:0": chain(&["fetched", "fetched2"]),
            "step10:0": chain(&["fetched", "a", "b", "c", "d"]),
            "step3:0": chain(&["fetched", "a"]),
            "step4:0": chain(&["fetched", "a", "b"]),
            "step9:0": chain(&["fetched", "a", "b", "c"]),
        },
    }}}});
    let provenance = Provenance::of_target(&metadata, "linux/amd64").unwrap();
    let knowledge = Knowledge {
        provenance: Some(provenance),
        recipes: vec![Recipe {
            path: "docker/base/Dockerfile",
            text: BASE,
        }],
        own: Some(Recipe {
            path: "apps/x/Dockerfile",
            text: OWN,
        }),
        ..Knowledge::default()
    };
    let image = image(
        &["fetched", "a", "b", "c", "d", "unknown"],
        &[
            ("CMD [\"node\"]", false),
            ("COPY / / # buildkit", false),
            ("WORKDIR /app", false),
            ("RUN /bin/sh -c a && b # buildkit", false),
            ("COPY c d # buildkit", false),
            ("RUN |1 A=b c /bin/sh -c x   y # buildkit", false),
        ],
    );
    assert_eq!(
        shown(&origins(&image, &knowledge)),
        [
            "Provenance ?:0-0 base=Some(true) CMD [\"node\"]",
            "Provenance docker/base/Dockerfile:2-2 base=Some(true) COPY --from=x / /",
            "Provenance docker/base/Dockerfile:3-3 base=Some(true) WORKDIR /app",
            "Provenance apps/x/Dockerfile:3-5 base=Some(false) RUN a && b",
            "Provenance apps/x/Dockerfile:6-6 base=Some(false) COPY c d",
            "History ?:0-0 base=None RUN x y",
        ]
    );
}

const BUILDKIT_KEY: &str = "https://mobyproject.org/buildkit@v1#metadata";

#[test]
fn history_gives_places_as_far_as_it_agrees_with_the_dockerfile() {
    let written = |keyword: &str, line, end_line| Written {
        keyword: keyword.to_owned(),
        line,
        end_line,
    };
    let knowledge = Knowledge {
        own: Some(Recipe {
            path: "apps/x/Dockerfile",
            text: OWN,
        }),
        written: vec![
            written("ENV", 2, 2),
            written("RUN", 3, 5),
            written("COPY", 6, 6),
        ],
        base: Some(vec!["sha256:a-plain".to_owned()]),
        ..Knowledge::default()
    };
    let history = [
        ("/bin/sh -c #(nop) ADD file:0 in / ", false),
        ("/bin/sh -c #(nop)  CMD [\"sh\"]", true),
        ("RUN /bin/sh -c a && b # buildkit", false),
        ("COPY c d # buildkit", false),
    ];
    assert_eq!(
        shown(&origins(&image(&["a", "b", "c"], &history), &knowledge)),
        [
            "History ?:0-0 base=Some(true) ADD file:0 in /",
            "Dockerfile apps/x/Dockerfile:3-5 base=Some(false) RUN a && b",
            "Dockerfile apps/x/Dockerfile:6-6 base=Some(false) COPY c d",
        ]
    );
    // A history that does not fit the layers says nothing.
    assert_eq!(
        shown(&origins(
            &image(&["a", "b"], &history),
            &Knowledge::default()
        )),
        ["Unknown ?:0-0 base=None ", "Unknown ?:0-0 base=None "]
    );
}
