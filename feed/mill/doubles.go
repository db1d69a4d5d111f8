package mill

import (
	"slices"

	"feedmill/feed/store"
)

// incoming are the articles of the batch that differ from one another. Of two with one key the first counts, and so it
// does of two with one id, unless their links say that they are two: some feeds give all their articles the same id.
func (b *batch) incoming() []*incoming {
	var all []*incoming
	seen := map[string]bool{}
	for _, a := range b.Articles {
		in := &incoming{Article: a, batch: b, digest: digestOf(a), enrichment: enrichment{raw: a}}
		if !in.repeats(seen) {
			all = append(all, in)
		}
	}
	tell(all)
	b.ids, b.places, b.keys = map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, in := range all {
		b.ids[in.ID], b.places[place(in.Link)], b.keys[in.Key] = true, true, true
	}
	return all
}

// repeats reports that the article is among those seen in its batch, and adds it to them.
func (in *incoming) repeats(seen map[string]bool) bool {
	mark, also := "key "+in.Key, ""
	if link := place(in.Link); in.Key == "" {
		switch {
		case in.ID == "" && link == "":
			return false
		case in.ID == "":
			mark = "link " + link
		case link == "": // any of that id
			mark, also = "id "+in.ID, "id "+in.ID+" "
		default: // the same link, or one without a link
			if seen["id "+in.ID+" "] {
				return true
			}
			mark, also = "id "+in.ID+" "+link, "id "+in.ID
		}
	}
	known := seen[mark]
	seen[mark], seen[also] = true, true
	return known
}

// tell finds out which ids and links of the articles of one batch tell them from others: some feeds give all articles, or
// always the newest one, the address of the web site.
func tell(batch []*incoming) {
	ids, links := map[string]int{}, map[string]int{}
	for _, in := range batch {
		ids[in.ID]++
		links[place(in.Link)]++
	}
	for _, in := range batch {
		link := place(in.Link)
		in.named = in.ID != "" && ids[in.ID] == 1
		in.tells = link != "" && links[link] == 1 && link != place(in.Source.Link)
	}
}

// meets returns the first article of another batch that is the same as this one, nil when there is none, and adds this
// one to those that others meet.
func (in *incoming) meets(first map[string]*incoming) *incoming {
	var marks []string
	if in.Key != "" {
		marks = append(marks, "key "+in.Key)
	} else {
		if in.tells || in.ID == "" && in.Link != "" {
			marks = append(marks, "link "+place(in.Link))
		}
		switch {
		case !in.named:
		case isURI(in.ID):
			marks = append(marks, "id "+in.ID)
		default:
			marks = append(marks, "id "+in.batch.digest+" "+in.ID) // means something within its source only
		}
	}
	var head *incoming
	for _, mark := range marks {
		if head == nil && first[mark] != nil && first[mark].batch != in.batch {
			head = first[mark]
		}
	}
	for _, mark := range marks {
		switch {
		case first[mark] != nil:
		case head != nil:
			first[mark] = head
		default:
			first[mark] = in
		}
	}
	return head
}

// settle decides from which source an article comes that several have sent: from the one that it is known from, so that
// the edits of nobody else count; one that is not known yet from the first in the configuration.
func (r *refresh) settle() {
	var all []*incoming
	for _, in := range r.incoming {
		owned := map[*store.Article]bool{}
		candidates := append([]*incoming{in}, in.doubles...)
		owners := slices.DeleteFunc(slices.Clone(candidates), func(c *incoming) bool {
			row := r.own(c)
			known := row == nil || owned[row]
			owned[row] = true
			return known
		})
		if len(owners) == 0 {
			owners = candidates[:1]
		}
		all = append(all, owners...)
	}
	r.incoming = all
}

// own is a stored article that in may be and that came from the same source, nil when there is none.
func (r *refresh) own(in *incoming) *store.Article {
	for _, rows := range [][]*store.Article{r.known.key[in.Key], r.known.given[in.ID], r.known.link[place(in.Link)]} {
		for _, row := range rows {
			if row.Source == in.batch.digest && !row.Gone {
				return row
			}
		}
	}
	return nil
}
