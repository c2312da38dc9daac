//! The laws of file names: one component that no system takes for anything else, safe when it is made
//! safe again, and none given twice.

use septet::extract::{Names, nameless, safe_name, type_by_name};

use crate::Input;

/// Octets of a name, what file systems take.
const NAME: usize = 255;

/// Holds the laws against names, one a line.
pub fn check(data: &[u8]) {
    let Some(input) = Input::new(data) else { return };
    let text = String::from_utf8_lossy(input.text);
    let mut given = Names::default();
    let mut all = Vec::new();
    for raw in [&*text].into_iter().chain(text.lines().take(64)) {
        type_by_name(raw);
        let name = match safe_name(raw) {
            Some(name) => {
                assert_safe(&name);
                assert_eq!(safe_name(&name).as_ref(), Some(&name), "safe is safe");
                name
            }
            None => nameless("1", "application/octet-stream"),
        };
        let name = given.give(&name);
        assert!(name.len() <= NAME && !name.contains(['/', '\\', '\0']));
        all.push(name.to_lowercase());
    }
    let count = all.len();
    all.sort();
    all.dedup();
    assert_eq!(all.len(), count, "a name is given twice");
}

fn assert_safe(name: &str) {
    assert!((1..=NAME).contains(&name.len()), "{name:?}");
    assert!(!name.starts_with(['.', '-', ' ']) && !name.ends_with(['.', ' ']), "{name:?}");
    assert!(!name.contains(['/', '\\', ':', '<', '>', '"', '|', '?', '*']), "{name:?}");
    let hides = |c| {
        matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
    };
    assert!(!name.chars().any(|c| c.is_control() || hides(c)), "{name:?}");
    let base = name.split('.').next().unwrap_or_default().trim_end().to_uppercase();
    let devices = ["CON", "PRN", "AUX", "NUL", "COM1", "LPT9", "CONIN$", "CONOUT$"];
    assert!(!devices.contains(&&*base), "{name:?}");
}
