use super::*;
use crate::source::Source;

fn told(text: &str) -> Vec<String> {
    let error = read(&Source::new("test.yaml", text)).unwrap_err();
    let mut all = vec![error.clone()];
    all.extend(error.others().iter().cloned());
    all.iter().map(ToString::to_string).collect()
}
