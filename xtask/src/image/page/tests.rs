use super::*;
use crate::image::analysis::FileReport;

#[derive(Deserialize)]
struct Sample {
    analyses: Vec<Analysis>,
    dockerfiles: BTreeMap<String, String>,
    budgets: BTreeMap<String, Vec<BudgetLine>>,
    history: History,
}

impl Sample {
    fn read() -> Self {
        serde_json::from_str(include_str!("../../../testdata/size/sample.json")).unwrap()
    }

    fn page(&self) -> Page<'_> {
        Page {
            title: "jts",
            generated: "2026-11-30",
            commit: Some("0123456789ab"),
            analyses: &self.analyses,
            dockerfiles: &self.dockerfiles,
            budgets: &self.budgets,
            history: &self.history,
        }
    }
}

/// The page without the texts of its style, script and data.
fn frame(page: &str) -> String {
    let mut rest = page;
    let mut kept = String::new();
    for (open, close) in [
        ("<style>", "</style>"),
        ("id=\"data\">", "</script>"),
        ("<script>", "</script>"),
    ] {
        let (before, after) = rest.split_once(open).unwrap();
        let (_, after) = after.split_once(close).unwrap();
        kept.push_str(before);
        kept.push_str(open);
        kept.push_str(close);
        rest = after;
    }
    kept + rest
}

/// What a browser would read as data.
fn data(page: &str) -> serde_json::Value {
    let (_, after) = page.split_once("id=\"data\">").unwrap();
    serde_json::from_str(after.split_once("</script>").unwrap().0).unwrap()
}

#[test]
fn the_static_part_is_an_overview() {
    let mut sample = Sample::read();
    sample.analyses.truncate(3);
    sample.analyses[1].sizes.base_bytes = None;
    sample.analyses[1].sizes.own_bytes = None;
    sample.analyses[1].sizes.hidden_bytes = None;
    sample.analyses[1].sizes.compressed_is_estimate = true;
    sample.budgets.remove("data-ingestion");
    let page = frame(&render(&sample.page()));
    let policy = page.split_once("sha256-").unwrap().1;
    let digests = policy.split_once("base-uri").unwrap().0;
    insta::assert_snapshot!(page.replace(digests, "… "));
}

#[test]
fn the_data_is_all_there() {
    let sample = Sample::read();
    let data = data(&render(&sample.page()));
    assert_eq!(data["images"].as_array().unwrap().len(), 7);
    for (image, analysis) in data["images"]
        .as_array()
        .unwrap()
        .iter()
        .zip(&sample.analyses)
    {
        assert_eq!(image["key"], analysis.name);
        let mut image = image.clone();
        image.as_object_mut().unwrap().shift_remove("key");
        assert_eq!(
            &serde_json::from_value::<Analysis>(image).unwrap(),
            analysis
        );
    }
    let history: History = serde_json::from_value(data["history"].clone()).unwrap();
    assert_eq!(history, sample.history);
    assert_eq!(
        data["dockerfiles"]["docker/base/Dockerfile"],
        sample.dockerfiles["docker/base/Dockerfile"]
    );
}

const HOSTILE: &str = "</script><img src=x onerror=alert(1)>\"'&{{script}}<!--<script>\u{2028}";

/// Hostile text wherever foreign text goes.
fn hostile() -> Sample {
    let mut sample = Sample::read();
    let image = &mut sample.analyses[1];
    for text in [
        &mut image.name,
        &mut image.source,
        &mut image.platform,
        &mut image.digest,
        &mut image.folders.children[0].name,
        &mut image.layers[0].origin.instruction,
        &mut image.packages[0].name,
        &mut image.leftovers[0].category,
    ] {
        HOSTILE.clone_into(text);
    }
    image.remarks.push(HOSTILE.to_owned());
    image.largest_files.push(FileReport {
        path: HOSTILE.to_owned(),
        bytes: 1,
        layer: 0,
    });
    image.layers[4].origin.dockerfile = Some(HOSTILE.to_owned());
    let lines = sample.budgets["api-gateway"].clone();
    let measure = |line: BudgetLine| BudgetLine {
        measure: HOSTILE.to_owned(),
        ..line
    };
    let lines = lines.into_iter().map(measure).collect();
    sample.budgets.insert(HOSTILE.to_owned(), lines);
    sample
        .dockerfiles
        .insert(HOSTILE.to_owned(), HOSTILE.to_owned());
    sample
}

#[test]
fn foreign_text_stays_text() {
    let sample = hostile();
    let page = render(&Page {
        title: HOSTILE,
        generated: HOSTILE,
        commit: Some(HOSTILE),
        ..sample.page()
    });
    assert_eq!(page.matches("</script").count(), 2);
    assert_eq!(page.matches("<script").count(), 2);
    assert!(!page.contains("<img") && !page.contains("<!--"));
    assert_eq!(page.matches(assets::script().as_str()).count(), 1);
    assert_eq!(data(&page)["title"], HOSTILE);
    assert_eq!(
        data(&page)["images"][1]["folders"]["children"][0]["name"],
        HOSTILE
    );
    well_formed(&frame(&page));
}

#[test]
fn elements_end_where_they_should() {
    well_formed(&frame(&render(&Sample::read().page())));
}

/// Every element but those without content is closed, in order; attributes are quoted.
fn well_formed(page: &str) {
    let mut open = Vec::new();
    let mut rest = page;
    while let Some((text, after)) = rest.split_once('<') {
        assert!(!text.contains('>'), "stray > in {text:?}");
        let (tag, after) = after.split_once('>').unwrap();
        rest = after;
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name), "</{name}>");
        } else if !tag.starts_with('!') {
            assert_eq!(tag.matches('"').count() % 2, 0, "{tag}");
            let name = tag.split([' ', '\n']).next().unwrap();
            if name != "meta" {
                open.push(name);
            }
        }
    }
    assert!(open.is_empty(), "{open:?}");
}

#[test]
fn nothing_is_loaded_from_elsewhere() {
    let page = render(&Sample::read().page());
    let frame = frame(&page);
    assert!(!frame.contains("http:") && !frame.contains("https:"));
    for attribute in ["src=", "href="] {
        for (_, value) in frame
            .match_indices(attribute)
            .map(|(at, _)| frame[at..].split_at(attribute.len()))
        {
            assert!(value.starts_with("\"#"), "{attribute}{}", &value[..20]);
        }
    }
    assert!(page.contains("default-src 'none'; style-src 'sha256-"));
}

#[test]
fn images_of_one_name_have_links_of_their_own() {
    let mut sample = Sample::read();
    let mut arm = sample.analyses[0].clone();
    arm.platform = "linux/arm64".to_owned();
    sample.analyses = vec![
        sample.analyses[0].clone(),
        arm.clone(),
        arm,
        sample.analyses[1].clone(),
    ];
    assert_eq!(
        keys(&sample.analyses),
        [
            "base (linux/amd64)",
            "base (linux/arm64)",
            "base (linux/arm64) 2",
            "api-gateway"
        ]
    );
}

#[test]
fn no_image_at_all_is_a_page_too() {
    let mut sample = Sample::read();
    sample.analyses.clear();
    let page = render(&sample.page());
    assert!(page.contains("<strong>0</strong><span>images</span>"));
    well_formed(&frame(&page));
}

#[test]
fn what_is_put_in_is_not_looked_at_again() {
    let part = |name: &str| format!("<{name} {{{{a}}}}>");
    assert_eq!(fill("x{{a}}y{{b}}z{{", part), "x<a {{a}}>y<b {{a}}>z{{");
}

#[test]
fn verdicts_begin_beyond_the_limits() {
    let line = |bytes| BudgetLine {
        measure: "unpacked".to_owned(),
        bytes,
        limit: 100,
        soft_limit: Some(90),
    };
    assert_eq!(line(90).verdict(), Verdict::Within);
    assert_eq!(line(91).verdict(), Verdict::Near);
    assert_eq!(line(100).verdict(), Verdict::Near);
    assert_eq!(line(101).verdict(), Verdict::Over);
}
