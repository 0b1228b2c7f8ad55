//! What `cargo test` says of itself. A test that is skipped passes for cargo, and so does a filter that no test
//! matches; neither shows anything.

/// What the tests of one `cargo test` came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Tests {
    /// How many passed, ignored ones aside.
    pub(super) passed: u64,
    /// Why some did not look at what they are there for, each reason once.
    pub(super) skipped: Vec<String>,
}

impl Tests {
    /// Reads what was printed with `--show-output` or `--nocapture`.
    pub(super) fn read(printed: &str) -> Self {
        let mut tests = Self::default();
        for line in printed.lines() {
            let line = line.trim();
            if let Some(counts) = line.strip_prefix("test result: ") {
                let passed = counts.split(['.', ';']).find_map(|part| {
                    let number = part.trim().strip_suffix(" passed")?;
                    number.parse::<u64>().ok()
                });
                tests.passed += passed.unwrap_or_default();
            }
            // With `--nocapture` it may stand behind the name of the test.
            if let Some((before, why)) = line.split_once("skipped: ")
                && (before.is_empty() || before.starts_with("test "))
                && !tests.skipped.iter().any(|known| known == why)
            {
                tests.skipped.push(why.to_owned());
            }
        }
        tests
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passed_tests_are_counted_and_skipped_ones_are_told() {
        let tests = Tests::read(
            "running 2 tests\ntest a ... ok\ntest b ... ok\n\nsuccesses:\n\n---- b stdout ----\nskipped: no engine\n\n\
             test result: ok. 2 passed; 0 failed; 1 ignored; 0 measured; 7 filtered out; finished in 0.02s\n\
             test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s\n",
        );
        assert_eq!(tests.passed, 5);
        assert_eq!(tests.skipped, ["no engine"]);
        let none = Tests::read("running 0 tests\ntest result: ok. 0 passed; 0 failed\n");
        assert_eq!(none, Tests::default());
        let bare = Tests::read("test c ... skipped: no cosign\ntest c ... skipped: no cosign\n");
        assert_eq!(bare.skipped, ["no cosign"]);
    }
}
