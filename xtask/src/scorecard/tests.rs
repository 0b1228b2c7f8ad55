//! The whole way from a file and what commands print to the page.
