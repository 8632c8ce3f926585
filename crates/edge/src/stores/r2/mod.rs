//! R2: documents, each stored and read out chunk by chunk.

mod delete;
mod place;
mod read;
mod reseal;
mod write;

pub use delete::delete_documents;
pub use place::{beginning, document, document_key};
pub use read::{ReadError, Reading};
pub use reseal::{Resealed, reseal_document};
pub use write::{Put, PutError, put_document};
