//! The `septet` command.

fn main() -> std::process::ExitCode {
    septet::cli::main()
}
