package config

import (
	"feedmill/output/file"
	"feedmill/source/files"
)

// Kinds is the table of source kinds: one pointer field a kind, exactly one of them set. The field's word is the kind's
// word in the configuration; the first field of the kind's Config is its short form (files: "posts/*.md").
type Kinds struct {
	// Files reads articles from files in folders.
	Files *files.Config `yaml:"files"`
}

// defaults returns the table with every kind as it is when none of its words is written.
func (Kinds) defaults() any {
	f := files.Default()
	return Kinds{Files: &f}
}

// OutputKinds is the table of output kinds, in the shape of [Kinds].
type OutputKinds struct {
	// File writes documents into a folder.
	File *file.Config `yaml:"file"`
}

func (OutputKinds) defaults() any { return OutputKinds{File: &file.Config{}} }
