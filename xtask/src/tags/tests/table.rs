//! What the documentation of `docker/metadata-action` says that tags are, and what comes out here where that is another.

use super::*;

const BRANCH: (&str, &str) = ("push", "refs/heads/dev");
const SLASHED: (&str, &str) = ("push", "refs/heads/my/branch");
const DEFAULT: (&str, &str) = ("push", "refs/heads/master");
const PULL: (&str, &str) = ("pull_request", "refs/pull/2/merge");
const DISPATCH: (&str, &str) = ("workflow_dispatch", "refs/heads/master");
const NIGHT: (&str, &str) = ("schedule", "refs/heads/master");
const ISSUE: (&str, &str) = ("issues", "refs/heads/master");
const CREATED: (&str, &str) = ("create", "refs/heads/dev");
const QUEUE: (&str, &str) = ("merge_group", "refs/heads/gh-readonly-queue/main/pr-1-abc");
const RELEASE: (&str, &str) = ("release", "refs/tags/v1.2.3");
const NOTHING: (&str, &str) = ("", "");

const fn tag(name: &'static str) -> (&'static str, &'static str) {
    ("push", name)
}

const V123: (&str, &str) = tag("refs/tags/v1.2.3");
const BETA: (&str, &str) = tag("refs/tags/v2.0.8-beta.67");
const BUILD: (&str, &str) = tag("refs/tags/v1.2.3+build.5");
const ZERO: (&str, &str) = tag("refs/tags/v0.1.2");
const PYTHON: (&str, &str) = tag("refs/tags/1.2.3");
const PYTHON_RC: (&str, &str) = tag("refs/tags/1.2.3rc2");
const PYTHON_POST: (&str, &str) = tag("refs/tags/1.2post1");
const PYTHON_DEV: (&str, &str) = tag("refs/tags/1.0dev4");
const PYTHON_BETA: (&str, &str) = tag("refs/tags/v1.1beta2");
const PYTHON_SHORT: (&str, &str) = tag("refs/tags/1.2");
const PYTHON_EPOCH: (&str, &str) = tag("refs/tags/1!2.0");
const PYTHON_LOCAL: (&str, &str) = tag("refs/tags/1.0+ubuntu-1");
const DATED: (&str, &str) = tag("refs/tags/20200110-RC2");
const NAMED: (&str, &str) = tag("refs/tags/release1");
const PART: (&str, &str) = tag("refs/tags/p1/v1.2.3");
const API: (&str, &str) = tag("refs/tags/api/v1.2.3");
const WEB: (&str, &str) = tag("refs/tags/web/v1.2.3");

/// The event, the rules, the flavor, the tags.
type Row = (
    (&'static str, &'static str),
    &'static str,
    &'static str,
    &'static str,
);

#[rustfmt::skip]
const TABLE: &[Row] = &[
    // Without rules: schedule, branch, tag, pull request.
    (BRANCH, "", "", "dev"),
    (SLASHED, "", "", "my-branch"),
    (DEFAULT, "", "", "master"),
    (PULL, "", "", "pr-2"),
    (V123, "", "", "v1.2.3 latest"),
    (BETA, "", "", "v2.0.8-beta.67 latest"),
    (NAMED, "", "", "release1 latest"),
    (NIGHT, "", "", "nightly master"),
    (DISPATCH, "", "", "master"),
    (RELEASE, "", "", "v1.2.3 latest"),
    (QUEUE, "", "", "gh-readonly-queue-main-pr-1-abc"),
    (NOTHING, "", "", ""),
    (("pull_request", "refs/pull/15/head"), "", "", "pr-15-head"),
    // schedule
    (NIGHT, "type=schedule", "", "nightly"),
    (BRANCH, "type=schedule", "", ""),
    (NIGHT, "type=schedule,pattern=daily", "", "daily"),
    (NIGHT, "type=schedule,pattern={{date 'YYYYMMDD'}}", "", "20200110"),
    (NIGHT, "type=schedule,pattern={{date 'YYYYMMDD-HHmmss' tz='Asia/Tokyo'}}", "", "20200110-093000"),
    (NIGHT, "type=schedule,\"pattern={{date 'ddd, D MMM'}}\"", "", "Fri-10-Jan"),
    (NIGHT, "type=schedule,pattern={{commit_date 'YYYYMMDD'}}", "", "20191231"),
    (NIGHT, "type=schedule,pattern=nightly-{{date 'X'}}", "", "nightly-1578616200"),
    (NIGHT, "type=schedule,prefix=a-,suffix=-b", "", "a-nightly-b"),
    (NIGHT, "type=schedule", "latest=true", "nightly latest"),
    (NIGHT, "type=schedule,enable=false", "", ""),
    // semver
    (V123, "type=semver,pattern={{version}}", "", "1.2.3 latest"),
    (V123, "type=semver,pattern={{raw}}", "", "v1.2.3 latest"),
    (V123, "type=semver,pattern={{major}}.{{minor}}", "", "1.2 latest"),
    (V123, "type=semver,pattern={{major}}", "", "1 latest"),
    (V123, "type=semver,pattern={{patch}}", "", "3 latest"),
    (V123, "type=semver,pattern=v{{version}}", "", "v1.2.3 latest"),
    (V123, "type=semver,pattern=v{{major}}.{{minor}}", "", "v1.2 latest"),
    (V123, "type=semver,pattern={{version}}\ntype=semver,pattern={{major}}.{{minor}}\ntype=semver,pattern={{major}}", "", "1.2.3 1.2 1 latest"),
    (BETA, "type=semver,pattern={{version}}", "", "2.0.8-beta.67"),
    (BETA, "type=semver,pattern={{raw}}", "", "v2.0.8-beta.67"),
    (BETA, "type=semver,pattern={{major}}.{{minor}}", "", "2.0.8-beta.67"),
    (BETA, "type=semver,pattern={{major}}", "", "2.0.8-beta.67"),
    (BETA, "type=semver,pattern=v{{major}}", "", "2.0.8-beta.67"),
    (BETA, "type=semver,pattern={{version}}\ntype=semver,pattern={{major}}.{{minor}}", "", "2.0.8-beta.67"),
    (BUILD, "type=semver,pattern={{version}}", "", "1.2.3 latest"),
    (BUILD, "type=semver,pattern={{raw}}", "", "v1.2.3-build.5 latest"),
    (BUILD, "type=semver,pattern={{version}}-{{build}}", "", "1.2.3-build-5 latest"),
    (ZERO, "type=semver,pattern={{version}}\ntype=semver,pattern={{major}}.{{minor}}", "", "0.1.2 0.1 latest"),
    (BRANCH, "type=semver,pattern={{version}}", "", ""),
    (PULL, "type=semver,pattern={{version}}", "", ""),
    (NAMED, "type=semver,pattern={{version}}", "", ""),
    (PYTHON_SHORT, "type=semver,pattern={{version}}", "", ""),
    (DATED, "type=semver,pattern={{version}}", "", ""),
    (tag("refs/tags/V1.2.3"), "type=semver,pattern={{version}}", "", ""),
    (tag("refs/tags/1.2.3"), "type=semver,pattern={{version}}", "", "1.2.3 latest"),
    (tag("refs/tags/v9.5.7-alpha.2+fork.3.1.8"), "type=semver,pattern={{version}}", "", "9.5.7-alpha.2"),
    (tag("refs/tags/v9.5.7-alpha.2+fork.3.1.8"), "type=semver,pattern={{raw}}", "", "v9.5.7-alpha.2-fork.3.1.8"),
    (tag("refs/tags/v101.12.13"), "type=semver,pattern={{major}}", "", "101 latest"),
    (BRANCH, "type=semver,pattern={{version}},value=v1.0.0", "", "1.0.0 latest"),
    (BRANCH, "type=semver,pattern={{major}},value=v3.1.0-rc.1", "", "3.1.0-rc.1"),
    (V123, "type=semver,pattern={{version}},value=", "", "1.2.3 latest"),
    (V123, "type=semver,pattern={{version}},prefix=v", "", "v1.2.3 latest"),
    (V123, "type=semver,pattern={{version}},suffix=-alpine", "", "1.2.3-alpine latest"),
    (V123, "type=semver,pattern={{version}}", "suffix=-alpine", "1.2.3-alpine latest"),
    (V123, "type=semver,pattern={{version}}", "suffix=-alpine,onlatest=true", "1.2.3-alpine latest-alpine"),
    (V123, "type=semver,pattern={{version}}", "prefix=x-,onlatest=true\nsuffix=-y", "x-1.2.3-y x-latest"),
    (V123, "type=semver,pattern={{version}}", "latest=false", "1.2.3"),
    (BETA, "type=semver,pattern={{version}}", "latest=true", "2.0.8-beta.67 latest"),
    (V123, "type=semver,pattern=", "", ""),
    (API, "type=semver,pattern={{version}},match=api/v(.*)", "", "1.2.3 latest"),
    (API, "type=semver,pattern={{version}}", "", ""),
    (WEB, "type=semver,pattern={{version}},match=api/v(.*)", "", ""),
    (V123, "type=semver,pattern={{version}},match=api/v(.*)", "", ""),
    (API, "type=semver,pattern={{version}},match=^{{image}}/v(.*)$", "", "1.2.3 latest"),
    (WEB, "type=semver,pattern={{version}},match=^{{image}}/v(.*)$", "", ""),
    (tag("refs/tags/v1.2.3-rc.1"), "type=semver,pattern={{prerelease}}", "", "1.2.3-rc.1"),
    (tag("refs/tags/v1.2.3+b.7"), "type=semver,pattern={{build.1}}", "", "7 latest"),
    // pep440
    (PYTHON, "type=pep440,pattern={{version}}", "", "1.2.3 latest"),
    (PYTHON, "type=pep440,pattern={{major}}.{{minor}}", "", "1.2 latest"),
    (PYTHON, "type=pep440,pattern={{patch}}", "", "3 latest"),
    (PYTHON_RC, "type=pep440,pattern={{version}}", "", "1.2.3rc2"),
    (PYTHON_RC, "type=pep440,pattern={{raw}}", "", "1.2.3rc2"),
    (PYTHON_RC, "type=pep440,pattern={{major}}.{{minor}}", "", "1.2.3rc2"),
    (tag("refs/tags/v1.2.3rc2"), "type=pep440,pattern={{raw}}", "", "v1.2.3rc2"),
    (tag("refs/tags/v1.2.3rc2"), "type=pep440,pattern={{version}}", "", "1.2.3rc2"),
    (PYTHON_POST, "type=pep440,pattern={{version}}", "", "1.2.post1"),
    (PYTHON_POST, "type=pep440,pattern={{major}}.{{minor}}", "", "1.2.post1"),
    (PYTHON_POST, "type=pep440,pattern={{raw}}", "", "1.2post1"),
    (PYTHON_DEV, "type=pep440,pattern={{version}}", "", "1.0.dev4"),
    (PYTHON_DEV, "type=pep440,pattern={{raw}}", "", "1.0dev4"),
    (PYTHON_BETA, "type=pep440,pattern={{version}}", "", "1.1b2"),
    (PYTHON_SHORT, "type=pep440,pattern={{version}}", "", "1.2 latest"),
    (PYTHON_SHORT, "type=pep440,pattern={{major}}.{{minor}}.{{patch}}", "", "1.2.0 latest"),
    (PYTHON_EPOCH, "type=pep440,pattern={{version}}", "", "1-2.0 latest"),
    (PYTHON_LOCAL, "type=pep440,pattern={{version}}", "", "1.0-ubuntu.1 latest"),
    (V123, "type=pep440,pattern={{raw}}", "", "v1.2.3 latest"),
    (NAMED, "type=pep440,pattern={{version}}", "", ""),
    (BRANCH, "type=pep440,pattern={{version}}", "", ""),
    (BRANCH, "type=pep440,pattern={{version}},value=1.0a", "", "1.0a0"),
    (API, "type=pep440,pattern={{version}},match=v(.*)", "", "1.2.3 latest"),
    (PYTHON, "type=pep440,pattern={{version}},prefix=py", "latest=false", "py1.2.3"),
    // match
    (V123, r"type=match,pattern=\d.\d.\d", "", "1.2.3 latest"),
    (BETA, r"type=match,pattern=v(.*),group=1", "", "2.0.8-beta.67 latest"),
    (BETA, r"type=match,pattern=v(\d.\d),group=1", "", "2.0 latest"),
    (DATED, r"type=match,pattern=\d+", "", "20200110 latest"),
    (DATED, r"type=match,pattern=/\d+/", "", "20200110 latest"),
    (DATED, r"type=match,pattern=/rc(\d)/i,group=1", "", "2 latest"),
    (DATED, r"type=match,pattern=(.*)-RC,group=1", "", "20200110 latest"),
    (DATED, r"type=match,pattern=(.*)-RC,group=2", "", ""),
    (PART, r"type=match,pattern=p1/v(\d.\d.\d),group=1", "", "1.2.3 latest"),
    (PART, r"type=match,pattern=\d.\d$", "", "2.3 latest"),
    (V123, r#"type=match,"pattern=v(\d{1,3}),group=1""#, "", ""),
    (V123, r#"type=match,"pattern=v(\d{1,3})",group=1"#, "", "1 latest"),
    (NAMED, r"type=match,pattern=\d.\d.\d", "", ""),
    (BRANCH, r"type=match,pattern=\d", "", ""),
    (BRANCH, r"type=match,pattern=\d,value=v5", "", "5 latest"),
    (V123, r"type=match,pattern=v(.*),group=1", "latest=false", "1.2.3"),
    (V123, r"type=match,pattern=v(.*),group=1,prefix=a-,suffix=-b", "", "a-1.2.3-b latest"),
    (API, "type=match,pattern={{image}}/v(.*),group=1", "", "1.2.3 latest"),
    // edge
    (DEFAULT, "type=edge", "", "edge"),
    (BRANCH, "type=edge", "", ""),
    (BRANCH, "type=edge,branch=dev", "", "edge"),
    (DEFAULT, "type=edge,branch=dev", "", ""),
    (SLASHED, "type=edge,branch=my/branch", "", "edge"),
    (V123, "type=edge", "", ""),
    (PULL, "type=edge", "", ""),
    (DISPATCH, "type=edge", "", "edge"),
    (DEFAULT, "type=edge,branch=", "", "edge"),
    (DEFAULT, "type=edge\ntype=ref,event=branch", "", "edge master"),
    (DEFAULT, "type=edge", "latest=true", "edge latest"),
    // ref
    (BRANCH, "type=ref,event=branch", "", "dev"),
    (BRANCH, "type=ref,event=tag", "", ""),
    (BRANCH, "type=ref,event=pr", "", ""),
    (V123, "type=ref,event=tag", "", "v1.2.3 latest"),
    (V123, "type=ref,event=branch", "", ""),
    (PART, "type=ref,event=tag", "", "p1-v1.2.3 latest"),
    (PULL, "type=ref,event=pr", "", "pr-2"),
    (PULL, "type=ref,event=pr,prefix=", "", "2"),
    (PULL, "type=ref,event=pr,prefix=mr-", "", "mr-2"),
    (PULL, "type=ref,event=pr", "prefix=x-", "pr-2"),
    (BRANCH, "type=ref,event=branch", "prefix=x-", "x-dev"),
    (BRANCH, "type=ref,event=branch,prefix=", "prefix=x-", "dev"),
    (BRANCH, "TYPE=ref,Event=branch", "", "dev"),
    (BRANCH, " type = ref , event = branch ", "", "dev"),
    (("push", "refs/heads/a&b'c"), "type=ref,event=branch", "", "a-b-c"),
    (("push", "refs/heads/1.0+x@y"), "type=ref,event=branch", "", "1.0-x-y"),
    // raw
    (BRANCH, "type=raw,value=foo", "", "foo"),
    (BRANCH, "type=raw,foo", "", "foo"),
    (BRANCH, "foo\nbar\n", "", "foo bar"),
    (BRANCH, "type=raw,value=", "", ""),
    (BRANCH, "type=raw,value=a=b", "", "a-b"),
    (BRANCH, "type=raw,value=mytag-{{branch}}-{{sha}}", "", "mytag-dev-860c190"),
    (V123, "type=raw,value=mytag-{{branch}}", "", "mytag-"),
    (V123, "type=raw,value={{tag}}", "", "v1.2.3"),
    (V123, "type=raw,value=latest", "", "latest"),
    (DEFAULT, "type=raw,value=latest,enable={{is_default_branch}}", "", "latest"),
    (BRANCH, "type=raw,value=latest,enable={{is_default_branch}}", "", ""),
    (BRANCH, "type=raw,value=x,enable={{is_not_default_branch}}", "", "x"),
    (DEFAULT, "type=raw,value=x,enable={{is_not_default_branch}}", "", ""),
    (V123, "type=raw,value=x,enable={{is_default_branch}}", "", ""),
    (ISSUE, "type=raw,value=x,enable={{is_default_branch}}", "", "x"),
    (CREATED, "type=raw,value=x,enable={{is_default_branch}}", "", "x"),
    (NIGHT, "type=raw,value=x,enable={{is_not_default_branch}}", "", ""),
    (NOTHING, "type=raw,value=x,enable={{is_not_default_branch}}", "", ""),
    (NOTHING, "type=raw,value=x", "", "x"),
    (PULL, "type=raw,value={{base_ref}}-{{sha}}", "", "master-860c190"),
    (BRANCH, "type=raw,value={{date 'YYYY-MM-DD'}}", "", "2020-01-10"),
    (BRANCH, "type=raw,value={{commit_date 'YYYYMMDDHH' tz='Asia/Tokyo'}}", "", "2020010108"),
    (BRANCH, "type=raw,value=x", "latest=true", "x latest"),
    (BRANCH, "type=raw,value=x,priority=90\ntype=sha", "", "sha-860c190 x"),
    (BRANCH, "type=raw,value={{{branch}}}", "", "dev"),
    (PULL, "type=raw,value={{head_ref}}", "", "fix-it"),
    (PULL, "type=raw,value=r{{pull_request}}", "", "r2"),
    (BRANCH, "type=raw,value={{image}}-x", "", "api-x"),
    // sha
    (BRANCH, "type=sha", "", "sha-860c190"),
    (PULL, "type=sha", "", "sha-860c190"),
    (BRANCH, "type=sha,format=long", "", "sha-860c1904a1ce19322e91ac35af1ab07466440c37"),
    (BRANCH, "type=sha,prefix=", "", "860c190"),
    (BRANCH, "type=sha,prefix=git-,suffix=-x", "", "git-860c190-x"),
    (BRANCH, "type=sha,prefix={{branch}}-", "", "dev-860c190"),
    (BRANCH, "type=sha", "prefix=x-", "sha-860c190"),
    (BRANCH, "type=sha", "suffix=-x", "sha-860c190-x"),
    (BRANCH, "type=sha", "latest=true", "sha-860c190 latest"),
    // Together, and by priority.
    (V123, "type=sha\ntype=ref,event=tag\ntype=semver,pattern={{version}}", "", "1.2.3 v1.2.3 sha-860c190 latest"),
    (BETA, "type=sha\ntype=ref,event=tag\ntype=semver,pattern={{version}}", "", "2.0.8-beta.67 v2.0.8-beta.67 sha-860c190"),
    (V123, "type=ref,event=branch\ntype=ref,event=pr\ntype=semver,pattern={{version}}\ntype=semver,pattern={{major}}.{{minor}}\ntype=sha", "", "1.2.3 1.2 sha-860c190 latest"),
    (BRANCH, "type=ref,event=branch\ntype=ref,event=pr\ntype=semver,pattern={{version}}\ntype=sha", "", "dev sha-860c190"),
    (PULL, "type=ref,event=branch\ntype=ref,event=pr\ntype=semver,pattern={{version}}\ntype=sha", "", "pr-2 sha-860c190"),
    (BRANCH, "type=raw,a\ntype=raw,b,priority=1000\ntype=raw,c", "", "b a c"),
    (BRANCH, "type=raw,a,priority=1.5\ntype=raw,b,priority=-2\ntype=raw,c,priority=1.6", "", "c a b"),
    (BRANCH, "type=raw,dev\ntype=ref,event=branch", "", "dev"),
    (V123, "type=raw,latest\ntype=semver,pattern={{version}}", "", "1.2.3 latest"),
    (V123, "type=raw,value=x,priority=1000\ntype=ref,event=tag", "", "x v1.2.3"),
    (V123, "type=sha\ntype=semver,pattern={{version}}", "prefix=foo-,suffix=-bar", "foo-1.2.3-bar sha-860c190-bar latest"),
    (V123, "type=ref,event=tag", "prefix={{sha}}-,onlatest=true", "860c190-v1.2.3 860c190-latest"),
    (BRANCH, "# a comment\n\n  type=sha  \n", "", "sha-860c190"),
    (BRANCH, "type=sha,", "", "sha-860c190"),
    (BRANCH, "type=sha,event=branch", "", "sha-860c190"),
    // What is no tag as it stands.
    (PULL, "type=sha,prefix={{branch}}-", "", "860c190"),
    (BRANCH, "type=raw,value=.x", "", "x"),
    (BRANCH, "type=raw,value=-x", "", "x"),
    (BRANCH, "type=raw,value=--", "", "error: `type=raw,value=--`: `--` leaves nothing for a tag"),
    // What means nothing.
    (BRANCH, "type=nope", "", "error: `type=nope`: there is no type `nope`"),
    (BRANCH, "type=semvr,pattern=x", "", "error: `type=semvr,pattern=x`: there is no type `semvr`"),
    (BRANCH, "type=semver", "", "error: `type=semver`: `pattern` is missing"),
    (BRANCH, "type=pep440", "", "error: `type=pep440`: `pattern` is missing"),
    (BRANCH, "type=match", "", "error: `type=match`: `pattern` is missing"),
    (BRANCH, "type=match,pattern=x,group=a", "", "error: `type=match,pattern=x,group=a`: the group `a` is no number"),
    (BRANCH, "type=ref", "", "error: `type=ref`: `event` is missing"),
    (BRANCH, "type=ref,event=push", "", "error: `type=ref,event=push`: the event is branch, tag or pr"),
    (BRANCH, "type=raw", "", "error: `type=raw`: `value` is missing"),
    (BRANCH, "type=sha,format=tiny", "", "error: `type=sha,format=tiny`: the format is short or long"),
    (BRANCH, "type=raw,value=x,enable=yes", "", "error: `type=raw,value=x,enable=yes`: enable is true or false"),
    (BRANCH, "type=raw,value=x,enable=", "", "error: `type=raw,value=x,enable=`: enable is true or false"),
    (BRANCH, "type=raw,value=x,priority=high", "", "error: `type=raw,value=x,priority=high`: the priority `high` is no number"),
    (BRANCH, "type=raw,vlaue=x", "", "error: `type=raw,vlaue=x`: there is no attribute `vlaue`"),
    (BRANCH, "type=raw,value=a,value=b", "", "error: `type=raw,value=a,value=b`: `value` stands there twice"),
    (BRANCH, "type=raw,value={{brnch}}", "", "error: `type=raw,value={{brnch}}`: there is no `{{brnch}}` here"),
    (V123, "type=semver,pattern={{branch}}", "", "error: `type=semver,pattern={{branch}}`: there is no `{{branch}}` here"),
    (NIGHT, "type=schedule,pattern={{sha}}", "", "error: `type=schedule,pattern={{sha}}`: there is no `{{sha}}` here"),
    (BRANCH, "type=raw,value={{date}}", "", "error: `type=raw,value={{date}}`: `date` needs one format"),
    (BRANCH, "type=raw,value={{date 'Y' tz='Nowhere'}}", "", "error: `type=raw,value={{date 'Y' tz='Nowhere'}}`: there is no time zone"),
    (BRANCH, "type=raw,value={{date 'Y' zone='UTC'}}", "", "error: `type=raw,value={{date 'Y' zone='UTC'}}`: `date` knows no `zone`"),
    (BRANCH, "type=raw,value={{branch", "", "error: `type=raw,value={{branch`: `{{branch` has no `}}`"),
    (V123, "type=semver,pattern={{version}},match=v", "", "error: `type=semver,pattern={{version}},match=v`: the match `v` has no group"),
    (V123, "type=match,pattern=(?=v)", "", "error: `type=match,pattern=(?=v)`: looking ahead"),
    (V123, "type=sha", "latest=maybe", "error: `latest=maybe`: latest is auto, true or false"),
    (V123, "type=sha", "lates=true", "error: `lates=true`: a flavor has no `lates`"),
    (V123, "type=sha", "true", "error: `true`: `true` has no value"),
    (V123, "type=sha", "onlatest=true", "error: `onlatest=true`: onlatest stands before"),
    (V123, "type=sha", "prefix=x,onlatest=1", "error: `prefix=x,onlatest=1`: onlatest is true or false"),
];

#[test]
fn tags_are_those_of_the_action() {
    assert!(TABLE.len() >= 150, "{}", TABLE.len());
    let mut wrong = Vec::new();
    for ((event, reference), rules, flavor, expected) in TABLE {
        let found = told(&occasion(event, reference), rules, flavor);
        let is_error = expected.starts_with("error");
        let fits = found == *expected || is_error && found.starts_with(expected);
        if !fits {
            wrong.push(format!(
                "{event} {reference}\n{rules}\n{flavor}\n  is       {found}\n  expected {expected}"
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {}:\n{}",
        wrong.len(),
        TABLE.len(),
        wrong.join("\n\n")
    );
}

#[test]
fn a_hash_is_as_long_as_asked_and_says_what_is_not_committed() {
    let mut changed = occasion("push", "refs/heads/dev");
    changed.short_hash = 12;
    assert_eq!(told(&changed, "type=sha", ""), "sha-860c1904a1ce");
    changed.is_dirty = true;
    assert_eq!(
        told(&changed, "type=sha\n{{sha}}", ""),
        "860c1904a1ce-dirty sha-860c1904a1ce-dirty"
    );
    changed.commit = String::new();
    assert_eq!(told(&changed, "type=sha\nx", ""), "x");
}

#[test]
fn a_tag_says_which_rules_made_it() {
    let occasion = occasion("push", "refs/tags/v1.2.3");
    let made = generated(
        &occasion,
        "latest\ntype=semver,pattern={{version}}\n1.2.3\ntype=sha,event=x",
        "",
    )
    .unwrap();
    let told: Vec<String> = made
        .tags
        .iter()
        .map(|tag| format!("{} <- {}", tag.name, tag.because.join(" | ")))
        .collect();
    insta::assert_snapshot!(told.join("\n"), @r#"
    1.2.3 <- type=semver,pattern={{version}} | 1.2.3
    latest <- latest | flavor
    sha-860c190 <- type=sha,event=x
    "#);
    assert_eq!(made.version.as_deref(), Some("1.2.3"));
    insta::assert_snapshot!(made.notes.join("\n"), @"`type=sha,event=x`: `event` means nothing to type=sha");
}

#[test]
fn what_a_rule_could_not_do_is_said() {
    let occasion = occasion("pull_request", "refs/pull/2/merge");
    let rules = "type=sha,prefix={{branch}}-\n{{branch}}\ntype=semver,pattern={{version}},value=x\ntype=match,pattern=a(b)?,value=a,group=1\ntype=match,pattern=b,value=a\ntype=semver,pattern={{version}},value=v1,match=x(.*)\ntype=pep440,pattern={{version}},value=x";
    insta::assert_snapshot!(generated(&occasion, rules, "").unwrap().notes.join("\n"), @r#"
    `type=semver,pattern={{version}},value=x` gives no tag: `x` is no semantic version (https://semver.org)
    `type=semver,pattern={{version}},value=v1,match=x(.*)` gives no tag: `x(.*)` does not match `v1`
    `type=pep440,pattern={{version}},value=x` gives no tag: `x` is no version of Python (PEP 440)
    `type=match,pattern=a(b)?,value=a,group=1` gives no tag: group 1 is not in `a`
    `type=match,pattern=b,value=a` gives no tag: it does not match `a`
    `{{branch}}` gives no tag: its value is empty here
    `type=sha,prefix={{branch}}-` gives `860c190`: a tag cannot begin with a hyphen or a period
    "#);
}

#[test]
fn all_mistakes_are_told_at_once_with_their_line() {
    let error = parse_rules(&lines("tags", "type=sha\ntype=nope\n# x\ntype=ref\n")).unwrap_err();
    insta::assert_snapshot!(error, @"`type=nope`: there is no type `nope`: line 2 of the tags (help: there are: schedule, semver, pep440, match, edge, ref, raw, sha); `type=ref`: `event` is missing: line 4 of the tags (help: write it: `type=ref,event=branch`)");
}

#[test]
fn nobody_needs_to_know_the_default_branch_unless_asked() {
    let mut unknown = occasion("push", "refs/heads/dev");
    unknown.default_branch = None;
    assert_eq!(told(&unknown, "type=edge,branch=dev", ""), "edge");
    for rules in ["type=edge", "type=raw,value=x,enable={{is_default_branch}}"] {
        let found = told(&unknown, rules, "");
        assert!(
            found.contains("nobody says which branch is the default"),
            "{found}"
        );
    }
}
