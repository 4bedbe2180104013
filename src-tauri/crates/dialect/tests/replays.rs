//! Every input that the fuzzers are seeded with, and every one that once broke something, once more.

use std::fs;
use std::path::Path;

#[expect(clippy::panic, reason = "to panic is how a fuzz target tells of a broken rule")]
#[path = "../fuzz/src/lib.rs"]
mod fuzz;

#[test]
fn replays_the_corpus() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus");
    for (target, function, folder) in fuzz::TARGETS {
        let mut files = 0;
        for file in fs::read_dir(corpus.join(folder)).unwrap() {
            let path = file.unwrap().path();
            println!("{target}: {}", path.display());
            function(&fs::read(path).unwrap());
            files += 1;
        }
        assert!(files > 0, "{target} has nothing to replay in {folder}");
    }
}
