mod bounds;
mod each;
mod files;
mod flows;
mod household;
mod play;
