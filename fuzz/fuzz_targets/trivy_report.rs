//! Whatever Trivy prints: it is read or refused. A beginning of a report that is read is refused.
#![no_main]

use libfuzzer_sys::fuzz_target;
use xtask::image::inventory::{Manager, Package};
use xtask::scan::trivy::read;

fuzz_target!(|text: &[u8]| {
    let package = |name: &str, record: &str| Package {
        manager: Manager::Npm,
        name: name.to_owned(),
        version: "1.0.0".to_owned(),
        architecture: None,
        source: None,
        license: None,
        record: record.to_owned(),
        files: Vec::new(),
    };
    let packages = [package("a", "x"), package("a", "y"), package("b", "x")];
    let Ok(report) = read(text, &packages) else {
        return;
    };
    for one in &report.vulnerabilities {
        assert!(!one.id.is_empty() && !one.aliases.contains(&one.id));
    }
    assert!(
        report
            .vulnerabilities
            .windows(2)
            .all(|pair| pair[0].order() <= pair[1].order())
    );
    let end = text.trim_ascii_end().len();
    for cut in [end / 3, end / 2, end - 1] {
        assert!(read(&text[..cut], &packages).is_err());
    }
});
