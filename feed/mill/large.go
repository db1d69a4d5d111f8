package mill

import (
	"context"

	"feedmill/feed"
	"feedmill/feed/render"
	"feedmill/feed/store"
)

// sizes bound what a rendering holds in memory.
type sizes struct {
	document int64 // a body that grows larger is stored piece by piece as it is made
	all      int64 // bodies beside which every further one is
	many     int   // articles of which every body is
	piece    int   // how much is stored at once
	articles int   // that are read at once
	pages    int   // of articles that are stored at once
}

// usual sizes: the documents of 1,000 articles of an ordinary length are held.
var usual = sizes{document: 8 << 20, all: 32 << 20, many: 2000, piece: 1 << 20, articles: 200, pages: 500}

// press is how the documents of a snapshot are made: those that are too large to be held go into the store at once, where
// nobody sees them before the rendering is saved.
func (r *refresh) press(ctx context.Context, s render.Snapshot, large map[string]*store.Large) render.Press {
	most := max(0, min(r.sizes.document, r.sizes.all-r.holds))
	if len(s.Items)+len(s.Listed) > r.sizes.many {
		most = 0
	}
	return render.Press{
		Most: most,
		Large: func(path string) (render.Large, error) {
			if !r.spilled {
				r.spilled = true
				if err := r.library.DropLarge(ctx, r.state.Serial); err != nil {
					return nil, err
				}
			}
			large[path] = r.library.NewLarge(ctx, r.state.Serial, r.sizes.piece)
			return large[path], nil
		},
		Check: func(d feed.Document, items []render.Item) error { return inspect(s, d, items) },
	}
}

// storable are documents as they are stored.
func (r *refresh) storable(made []render.Made, large map[string]*store.Large) (all []store.Document) {
	for _, d := range made {
		parts, _ := d.Parts.MarshalBinary() // never fails
		one := store.Document{Document: d.Document, Body: d.Body, Parts: parts}
		if d.Body == nil {
			one.Large = large[d.Path]
		}
		r.holds += int64(len(d.Body))
		all = append(all, one)
	}
	return all
}

// tidy takes away large bodies that no document has any more after a rendering in which none was made.
func (r *refresh) tidy(ctx context.Context, before []store.Document, after store.Rendering) error {
	had := len(after.Removed) > 0
	for _, d := range before {
		had = had || d.Body == nil
	}
	if r.spilled || !had {
		return nil // else the next one that makes some does it
	}
	return r.library.DropLarge(ctx, r.state.Serial)
}
