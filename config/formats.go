package config

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// formatWord is one format of a feed. In a mapping it is the word, and its value the name of the file.
type formatWord struct {
	Format string
	File   fileName
	At     place // of the name; the zero value when none is written
}

func (f *formatWord) UnmarshalText(text []byte) error {
	f.Format = string(text)
	return choose(text, "rss", "atom", "json", newsSitemap)
}

func (f *formatWord) value(at place) any {
	f.At = at
	return &f.File
}

// facetWord is what articles have in common that has documents of its own.
type facetWord string

// Tags is the one facet that there is.
const Tags = "tags"

func (f *facetWord) UnmarshalText(text []byte) error {
	if *f = facetWord(text); *f != Tags {
		return fmt.Errorf("%q is not known; write %s", text, Tags)
	}
	return nil
}

// fileName is the name of a document below its feed's folder, such as index.xml: the address that subscribers have from
// before.
type fileName string

var fileNamePattern = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$`)

func (f *fileName) UnmarshalText(text []byte) error {
	*f = fileName(text)
	name := strings.ToLower(string(text))
	ending := name[strings.LastIndexByte(name, '.')+1:]
	switch {
	case !fileNamePattern.MatchString(name) || strings.HasSuffix(name, ".") || strings.Contains(name, ".."):
		return errors.New("is no name of a file; write up to 100 letters a-z, digits, dots, - and _, beginning with a letter or digit, such as index.xml")
	case slices.Contains(reserved, name):
		return fmt.Errorf("%s is taken for addresses of feedmill's own, as are %s; choose another name", name, strings.Join(reserved, ", "))
	case ending == "html" || ending == "htm":
		return errors.New("ends like a page, and a feed is none; write a name such as index.xml")
	case strings.Contains(name, ".") && slices.Contains([]string{"gz", "br", "zst"}, ending):
		return errors.New("ends like a compressed file, and those are written beside the document; leave that ending out")
	}
	return nil
}

// formats are the formats of a feed, and the names that documents in some of them have.
type formats struct {
	words []string
	names map[string]string
}

func (f formats) put(words *[]string, names *map[string]string) { *words, *names = f.words, f.names }

func (l *loader) formats(written word[[]formatWord], inherited formats) formats {
	if written.State != good {
		return inherited
	}
	if len(written.Value) == 0 {
		l.report(written.At, "is empty; write at least one of rss, atom, json, news-sitemap")
	}
	var all formats
	taken := map[string]string{}
	for _, f := range written.Value {
		if slices.Contains(all.words, f.Format) {
			l.report(written.At, "has %s twice", f.Format)
		}
		all.words = append(all.words, f.Format)
		if f.File == "" {
			continue
		}
		name := strings.ToLower(string(f.File)) // there are disks that do not tell A from a
		if other := taken[name]; other != "" {
			l.report(f.At, "is the name of %s too; give each format a name of its own", other)
		}
		if taken[name] = f.Format; all.names == nil {
			all.names = map[string]string{}
		}
		all.names[f.Format] = string(f.File)
	}
	return all
}

// stem is the part of an address by which a feed or an edition would be found there: all up to its last part's dot.
func stem(address string) string {
	end := strings.LastIndexByte(address, '/') + 1
	name, _, _ := strings.Cut(strings.ToLower(address[end:]), ".")
	return address[:end] + name
}

// isFolder reports whether a document may lie where there is a folder of feeds below it: its name has no dot, as keys have
// none.
func isFolder(address string) bool { return stem(address) == strings.ToLower(address) }

// files are the addresses of the documents of a feed and its editions that have names of their own.
func (f *Feed) files() (addresses []string) {
	for _, name := range f.FileNames {
		addresses = append(addresses, f.Key+"/"+name)
	}
	for _, e := range f.Editions {
		for _, name := range e.FileNames {
			addresses = append(addresses, f.Key+"/"+e.Name+"/"+name)
		}
	}
	slices.Sort(addresses)
	return addresses
}

// above are the address of a feed and those that it lies below.
func above(key string) (all []string) {
	for i := range len(key) {
		if key[i] == '/' {
			all = append(all, key[:i])
		}
	}
	return append(all, key)
}

// apartFromNames checks that no named document lies where a feed, an edition or another such document does.
func (l *loader) apartFromNames() {
	keys := map[string]string{}
	for key := range l.keys {
		for _, part := range above(key) {
			if _, is := l.keys[part]; is {
				keys[part] = part
			} else {
				keys[part] = key
			}
		}
	}
	dressed := map[string]bool{}
	for _, e := range l.dressed {
		dressed[e.feed+"/"+e.name] = true
	}
	for _, n := range l.names {
		at := stem(n.address)
		key := keys[at]
		_, there := l.keys[at]
		switch {
		case there, key != "" && isFolder(n.address):
			first := l.keys[key]
			l.report(n.at, "lies at %s, where the feed %s does, in %s on line %d; choose another name", n.address, key, first.file, first.line)
		case dressed[at]:
			l.report(n.at, "lies at %s, and addresses that begin with %s belong to the edition; choose another name", n.address, at)
		}
	}
}

// fixed is a document with a name of its own, whose address is to be compared with those of feeds and editions.
type fixed struct {
	address string
	at      place
}

// nameFiles takes note of the names that a feed or an edition has, at its address. Those that it takes from defaults are
// reported at its own place.
func (l *loader) nameFiles(address string, names map[string]string, written word[[]formatWord], at place) {
	for _, format := range slices.Sorted(maps.Keys(names)) {
		where := at
		for _, f := range written.Value {
			if f.Format == format && f.File != "" {
				where = f.At
			}
		}
		l.names = append(l.names, fixed{address + "/" + names[format], where})
	}
}
