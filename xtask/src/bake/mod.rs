//! The bake plan.
