//! The help of every program, and of every command, is in the person's language.

use std::path::Path;
use std::process::Command;

use shepot_testkit::binaries::program;

fn told(program: &Path, arguments: &[&str], language: &str) -> String {
    let output = Command::new(program).args(arguments).env("LC_ALL", language).output().unwrap();
    assert!(output.status.success(), "{program:?} {arguments:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// The lines that begin with what they explain: a flag, an argument or a command.
fn explained(help: &str) -> impl Iterator<Item = &str> {
    help.lines().filter(|line| line.starts_with("  ") && !line.starts_with("          "))
}

fn is_cyrillic(line: &str) -> bool {
    line.chars().any(|c| ('а'..='я').contains(&c) || c == 'ё')
}

/// The names of the commands, as the help lists them.
fn commands(help: &str) -> Vec<&str> {
    let of_list = help.lines().skip_while(|line| *line != "Команды:").skip(1);
    of_list.take_while(|line| !line.is_empty()).filter_map(|line| line.split_whitespace().next()).collect()
}

#[test]
fn every_program_explains_itself_in_both_languages() {
    let mut explanations = 0;
    for (package, name) in
        [("shepot-desktop", "shepot"), ("shepot-terminal", "shepot-tui"), ("shepot-server", "shepot-server")]
    {
        let program = program(package, name);
        let whole = told(&program, &["--help"], "ru_RU.UTF-8");
        let mut helps = vec![whole.clone()];
        helps.extend(commands(&whole).iter().map(|one| told(&program, &[one, "--help"], "ru_RU.UTF-8")));
        for help in helps {
            assert!(help.contains(&format!("Использование: {name}")), "{help}");
            for line in explained(&help) {
                assert!(is_cyrillic(line), "{name}: {line:?} in {help}");
                explanations += 1;
            }
            for word in ["Usage", "Options:", "Arguments:", "Commands:", "[OPTIONS]", "Print"] {
                assert!(!help.contains(word), "{word}: {help}");
            }
        }
        let english = told(&program, &["--help", "--language", "en"], "ru_RU.UTF-8");
        assert!(english.contains(&format!("Usage: {name} [OPTIONS]")) && !is_cyrillic(&english), "{english}");
    }
    assert!(explanations > 200, "control: {explanations}");
}
