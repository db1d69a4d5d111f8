// Package batch holds what sources of other people's documents do alike before they hand over a [feed.Batch]: keys for articles
// that have no name of their own (key.go), a digest that tells whether a document says anything new (digest.go), the
// problems that were not told before (told.go), and which articles were seen before (known.go).
//
// It reads no documents and keeps nothing but what it puts into a [feed.Memory].
package batch
