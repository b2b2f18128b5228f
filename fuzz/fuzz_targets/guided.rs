//! libFuzzer's loop around one target, which the environment names: `JIXIAO_FUZZ=html`.

#![no_main]

use std::sync::OnceLock;

use jixiao_fuzz::{TARGETS, Target};
use libfuzzer_sys::fuzz_target;

static CHOSEN: OnceLock<&Target> = OnceLock::new();

fuzz_target!(|bytes: &[u8]| {
    let target = CHOSEN.get_or_init(|| {
        let name = std::env::var("JIXIAO_FUZZ").unwrap_or_default();
        let known: Vec<_> = TARGETS.iter().map(|target| target.name).collect();
        TARGETS.iter().find(|target| target.name == name).unwrap_or_else(|| panic!("JIXIAO_FUZZ is one of {known:?}"))
    });
    if let Err(problem) = target.check(bytes) {
        panic!("{problem}");
    }
});
