//! `persist demo` holds what it promises.

use crate::support::Sandbox;

#[test]
fn every_check_of_the_demonstration_passes() {
    let sandbox = Sandbox::new();
    let told = sandbox.json(0, &["demo", "--keep", "here"]);
    assert_eq!(told["passed"], true);
    assert_eq!(told["scenarios"].as_array().unwrap().len(), 6);
    assert!(told["checks"].as_u64().unwrap() > 50, "{told}");
    assert!(
        sandbox.path("here/saving/app.toml").is_file(),
        "the files are kept"
    );
    let again = sandbox.run(&["demo", "--keep", "here"]);
    assert_eq!(
        again.code, 2,
        "a folder with files in it is not taken\n{again}"
    );
}
