//! Rebuild when a file is added to the embedded folders, which `include_dir` alone does not notice.

fn main() {
    for folder in ["sites", "vendors", "stand-ins"] {
        println!("cargo:rerun-if-changed={folder}");
    }
}
