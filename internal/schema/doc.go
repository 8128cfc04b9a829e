// Package schema holds a mail's data against what its template declares: a JSON
// Schema, which a worker publishes and a producer checks with.
//
// What is wrong is told by name and place, and never by a value: data is about
// people.
package schema
