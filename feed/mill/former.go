package mill

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"feedmill/feed"
	"feedmill/feed/render"
)

// former is what an output has, and is to have, at the addresses below the keys that the feed had before. A host of files
// cannot redirect: there a feed document stands beside the one at the new address, in the same bytes, whose self link names
// the new one, and in place of a page stands one that leads on.
type former struct {
	had, keys []string
}

// formerOf is that of one output. One that keeps nothing redirects by itself.
func (r *refresh) formerOf(ctx context.Context, out Output) (former, error) {
	if out.Volatile {
		return former{}, nil
	}
	kept, err := r.ledger.Kept(ctx, r.formerName(out))
	if err != nil {
		return former{}, err
	}
	f := former{had: strings.Fields(string(kept))}
	if out.Editions == nil || len(out.Editions) > 0 {
		f.keys = r.feed.Former
	}
	return f, nil
}

// formerName is the name under which it is kept which former keys an output has documents of.
func (r *refresh) formerName(out Output) string {
	return fmt.Sprintf("former keys of %d in %s", r.state.Serial, out.Name)
}

// keepFormer notes what the output has now.
func (r *refresh) keepFormer(ctx context.Context, out Output, f former) error {
	if slices.Equal(f.had, f.keys) {
		return nil
	}
	return r.ledger.Keep(ctx, r.formerName(out), []byte(strings.Join(f.keys, " ")))
}

// grown reports whether there is a key of which the output has nothing yet.
func (f former) grown() bool {
	return slices.ContainsFunc(f.keys, func(key string) bool { return !slices.Contains(f.had, key) })
}

// gone are the keys of which the output is to have nothing any more.
func (f former) gone() []string {
	return slices.DeleteFunc(slices.Clone(f.had), func(key string) bool { return slices.Contains(f.keys, key) })
}

// copyTo adds to a release what belongs at the former addresses of its documents. Of articles' pages and archives only what
// is there when the whole of a feed is delivered was ever known by such an address.
func (r *refresh) copyTo(release feed.Release, f former, whole bool) feed.Release {
	var documents []feed.Document
	for _, d := range release.Documents {
		rest, ok := r.belowKey(d.Path)
		if !ok || !whole && (strings.HasPrefix(rest, "/a/") || strings.HasPrefix(rest, "/archive/")) {
			continue
		}
		for _, path := range r.formerPaths(rest, f.keys) {
			if strings.HasPrefix(d.Type, "text/html") {
				documents = append(documents, render.Moved(path, render.Address(r.feed.Channel.Base, d.Path), d.Modified))
				continue
			}
			same := d
			same.Path = path
			documents = append(documents, same)
		}
	}
	release.Documents = slices.Concat(release.Documents, documents)
	release.Removed = slices.Concat(release.Removed, r.formerly(release.Removed, f.keys))
	return release
}

// formerly are the paths below former keys of documents at the given ones.
func (r *refresh) formerly(paths, keys []string) (old []string) {
	for _, path := range paths {
		if rest, ok := r.belowKey(path); ok {
			old = append(old, r.formerPaths(rest, keys)...)
		}
	}
	return old
}

// formerPaths are where a document lies below former keys, but for what belongs to another feed today.
func (r *refresh) formerPaths(rest string, keys []string) (paths []string) {
	for _, key := range keys {
		if path := key + rest; r.feed.Taken == nil || !r.feed.Taken(key, path) {
			paths = append(paths, path)
		}
	}
	return paths
}

// belowKey is what follows the feed's key in the path of one of its documents. Media lie elsewhere and have not moved.
func (r *refresh) belowKey(path string) (rest string, ok bool) {
	rest, ok = strings.CutPrefix(path, r.feed.Name)
	return rest, ok && rest != "" && (rest[0] == '/' || rest[0] == '.')
}

// allPaths are those of all documents that the feed ever had.
func (r *refresh) allPaths(ctx context.Context) ([]string, error) {
	paths, err := r.library.Paths(ctx, r.state.Serial)
	if err != nil {
		return nil, err
	}
	tagged, err := r.allFacetPaths(ctx)
	return append(paths, tagged...), err
}
