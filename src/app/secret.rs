//! The secret that access tokens are signed with, where the settings name none: made on the first start, and kept in
//! the data folder, readable by its owner alone.

use crate::config::Secret;
use crate::error::{Error, Result};
use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;

/// The file's name in the data folder.
const FILE: &str = "jwt-secret";

/// The secret of that data folder, made now where there is none.
pub(super) fn of_folder(folder: &Path) -> Result<Secret> {
    let path = folder.join(FILE);
    match fs::read(&path) {
        Ok(bytes) => Secret::new(bytes).ok_or_else(|| unusable(&path, "it is too short")),
        Err(error) if error.kind() == ErrorKind::NotFound => make(folder, &path),
        Err(error) => Err(unusable(&path, &error.to_string())),
    }
}

fn make(folder: &Path, path: &Path) -> Result<Secret> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .map_err(|error| unusable(folder, &error.to_string()))?;
    let secret: [u8; 64] = rand::random();
    // Written whole before it bears its name, so that a crash leaves no half of it, and another process's is kept.
    let draft = folder.join(format!("{FILE}.{:016x}", rand::random::<u64>()));
    let written = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft).and_then(|mut file| {
        file.write_all(&secret)?;
        file.sync_all()?;
        fs::hard_link(&draft, path)
    });
    let removed = fs::remove_file(&draft);
    match written {
        Ok(()) => removed.map_err(|error| unusable(&draft, &error.to_string())).map(drop)?,
        Err(error) if error.kind() == ErrorKind::AlreadyExists && path.exists() => {}
        Err(error) => return Err(unusable(path, &error.to_string())),
    }
    let bytes = fs::read(path).map_err(|error| unusable(path, &error.to_string()))?;
    Secret::new(bytes).ok_or_else(|| unusable(path, "it is too short"))
}

fn unusable(path: &Path, reason: &str) -> Error {
    super::named("NATTERJACK_DATA_DIR (--data-dir)", format!("{} is of no use: {reason}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn a_secret_is_made_once_and_is_its_owners_alone() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("a/b");
        let first = of_folder(&data).unwrap();
        assert_eq!(first.as_bytes(), of_folder(&data).unwrap().as_bytes());
        let mode = fs::metadata(data.join(FILE)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(fs::read_dir(&data).unwrap().count(), 1);
    }

    #[test]
    fn a_secret_that_is_too_short_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(FILE), "short").unwrap();
        assert!(of_folder(folder.path()).unwrap_err().to_string().contains("NATTERJACK_DATA_DIR"));
    }
}
