"""Running code that a model wrote, where it can reach nothing and take no more than it is given."""

from ablate.evaluate.sandbox.bubblewrap import Bubblewrap, open_sandbox
from ablate.evaluate.sandbox.execution import Execution, Limits, NoSandbox, Sandbox, SandboxFailed, Session

__all__ = ["Bubblewrap", "Execution", "Limits", "NoSandbox", "Sandbox", "SandboxFailed", "Session", "open_sandbox"]
