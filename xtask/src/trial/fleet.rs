//! All services together: what the compose files say, what is asked, and how what was seen is judged.

pub mod composition;
pub mod dns;
pub mod health;
pub mod latency;
pub mod order;
pub mod peers;
pub mod plan;
pub mod properties;
pub mod step;

pub use composition::{Composition, Condition, Member};
pub use plan::Plan;
pub use properties::PROPERTIES;
