//! Policy Check: does what is insured meet what was asked for.

mod check;
mod checks;
mod result;
mod settings;
mod vehicles;

pub use result::add;
pub use settings::Settings;
