//! Tests of what crosses files. Fixtures in [`support`].

mod black76;
mod black76_reference;
mod fixed;
mod kernel;
mod margin;
mod model;
mod properties;
mod report;
mod shock;
mod support;
mod svi;
mod vectors;
mod wide_model;
