use persist_lock::{Error, Kind, Target};

#[test]
fn a_folder_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let error = Target::resolve(folder.path()).unwrap_err();
    assert!(matches!(
        error,
        Error::NotRegular {
            kind: Kind::Directory,
            ..
        }
    ));
}

#[test]
fn a_missing_parent_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let error = Target::resolve(&folder.path().join("no/app.toml")).unwrap_err();
    assert!(matches!(error, Error::ParentMissing { path } if path.ends_with("no")));
}

#[cfg(unix)]
mod unix {
    use std::fs;
    use std::os::unix::fs::symlink;
    use std::os::unix::net::UnixListener;
    use std::path::Path;

    use persist_lock::{Error, FileLock, Kind, Options, Target, Wait, replace};

    fn check_kind(path: &Path, expected: Kind) {
        let error = Target::resolve(path).unwrap_err();
        assert!(
            matches!(error, Error::NotRegular { kind, .. } if kind == expected),
            "{error:?}"
        );
        assert!(replace(path, b"new", &Options::new()).is_err());
    }

    #[test]
    fn pipes_sockets_and_devices_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let (pipe, socket) = (folder.path().join("pipe"), folder.path().join("socket"));
        let made = std::process::Command::new("mkfifo").arg(&pipe).status();
        assert!(made.unwrap().success());
        let listener = UnixListener::bind(&socket).unwrap();
        check_kind(&pipe, Kind::Fifo);
        check_kind(&socket, Kind::Socket);
        check_kind(Path::new("/dev/null"), Kind::CharDevice);
        drop(listener);
        // Through a link it is no better.
        let link = folder.path().join("link");
        symlink("pipe", &link).unwrap();
        check_kind(&link, Kind::Fifo);
    }

    #[test]
    fn links_are_followed_and_stay() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir(at("dotfiles")).unwrap();
        fs::write(at("dotfiles/app.toml"), "old").unwrap();
        symlink("dotfiles", at("folder")).unwrap();
        symlink("folder/app.toml", at("one")).unwrap();
        symlink(at("one"), at("two")).unwrap();
        let target = Target::resolve(&at("two")).unwrap();
        let real = fs::canonicalize(at("dotfiles/app.toml")).unwrap();
        assert_eq!(target.path(), real);
        assert_eq!(target.link(), Some(at("two").as_path()));
        assert!(target.exists());

        let lock = FileLock::beside(&at("two")).unwrap();
        let guard = lock.write(Wait::No).unwrap();
        let staged = guard.stage(b"new").unwrap();
        staged.commit().unwrap().discard().unwrap();
        assert_eq!(fs::read(at("dotfiles/app.toml")).unwrap(), b"new");
        assert!(at("two").is_symlink() && at("one").is_symlink());
        // The state lies with the real file, whatever link led there.
        assert!(at("dotfiles/.app.toml.persist/lock").exists());
    }

    #[test]
    fn a_dangling_link_leads_to_where_the_file_will_be() {
        let folder = tempfile::tempdir().unwrap();
        let link = folder.path().join("link");
        symlink("app.toml", &link).unwrap();
        let target = Target::resolve(&link).unwrap();
        assert!(!target.exists());
        assert!(replace(&link, b"new", &Options::new()).unwrap().created);
        assert!(link.is_symlink());
        assert_eq!(fs::read(folder.path().join("app.toml")).unwrap(), b"new");
    }

    #[test]
    fn links_in_a_circle_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        symlink("b", at("a")).unwrap();
        symlink("a", at("b")).unwrap();
        symlink("self/app.toml", at("self")).unwrap();
        for name in ["a", "b", "self", "self/app.toml"] {
            let error = Target::resolve(&at(name)).unwrap_err();
            assert!(
                matches!(error, Error::SymlinkLoop { .. }),
                "{name}: {error:?}"
            );
        }
    }
}
