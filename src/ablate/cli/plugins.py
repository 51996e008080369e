"""Makes the launcher and the sweeper known to Hydra, which takes plugins from one namespace alone."""

import sys
from importlib.util import find_spec
from types import ModuleType

PLACE = "hydra_plugins.ablate"
"""Where `_target_` looks for them; an editable install is not seen there, so the module is made on the spot."""


def register() -> None:
    """Once per process, before Hydra composes."""
    from hydra.core.plugins import Plugins

    from ablate.launcher import settings
    from ablate.launcher.plugin import SlurmLauncher
    from ablate.sweeper.plugin import StudySweeper

    settings.register()
    place = ModuleType(PLACE)
    for plugin in (SlurmLauncher, StudySweeper):
        plugin.__module__ = PLACE
        setattr(place, plugin.__name__, plugin)
        Plugins.instance().register(plugin)
    sys.modules[PLACE] = place
    above = PLACE.partition(".")[0]
    if above not in sys.modules and find_spec(above) is None:  # no plugin from elsewhere is installed
        sys.modules[above] = ModuleType(above)
        sys.modules[above].__path__ = []
