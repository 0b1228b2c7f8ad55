//! The page of sizes in a real browser: what it shows, how it is operated, and what it must not do.
//!
//! Whoever works on the page sees it as `SIZE_PAGE_PICTURES=<folder> cargo test -p xtask --test size_page` draws it.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "the functions the tests share are tests, too"
)]
#![expect(
    clippy::disallowed_methods,
    reason = "a test starts a browser and asks where it is"
)]

use std::collections::BTreeMap;

use serde::Deserialize;
use xtask::image::analysis::Analysis;
use xtask::image::history::History;
use xtask::image::page::{BudgetLine, Page, render};

#[path = "support/browser.rs"]
mod browser;
#[path = "size_page/odd_data.rs"]
mod odd_data;

use browser::Browser;

/// Names the folder that pictures are written to.
const PICTURES: &str = "SIZE_PAGE_PICTURES";

/// Texts that cannot be read, one a line.
const CONTRAST: &str = include_str!("size_page/contrast.js");

#[derive(Deserialize)]
struct Sample {
    analyses: Vec<Analysis>,
    dockerfiles: BTreeMap<String, String>,
    budgets: BTreeMap<String, Vec<BudgetLine>>,
    history: History,
}

impl Sample {
    fn read() -> Self {
        serde_json::from_str(include_str!("../testdata/size/sample.json")).unwrap()
    }

    /// The page as a file that is removed at the end.
    fn file(&self) -> tempfile::NamedTempFile {
        let page = render(&Page {
            title: "jts: sizes of images",
            generated: "2026-11-30 23:52 UTC",
            commit: Some("5b1c2f9a7d3e"),
            analyses: &self.analyses,
            dockerfiles: &self.dockerfiles,
            budgets: &self.budgets,
            history: &self.history,
        });
        let file = tempfile::Builder::new().suffix(".html").tempfile().unwrap();
        std::fs::write(file.path(), page).unwrap();
        file
    }
}

/// Opens every list of the image that is shown.
const OPEN_ALL: &str =
    "document.querySelectorAll('details').forEach((part) => { part.open = true; }), 0";

/// By how many pixels the page is wider than its window. A mobile browser zooms out of a page that is too wide, so
/// what `innerWidth` says then is no measure.
const OVERFLOW: &str = "document.scrollingElement.scrollWidth - screen.width";

/// What stands out at the right, to find the cause.
const STANDS_OUT: &str = "[...document.querySelectorAll('main *, header *')].filter((node) => node.checkVisibility() && !node.closest('nav, .unseen') && node.getBoundingClientRect().right > screen.width + 1).map((node) => node.tagName + '.' + node.className).slice(0, 10).join(' ')";

#[test]
fn every_image_is_shown_and_nothing_is_complained_of() {
    let Some(mut browser) = Browser::find() else {
        return;
    };
    let sample = Sample::read();
    let file = sample.file();
    browser.resize(1280, 900);
    browser.open(file.path(), "");
    let links = browser
        .value("[...document.querySelectorAll('#images a')].map((link) => link.textContent)");
    let names = sample.analyses.iter().map(|a| a.name.as_str());
    let expected: Vec<&str> = std::iter::once("All images").chain(names).collect();
    assert_eq!(links, serde_json::json!(expected));
    assert_eq!(
        browser.value("document.querySelectorAll('.overview tbody tr').length"),
        7
    );
    browser.picture(PICTURES, "overview-1280.png");
    for analysis in &sample.analyses {
        let name = &analysis.name;
        browser.value(&format!("[...document.querySelectorAll('#images a')].find((link) => link.textContent === '{name}').click(), 0"));
        browser.wait(&format!(
            "document.querySelector('#image h2')?.textContent === '{name}'"
        ));
        browser.drawn();
        assert_eq!(
            browser.value("document.activeElement.tagName"),
            "H2",
            "{name}"
        );
        assert_eq!(
            browser.text("document.querySelector('#images [aria-current]').textContent"),
            *name
        );
        assert!(
            browser
                .value("document.querySelectorAll('.tile').length")
                .as_u64()
                .unwrap()
                > 20,
            "{name}"
        );
        assert_eq!(
            browser.value("document.querySelectorAll('.layers li').length"),
            analysis.layers.len()
        );
        assert_eq!(
            browser.value("document.querySelectorAll('.waste > li').length"),
            analysis.waste.len()
        );
        assert_eq!(
            browser.value("document.querySelectorAll('.chart .series').length"),
            2,
            "{name}"
        );
        let unpacked = xtask::size::Bytes(analysis.sizes.unpacked_bytes).to_string();
        assert_eq!(
            browser.text("document.querySelector('.measure.unpacked strong').textContent"),
            unpacked
        );
        let dockerfiles = browser.value("document.querySelectorAll('table.dockerfile').length");
        assert_eq!(dockerfiles, if name == "base" { 1 } else { 2 }, "{name}");
    }
    browser.picture(PICTURES, "strategy-engine-1280.png");
    assert_eq!(browser.complaints(), Vec::<String>::new());
    assert_eq!(
        browser.requests().len(),
        1,
        "the page loads itself and nothing else: {:?}",
        browser.requests()
    );
}

#[test]
fn the_map_is_operated_by_keyboard() {
    let Some(mut browser) = Browser::find() else {
        return;
    };
    let file = Sample::read().file();
    browser.resize(1280, 900);
    browser.open(file.path(), "strategy-engine");
    let here =
        "[...document.querySelectorAll('.crumb')].map((crumb) => crumb.textContent).join(' ')";
    let focused = "document.activeElement.querySelector('.tile-name')?.textContent ?? document.activeElement.tagName";
    assert_eq!(browser.text(here), "/");
    browser.value("document.querySelector('.map [tabindex=\"0\"]').focus(), 0");
    assert_eq!(browser.text(focused), "usr");
    assert!(
        browser
            .text("document.activeElement.getAttribute('aria-label')")
            .starts_with("/usr, ")
    );
    assert!(
        browser
            .text("document.querySelector('.treemap .status').textContent")
            .starts_with("/usr ")
    );
    browser.press("ArrowDown");
    assert_eq!(browser.text(focused), "app");
    browser.press("ArrowUp");
    browser.press("ArrowRight");
    assert_eq!(browser.text(focused), "lib");
    browser.press("ArrowLeft");
    browser.press("Enter");
    browser.wait("document.querySelectorAll('.crumb').length === 2");
    browser.drawn();
    assert_eq!(browser.text(here), "/ usr");
    assert_eq!(browser.text("location.hash"), "#strategy-engine/usr");
    assert_eq!(browser.text(focused), "lib", "the focus stays in the map");
    browser.press("End");
    browser.press("Home");
    assert_eq!(browser.text(focused), "lib");
    browser.press("Enter");
    browser.wait("document.querySelectorAll('.crumb').length === 3");
    browser.press("Escape");
    browser.wait("document.querySelectorAll('.crumb').length === 2");
    assert_eq!(
        browser.text(focused),
        "lib",
        "the folder that was left has the focus"
    );
    browser.press("Escape");
    browser.wait("document.querySelectorAll('.crumb').length === 1");
    assert_eq!(browser.text(focused), "usr");
    // One stop for the whole map: Tab leaves it.
    browser.press("Tab");
    assert_eq!(
        browser.value("document.activeElement.closest('.map') === null"),
        true
    );
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

#[test]
fn links_layers_lists_and_charts_answer() {
    let Some(mut browser) = Browser::find() else {
        return;
    };
    let file = Sample::read().file();
    browser.resize(1280, 900);
    browser.open(file.path(), "strategy-engine/usr/lib");
    assert_eq!(
        browser.value("document.querySelectorAll('.crumb').length"),
        3,
        "a link names a folder"
    );
    let lit = "document.querySelectorAll('.tile.lit').length";
    assert_eq!(browser.value(lit), 0);
    let python = "[...document.querySelectorAll('.layers .layer')].find((layer) => layer.textContent.includes('py3-pip build-base && pip'))";
    browser.value(&format!("{python}.click(), 0"));
    assert_eq!(
        browser.value(&format!("{python}.getAttribute('aria-pressed')")),
        "true"
    );
    assert!(browser.value(lit).as_u64().unwrap() > 3);
    assert_eq!(
        browser.value("document.querySelectorAll('.dockerfile .selected').length"),
        2,
        "both lines of the instruction"
    );
    browser.picture(PICTURES, "highlight-1280.png");
    browser.value(&format!("{python}.click(), 0"));
    assert_eq!(browser.value(lit), 0, "a second click takes it back");

    let panel = "document.querySelector('[role=tabpanel]:not([hidden])')";
    browser.value("document.querySelector('[role=tab]').focus(), 0");
    browser.press("ArrowRight");
    browser.press("ArrowRight");
    assert!(
        browser
            .text("document.activeElement.textContent")
            .starts_with("Packages")
    );
    let first = format!("{panel}.querySelector('tbody th').textContent");
    assert_eq!(browser.text(&first), "pandas");
    browser.value(&format!("{panel}.querySelector('.sort').click(), 0"));
    assert_eq!(browser.text(&first), "@nestjs/common");
    assert_eq!(
        browser.text(&format!(
            "{panel}.querySelector('th').getAttribute('aria-sort')"
        )),
        "ascending"
    );
    browser.value(&format!("{panel}.querySelector('input').value = 'NUM', {panel}.querySelector('input').dispatchEvent(new Event('input')), 0"));
    assert_eq!(browser.text(&first), "numpy");
    assert_eq!(
        browser.value(&format!("{panel}.querySelectorAll('tbody tr').length")),
        1
    );

    let waste = browser.text("document.querySelector('.waste-line').textContent");
    assert_eq!(
        waste,
        "Line 14 hides 47.3 MB that line 12 added (7 files removed)."
    );

    browser.value("document.querySelector('.chart').focus(), 0");
    browser.press("End");
    let point = browser.text("document.querySelector('.panel .status').textContent");
    assert!(point.starts_with("2026-11-30, "), "{point}");

    browser.value("document.querySelector('.crumb').click(), 0");
    browser.wait("document.querySelectorAll('.crumb').length === 1");
    browser.value("history.back(), 0");
    browser.wait("document.querySelectorAll('.crumb').length === 3");

    browser.open(file.path(), "no%20such%20image");
    assert_eq!(
        browser.value("document.getElementById('overview').hidden"),
        false
    );
    browser.open(file.path(), "%E0%A4%A");
    assert_eq!(
        browser.value("document.getElementById('overview').hidden"),
        false
    );
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

#[test]
fn narrow_windows_scroll_in_one_direction() {
    let Some(mut browser) = Browser::find() else {
        return;
    };
    let sample = Sample::read();
    let file = sample.file();
    for width in [360, 768, 1280] {
        browser.resize(width, 740);
        browser.open(file.path(), "");
        assert_eq!(browser.value("screen.width"), width);
        browser.picture(PICTURES, &format!("narrow-overview-{width}.png"));
        let wide = browser.value(OVERFLOW).as_i64().unwrap();
        assert!(
            wide <= 0,
            "overview at {width}: {wide} pixels, {}",
            browser.text(STANDS_OUT)
        );
        for name in ["base", "api-gateway", "strategy-engine"] {
            browser.open(file.path(), name);
            browser.value(OPEN_ALL);
            let tabs = browser
                .value("document.querySelectorAll('[role=tab]').length")
                .as_u64()
                .unwrap();
            for tab in 0..tabs {
                browser.value(&format!(
                    "document.querySelectorAll('[role=tab]')[{tab}].click(), 0"
                ));
                let wide = browser.value(OVERFLOW).as_i64().unwrap();
                assert!(
                    wide <= 0,
                    "{name}, tab {tab} at {width}: {wide} pixels, {}",
                    browser.text(STANDS_OUT)
                );
                let out = browser.text(STANDS_OUT);
                assert_eq!(out, "", "{name}, tab {tab} at {width}");
            }
            browser.drawn();
            browser.picture(PICTURES, &format!("narrow-{name}-{width}.png"));
        }
    }
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

#[test]
fn both_color_schemes_can_be_read() {
    let Some(mut browser) = Browser::find() else {
        return;
    };
    let file = Sample::read().file();
    browser.resize(1280, 900);
    let ground = "getComputedStyle(document.body).backgroundColor";
    let (light, dark) = ("rgb(244, 246, 249)", "rgb(16, 20, 26)");
    for (scheme, color) in [("light", light), ("dark", dark)] {
        browser.prefer("prefers-color-scheme", scheme);
        for fragment in ["", "base", "strategy-engine", "strategy-engine/usr/lib"] {
            browser.open(file.path(), fragment);
            browser.value(OPEN_ALL);
            browser.value("Promise.all(document.getAnimations().map((animation) => animation.finished)).then(() => 0)");
            assert_eq!(browser.text(ground), color);
            assert_eq!(browser.text(CONTRAST), "", "{scheme} #{fragment}");
            browser.picture(
                PICTURES,
                &format!("{scheme}-{}.png", fragment.replace('/', "-")),
            );
        }
    }
    // The switch wins over the machine, and is remembered as far as the browser lets a file.
    let theme = "document.getElementById('theme')";
    browser.value(&format!("{theme}.click(), 0"));
    assert_eq!(
        browser.text(&format!("{theme}.getAttribute('aria-label')")),
        "Colors: light"
    );
    assert_eq!(browser.text(ground), light);
    browser.value(&format!("{theme}.click(), 0"));
    assert_eq!(browser.text(ground), dark);
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

#[test]
fn motion_is_reduced_on_request() {
    let Some(mut browser) = Browser::find() else {
        return;
    };
    let file = Sample::read().file();
    let animated = "getComputedStyle(document.querySelector('.image')).animationName";
    browser.open(file.path(), "base");
    assert_eq!(browser.text(animated), "appear");
    browser.prefer("prefers-reduced-motion", "reduce");
    assert_eq!(browser.text(animated), "none");
}

#[test]
fn the_overview_needs_no_script() {
    let Some(mut browser) = Browser::find() else {
        return;
    };
    let file = Sample::read().file();
    browser.resize(1280, 900);
    browser.call(
        "Emulation.setScriptExecutionDisabled",
        &serde_json::json!({"value": true}),
    );
    browser.open(file.path(), "");
    browser.picture(PICTURES, "no-script.png");
    assert_eq!(
        browser.value("document.querySelectorAll('.overview tbody tr').length"),
        7
    );
    assert_eq!(
        browser.value("document.querySelector('noscript p').checkVisibility()"),
        true
    );
    assert_eq!(
        browser.value("document.getElementById('theme').checkVisibility()"),
        false
    );
}
