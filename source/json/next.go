package json

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"feedmill/feed/clean"
)

// next is the question for the page with older articles; false when there is none. q is the one that gave the document, from
// the address base.
func (j *JSON) next(ctx context.Context, q question, base string, document any) (question, bool, error) {
	found, err := j.config.Next.Values(ctx, document)
	if err != nil {
		return question{}, false, err
	}
	for _, v := range found {
		switch v := v.(type) {
		case nil:
			continue
		case string:
			if v = strings.TrimSpace(v); v == "" {
				continue
			}
			if isAddress(v) {
				return j.at(q, v, base)
			}
			return j.with(q, map[string]any{j.parameter(q, "cursor"): v})
		case int, float64, json.Number:
			return j.with(q, map[string]any{j.parameter(q, "page"): v})
		case map[string]any:
			if members := present(v); len(members) > 0 {
				return j.with(q, members)
			}
		case bool:
			if v {
				return question{}, false, errors.New("it gives true, which leads nowhere; choose the address, cursor or number of the next page, or make one: {page: (.page + 1)}")
			}
		default:
			return question{}, false, fmt.Errorf("%s gives a list; choose the address, cursor or number of the next page in it", j.config.Next)
		}
	}
	return question{}, false, nil
}

// isAddress tells an address from a cursor.
func isAddress(s string) bool {
	return strings.HasPrefix(s, "https://") || strings.HasPrefix(s, "http://") || strings.HasPrefix(s, "/") || strings.HasPrefix(s, "?") ||
		strings.HasPrefix(s, "./") || strings.HasPrefix(s, "../")
}

// at asks an address. One that is nothing but a query changes what it names in the query of the last question.
func (j *JSON) at(q question, address, base string) (question, bool, error) {
	if query, ok := strings.CutPrefix(address, "?"); ok {
		values, err := url.ParseQuery(query)
		if err != nil {
			return question{}, false, fmt.Errorf("%q is no query", address)
		}
		return withQuery(q, values)
	}
	whole, err := clean.URL(address, base)
	if err != nil {
		return question{}, false, err
	}
	return question{whole, q.body}, true, nil
}

// present are the members of an object that hold something.
func present(object map[string]any) map[string]any {
	members := maps.Clone(object)
	maps.DeleteFunc(members, func(_ string, v any) bool { return v == nil || v == "" || v == false })
	return members
}

// with puts values into the body of a POST that is a JSON object, else into the query.
func (j *JSON) with(q question, members map[string]any) (question, bool, error) {
	if body := objectOf(q.body); j.config.Method == http.MethodPost && body != nil {
		for name, v := range members {
			place := holder(body, name)
			if place == nil {
				place = body
			}
			place[name] = v
		}
		text, err := json.Marshal(body)
		if err != nil {
			return question{}, false, fmt.Errorf("put %s into the body: %w", strings.Join(slices.Sorted(maps.Keys(members)), ", "), err)
		}
		return question{q.url, string(text)}, true, nil
	}
	values := url.Values{}
	for name, v := range members {
		text := fmt.Sprint(v)
		if f, ok := v.(float64); ok {
			text = strconv.FormatFloat(f, 'f', -1, 64)
		}
		values.Set(name, text)
	}
	return withQuery(q, values)
}

func withQuery(q question, values url.Values) (question, bool, error) {
	u, err := url.Parse(q.url)
	if err != nil {
		return question{}, false, errors.New("url is no address")
	}
	query := u.Query()
	maps.Copy(query, values)
	u.RawQuery = query.Encode()
	return question{u.String(), q.body}, true, nil
}

// objectOf reads a body that is a JSON object, nil when it is none.
func objectOf(body string) map[string]any {
	decoder := json.NewDecoder(bytes.NewReader([]byte(body)))
	decoder.UseNumber()
	var object map[string]any
	if decoder.Decode(&object) != nil {
		return nil
	}
	return object
}

// holder is the object at or below an object that has a member of that name, nil when none has.
func holder(object map[string]any, name string) map[string]any {
	if _, ok := object[name]; ok {
		return object
	}
	for _, key := range slices.Sorted(maps.Keys(object)) {
		if inner, ok := object[key].(map[string]any); ok {
			if found := holder(inner, name); found != nil {
				return found
			}
		}
	}
	return nil
}

// usual are the names that services have for what leads to a page, the likelier ones first.
var usual = []string{
	"cursor", "after", "page_token", "pageToken", "next_token", "nextToken", "continuation", "token", "page", "pageNumber", "page_number", "p",
	"offset", "skip", "start", "from",
}

// parameter is the name under which a cursor or a number is put into the question: that of its member in the answer, without
// next, if the question has it; else a usual one that the question has; else that of its member, or a fallback.
func (j *JSON) parameter(q question, fallback string) string {
	own := ownName(j.config.Next.Name())
	body := objectOf(q.body)
	var query url.Values
	if u, err := url.Parse(q.url); err == nil {
		query = u.Query()
	}
	for _, name := range append([]string{own}, usual...) {
		if name != "" && (query.Has(name) || body != nil && holder(body, name) != nil) {
			return name
		}
	}
	if own != "" {
		return own
	}
	return fallback
}

// ownName is the name of a member without what says that it is the next one: cursor of next_cursor, pageToken of
// nextPageToken.
func ownName(member string) string {
	for _, prefix := range []string{"next", "end"} {
		rest, ok := strings.CutPrefix(member, prefix)
		if !ok || rest == "" {
			continue
		}
		if parted, ok := strings.CutPrefix(rest, "_"); ok {
			return parted
		}
		if rest[0] >= 'A' && rest[0] <= 'Z' {
			return strings.ToLower(rest[:1]) + rest[1:]
		}
	}
	if member == "next" {
		return ""
	}
	return member
}
