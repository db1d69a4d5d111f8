package main

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// minutes is an entry on a page of the council.
func minutes(number int, date string) string {
	return fmt.Sprintf(`<article class="minutes"><img src="blank.gif" data-src="/i/%[1]d.jpg"><h2><a href="/minutes/%[1]d?utm_source=list">Sitzung %[1]d</a></h2>
		<p class="date">%[2]s</p><a class="topic" href="/t/1">Straßen</a> <a class="topic" href="/t/2">Schulen</a><p class="teaser">Kurz gesagt.</p></article>`, number, date)
}

// pages answers for the sites of page.yaml.
func pages() friends {
	return friends{
		"council.example": func(r *http.Request) (string, string) {
			var body string
			switch r.URL.Path {
			case "/robots.txt":
				return "text/plain", ""
			case "/minutes":
				body = minutes(3, "3. November 2026") + minutes(2, "2. März 2026") + `<a class="older" href="?page=2">Ältere</a>`
				if r.URL.RawQuery == "page=2" {
					body = minutes(1, "1. Dezember 2025")
				}
			default:
				text := strings.Repeat("<p>Der Rat hat lange beraten, und dann hat er beschlossen.</p>", 5)
				body = `<main><h1>Sitzung</h1><div class="body"><nav>Menü</nav><p>Volltext von ` + r.URL.Path + `</p>` + text + `<div class="share">Teilen</div></div></main>`
			}
			return "text/html; charset=utf-8", "<!DOCTYPE html><html lang=de><title>Rat</title><body>" + body + "</body></html>"
		},
		"trains.example": func(*http.Request) (string, string) {
			return "text/html", `<table id=late><tr><th>No<th>To<th>Late<th>Due</tr><tr><td>IC 5<td>Rome<td>20 min<td>2026-11-24 05:10</tr>
				<tr><td>RE 7<td>Bonn<td>5 min<td>2026-11-24 05:30</tr></table><table><tr><td>x</tr></table>`
		},
		"app.example": func(*http.Request) (string, string) {
			return "text/html", `<div id=app></div><script id="__NEXT_DATA__" type="application/json">{"props":{"pageProps":{"releases":[
				{"id":7,"name":"Mill","tag":"v2.0","publishedAt":"2026-11-20T10:00:00Z","notes":"It is *new*."},
				{"id":6,"name":"Mill","tag":"v1.9","publishedAt":"2026-11-10T10:00:00Z","notes":"It is old."}]}}}</script>`
		},
	}
}

// TestPageExample runs config/examples/page.yaml against pages of our own.
func TestPageExample(t *testing.T) {
	e := runs(t, copied(t, t.TempDir(), "page.yaml", atOnce), november24, pages())
	for name, want := range map[string][]string{
		"council": {
			"Sitzung 1 https://council.example/minutes/1 2025-11-30T23:00 Straßen,Schulen Volltext von /minutes/1",
			"Sitzung 2 https://council.example/minutes/2 2026-03-01T23:00 Straßen,Schulen Volltext von /minutes/2",
			"Sitzung 3 https://council.example/minutes/3 2026-11-02T23:00 Straßen,Schulen Volltext von /minutes/3",
		},
		"departures": {"Bonn: 5 min  2026-11-24T05:30  ", "Rome: 20 min  2026-11-24T05:10  "},
		"releases": {
			"Mill v1.9 https://app.example/releases/v1.9 2026-11-10T10:00  It is old.",
			"Mill v2.0 https://app.example/releases/v2.0 2026-11-20T10:00  It is *new*.",
		},
	} {
		e.brings(name, want...)
		for _, row := range newest(t, e.state, name) {
			for _, bad := range []string{"Menü", "Teilen"} {
				if strings.Contains(row.Said.Content, bad) {
					t.Errorf("%s holds what is to be removed: %s", row.Said.Title, bad)
				}
			}
		}
	}
}
