package daemon

import (
	"cmp"
	"encoding/json"
	"encoding/xml"
	"html"
	"net/http"
	"net/http/httptest"
	"path"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// subscriber is somebody who polls a document and knows articles again by their ids, as readers do: an id that was not
// there before is a new article, an updated date that moved on is a change.
type subscriber struct {
	*years
	feed  string // by the name it had at the beginning
	path  string
	every time.Duration
	next  time.Time // he comes

	etag  string
	shown []*issue
	read  map[string]*issue // by the bytes of their fragments, in the last document
	byID  map[string]*known
	ids   map[string]string // by markers
	tombs map[string]bool   // ids, in the last document
}

// issue is an article as a document shows it.
type issue struct {
	id, marker, published, updated string
	edits, touches                 int
	notice                         bool
}

// known is an article as a subscriber has it.
type known struct {
	issue
	story   *story    // nil: only its withdrawal was seen
	last    time.Time // it came in a document that was not as before
	notices int       // how often he learned of a withdrawal
	noticed time.Time // the last of them
	tombs   int       // how often a tombstone came
}

func newSubscriber(y *years, feed, format string, every time.Duration) *subscriber {
	return &subscriber{years: y, feed: feed, path: "/" + feed + "." + format, every: every, next: y.begin.Add(every), byID: map[string]*known{}, ids: map[string]string{}}
}

// isTime reports whether he comes now. Who meets a program that is down comes again.
func (s *subscriber) isTime() bool {
	if s.now.Before(s.next) {
		return false
	}
	s.next = s.next.Add(s.every)
	return true
}

// get asks for a document as readers do, and goes where it has moved to.
func (y *years) get(at, etag string) (to, body, tag string, status int) {
	for range 3 {
		r := httptest.NewRequest(http.MethodGet, "https://feeds.example.org"+at, nil)
		if etag != "" {
			r.Header.Set("If-None-Match", etag)
		}
		w := httptest.NewRecorder()
		y.d.server.ServeHTTP(w, r)
		if w.Code != http.StatusMovedPermanently {
			return at, w.Body.String(), w.Header().Get("ETag"), w.Code
		}
		at = strings.TrimPrefix(w.Header().Get("Location"), "https://feeds.example.org")
	}
	return at, "", "", http.StatusLoopDetected
}

// visit polls the document.
func (s *subscriber) visit() {
	s.Helper()
	to, body, etag, status := s.get(s.path, s.etag)
	s.path = to
	switch status {
	case http.StatusOK:
		s.etag = etag
		s.open(body)
	case http.StatusNotModified:
	default:
		s.Errorf("%s: %s answers %d", s.date(), s.path, status)
		return
	}
	for _, i := range s.shown {
		s.isTrue(i)
		if i.notice {
			s.byID[i.id].noticed = s.now // also when nothing else changed
		}
	}
}

// open reads a document that is not as it was.
func (s *subscriber) open(body string) {
	s.Helper()
	before := s.read
	s.read, s.shown = map[string]*issue{}, s.shown[:0]
	here := map[string]bool{}
	for _, fragment := range fragments(s.path, body) {
		i := before[fragment]
		if i == nil {
			i = issueOf(s.path, fragment)
		}
		if here[i.id] {
			s.Errorf("%s: %s holds %s twice", s.date(), s.path, i.id)
		}
		here[i.id] = true
		s.read[fragment], s.shown = i, append(s.shown, i)
		s.take(i)
	}
	s.bury(body)
}

// take does what a reader does with an article, and complains of what he would.
func (s *subscriber) take(i *issue) {
	s.Helper()
	k := s.byID[i.id]
	switch {
	case k == nil && i.notice:
		s.byID[i.id] = &known{issue: *i}
	case k == nil || k.story == nil && !i.notice:
		s.isNew(i)
	case i.notice && k.notice:
		if i.updated != k.updated && k.story != nil {
			s.Errorf("%s: %s tells the withdrawal of %s again: %s, %s", s.date(), s.path, k.marker, k.updated, i.updated)
		}
	case k.story != nil:
		s.isOld(k, i)
	}
	k = s.byID[i.id]
	k.last, k.updated, k.notice = s.now, i.updated, i.notice
}

func (s *subscriber) isNew(i *issue) {
	s.Helper()
	story := s.truth.byMarker[i.marker]
	if story == nil {
		s.Errorf("%s: %s shows what nobody wrote: %+v", s.date(), s.path, *i)
		story = &story0
	}
	if id := s.ids[i.marker]; id != "" {
		s.Errorf("%s: %s shows %s as new: it was %s and is %s", s.date(), s.path, i.marker, id, i.id)
	}
	s.ids[i.marker] = i.id
	s.byID[i.id] = &known{issue: *i, story: story}
}

// story0 stands for what nobody wrote.
var story0 = story{}

func (s *subscriber) isOld(k *known, i *issue) {
	s.Helper()
	if i.published != k.published || !i.notice && i.marker != k.marker {
		s.Errorf("%s: %s: %+v has become %+v", s.date(), s.path, k.issue, *i)
	}
	changed := i.notice != k.notice || !i.notice && i.edits != k.edits ||
		k.story.happened(k.last.Add(-s.late(s.feed)), restored) && i.updated != k.updated // gone and back since he was here
	switch {
	case changed && i.updated <= k.updated:
		s.Errorf("%s: %s: nobody sees the change of %s: %+v has become %+v", s.date(), s.path, k.marker, k.issue, *i)
	case !changed && i.updated != k.updated:
		s.Errorf("%s: %s: %s looks changed: %+v has become %+v", s.date(), s.path, k.marker, k.issue, *i)
	}
	if i.notice {
		k.notices++
		return
	}
	if i.edits < k.edits || i.touches < k.touches {
		s.Errorf("%s: %s: an old edition comes back: %+v has become %+v", s.date(), s.path, k.issue, *i)
	}
	k.edits, k.touches = i.edits, i.touches
}

// isTrue checks what is shown now against the truth of now and of a while ago.
func (s *subscriber) isTrue(i *issue) {
	s.Helper()
	story := s.byID[i.id].story
	if story == nil {
		return
	}
	m, old := story.at(s.now), story.at(s.said(s.feed))
	switch {
	case i.notice:
		if m.life != withdrawn && old.life != withdrawn {
			s.Errorf("%s: %s says that %s was withdrawn", s.date(), s.path, story.marker)
		}
		if end := old.since.Add(noticed); old.life == withdrawn && !end.After(s.said(s.feed)) {
			s.Errorf("%s: %s still says that %s was withdrawn %s", s.date(), s.path, story.marker, old.since)
		}
	case !story.livedOnce(s.said(s.feed), s.now):
		s.Errorf("%s: %s shows %s, which is %q", s.date(), s.path, story.marker, m.life)
	case i.edits > m.edits || i.touches > m.touches || i.edits < old.edits || i.touches < old.touches:
		s.Errorf("%s: %s shows edition %d.%d of %s, which is %+v, and was %+v", s.date(), s.path, i.edits, i.touches, story.marker, m, old)
	}
}

var tombstone = regexp.MustCompile(`<(?:\w+:)?deleted-entry [^>]*ref="([^"]*)"`)

// bury reads the tombstones of an Atom document: of what has a notice there, and of nothing else.
func (s *subscriber) bury(body string) {
	s.Helper()
	if path.Ext(s.path) != ".atom" {
		return
	}
	here := map[string]bool{}
	for _, found := range tombstone.FindAllStringSubmatch(body, -1) {
		id := html.UnescapeString(found[1])
		here[id] = true
		if k := s.byID[id]; k != nil && !s.tombs[id] {
			k.tombs++
		}
	}
	s.tombs = here
	for _, i := range s.shown {
		if i.notice != here[i.id] {
			s.Errorf("%s: %s: %s has a notice: %v, and a tombstone: %v", s.date(), s.path, i.id, i.notice, here[i.id])
		}
	}
}

// fragments are the articles of a document as they stand there.
func fragments(name, body string) (found []string) {
	if path.Ext(name) == ".json" {
		var document struct{ Items []json.RawMessage }
		if err := json.Unmarshal([]byte(body), &document); err != nil {
			panic(err)
		}
		for _, i := range document.Items {
			found = append(found, string(i))
		}
		return found
	}
	element := map[string]string{".rss": "item", ".atom": "entry"}[path.Ext(name)]
	for {
		inside, rest, more := strings.Cut(body, "</"+element+">")
		at := strings.Index(inside, "<"+element)
		if !more || at < 0 {
			return found
		}
		found, body = append(found, inside[at:]+"</"+element+">"), rest
	}
}

// page reads the page of a feed.
func (y *years) page(feed string) {
	y.Helper()
	_, body, _, status := y.get("/"+y.key(feed)+"/", "")
	if status != http.StatusOK {
		y.Errorf("%s: the page of %s answers %d", y.date(), feed, status)
	}
	for _, word := range marker.FindAllString(body, -1) {
		story := y.truth.byMarker[word]
		if !story.livedOnce(y.said(feed), y.now) {
			y.Errorf("%s: the page of %s shows %s, which is %q", y.date(), feed, word, story.at(y.now).life)
		}
	}
}

var (
	marker  = regexp.MustCompile(`mark-[a-z]+-\d{5}`)
	edition = regexp.MustCompile(`in edition (\d+)\.(\d+)`)
)

const noticeTitle = "This article was withdrawn"

// issueOf reads one article.
func issueOf(name, fragment string) *issue {
	var title, content string
	i := &issue{}
	if path.Ext(name) == ".json" {
		var item struct {
			ID        string `json:"id"`
			Title     string `json:"title"`
			Content   string `json:"content_html"`
			Published string `json:"date_published"`
			Updated   string `json:"date_modified"`
		}
		if err := json.Unmarshal([]byte(fragment), &item); err != nil {
			panic(err)
		}
		i.id, title, content, i.published, i.updated = item.ID, item.Title, item.Content, item.Published, item.Updated
	} else {
		var item struct {
			ID          string `xml:"id"`
			GUID        string `xml:"guid"`
			Title       string `xml:"title"`
			Content     string `xml:"content"`
			Encoded     string `xml:"encoded"`
			Description string `xml:"description"`
			Published   string `xml:"published"`
			Date        string `xml:"pubDate"`
			Updated     string `xml:"updated"`
		}
		if err := xml.Unmarshal([]byte(fragment), &item); err != nil {
			panic(err)
		}
		i.id, title, content = cmp.Or(item.ID, item.GUID), item.Title, item.Content+item.Encoded+item.Description
		i.published, i.updated = item.Published, item.Updated
		if at, err := time.Parse(time.RFC1123Z, item.Date); err == nil {
			i.published = at.UTC().Format(time.RFC3339)
		}
	}
	i.updated = cmp.Or(i.updated, i.published)
	i.notice = title == noticeTitle
	if i.marker = marker.FindString(content); i.marker == "" && !i.notice {
		i.marker = title
	}
	if said := edition.FindStringSubmatch(content); said != nil {
		i.edits, _ = strconv.Atoi(said[1])
		i.touches, _ = strconv.Atoi(said[2])
	}
	return i
}
