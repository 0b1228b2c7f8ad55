//! cosign: finding it, fetching it, and what it answers. It does the mathematics and talks to the registry; what its
//! answers mean is `trust`'s to say.

mod fetch;
mod key_pair;
mod program;
mod refusal;
mod signing;
mod verification;

pub use fetch::{Fetched, fetch};
pub use key_pair::generate_key;
pub use program::{Cosign, Origin, TRIED};
pub use refusal::Refusal;
pub use signing::Material;
pub use verification::{Subject, Verifier};
