# Сервер в терминале.

server-unknown-setting = { $place }: настройки «{ $name }» нет. Есть: { $known }.
server-wrong-setting = { $place }: «{ $value }» не подходит. { $advice }
server-setting-out-of-range = { $name } — { $value }. Выберите число от { $lowest } до { $highest }.
server-settings-file = Не удалось прочесть настройки { $path }: { $error }. Исправьте файл или укажите другой: --config.
server-no-home = Неизвестно, где хранить состояние. Укажите папку: --state-dir.
server-advice-listen = Напишите адреса с портами, например 0.0.0.0:7443 или [::]:7443.
server-advice-shared-addresses = Напишите не больше 16 IP-адресов без портов, например 127.0.0.1.
server-advice-one = Напишите одно значение.
server-advice-address = Напишите, по какому адресу сервер доступен другим, например 203.0.113.5, relay.example.org:7443 или [2001:db8::1]:7443.
server-advice-open = Напишите true или false.
server-advice-folder = Напишите путь к папке.
server-advice-language = Напишите en или ru.
server-advice-limit = Напишите имя и число, например connections=500.
server-advice-number = Напишите целое число, например 500.

server-no-random = Система не даёт случайных чисел, и ключи создать нельзя. Перезагрузите машину.
server-log-folder = Не удалось писать журнал в { $folder }: { $error }. Укажите другую папку: --log-dir.
server-disk-full = На диске нет места для { $folder }. Освободите место и повторите.
server-state-folder = Не удалось использовать { $path }: { $error }. Дайте этому пользователю права на неё или укажите другую папку: --state-dir.
server-state-damaged = Файл { $path } повреждён. Верните его из копии. Если копии нет, удалите его: будет создан новый, а старые приглашения перестанут работать.
server-port-in-use = { $address } занят другой программой. Остановите её или выберите другой порт: { $flag }.
server-port-forbidden = Система не разрешает этому пользователю слушать { $address }. Выберите порт выше 1023: { $flag }.
server-not-our-address = { $address } — не адрес этой машины. Выберите другой: { $flag }, например 0.0.0.0:7443.
server-cannot-listen = Не удалось слушать { $address }: { $error }. Выберите другой адрес: { $flag }.
server-cannot-start = Запуск не удался: { $error }.
server-not-hardened = Внимание: система не дала серверу запретить дампы памяти.

server-listening = Сервер слушает { $addresses }.
server-pin = Отпечаток этого сервера: { $pin }
server-open = Сервер открыт: войдёт любой, кто знает адрес { $address }.
server-invitation = Приглашение в новый круг. По нему войдёт любой: отправьте его только тем, кому можно. Оно показано только сейчас и нигде не хранится.
server-owner-invitation = Ссылка владельца того же круга. По ней можно переименовать круг и удалять людей: оставьте её себе.
server-only-near = Адрес в нём работает внутри вашей сети. Для остальных задайте public_address (или --public-address) — адрес, по которому вас видно снаружи, и откройте порт на роутере.
server-invite-hint = Чтобы пригласить людей, выполните в другом терминале: { $command }
server-stopping = Сервер останавливается, все предупреждены.

server-swap-off = Подкачки нет.
server-swap-memory = Подкачка только в сжатой памяти.
server-swap-encrypted = Подкачка зашифрована.
server-swap-plain = Подкачка на диске без шифрования: в ней может остаться память. Отключите её (swapoff -a) или зашифруйте.
server-swap-unknown = Система не сообщает, есть ли подкачка.
server-hibernation-off = Гибернации нет.
server-hibernation-possible = Ядро может увести машину в гибернацию, и тогда вся память окажется на диске. Запретите: systemctl mask hibernate.target hybrid-sleep.target suspend-then-hibernate.target. Эта строка останется: на то, что умеет ядро, запрет не влияет.
server-hibernation-unknown = Система не сообщает, возможна ли гибернация.
server-dumps-forbidden = Дампы памяти сервера запрещены.
server-dumps-allowed = Дампы памяти сервера возможны. Запретите их (ulimit -c 0).
server-dumps-unknown = Система не сообщает, возможны ли дампы памяти.
server-lockable = Закреплённая память: система разрешает { $kib } КиБ. Шёпот её не закрепляет: от записи на диск защищает отключённая или зашифрованная подкачка.
server-lockable-unknown = Закреплённая память: система не ограничивает её или не сообщает. Шёпот её не закрепляет: от записи на диск защищает отключённая или зашифрованная подкачка.
server-files-enough = Можно открыть файлов: { $allowed }, нужно: { $needed }.
server-files-few = Можно открыть файлов: { $allowed }, а для всех соединений нужно { $needed }. Поднимите предел (ulimit -n, для systemd LimitNOFILE=) или уменьшите connections и unauthenticated.
server-state-new = Папка состояния { $folder } будет создана при первом запуске.
server-state-good = Папка состояния { $folder } в порядке.
server-state-not-private = В папку состояния { $folder } могут заглянуть другие. Запретите: chmod 700.
server-port-free = { $address } свободен.
server-port-taken = { $address } использовать нельзя: { $error }. Может быть, сервер уже работает?
server-doctor-limits = Пределы:
server-doctor-good = Всё в порядке.
server-doctor-bad = Посмотрите на строки с восклицательным знаком.
server-only-here = Адрес в приглашении работает только на этой машине. Для остальных слушайте все адреса (--listen 0.0.0.0:ПОРТ), а если не поможет — задайте --public-address.
server-state-not-writable = В папку { $folder } этот пользователь писать не может: укажите другую через --state-dir или смените владельца.

server-advice-socket = Напишите путь к файлу, которого ещё нет.
server-advice-metrics = Напишите адрес этой же машины с портом, например 127.0.0.1:9464: никому другому эти цифры не нужны.
server-runs-already = По адресу { $socket } уже отвечает сервер. Сначала остановите его (shepot-server stop) или укажите другой сокет: --control-socket.
server-socket-too-long = Путь { $socket } слишком длинный для сокета. Укажите путь короче: --control-socket.
server-socket = Не удалось создать сокет { $socket } для управления: { $error }. Укажите другой: --control-socket.
server-not-running = По адресу { $socket } сервер не отвечает. Он запущен? Укажите те же --state-dir, --control-socket или --config, что и ему.
server-socket-forbidden = Этому пользователю нельзя управлять сервером { $socket }. Действуйте от имени того, кто его запустил (sudo -u shepot-server …), или администратора.
server-no-sockets = На этой системе управлять запущенным сервером командами нельзя. Остановите его: Ctrl+C.
server-does-not-answer = Сервер { $socket } не отвечает: { $error }. Посмотрите его журнал.
server-other-version = Запущен сервер другой версии. Запустите вместо него эту.

server-version = Версия { $own }. С этими настройками сервер не запущен.
server-version-running = Версия { $own }. Запущенный сервер (процесс { $process }) — версии { $running }.
server-sandbox = Ядро может изолировать сервер: после запуска он пишет журнал и приглашения, и больше ничего.
server-no-sandbox = Ядро не может изолировать сервер (нет Landlock). Запускайте его службой из пакета: у неё своя песочница.
server-clock-behind = Часы показывают время, когда этой программы ещё не было. Поставьте их правильно, иначе сроки приглашений и исчезающих сообщений будут неверны.
server-clock-kept = Часы сверяет служба времени.
server-clock-unknown = Система не сообщает, сверяет ли часы служба времени.
server-memory-enough = Свободно памяти: { $free }, предел для сервера — { $needed }.
server-memory-little = Свободно памяти всего { $free }, а предел для сервера — { $needed }. Уменьшите circle_bytes_in_total или connections в разделе [limits] настроек либо добавьте памяти.
server-port-answers = { $address } отвечает.
server-port-silent = { $address } не отвечает, хотя сервер запущен. Нет ли между ними брандмауэра?
server-public-answers = Адрес из приглашений, { $address }, отсюда доступен.
server-public-silent = Адрес из приглашений, { $address }, отсюда недоступен. Откройте порт в брандмауэре или на роутере; некоторые роутеры не пускают изнутри на свой внешний адрес — тогда проверьте из другой сети.
server-no-terminal = Панели нужен терминал. Для программ есть команды с --json.
server-occupied = Папкой состояния { $folder } уже пользуется другой сервер, но по адресу { $socket } он не отвечает. Укажите его сокет через --control-socket или сначала остановите его.
server-logs-over-state = Папка состояния { $state } не должна лежать в папке журнала { $logs }: в папке журнала можно писать всё. Укажите другую: --log-dir.
server-not-ours = Папка состояния { $folder } принадлежит другому пользователю. Запустите сервер от его имени: sudo -u ИМЯ shepot-server run
server-socket-not-ours = { $socket } — файл, а не сокет, и заменён не будет. Укажите другое место: --control-socket.

bench-begins = Измеряем десять секунд, с отдельным сервером на этой машине…
bench-failed = Измерить не удалось: { $error }.
bench-admissions = Впущено человек в секунду: { $n }
bench-idle = Памяти на молчащее соединение: { $n }
bench-deliveries = Доставлено сообщений в секунду, в круге из 50: { $n }
bench-p50 = От отправки до получения, половина — не дольше: { $n } мс
bench-p99 = От отправки до получения, 99 из 100 — не дольше: { $n } мс
bench-memory = Память сервера после этого: { $n }
bench-processors = Процессоров, общих для сервера и измерения: { $n }
server-no-json = У этой команды нет ответа: --json — для остальных.
