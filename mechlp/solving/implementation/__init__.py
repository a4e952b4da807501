"""What finds the witnesses of :mod:`mechlp.proof.implementation`."""
