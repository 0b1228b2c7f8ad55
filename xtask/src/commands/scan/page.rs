//! `--html`: the answer as a page to look at: one file without scripts, and nothing from elsewhere.

use std::fmt::Write as _;

use super::answer::Answer;
use super::output::{overview, places, rows};
use crate::report::page::head;
use crate::report::table::{Alignment, Table, html};

const STYLE: &str = include_str!("page/style.css");

/// The page.
pub(super) fn page(answer: &Answer<'_>, project: &str) -> String {
    let title = format!("Image scan of {project}");
    let mut text = head(&title, STYLE);
    // Writing to a string cannot fail.
    let _ = write!(
        text,
        "<header><h1>{title}</h1><p>{}</p></header>\n<main>\n",
        answer.now,
        title = html(&title),
    );
    let _ = writeln!(
        text,
        "<pre class=\"summary\">{}</pre>",
        html(&answer.summary())
    );
    section(&mut text, "Images", &overview(answer));
    let places = places(answer);
    if !places.is_empty() {
        text.push_str("<h2>Who must act</h2>\n");
    }
    for place in &places {
        let _ = write!(
            text,
            "<section>\n<h3>{}</h3>\n<div class=\"wide\">{}</div>\n<ul>\n",
            html(&place.title),
            rows(&place.rows).html()
        );
        for row in &place.rows {
            let _ = writeln!(text, "<li>{}</li>", html(&row.change.advice()));
        }
        text.push_str("</ul>\n</section>\n");
    }
    section(&mut text, "Vulnerabilities", &vulnerabilities(answer));
    section(&mut text, "Findings", &findings(answer));
    text.push_str("</main>\n</body>\n</html>\n");
    text
}

fn section(text: &mut String, title: &str, table: &Table) {
    if table.is_empty() {
        return;
    }
    let _ = write!(
        text,
        "<section>\n<h2>{title}</h2>\n<div class=\"wide\">{}</div>\n</section>\n",
        table.html()
    );
}

/// Every vulnerability of every image, what is accepted included.
fn vulnerabilities(answer: &Answer<'_>) -> Table {
    use Alignment::Left;
    let mut table = Table::new(&[
        ("Level", Left),
        ("Vulnerability", Left),
        ("Package", Left),
        ("Has", Left),
        ("Without it", Left),
        ("Image", Left),
        ("First seen", Left),
        ("State", Left),
        ("Found by", Left),
        ("About", Left),
    ]);
    let mut cases: Vec<_> = answer.cases.iter().collect();
    cases.sort_by_key(|case| (case.is_exempt, case.vulnerability.order()));
    for case in cases {
        let one = case.vulnerability;
        let exemption = case.exemption.and_then(|at| answer.exemptions.get(at));
        let state = match (case.is_exempt, exemption, case.overdue, case.fails) {
            (true, Some(exemption), ..) => {
                let reason = exemption.reason.clone().unwrap_or_default();
                format!("{}: {reason}", exemption.statement.words())
            }
            (_, _, Some(overdue), _) => format!("overdue for {}", overdue.words()),
            (_, _, None, true) => "fails".to_owned(),
            _ => "told".to_owned(),
        };
        let found_by: Vec<&str> = one.found_by.iter().map(|finder| finder.name()).collect();
        table.row([
            one.level.to_string(),
            one.id.clone(),
            format!("{} ({})", one.package.name, one.package.manager),
            one.package.version.clone(),
            one.fixed.clone().unwrap_or_default(),
            case.image.name.clone(),
            case.first_seen.to_string(),
            state,
            found_by.join(", "),
            one.title.clone(),
        ]);
    }
    table
}

/// What else is wrong, the worst first.
fn findings(answer: &Answer<'_>) -> Table {
    use Alignment::Left;
    let mut table = Table::new(&[
        ("", Left),
        ("Code", Left),
        ("Place", Left),
        ("What", Left),
        ("What to do", Left),
    ]);
    let mut others: Vec<_> = answer.others().collect();
    others.sort_by_key(|one| std::cmp::Reverse(one.severity));
    for one in others {
        let place = match (&one.location, one.path()) {
            (Some(at), _) => at.to_string(),
            (None, Some(path)) => path.to_string(),
            (None, None) => String::new(),
        };
        table.row([
            one.severity.word().to_owned(),
            format!("{} {}", one.code, one.name),
            place,
            one.message.clone(),
            one.help.join("; "),
        ]);
    }
    table
}
