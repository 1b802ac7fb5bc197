//! Turns `proto/shepot.proto`, the normative grammar, into Rust. protox parses it, so no `protoc` is needed.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo:rerun-if-changed=proto/shepot.proto");
    let descriptors = protox::compile(["proto/shepot.proto"], ["proto"])?;
    prost_build::Config::new().bytes(["."]).compile_fds(descriptors)?;
    Ok(())
}
