"""Makes the ground of the wall tests known to pytest."""

from tests.security.approving import signing
from tests.security.ground import mode, walls

__all__ = ["mode", "signing", "walls"]
