"""How the Web API is called: the client, its login and its quota."""
