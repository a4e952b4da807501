"""mechlp: economic mechanisms designed by linear programming, every verdict certified in exact arithmetic.

>>> import mechlp
>>> design = mechlp.read("configs/guo-2018-example-1.4.2.yaml").design
>>> design.solve().status
'infeasible'
"""

from .environment import Agent, Beliefs, Environment, InvalidEnvironment
from .environment.symmetric import Symmetric
from .exact.numbers import Rationals
from .files import InvalidFile, read, read_text
from .question import Design, InvalidDesign, Objective
from .question.symmetric import SymmetricDesign, reduced
from .version import __version__

__all__ = [
    "Agent",
    "Beliefs",
    "Design",
    "Environment",
    "InvalidDesign",
    "InvalidEnvironment",
    "InvalidFile",
    "Objective",
    "Rationals",
    "Symmetric",
    "SymmetricDesign",
    "__version__",
    "read",
    "read_text",
    "reduced",
]
