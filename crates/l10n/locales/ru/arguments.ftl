# Что не так в командной строке.

arguments-unknown = Нет параметра или команды «{ $argument }».
arguments-value = «{ $value }» не годится для { $argument }.
arguments-missing = Не хватает: { $argument }.
arguments-twice = { $argument } указан дважды.
arguments-conflict = { $argument } не сочетается с { $value }.
arguments-invitation = Приглашению не место в командной строке: её может прочесть любой на этом компьютере. Запустите программу без него и вставьте его, когда спросят.
arguments-wrong = Эти параметры так использовать нельзя.
arguments-help = Справка: { $program } --help
