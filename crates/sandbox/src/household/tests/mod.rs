mod descriptions;
mod features;
mod golden;
mod views;

use views::{view, view_as};
