"""This process's own sockets, whoever opened them: the clients' connections, and how late the event loop is."""
