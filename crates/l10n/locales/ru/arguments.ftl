# Что не так в командной строке.

arguments-unknown = Нет параметра или команды «{ $argument }».
arguments-value = «{ $value }» не годится для { $argument }.
arguments-missing = Не хватает: { $argument }.
arguments-conflict = { $argument } не сочетается с { $value }.
arguments-wrong = Эти параметры так использовать нельзя.
arguments-help = Все параметры и команды: { $program } --help
