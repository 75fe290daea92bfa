"""How people say where a unit stands: their words read, the units that they lead to, and back; names in Akoma Ntoso."""
