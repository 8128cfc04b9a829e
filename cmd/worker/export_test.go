package main

// What the command line's values are read by.
type (
	Count   = count
	Days    = days
	Backend = backend
	Author  = author
)
