package sql

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// query is a SELECT, cut at the places where feedmill puts something.
type query struct {
	parts []part
	// uses is how often :since stands in it.
	uses int
	// limit is the number behind its own LIMIT or FETCH FIRST, 0 when there is none.
	limit int
}

type part struct {
	text string
	is   slot
}

type slot int

const (
	plain slot = iota
	since
	limit
)

const longestQuery = 100_000 // bytes

// readQuery cuts a query apart. Its errors go on after the word query.
func readQuery(text string, d driver) (query, error) {
	if len(text) > longestQuery {
		return query{}, fmt.Errorf("has %d bytes; %d are the most", len(text), longestQuery)
	}
	r := queryReader{scanner: scanner{text: text, driver: d}}
	if err := r.read(); err != nil {
		return query{}, err
	}
	switch r.first {
	case "SELECT", "WITH", "VALUES", "TABLE", "(":
	case "":
		return query{}, errors.New("says nothing; write a SELECT")
	default:
		return query{}, fmt.Errorf("begins with %s; feedmill only reads, write a SELECT", r.first)
	}
	if r.query.uses > 0 && r.oddLimit {
		return query{}, errors.New("has a LIMIT that is no plain number; with :since write one such as LIMIT 500, or none")
	}
	if r.query.uses > 0 && r.offset {
		return query{}, errors.New("has an OFFSET, which skips articles that would never be seen; with :since leave it out")
	}
	return r.query, nil
}

// queryReader makes a query of tokens.
type queryReader struct {
	scanner
	query    query
	from     int    // where the text begins that is in no part yet
	first    string // the first word
	depth    int    // of parentheses
	awaits   bool   // a number of rows comes next
	counted  bool   // one came just now
	oddLimit bool
	offset   bool
}

func (r *queryReader) read() error {
	for {
		t, err := r.next()
		if err != nil {
			return err
		}
		if t.kind == end {
			break
		}
		if r.first == "" {
			r.first = strings.ToUpper(t.text)
		}
		if done, err := r.take(t); err != nil || done {
			return err
		}
	}
	if r.awaits {
		r.oddLimit = true
	}
	r.query.parts = append(r.query.parts, part{text: r.text[r.from:]})
	return nil
}

// take takes a token. It reports whether it is the one that ends the query.
func (r *queryReader) take(t token) (done bool, err error) {
	switch {
	case t.kind == placeholder:
		r.cut(t, since)
		r.query.uses++
	case t.text == "(":
		r.depth++
	case t.text == ")":
		r.depth--
	case t.text == ";":
		r.query.parts = append(r.query.parts, part{text: r.text[r.from:t.at]})
		if t, err = r.next(); err == nil && t.kind != end {
			err = errors.New("holds several statements; write one SELECT")
		}
		return true, err
	}
	if r.depth == 0 {
		r.takeLimit(t)
	}
	return false, nil
}

// takeLimit looks for the number of rows that the query itself asks for: LIMIT 50, LIMIT 0, 50 and FETCH FIRST 50 ROWS.
func (r *queryReader) takeLimit(t token) {
	word := strings.ToUpper(t.text)
	last := len(r.query.parts) - 1
	counted := r.counted
	r.counted = false
	switch {
	case r.awaits && t.kind == digits:
		n, err := strconv.Atoi(t.text)
		if err != nil || n == 0 {
			r.oddLimit = true
		}
		r.cut(t, limit)
		r.query.limit, r.awaits, r.counted = n, false, true
	case counted && t.kind == mark && strings.ContainsAny(t.text[:1], "+-*/%|&<>=(:"):
		r.oddLimit = true
	case r.awaits && (word == "FIRST" || word == "NEXT"):
	case r.awaits:
		r.oddLimit, r.awaits = r.oddLimit || word != "ALL", false
	case word == "LIMIT" || word == "FETCH":
		r.awaits = true
	case word == "OFFSET":
		r.offset = true
	case word == "," && last >= 0 && r.query.parts[last].is == limit && strings.TrimSpace(r.text[r.from:t.at]) == "":
		// What came first was an offset.
		r.query.parts[last].is, r.query.limit = plain, 0
		r.offset, r.awaits = true, true
	}
}

// cut ends a part before a token, which becomes one of its own.
func (r *queryReader) cut(t token, is slot) {
	r.query.parts = append(r.query.parts, part{text: r.text[r.from:t.at]}, part{t.text, is})
	r.from = t.at + len(t.text)
}

// sql is the query as the database takes it, for at most rows if it has a limit.
func (q query) sql(d driver, rows int) string {
	var b strings.Builder
	uses := 0
	for _, p := range q.parts {
		switch {
		case p.is == since && d == postgres:
			uses++
			fmt.Fprintf(&b, "$%d", uses) // one each, for each has a type of its own
		case p.is == since:
			b.WriteString("?")
		case p.is == limit:
			b.WriteString(strconv.Itoa(rows))
		default:
			b.WriteString(p.text)
		}
	}
	return b.String()
}
