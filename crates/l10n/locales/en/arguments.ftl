# What is wrong with a command line.

arguments-unknown = There is no option or command “{ $argument }”.
arguments-value = “{ $value }” cannot be used for { $argument }.
arguments-missing = Missing: { $argument }.
arguments-twice = { $argument } is given twice.
arguments-conflict = { $argument } does not go together with { $value }.
arguments-invitation = An invitation does not belong on the command line: anybody on this computer can read it there. Start the program without it, and paste it when asked.
arguments-wrong = These options cannot be used together like this.
arguments-help = Help: { $program } --help
