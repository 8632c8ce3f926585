//! A zip that is written as it is read: nothing of it is gone back to, and what was taken is not held.
//!
//! Files are stored as they are, sizes and checksums behind them. Source: APPNOTE.TXT, "ZIP File Format Specification", 4.3.9.

use std::{
    cell::RefCell,
    io::{self, Write},
    rc::Rc,
};

use zip::{
    CompressionMethod, DateTime, ZipWriter, result::ZipError, write::SimpleFileOptions, write::StreamWriter,
};

use crate::time::UnixMillis;

/// What was written and not taken.
#[derive(Debug, Clone, Default)]
struct Written(Rc<RefCell<Vec<u8>>>);

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// See above.
pub struct Archive {
    writer: ZipWriter<StreamWriter<Written>>,
    written: Written,
    options: SimpleFileOptions,
}

impl std::fmt::Debug for Archive {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Archive").finish_non_exhaustive()
    }
}

impl Archive {
    /// An empty one, its files of `now`.
    #[must_use]
    pub fn new(now: UnixMillis) -> Self {
        let written = Written::default();
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
        let options = options.last_modified_time(date_time(now).unwrap_or_default()).unix_permissions(0o644);
        Self { writer: ZipWriter::new_stream(written.clone()), written, options }
    }

    /// Begins a file; what is written from here on is its bytes.
    ///
    /// # Errors
    /// When there is one of this name.
    pub fn file(&mut self, name: &str) -> Result<(), ZipError> {
        self.writer.start_file(name, self.options)
    }

    /// Bytes of the file that was begun last.
    ///
    /// # Errors
    /// When none was, or it has more than 4 GiB.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), ZipError> {
        Ok(self.writer.write_all(bytes)?)
    }

    /// Gives to `taker` what was written since it was last taken.
    pub fn take<T>(&mut self, taker: impl FnOnce(&[u8]) -> T) -> T {
        let mut written = self.written.0.borrow_mut();
        let taken = taker(&written);
        written.clear();
        taken
    }

    /// The rest, with the directory of all files.
    ///
    /// # Errors
    /// As for [`Archive::write`].
    pub fn end(self) -> Result<Vec<u8>, ZipError> {
        self.writer.finish()?;
        Ok(self.written.0.take())
    }
}

/// A zip's times are to two seconds, of a zone that it does not name: here UTC.
fn date_time(at: UnixMillis) -> Option<DateTime> {
    let at = time::OffsetDateTime::from_unix_timestamp(at.0.div_euclid(1_000)).ok()?;
    let year = u16::try_from(at.year()).ok()?;
    DateTime::from_date_and_time(year, at.month().into(), at.day(), at.hour(), at.minute(), at.second()).ok()
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Read};

    use zip::ZipArchive;

    use super::*;

    const NOW: UnixMillis = UnixMillis(1_767_225_600_000);

    #[test]
    fn what_is_taken_bit_by_bit_is_a_zip() {
        let mut archive = Archive::new(NOW);
        let mut zip = Vec::new();
        archive.file("documents/Déclarations.pdf").unwrap();
        for part in [&b"%PDF"[..], b"-1.7", b""] {
            archive.write(part).unwrap();
            archive.take(|bytes| zip.extend_from_slice(bytes));
            assert!(archive.take(<[u8]>::is_empty), "it is not held");
        }
        archive.file("empty.json").unwrap();
        zip.extend(archive.end().unwrap());
        let mut read = ZipArchive::new(Cursor::new(zip)).unwrap();
        assert_eq!(read.len(), 2);
        let mut file = read.by_name("documents/Déclarations.pdf").unwrap();
        let mut text = String::new();
        file.read_to_string(&mut text).unwrap();
        assert_eq!((text.as_str(), file.last_modified().unwrap().year()), ("%PDF-1.7", 2026));
    }

    #[test]
    fn no_two_files_have_a_name() {
        let mut archive = Archive::new(NOW);
        archive.file("pull.json").unwrap();
        assert!(archive.file("pull.json").is_err());
    }
}
