package doctor_test

import (
	"bytes"
	"compress/gzip"
	"maps"
	"net/http"
	"net/http/httptest"
	"sync"
)

// cdn is what stands before a server, and does something to its answers.
type cdn func(w http.ResponseWriter, r *http.Request, origin http.Handler)

// fetched is the origin's answer, to be changed.
func fetched(r *http.Request, origin http.Handler) *httptest.ResponseRecorder {
	got := httptest.NewRecorder()
	origin.ServeHTTP(got, r)
	return got
}

func pass(w http.ResponseWriter, got *httptest.ResponseRecorder) {
	maps.Copy(w.Header(), got.Header())
	w.WriteHeader(got.Code)
	_, _ = w.Write(got.Body.Bytes())
}

// on does it to one document only.
func on(path string, do cdn) cdn {
	return func(w http.ResponseWriter, r *http.Request, origin http.Handler) {
		if r.URL.Path != path {
			origin.ServeHTTP(w, r)
			return
		}
		do(w, r, origin)
	}
}

// header changes the headers of a document.
func header(path string, change func(http.Header, *http.Request)) cdn {
	return on(path, func(w http.ResponseWriter, r *http.Request, origin http.Handler) {
		got := fetched(r, origin)
		change(got.Header(), r)
		pass(w, got)
	})
}

// body changes what is sent of a document, unpacked.
func body(path string, change func(string) string) cdn {
	return on(path, func(w http.ResponseWriter, r *http.Request, origin http.Handler) {
		r.Header.Del("Accept-Encoding")
		got := fetched(r, origin)
		got.Header().Del("Content-Length")
		if text := got.Body.String(); text != "" {
			got.Body.Reset()
			got.Body.WriteString(change(text))
		}
		pass(w, got)
	})
}

func packed(b []byte) []byte {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, _ = w.Write(b)
	_ = w.Close()
	return out.Bytes()
}

// caching keeps the first good answer to each address for everybody, whoever asks with which headers.
func caching(paths ...string) cdn {
	var mu sync.Mutex
	kept := map[string]*httptest.ResponseRecorder{}
	return func(w http.ResponseWriter, r *http.Request, origin http.Handler) {
		mu.Lock()
		defer mu.Unlock()
		mine := false
		for _, path := range paths {
			mine = mine || r.URL.Path == path
		}
		if !mine || r.Method != http.MethodGet || r.Header.Get("If-None-Match")+r.Header.Get("If-Modified-Since") != "" {
			origin.ServeHTTP(w, r)
			return
		}
		if kept[r.URL.Path] == nil {
			got := fetched(r, origin)
			if got.Code != http.StatusOK {
				pass(w, got)
				return
			}
			kept[r.URL.Path] = got
		}
		pass(w, kept[r.URL.Path])
	}
}

// readersOnly leaves browsers alone.
func readersOnly(do cdn) cdn {
	return func(w http.ResponseWriter, r *http.Request, origin http.Handler) {
		if r.Header.Get("Sec-Fetch-Dest") != "" {
			origin.ServeHTTP(w, r)
			return
		}
		do(w, r, origin)
	}
}
