package main

// What the command line's values are read by.
type (
	Count    = count
	Handlers = handlers
	Backend  = backend
	Author   = author
)
