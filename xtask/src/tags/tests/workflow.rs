use serde_json::json;

use super::*;

fn of(variables: &[(&str, &str)], payload: &serde_json::Value) -> crate::error::Result<Occasion> {
    let variables = variables
        .iter()
        .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
        .collect();
    Occasion::of_workflow(&variables, payload, Timestamp::from_unix_seconds(0))
}

#[test]
fn a_push_tells_branch_commit_and_its_time() {
    let payload = json!({
        "repository": {"default_branch": "main", "name": "x", "description": null, "html_url": "u", "license": {"spdx_id": "NOASSERTION"}},
        "commits": [{"id": "aa", "timestamp": "2020-01-01T00:00:00Z"}, {"id": "bb", "timestamp": "2020-01-02T00:00:00+01:00"}],
        "head_commit": {"id": "cc", "timestamp": "2020-01-03T00:00:00Z"},
    });
    let variables = [
        ("GITHUB_EVENT_NAME", "push"),
        ("GITHUB_REF", "refs/heads/main"),
        ("GITHUB_SHA", "bb"),
    ];
    let occasion = of(&variables, &payload).unwrap();
    assert_eq!(
        occasion.commit_date.unwrap().to_string(),
        "2020-01-01T23:00:00Z"
    );
    assert_eq!(
        (occasion.branch(), occasion.default_branch.as_deref()),
        (Some("main"), Some("main"))
    );
    let variables = [("GITHUB_SHA", "cc")];
    assert!(of(&variables, &payload).unwrap().commit_date.is_some());
    assert!(
        of(&[("GITHUB_SHA", "dd")], &payload)
            .unwrap()
            .commit_date
            .is_none()
    );
    let repository = Repository::of_payload(&payload);
    assert_eq!(
        (
            repository.name.as_deref(),
            repository.description,
            repository.license
        ),
        (Some("x"), None, None)
    );
}

#[test]
fn a_pull_request_has_two_sides() {
    let payload = json!({
        "number": 7,
        "pull_request": {"head": {"sha": "head", "ref": "feature"}, "base": {"ref": "main"}},
    });
    let base = [
        ("GITHUB_EVENT_NAME", "pull_request_target"),
        ("GITHUB_REF", "refs/heads/main"),
        ("GITHUB_SHA", "merge"),
    ];
    let occasion = of(&base, &payload).unwrap();
    assert_eq!(
        (occasion.pull_request(), occasion.commit.as_str()),
        (Some("7"), "merge")
    );
    assert_eq!(
        (occasion.base.as_deref(), occasion.head.as_deref()),
        (Some("main"), Some("feature"))
    );
    let head = [&base[..], &[("DOCKER_METADATA_PR_HEAD_SHA", "true")]].concat();
    assert_eq!(of(&head, &payload).unwrap().commit, "head");
}

#[test]
fn a_tag_may_tell_its_branch() {
    let payload = json!({"base_ref": "refs/heads/release"});
    let occasion = of(&[("GITHUB_REF", "refs/tags/v1")], &payload).unwrap();
    assert_eq!(told(&occasion, "{{base_ref}}", ""), "release");
}

#[test]
fn variables_that_mean_nothing_are_refused() {
    for (name, value) in [
        ("DOCKER_METADATA_PR_HEAD_SHA", "perhaps"),
        ("DOCKER_METADATA_SHORT_SHA_LENGTH", "many"),
        ("DOCKER_METADATA_SHORT_SHA_LENGTH", "0"),
    ] {
        let error = of(&[(name, value)], &json!({})).unwrap_err();
        assert!(error.to_string().contains(name), "{error}");
    }
    let long = of(&[("DOCKER_METADATA_SHORT_SHA_LENGTH", "12")], &json!({})).unwrap();
    assert_eq!(long.short_hash, 12);
}
