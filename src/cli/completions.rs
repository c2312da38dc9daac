//! `septet completions`: what a shell needs to complete septet's commands, options and values.
//!
//! Made from the definition of the command line, so that nothing is missing in it.

use clap_complete::Shell;

use super::Exit;
use super::out::Out;

/// Write what a shell needs to complete commands and options
///
/// The script goes to standard output. Where it belongs depends on the shell and the system; the
/// examples are the folders of one user.
#[derive(Debug, clap::Args)]
#[command(
    name = "completions",
    after_help = "\
Examples:
  source <(septet completions bash)             for this shell, or in ~/.bashrc
  septet completions fish >~/.config/fish/completions/septet.fish
  septet completions zsh >~/.zfunc/_septet

As ~/.local/share/bash-completion/completions/septet, bash finds it by itself.
For zsh, the folder must stand in fpath before compinit runs. PowerShell and
elvish read the script from their profile."
)]
pub(crate) struct CompletionsCommand {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

/// Behind the script for bash. That one offers options wherever a word has not begun, and then bash
/// offers no files; `-o bashdefault` does where nothing else is offered.
const BASH_FILES: &str = r#"
_septet_words() {
    local word words=()
    _septet "$@"
    [[ $2 == -* ]] && return
    for word in "${COMPREPLY[@]}"; do
        [[ $word == -* ]] || words+=("$word")
    done
    COMPREPLY=(${words[@]+"${words[@]}"})
}
complete -F _septet_words -o bashdefault -o default septet
"#;

impl CompletionsCommand {
    pub(crate) fn run(&self, out: &mut Out) -> Exit {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut super::definition(), "septet", &mut script);
        if self.shell == Shell::Bash {
            script.extend_from_slice(BASH_FILES.as_bytes());
        }
        match out.octets(&script) {
            Ok(()) => Exit::Done,
            Err(_) => Exit::Trouble,
        }
    }
}
