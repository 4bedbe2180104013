//! A log file that stays small: at its limit it becomes `evenkeel.log.1`, and the oldest goes.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};

/// Bytes in one file before the next is begun.
const LIMIT: u64 = 5 * 1024 * 1024;

/// Older files kept beside the one in use.
const KEPT: u32 = 4;

/// The file in use and how full it is.
#[derive(Debug)]
pub struct Rotating {
    path: PathBuf,
    file: File,
    written: u64,
    limit: u64,
}

impl Rotating {
    /// Opens the log and goes on where it ended.
    pub fn open(path: &Path) -> io::Result<Self> {
        Self::with_limit(path, LIMIT)
    }

    fn with_limit(path: &Path, limit: u64) -> io::Result<Self> {
        let file = append_to(path)?;
        let written = file.metadata()?.len();
        Ok(Self { path: path.to_owned(), file, written, limit })
    }

    fn rotate(&mut self) -> io::Result<()> {
        let older = |n: u32| PathBuf::from(format!("{}.{n}", self.path.display()));
        for n in (1..KEPT).rev() {
            if older(n).exists() {
                fs::rename(older(n), older(n + 1))?;
            }
        }
        fs::rename(&self.path, older(1))?;
        self.file = append_to(&self.path)?;
        self.written = 0;
        Ok(())
    }
}

fn append_to(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

impl Write for Rotating {
    /// Takes whole lines, one or many: the queue never hands over half of one, so a line is never torn over two files.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if self.written > 0 && self.written + line.len() as u64 > self.limit {
            // A file that can't be renamed (another program holds it) is better too long than lost.
            if self.rotate().is_err() {
                self.written = 0;
            }
        }
        self.file.write_all(line)?;
        self.written += line.len() as u64;
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_begins_a_new_file_at_the_limit_and_drops_the_oldest() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("evenkeel.log");
        let mut log = Rotating::with_limit(&path, 20).expect("opened");
        for n in 0..12 {
            writeln!(log, "line number {n:02}").expect("written");
        }
        assert_eq!(fs::read_to_string(&path).expect("read"), "line number 11\n");
        let older = |n: u32| fs::read_to_string(format!("{}.{n}", path.display()));
        assert_eq!(older(1).expect("read"), "line number 10\n");
        assert_eq!(older(4).expect("read"), "line number 07\n");
        assert!(older(5).is_err());
    }

    #[test]
    fn a_restart_goes_on_in_the_same_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("evenkeel.log");
        writeln!(Rotating::with_limit(&path, 100).expect("opened"), "one").expect("written");
        writeln!(Rotating::with_limit(&path, 100).expect("opened"), "two").expect("written");
        assert_eq!(fs::read_to_string(&path).expect("read"), "one\ntwo\n");
    }
}
