//! Rebuild when a file is added to the embedded catalogue, which `include_dir` alone does not notice.

fn main() {
    println!("cargo:rerun-if-changed=catalog");
}
