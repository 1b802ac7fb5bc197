//! Real MLS state on all sides. `circle` has the actors; the others ask one question each.

mod adversary;
mod circle;
mod conversation;
mod document;
mod epochs;
pub(crate) mod forgery;

pub(crate) use circle::entropy;
