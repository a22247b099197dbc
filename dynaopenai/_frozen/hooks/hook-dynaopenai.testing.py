"""PyInstaller: an application that imports dynaopenai.testing takes the test bench along."""

from dynaopenai._frozen import contents

hiddenimports = [name for name in contents.modules(for_tests=True) if "._bench" in name]
