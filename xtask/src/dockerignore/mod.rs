//! `.dockerignore`: which paths a build context leaves out, exactly as `BuildKit` decides.
