//! Gives the crate `JIXIAO_RULES_VERSION`, which changes when the rules by which documents are read do.

#![expect(clippy::disallowed_methods, reason = "a build script reads the sources; the program does not")]

#[path = "src/hash.rs"]
mod hash;
mod rules;

use std::error::Error;
use std::path::Path;

fn main() -> Result<(), Box<dyn Error>> {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for (path, _) in rules::RULES {
        println!("cargo:rerun-if-changed={}", repository.join(path).display());
    }
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=rules.rs");
    println!("cargo:rustc-env=JIXIAO_RULES_VERSION={}", rules::version(rules::files(&repository)?));
    Ok(())
}
