//! Whether images can be signed and verified.

use camino::Utf8Path;

use super::Check;
use crate::cosign::{Cosign, Origin};
use crate::process::Runner;

const NAME: &str = "cosign";

/// Looks for cosign, on `PATH` and below `root/target`.
pub(super) fn check(runner: &dyn Runner, root: &Utf8Path) -> Check {
    let check = match Cosign::find(runner, &root.join("target/docker-cosign")) {
        Ok(cosign) => {
            let version = cosign.version.clone();
            let told = version
                .clone()
                .unwrap_or_else(|| "of a version it does not tell".to_owned());
            let place = match cosign.origin {
                Origin::Machine => "",
                Origin::Fetched => ", fetched below target/",
            };
            Check::ok(NAME, format!("{told}{place}")).version(version)
        }
        Err(error) => Check::problem(
            NAME,
            format!(
                "{}; it is for `docker-sign` and `docker-verify`",
                error.message()
            ),
            "cargo xtask docker-sign --fetch-cosign",
        ),
    };
    check.minimum("3.0.0")
}

#[cfg(test)]
mod tests {
    use super::super::State;
    use super::*;
    use crate::process::{Reply, Scripted};

    #[test]
    fn cosign_is_told_with_what_fetches_it() {
        let none = check(&Scripted::default(), Utf8Path::new("/none"));
        assert_eq!(none.state, State::Problem);
        assert!(!none.needed && none.fix.is_some());
        let there = Scripted::default().on("cosign", Reply::ok("{\"gitVersion\":\"v3.1.1\"}"));
        let there = check(&there, Utf8Path::new("/none"));
        assert_eq!((there.state, there.found.as_str()), (State::Ok, "3.1.1"));
    }
}
