package sourcetest

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"strconv"
	"time"
)

// The media types that sites send.
const (
	RSS  = "application/rss+xml; charset=utf-8"
	OPML = "text/x-opml"
	HTML = "text/html; charset=utf-8"
)

// Body answers with a body and no validators.
func Body(mediaType, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", mediaType)
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		_, _ = io.WriteString(w, body) // who does not read it to the end will not
	}
}

// Conditional answers like [Body], with an ETag made of the body, and with 304 to those who have it.
func Conditional(mediaType, body string) http.HandlerFunc {
	sum := sha256.Sum256([]byte(body))
	tag := `"` + hex.EncodeToString(sum[:8]) + `"`
	whole := Body(mediaType, body)
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", tag)
		if r.Header.Get("If-None-Match") == tag {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		whole(w, r)
	}
}

// Status answers with a status, headers (name, value, …) and a short text.
func Status(status int, headers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i+1 < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, http.StatusText(status))
	}
}

// Redirect leads elsewhere with a status such as 301.
func Redirect(status int, to string) http.HandlerFunc { return Status(status, "Location", to) }

// Page answers with a web page; head stands in its head.
func Page(head, body string) http.HandlerFunc {
	return Body(HTML, "<!DOCTYPE html><html><head>"+head+"</head><body>"+body+"</body></html>")
}

// PageOf answers with a web page that names a feed.
func PageOf(feed string) http.HandlerFunc {
	return Page(`<title>Home</title><link rel="alternate" type="application/rss+xml" href="`+feed+`">`, "<p>Welcome.</p>")
}

// Login answers with a page that asks for a password.
func Login() http.HandlerFunc {
	return Page("<title>Sign in</title>", `<form action="/login"><input name="user"><input type="password" name="password"></form>`)
}

// Challenge answers with a bot wall's page, with status 200 as some do.
func Challenge() http.HandlerFunc {
	return Page("<title>Just a moment...</title>", `<script>window._cf_chl_opt = {};</script>`)
}

// After waits, then answers; it gives up when the request does.
func After(d time.Duration, answer http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		timer := time.NewTimer(d)
		defer timer.Stop()
		select {
		case <-timer.C:
			answer(w, r)
		case <-r.Context().Done():
		}
	}
}
