//! The names one architecture has in Docker, Debian, Alpine and on the Python package index.

use serde::Serialize;

use crate::error::{Error, Result};

/// What a stand-in can be made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Architecture {
    Amd64,
    Arm64,
}

impl Architecture {
    /// # Errors
    /// If no stand-in can be made for the platform, such as `linux/arm/v7`.
    pub(super) fn of(platform: &str) -> Result<Self> {
        match platform {
            "linux/amd64" => Ok(Self::Amd64),
            "linux/arm64" | "linux/arm64/v8" => Ok(Self::Arm64),
            other => Err(
                Error::usage(format!("there is no stand-in for the platform {other}"))
                    .because("Node for musl is packaged for linux/amd64 and linux/arm64 only")
                    .help(
                        "build for linux/amd64, or on a machine that reaches a container registry",
                    ),
            ),
        }
    }

    /// As Docker and Debian call it.
    pub(super) const fn debian(self) -> &'static str {
        match self {
            Self::Amd64 => "amd64",
            Self::Arm64 => "arm64",
        }
    }

    /// As Alpine, musl and Python call it.
    pub(super) const fn alpine(self) -> &'static str {
        match self {
            Self::Amd64 => "x86_64",
            Self::Arm64 => "aarch64",
        }
    }

    /// The directory Debian's libraries are in.
    pub(super) const fn multiarch(self) -> &'static str {
        match self {
            Self::Amd64 => "x86_64-linux-gnu",
            Self::Arm64 => "aarch64-linux-gnu",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_packaged_platforms_have_a_stand_in() {
        assert_eq!(
            Architecture::of("linux/amd64").unwrap(),
            Architecture::Amd64
        );
        assert_eq!(
            Architecture::of("linux/arm64").unwrap(),
            Architecture::Arm64
        );
        let error = Architecture::of("linux/arm/v7").unwrap_err();
        assert_eq!(error.exit(), crate::error::Exit::Usage);
    }
}
