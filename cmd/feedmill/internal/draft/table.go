package draft

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"feedmill/feed/listing"
)

// Table is a table of a database.
type Table struct {
	Name    string
	Columns []string
}

// Database says which database tables are of.
type Database struct {
	Kind   string // postgres, mysql or sqlite
	Name   string // for the feed's key, such as the database's
	DSN    string // as it is written, without a password
	Secret bool   // it has a password, which is not written
}

// meanings are the names that columns have for the words of an article, likely ones first.
var meanings = []struct {
	word  string
	names []string
}{
	{"id", []string{"id", "guid", "uuid", "number", "nr"}},
	{"title", []string{"title", "headline", "name", "subject", "heading"}},
	{"link", []string{"link", "url", "html_url", "web_url", "permalink", "href", "address"}},
	{"summary", []string{"summary", "excerpt", "teaser", "abstract", "lead"}},
	{"content", []string{"content", "content_html", "body_html", "body", "html", "content_text", "text", "description", "message", "notes"}},
	{"author", []string{"author", "author_name", "byline", "writer", "reporter"}},
	{"tags", []string{"tags", "keywords", "category", "categories", "topic", "section"}},
	{"image", []string{"image", "image_url", "picture", "photo", "thumbnail"}},
	{"published", []string{"published", "published_at", "publish_date", "date_published", "publication_date", "pub_date", "posted_at", "opened_at", "date", "created_at", "created", "finished_at", "timestamp"}},
	{"updated", []string{"updated", "updated_at", "date_modified", "modified", "modified_at", "changed_at", "last_modified", "last_updated"}},
	{"withdrawn", []string{"withdrawn", "withdrawn_at", "deleted_at", "retracted_at"}},
}

// match is a table with the columns that bear words.
type match struct {
	table   Table
	columns map[string]string // by word
}

func matched(t Table) match {
	m := match{t, map[string]string{}}
	for _, word := range meanings {
		for _, name := range word.names {
			i := slices.IndexFunc(t.Columns, func(c string) bool { return squeezed(c) == squeezed(name) })
			if i >= 0 && m.columns[word.word] == "" {
				m.columns[word.word] = t.Columns[i]
			}
		}
	}
	return m
}

// squeezed is a name however its words are joined: html_url, htmlUrl and HTML-URL are one.
func squeezed(name string) string {
	return strings.ToLower(strings.NewReplacer("_", "", "-", "", " ", "").Replace(name))
}

// usable reports whether articles can be made of the table.
func (m match) usable() bool {
	has := func(words ...string) bool {
		return slices.ContainsFunc(words, func(w string) bool { return m.columns[w] != "" })
	}
	return has("id", "link") && has("title", "content", "summary")
}

// Rows is the draft for the table of a database that looks most like articles.
func Rows(from Database, tables []Table) (Draft, error) {
	var best match
	for _, t := range tables {
		if m := matched(t); m.usable() && len(m.columns) > len(best.columns) {
			best = m
		}
	}
	if best.columns == nil {
		var names []string
		for _, t := range tables[:min(len(tables), 10)] {
			names = append(names, t.Name)
		}
		if len(names) == 0 {
			return Draft{}, errors.New("the database has no table that the user may read; give the user the right to read one")
		}
		return Draft{}, fmt.Errorf("none of the tables (%s) has columns that look like those of articles, an id or link and a title or text; "+
			"write a query that names them, such as  SELECT number AS id, what AS title FROM …, as in config/examples/sql.yaml", strings.Join(names, ", "))
	}
	d := Draft{Key: from.Name + "-" + best.table.Name}
	d.Notes = append(d.Notes, fmt.Sprintf("the table %s, of %s; its columns: %s", best.table.Name, counted(len(tables), "table"), strings.Join(best.table.Columns, ", ")))
	if best.columns["link"] == "" {
		d.Notes = append(d.Notes, "no column is an address: feedmill makes a page for each article; to link elsewhere, add such as  'https://site.example/' || id AS link")
	}
	dsn := listing.Scalar(from.DSN)
	if from.Secret {
		d.Notes = append(d.Notes, "put the address with its password into the variable DATABASE_URL")
		dsn = `"${DATABASE_URL}"`
	}
	d.Source = "sql:\n  dsn: " + dsn + "\n  query: |\n" + query(from.Kind, best)
	return d, nil
}

// query selects the columns under their words: what is new, if the table tells, else the newest.
func query(kind string, m match) string {
	var columns []string
	for _, word := range meanings {
		column := m.columns[word.word]
		switch column {
		case "":
		case word.word:
			columns = append(columns, quoted(kind, column))
		default:
			columns = append(columns, quoted(kind, column)+" AS "+word.word)
		}
	}
	text := "    SELECT " + strings.Join(columns, ", ") + "\n    FROM " + quoted(kind, m.table.Name) + "\n"
	if updated := m.columns["updated"]; updated != "" {
		name := quoted(kind, updated)
		return text + "    WHERE " + name + " >= :since\n    ORDER BY " + name + "\n"
	}
	for _, word := range []string{"published", "id"} {
		if column := m.columns[word]; column != "" {
			return text + "    ORDER BY " + quoted(kind, column) + " DESC\n    LIMIT 100\n"
		}
	}
	return text + "    LIMIT 100\n"
}

var (
	plainName = regexp.MustCompile(`^[a-z_][a-z0-9_]*$`)
	// reserved are the words of SQL among the names that tables and columns like to have.
	reserved = []string{"order", "group", "user", "table", "key", "desc", "index", "date", "timestamp", "text", "number", "name", "references", "values", "from", "to"}
)

// quoted is a name as the database takes it.
func quoted(kind, name string) string {
	if plainName.MatchString(name) && !slices.Contains(reserved, name) {
		return name
	}
	mark := `"`
	if kind == "mysql" {
		mark = "`"
	}
	return mark + strings.ReplaceAll(name, mark, mark+mark) + mark
}
