//! docs/rules.md is what the table of rules says.

use std::env;
use std::fs;
use std::path::Path;

use septet::lint::rules_page;

#[test]
fn the_page_of_the_rules_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/rules.md");
    let page = rules_page();
    if env::var_os("SEPTET_UPDATE").is_some() {
        fs::write(&path, &page).expect("written");
    }
    let is = fs::read_to_string(&path).unwrap_or_default();
    assert!(is == page, "docs/rules.md is old: SEPTET_UPDATE=1 cargo test --test rules");
}
