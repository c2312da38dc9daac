//! What `septet --version` says: the version, and what this build and this machine make of it.

use std::env::consts;

use crate::simd;

/// Behind the first line: features, formats, vectors, target. To ask the processor takes time, so this
/// is for a run that may be asked for it.
pub(super) fn long() -> &'static str {
    let environment = if cfg!(target_env = "musl") {
        " musl"
    } else if cfg!(target_env = "gnu") {
        " gnu"
    } else if cfg!(target_env = "msvc") {
        " msvc"
    } else {
        ""
    };
    let build = if cfg!(debug_assertions) { " (not optimized)" } else { "" };
    let text = format!(
        "{}{build}\n\n\
         features: cli, archives\n\
         archives: tar, zip; gzip, bzip2, xz, zstd\n\
         vectors:  {} (on this processor)\n\
         target:   {} {}{environment}",
        env!("CARGO_PKG_VERSION"),
        simd::vectors(),
        consts::ARCH,
        consts::OS,
    );
    // clap wants it to last as long as the run.
    text.leak()
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_features_are_those_of_the_command() {
        let manifest = include_str!("../../Cargo.toml");
        let (_, features) = manifest.split_once("\n[features]\n").expect("features");
        let (features, _) = features.split_once("\n\n[").expect("another table");
        let mut names: Vec<_> = features
            .lines()
            .filter_map(|line| line.split_once(" = ["))
            .map(|(name, _)| name)
            .filter(|name| *name != "default")
            .collect();
        names.sort_by_key(|name| *name != "cli");
        let line = format!("\nfeatures: {}\n", names.join(", "));
        assert!(super::long().contains(&line), "{line}");
    }
}
