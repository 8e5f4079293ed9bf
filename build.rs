//! Has the package built anew when a file comes to `assets` that was not there before: what is there is watched anyway.

fn main() {
    println!("cargo::rerun-if-changed=assets");
}
