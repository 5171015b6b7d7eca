//! Starting the server.

use std::os::unix::fs::PermissionsExt as _;

use crate::support::{Server, run};

#[tokio::test]
async fn the_first_start_prints_the_owners_token_and_no_later_one_does() {
    let mut server = Server::start().await;
    assert_eq!(
        server.stdout(),
        format!("owner token: {}\n", server.owner_secret())
    );
    for name in ["pepper", "log.db", "projections.db", "sessions.db"] {
        let mode = std::fs::metadata(server.data().join(name))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    server.kill();
    server.start_again().await;
    assert_eq!(server.stdout(), "");
    server.owner().get("/api/v2/tokens").await.expect(200);
}

#[tokio::test]
async fn a_log_without_its_pepper_or_with_an_exposed_one_does_not_start() {
    let mut server = Server::start().await;
    server.kill();
    let pepper = server.data().join("pepper");
    std::fs::set_permissions(&pepper, std::fs::Permissions::from_mode(0o644)).unwrap();
    let (success, _, error) = run(&server.data(), &["--listen", "127.0.0.1:0"]);
    assert!(!success && error.contains("set it to 600"), "{error}");
    std::fs::rename(&pepper, server.data().join("elsewhere")).unwrap();
    let (success, _, error) = run(&server.data(), &["--listen", "127.0.0.1:0"]);
    assert!(!success && error.contains("its pepper is not"), "{error}");
}

#[tokio::test]
async fn nothing_in_the_data_folder_is_for_other_users() {
    let server = Server::start().await;
    server.invite("a@example.com", "reader").await;
    server.sign_in("a@example.com").await;
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode();
    assert_eq!(mode(&server.data()) & 0o777, 0o700);
    let open: Vec<_> = std::fs::read_dir(server.data())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| mode(path) & 0o077 != 0)
        .collect();
    assert!(open.is_empty(), "others may read {open:?}");
}
