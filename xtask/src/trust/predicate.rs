//! What is attested, made from what builds and scans leave.

use serde_json::{Map, Value, json};

use crate::timestamp::Timestamp;

/// Something to attest.
#[derive(Clone, Debug, PartialEq)]
pub struct Predicate {
    /// As cosign calls it (`cyclonedx`, `vuln`, …), or the URI of its type.
    pub kind: String,
    /// What it says.
    pub contents: Value,
}

/// A list of contents: `CycloneDX` or SPDX, told apart by what they say of themselves.
///
/// # Errors
/// It is neither.
pub fn sbom(document: Value) -> Result<Predicate, String> {
    let kind = if document["bomFormat"] == "CycloneDX" {
        "cyclonedx"
    } else if document["spdxVersion"].is_string() {
        "spdxjson"
    } else {
        return Err("it is neither a CycloneDX nor an SPDX document in JSON".to_owned());
    };
    Ok(Predicate {
        kind: kind.to_owned(),
        contents: document,
    })
}

/// A scan of the image called `name`, as cosign's `vuln` predicate has it
/// (<https://github.com/sigstore/cosign/blob/main/specs/COSIGN_VULN_ATTESTATION_SPEC.md>). A document that has this form
/// already is taken as it is. What `docker-scan` says of the image becomes `verdict` of the result: `pass`, `fail` or
/// `unknown`. `now` is when it ended, unless it tells.
///
/// # Errors
/// It is no object, or does not tell of the image.
pub fn scan(document: Value, name: &str, now: Timestamp) -> Result<Predicate, String> {
    let kind = "vuln".to_owned();
    if document["scanner"].is_object() && document["metadata"].is_object() {
        return Ok(Predicate {
            kind,
            contents: document,
        });
    }
    let Value::Object(mut result) = document else {
        return Err("the report of a scan is a JSON object".to_owned());
    };
    if let Some(images) = result.get("images").and_then(Value::as_array) {
        let verdicts: Vec<&str> = images
            .iter()
            .filter(|image| image["name"] == name)
            .map(|image| image["verdict"].as_str().unwrap_or_default())
            .collect();
        // One for each platform: all of them must have passed.
        let verdict = if verdicts.is_empty() {
            return Err(format!("the report does not tell of `{name}`"));
        } else if verdicts.contains(&"failed") {
            "fail"
        } else if verdicts.iter().all(|verdict| *verdict == "passed") {
            "pass"
        } else {
            "unknown"
        };
        result.insert("verdict".to_owned(), json!(verdict));
    }
    let text = |pointers: &[&str]| {
        let found = pointers.iter().find_map(|name| result.get(*name)?.as_str());
        found.map(str::to_owned)
    };
    let ended = text(&["time", "CreatedAt"]).unwrap_or_else(|| now.to_string());
    let started = text(&["started_at"]).unwrap_or_else(|| ended.clone());
    let scanner = text(&["tool", "scanner"]);
    let contents = json!({
        "invocation": {"parameters": [], "uri": "", "event_id": "", "builder.id": ""},
        "scanner": {
            "uri": scanner.unwrap_or_else(|| "cargo-xtask-docker".to_owned()),
            "version": text(&["version"]).unwrap_or_else(|| env!("CARGO_PKG_VERSION").to_owned()),
            "db": {"uri": "", "version": text(&["database"]).unwrap_or_default()},
            "result": result,
        },
        "metadata": {"scanStartedOn": started, "scanFinishedOn": ended},
    });
    Ok(Predicate { kind, contents })
}

/// What the planner of a build knows of it, whatever buildx tells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Planned {
    /// Who ran the build, as a URI.
    pub builder: String,
    /// The Dockerfile, from the root.
    pub dockerfile: String,
    /// The stage that is the image.
    pub stage: String,
    /// The commit that was checked out, and whether the work tree differed from it.
    pub commit: Option<(String, bool)>,
    /// When the build had ended.
    pub finished: Option<Timestamp>,
}

/// How an image was built, as SLSA 1 has it (<https://slsa.dev/spec/v1.0/provenance>), made from what buildx writes into
/// its metadata file (SLSA 0.2 by platform, or SLSA 1 already; nothing where the engine's own builder builds for several
/// platforms at once) and from what is known without it.
#[must_use]
pub fn provenance(metadata: &Value, planned: &Planned) -> Predicate {
    const KEY: &str = "buildx.build.provenance";
    let entries = metadata.as_object().into_iter().flatten();
    let by_platform: Vec<(&str, &Value)> = entries
        .filter_map(|(key, value)| {
            let rest = key.strip_prefix(KEY)?;
            (value.is_object()).then_some((rest.trim_start_matches('/'), value))
        })
        .collect();
    let mut dependencies: Vec<Value> = Vec::new();
    let mut internal = Map::new();
    if let Some((commit, dirty)) = &planned.commit {
        dependencies.push(json!({"name": "source", "digest": {"gitCommit": commit}}));
        internal.insert("gitDirty".to_owned(), json!(dirty));
    }
    let mut platforms = Map::new();
    for (platform, one) in &by_platform {
        let materials = one
            .get("materials")
            .or_else(|| one.pointer("/buildDefinition/resolvedDependencies"));
        for material in materials.and_then(Value::as_array).into_iter().flatten() {
            let plain = json!({"uri": material["uri"], "digest": material["digest"]});
            if !dependencies.contains(&plain) {
                dependencies.push(plain);
            }
        }
        let invocation = &one["invocation"];
        let parameters = match one.pointer("/buildDefinition/externalParameters") {
            Some(parameters) => parameters.clone(),
            None => json!({
                "configSource": invocation["configSource"],
                "request": invocation["parameters"],
            }),
        };
        let platform = if platform.is_empty() {
            invocation
                .pointer("/environment/platform")
                .and_then(Value::as_str)
                .unwrap_or("default")
        } else {
            platform
        };
        platforms.insert(platform.to_owned(), parameters);
    }
    let time = |old: &str, new: &str| {
        let times = by_platform.iter().filter_map(|(_, one)| {
            let value = one.pointer(old).or_else(|| one.pointer(new))?;
            value.as_str()?.parse::<Timestamp>().ok()
        });
        times.collect::<Vec<_>>()
    };
    let started = time("/metadata/buildStartedOn", "/runDetails/metadata/startedOn")
        .into_iter()
        .min();
    let finished = time(
        "/metadata/buildFinishedOn",
        "/runDetails/metadata/finishedOn",
    )
    .into_iter()
    .max()
    .or(planned.finished);
    let mut run = Map::new();
    let invocation = by_platform
        .first()
        .and_then(|(_, first)| {
            let old = first.pointer("/metadata/buildInvocationID");
            old.or_else(|| first.pointer("/runDetails/metadata/invocationId"))?
                .as_str()
        })
        .or_else(|| metadata["buildx.build.ref"].as_str());
    run.extend(invocation.map(|id| ("invocationId".to_owned(), json!(id))));
    run.extend(started.map(|time| ("startedOn".to_owned(), json!(time))));
    run.extend(finished.map(|time| ("finishedOn".to_owned(), json!(time))));
    Predicate {
        kind: "slsaprovenance1".to_owned(),
        contents: json!({
            "buildDefinition": {
                "buildType": "https://mobyproject.org/buildkit@v1",
                "externalParameters": {
                    "dockerfile": planned.dockerfile,
                    "target": planned.stage,
                    "platforms": platforms,
                },
                "internalParameters": internal,
                "resolvedDependencies": dependencies,
            },
            "runDetails": {"builder": {"id": planned.builder}, "metadata": run},
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        "2026-12-01T12:00:00Z".parse().unwrap()
    }

    #[test]
    fn lists_of_contents_are_told_apart() {
        assert_eq!(
            sbom(json!({"bomFormat": "CycloneDX"})).unwrap().kind,
            "cyclonedx"
        );
        assert_eq!(
            sbom(json!({"spdxVersion": "SPDX-2.3"})).unwrap().kind,
            "spdxjson"
        );
        for wrong in [json!({}), json!([]), json!("SPDX")] {
            assert!(sbom(wrong).is_err());
        }
    }

    #[test]
    fn a_report_becomes_a_scan_and_one_that_is_one_stays() {
        let made = scan(json!({"verdict": "pass", "findings": []}), "api", now()).unwrap();
        assert_eq!(made.contents["scanner"]["result"]["verdict"], "pass");
        assert_eq!(
            made.contents["metadata"]["scanFinishedOn"],
            "2026-12-01T12:00:00Z"
        );
        let trivy = scan(
            json!({"SchemaVersion": 2, "CreatedAt": "2026-11-30T00:00:00Z"}),
            "api",
            now(),
        )
        .unwrap();
        assert_eq!(
            trivy.contents["metadata"]["scanFinishedOn"],
            "2026-11-30T00:00:00Z"
        );
        assert_eq!(scan(made.contents.clone(), "api", now()).unwrap(), made);
        assert!(scan(json!([]), "api", now()).is_err());
        let report = json!({"time": "2026-11-30T01:00:00Z", "images": [{"name": "api", "verdict": "passed"},
            {"name": "web", "verdict": "passed"}, {"name": "web", "verdict": "failed"}, {"name": "x", "verdict": "unknown"}]});
        for (name, verdict) in [("api", "pass"), ("web", "fail"), ("x", "unknown")] {
            let made = scan(report.clone(), name, now()).unwrap().contents;
            assert_eq!(made["scanner"]["result"]["verdict"], verdict);
            assert_eq!(made["metadata"]["scanFinishedOn"], "2026-11-30T01:00:00Z");
        }
        assert!(scan(report, "other", now()).is_err());
    }

    #[test]
    fn buildx_metadata_becomes_slsa_1() {
        let one = |platform: &str, day: &str| {
            json!({"builder": {"id": ""}, "buildType": "https://mobyproject.org/buildkit@v1",
                "materials": [{"uri": "pkg:docker/alpine@3", "digest": {"sha256": "aa"}}],
                "invocation": {"configSource": {"entryPoint": "Dockerfile"}, "parameters": {"frontend": "dockerfile.v0"},
                    "environment": {"platform": platform}},
                "metadata": {"buildInvocationID": "id", "buildStartedOn": format!("{day}T00:00:00Z"),
                    "buildFinishedOn": format!("{day}T00:01:00Z")}})
        };
        let planned = Planned {
            builder: "https://ci".to_owned(),
            dockerfile: "services/api/Dockerfile".to_owned(),
            stage: "production".to_owned(),
            commit: Some(("abc".to_owned(), true)),
            finished: Some(now()),
        };
        let single = json!({"buildx.build.ref": "d/d/r", "buildx.build.provenance": one("linux/amd64", "2026-12-01")});
        let made = provenance(&single, &planned);
        insta::assert_snapshot!(made.contents, @r#"{"buildDefinition":{"buildType":"https://mobyproject.org/buildkit@v1","externalParameters":{"dockerfile":"services/api/Dockerfile","target":"production","platforms":{"linux/amd64":{"configSource":{"entryPoint":"Dockerfile"},"request":{"frontend":"dockerfile.v0"}}}},"internalParameters":{"gitDirty":true},"resolvedDependencies":[{"name":"source","digest":{"gitCommit":"abc"}},{"uri":"pkg:docker/alpine@3","digest":{"sha256":"aa"}}]},"runDetails":{"builder":{"id":"https://ci"},"metadata":{"invocationId":"id","startedOn":"2026-12-01T00:00:00Z","finishedOn":"2026-12-01T00:01:00Z"}}}"#);
        let several = json!({"buildx.build.provenance/linux/amd64": one("linux/amd64", "2026-12-01"),
            "buildx.build.provenance/linux/arm64": one("linux/amd64", "2026-12-02")});
        let made = provenance(&several, &planned).contents;
        assert_eq!(
            made["buildDefinition"]["resolvedDependencies"]
                .as_array()
                .unwrap()
                .len(),
            2
        );
        let platforms = made["buildDefinition"]["externalParameters"]["platforms"]
            .as_object()
            .unwrap();
        assert!(platforms.contains_key("linux/arm64"));
        assert_eq!(
            made["runDetails"]["metadata"]["finishedOn"],
            "2026-12-02T00:01:00Z"
        );
        // For several platforms at once the engine's own builder tells nothing.
        let silent = provenance(&json!({"buildx.build.ref": "x"}), &planned).contents;
        assert_eq!(silent["runDetails"]["metadata"]["invocationId"], "x");
        assert_eq!(
            silent["runDetails"]["metadata"]["finishedOn"],
            now().to_string()
        );
        let nothing = provenance(&json!([]), &Planned::default()).contents;
        assert_eq!(
            nothing["buildDefinition"]["resolvedDependencies"],
            json!([])
        );
    }
}
