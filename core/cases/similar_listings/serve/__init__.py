"""From a session to twelve homes: searched under a filter, or stored ahead and put in order."""
