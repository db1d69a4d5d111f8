package sql

import (
	"encoding/json"
	"strings"
)

// listOf reads the list that a column holds: an array of Postgres or a list in JSON. nil: it holds something else.
func listOf(s string, kind columnKind) []any {
	if kind == array {
		return arrayOf(s)
	}
	if s = strings.TrimSpace(s); !strings.HasPrefix(s, "[") {
		return nil
	}
	var list []any
	if json.Unmarshal([]byte(s), &list) != nil {
		return nil
	}
	return list
}

// arrayOf reads an array as Postgres writes it: {a,"b, c",NULL}. Arrays in it are read as texts; nil: it is none.
func arrayOf(s string) []any {
	if i := strings.Index(s, "]={"); i >= 0 && strings.HasPrefix(s, "[") {
		s = s[i+2:] // [0:1]={a,b} counts from 0
	}
	if len(s) < 2 || s[0] != '{' || s[len(s)-1] != '}' {
		return nil
	}
	list := []any{}
	var b strings.Builder
	quoted, written := false, false
	add := func() {
		if text := b.String(); written || text != "" && text != "NULL" {
			list = append(list, text)
		}
		b.Reset()
		written = false
	}
	inside := s[1 : len(s)-1]
	for i := 0; i < len(inside); i++ {
		switch c := inside[i]; {
		case c == '\\' && i+1 < len(inside):
			i++
			b.WriteByte(inside[i])
		case c == '"':
			quoted, written = !quoted, true
		case c == ',' && !quoted:
			add()
		default:
			b.WriteByte(c)
		}
	}
	add()
	return list
}
