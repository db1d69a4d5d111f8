package main

import (
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// apis answers for the API of json.yaml.
func apis() friends {
	return friends{
		"api.example": func(r *http.Request) (string, string) {
			const kind = "application/json"
			switch r.URL.RequestURI() {
			case "/v1/posts":
				return kind, `{"total":2,"posts":[{"title":"Two","permalink":"https://api.example/2","created_at":"2026-11-22T10:00:00Z"},
					{"title":"One","permalink":"https://api.example/1","created_at":"2026-11-21T10:00:00Z"}]}`
			case "/v1/releases?page=1":
				return kind, `{"meta":{"nextPage":2},"data":{"releases":[{"id":7,"name":"Mill","tag":"v2","htmlUrl":"/r/7","publishedAt":1795500000000,"notes":"It is *new*.","labels":[{"name":"big"}]}]}}`
			case "/v1/releases?page=2":
				return kind, `{"meta":{"nextPage":null},"data":{"releases":[{"id":6,"name":"Mill","tag":"v1","htmlUrl":"/r/6","publishedAt":1795400000,"notes":"It is old."}]}}`
			}
			body, _ := io.ReadAll(r.Body)
			if strings.Contains(string(body), `"after":"x9"`) {
				return kind, `{"hits":{"hits":[{"_source":{"uuid":"a","headline":"Flood","time":"2026-11-20 08:00"}}]},"nextCursor":null}`
			}
			return kind, `{"hits":{"hits":[{"_source":{"uuid":"b","headline":"Storm","time":"2026-11-21 08:00"}}]},"nextCursor":"x9"}`
		},
	}
}

// TestRecordExamples runs config/examples/json.yaml against an API of our own, and command.yaml with the program beside it.
func TestRecordExamples(t *testing.T) {
	dir := t.TempDir()
	copied(t, dir, "json.yaml", atOnce)
	copied(t, dir, "command.yaml", "")
	copied(t, dir, "backups.sh", "")
	for file, feeds := range map[string]map[string][]string{
		"json.yaml": {
			"posts": {"One https://api.example/1 2026-11-21T10:00  ", "Two https://api.example/2 2026-11-22T10:00  "},
			"releases": {
				"Mill v1 https://api.example/r/6 2026-11-23T02:13  It is old.",
				"Mill v2 https://api.example/r/7 2026-11-24T06:00 big It is *new*.",
			},
			"alerts": {"Flood  2026-11-20T08:00  ", "Storm  2026-11-21T08:00  "},
		},
		"command.yaml": {
			"backups": {"database: 3 GB  2026-11-22T04:10  ", "mail: 12 GB  2026-11-22T04:31  "},
			"disks":   {"Disk sda is 91 % full, and growing  2026-11-22T05:00  "},
		},
	} {
		e := runs(t, filepath.Join(dir, file), func() time.Time { return november24().Add(time.Hour) }, apis())
		for name, want := range feeds {
			e.brings(name, want...)
		}
	}
}
