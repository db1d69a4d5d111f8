// Package record makes articles of records: the objects of a JSON document, lines of JSON, rows of a table.
//
// A document is read within bounds (read.go), also when it is a text of several (stream.go). [Words] say where in it the
// articles and their words are, in jq or in dotted paths (selector.go). What they do not say is found by the names that
// programs usually give (shape.go): names.go has them, and a new one is a word there.
//
// The package fetches nothing, runs nothing and keeps nothing. A record that cannot be used is a problem that names it, and
// the others are taken.
package record
