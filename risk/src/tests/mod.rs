//! Tests of what crosses files. Fixtures in [`support`].

mod aggregation;
mod arrays;
mod base;
mod black76;
mod black76_reference;
mod concentration;
mod expiry_points;
mod fixed;
mod gamma_buffer;
mod kernel;
mod margin;
mod model;
mod near_expiry;
mod open_orders;
mod properties;
mod report;
mod shock;
pub(crate) mod support;
mod svi;
mod value_at_risk;
mod vectors;
mod wide_model;
