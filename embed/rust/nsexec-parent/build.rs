include!("library.rs");

fn main() {
    let directory = library_directory("libnsexec-parent.a", "nsexec-parent");
    println!("cargo:rustc-link-search=native={}", directory.display());
    println!("cargo:rustc-link-lib=static=nsexec-parent");
}
