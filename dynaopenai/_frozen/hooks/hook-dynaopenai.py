"""PyInstaller: an application that imports dynaopenai takes its documents, its page and its modules along."""

from dynaopenai._frozen import contents

datas = contents.data_files()
hiddenimports = [*contents.modules(), "re._parser", "sre_parse"]
