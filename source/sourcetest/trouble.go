package sourcetest

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"strconv"
)

// Truncated declares the whole body and sends half of it.
func Truncated(mediaType, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", mediaType)
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		_, _ = io.WriteString(w, body[:len(body)/2])
		panic(http.ErrAbortHandler)
	}
}

// Half sends half of a body as if it were all.
func Half(mediaType, body string) http.HandlerFunc { return Body(mediaType, body[:len(body)/2]) }

// Abort breaks the connection before any answer.
func Abort() http.HandlerFunc {
	return func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }
}

// Endless sends a feed whose first title never ends, until nobody reads it any more.
func Endless() http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", RSS)
		chunk := bytes.Repeat([]byte("and so on "), 6_554)
		_, err := io.WriteString(w, `<rss version="2.0"><channel><item><title>`)
		for err == nil {
			_, err = w.Write(chunk)
		}
	}
}

// Bomb sends a feed with a title of size bytes of white space, packed by gzip to about a thousandth.
func Bomb(size int) http.HandlerFunc {
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, _ = io.WriteString(z, `<rss version="2.0"><channel><item><title>`)
	chunk := bytes.Repeat([]byte(" "), 64<<10)
	for left := size; left > 0; left -= len(chunk) {
		_, _ = z.Write(chunk[:min(left, len(chunk))]) // a buffer takes everything
	}
	_, _ = io.WriteString(z, `</title></item></channel></rss>`)
	_ = z.Close()
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		Body(RSS, packed.String())(w, r)
	}
}
