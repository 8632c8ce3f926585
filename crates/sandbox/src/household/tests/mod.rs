mod descriptions;
mod features;
mod views;

use views::{view, view_as};
