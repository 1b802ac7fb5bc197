# What is wrong with a command line.

arguments-unknown = There is no option or command “{ $argument }”.
arguments-value = “{ $value }” cannot be used for { $argument }.
arguments-missing = Something is missing: { $argument }.
arguments-conflict = { $argument } does not go together with { $value }.
arguments-wrong = These options cannot be used so.
arguments-help = What there is, and how it is written: { $program } --help
