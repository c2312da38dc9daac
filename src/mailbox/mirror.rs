//! A folder that takes what was made of the files of another, each at the place that its original
//! has there.
//!
//! Contract: nothing is written outside of the folder, through a link in it, or into the folder that
//! is read.
//!
//! It does not guard against somebody who puts links into the folder while it is being filled.
//!
//! May use: base.

use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use super::Error;

/// An output folder.
#[derive(Debug)]
pub struct Mirror {
    folder: PathBuf,
}

impl Mirror {
    /// The folder that is to be filled; it is made if there is none.
    pub fn new(folder: &Path) -> Result<Mirror, Error> {
        let made = fs::create_dir_all(folder).and_then(|()| fs::canonicalize(folder));
        match made {
            Ok(folder) => Ok(Mirror { folder }),
            Err(error) => Err(Error::io(&folder.to_string_lossy(), error)),
        }
    }

    /// Where the output for the file at `path` goes, which was found below the folder `root`, or was
    /// named itself. The folders on the way there are made.
    pub fn path_for(&self, root: Option<&Path>, path: &Path) -> Result<PathBuf, Error> {
        let placed = match root {
            Some(root) => self.below(root, path),
            None => path.file_name().map(|name| self.folder.join(name)).ok_or_else(no_place),
        };
        placed.map_err(|error| Error::io(&path.to_string_lossy(), error))
    }

    /// Where the output for a member of the archive at `path` goes: where the archive says it lies,
    /// below the folder, or if the archive was found below `root`, below one in place of it. What
    /// leads out of the archive has no place.
    pub fn path_in(
        &self,
        root: Option<&Path>,
        path: &Path,
        member: &Path,
    ) -> Result<PathBuf, Error> {
        let placed = match root {
            Some(root) => self.below(root, &path.join(without_dots(member))),
            None => self.fill(&without_dots(member)),
        };
        let name = || format!("{}!{}", path.display(), member.display());
        placed.map_err(|error| Error::io(&name(), error))
    }

    fn below(&self, root: &Path, path: &Path) -> io::Result<PathBuf> {
        let relative = path.strip_prefix(root).map_err(|_| no_place())?;
        let target = self.folder.join(relative);
        if target.starts_with(fs::canonicalize(root)?) {
            return Err(refused("its output would go into the folder that is being read"));
        }
        self.fill(relative)
    }

    /// The place at this path below the folder, with the folders on the way there.
    fn fill(&self, relative: &Path) -> io::Result<PathBuf> {
        let is_plain = |part| matches!(part, Component::Normal(_));
        if relative.file_name().is_none() || !relative.components().all(is_plain) {
            return Err(no_place());
        }
        let mut folder = self.folder.clone();
        for part in relative.parent().into_iter().flat_map(Path::components) {
            folder.push(part);
            make_folder(&folder)?;
        }
        Ok(self.folder.join(relative))
    }
}

/// Makes a folder, if there is none; a link to one is none.
pub(super) fn make_folder(folder: &Path) -> io::Result<()> {
    let failed =
        |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", folder.display()));
    match fs::create_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            let is_folder = fs::symlink_metadata(folder).map_err(failed)?.is_dir();
            if is_folder { Ok(()) } else { Err(failed(error)) }
        }
        done => done.map_err(failed),
    }
}

/// The path without the `.` that `tar -c .` has before all.
fn without_dots(path: &Path) -> PathBuf {
    path.components().filter(|part| *part != Component::CurDir).collect()
}

fn no_place() -> io::Error {
    refused("has no place in the output folder")
}

fn refused(why: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, why)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A place with the folders `in` and `out`.
    fn place() -> (tempfile::TempDir, Mirror) {
        let place = tempfile::tempdir().expect("a folder");
        fs::create_dir_all(place.path().join("in/out")).expect("a folder");
        let mirror = Mirror::new(&place.path().join("out/deep")).expect("a mirror");
        (place, mirror)
    }

    #[test]
    fn paths_below_the_folder() {
        const CASES: &[(&str, Option<&str>, &str, Option<&str>)] = &[
            ("a file of a folder", Some("in"), "in/a/b.eml", Some("a/b.eml")),
            ("at its top", Some("in"), "in/b.eml", Some("b.eml")),
            ("a slash more", Some("in/"), "in//a/./b.eml", Some("a/b.eml")),
            ("a file of its own", None, "in/a/b.eml", Some("b.eml")),
            ("upwards", Some("in"), "in/../b.eml", None),
            ("upwards and down", Some("in"), "in/a/../b.eml", None),
            ("elsewhere", Some("in"), "b.eml", None),
            ("absolute", Some("in"), "/b.eml", None),
            ("the folder itself", Some("in"), "in", None),
            ("no folder", Some("none"), "none/b.eml", None),
            ("no name", None, "..", None),
        ];
        let (place, mirror) = place();
        for &(what, root, path, expected) in CASES {
            let root = root.map(|root| place.path().join(root));
            let found = mirror.path_for(root.as_deref(), &place.path().join(path));
            let expected = expected.map(|it| mirror.folder.join(it));
            assert_eq!(found.as_deref().ok(), expected.as_deref(), "{what}: {found:?}");
            let parent = expected.as_deref().and_then(Path::parent);
            assert!(parent.is_none_or(Path::is_dir), "{what}");
        }
    }

    #[test]
    fn members_of_archives() {
        const CASES: &[(&str, Option<&str>, &str, Option<&str>)] = &[
            ("a member", None, "a/b.eml", Some("a/b.eml")),
            ("after tar -c .", None, "./a/./b.eml", Some("a/b.eml")),
            ("of an archive in a folder", Some("in"), "a/b.eml", Some("d/x.tar/a/b.eml")),
            ("upwards", None, "../b.eml", None),
            ("upwards to the side", Some("in"), "../b.eml", None),
            ("upwards and down", None, "a/../b.eml", None),
            ("absolute", None, "/b.eml", None),
            ("absolute, in a folder", Some("in"), "/b.eml", None),
            ("nothing", None, "", None),
            ("only a dot", None, ".", None),
        ];
        let (place, mirror) = place();
        for &(what, root, member, expected) in CASES {
            let root = root.map(|root| place.path().join(root));
            let archive = place.path().join("in/d/x.tar");
            let found = mirror.path_in(root.as_deref(), &archive, Path::new(member));
            let expected = expected.map(|it| mirror.folder.join(it));
            assert_eq!(found.as_deref().ok(), expected.as_deref(), "{what}: {found:?}");
            let named = format!("x.tar!{member}: ");
            assert!(found.err().is_none_or(|it| it.to_string().contains(&named)), "{what}");
        }
    }

    #[test]
    fn never_into_the_folder_that_is_read() {
        let (place, _) = place();
        let root = place.path().join("in");
        let path = root.join("in/b.eml");
        for (folder, allowed) in
            [("in", false), ("in/out", false), ("in/new", false), ("in2", true), (".", false)]
        {
            let mirror = Mirror::new(&place.path().join(folder)).expect("a mirror");
            assert_eq!(mirror.path_for(Some(&root), &path).is_ok(), allowed, "{folder}");
        }
        // The folder above takes what does not come to lie in it.
        let above = Mirror::new(place.path()).expect("a mirror");
        assert!(above.path_for(Some(&root), &root.join("b.eml")).is_ok());
    }

    #[cfg(unix)]
    #[test]
    fn never_through_a_link() {
        let (place, mirror) = place();
        std::os::unix::fs::symlink(place.path(), mirror.folder.join("a")).expect("a link");
        let root = place.path().join("in");
        let error = mirror.path_for(Some(&root), &root.join("a/b/c.eml")).expect_err("a link");
        assert!(error.to_string().contains("/a: "), "{error}");
        assert!(!place.path().join("b").exists());
    }

    #[test]
    fn a_file_is_no_folder() {
        let (place, mirror) = place();
        let file = place.path().join("file");
        fs::write(&file, "x").expect("a file");
        let error = Mirror::new(&file).expect_err("a file").to_string();
        assert!(error.starts_with(&file.display().to_string()), "{error}");
        fs::write(mirror.folder.join("a"), "x").expect("a file");
        let root = place.path().join("in");
        assert!(mirror.path_for(Some(&root), &root.join("a/b.eml")).is_err());
    }
}
