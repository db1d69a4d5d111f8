package draft

import (
	"maps"
	"slices"
	"strings"
)

// nexts are the names that services have for what leads to the next page, the likelier ones first; folded, without marks.
var nexts = []string{
	"next", "nextpageurl", "nextpagelink", "nexturl", "nextlink", "nextpage", "nextcursor", "nextpagetoken", "nexttoken", "nextoffset", "nextpagekey",
	"continuation", "odata.nextlink", "@odata.nextlink", "cursors.after", "endcursor",
}

// deepestNext bounds how far below the top what leads on is looked for.
const deepestNext = 4

// nextOf finds what leads to the next page of a JSON document, in jq; "" when nothing does. Lists are not looked into: what
// leads on from an item leads elsewhere.
func nextOf(document any) string {
	best, rank := "", len(nexts)
	var search func(value any, path, name string, depth int)
	search = func(value any, path, name string, depth int) {
		if at := slices.Index(nexts, name); at >= 0 && at < rank && leads(value) {
			best, rank = path, at
		}
		object, _ := value.(map[string]any)
		if depth == 0 || object == nil {
			return
		}
		if at := slices.Index(nexts, name); at >= 0 && at < rank {
			if _, ok := object["href"].(string); ok { // as in HAL and JSON:API
				best, rank = path+".href", at
				return
			}
		}
		more, _ := object["hasNextPage"].(bool)
		for _, inner := range slices.Sorted(maps.Keys(object)) {
			way := member(path, inner)
			if _, told := object["hasNextPage"]; told && squeezed(inner) == "endcursor" {
				if rank == len(nexts) && (more || object[inner] != nil) { // as in GraphQL
					best, rank = "if "+member(path, "hasNextPage")+" then "+way+" else null end", len(nexts)-1
				}
				continue
			}
			full := squeezed(inner)
			if strings.EqualFold(name, "cursors") {
				full = "cursors." + full
			}
			search(object[inner], way, full, depth-1)
		}
	}
	search(document, "", "", deepestNext)
	return best
}

// leads reports whether a value can be an address, a cursor or a number of a page, or is the end of a chain.
func leads(value any) bool {
	switch v := value.(type) {
	case nil:
		return true
	case string:
		return v != ""
	case float64:
		return v >= 0
	}
	return false
}
