package json_test

import (
	"net/http"
	"strings"
	"testing"

	"feedmill/feed"
	"feedmill/feed/record"
	"feedmill/source/sourcetest"
)

func TestAnswersThatAreNoArticles(t *testing.T) {
	for name, test := range map[string]struct {
		answer http.HandlerFunc
		class  feed.Class
		words  string
	}{
		"a page":         {sourcetest.Page("<title>Welcome</title>", "<p>Hello"), feed.Unreadable, "it is a web page (“Welcome”), not JSON; look whether the address has changed"},
		"a login":        {sourcetest.Login(), feed.Refused, "write the key or password that it wants under fetch:"},
		"a feed":         {sourcetest.Body(sourcetest.RSS, "<rss version='2.0'><channel><title>x</title></channel></rss>"), feed.Unreadable, "it is a feed (RSS 2.0), not JSON; write feed instead of json"},
		"XML":            {sourcetest.Body("text/xml", "<list><a/></list>"), feed.Unreadable, "XML that begins with <list>"},
		"half":           {sourcetest.Half(mimeJSON, releases), feed.Unreadable, "the JSON ends too early, as if it was cut off"},
		"broken":         {sourcetest.Body(mimeJSON, "{\n \"data\": {a: 1}}"), feed.Unreadable, "the JSON is broken in line 2"},
		"two":            {sourcetest.Body(mimeJSON, "{}{}"), feed.Unreadable, "something follows its end"},
		"nothing":        {sourcetest.Body(mimeJSON, ""), feed.Unreadable, "answers with nothing at all"},
		"an error":       {sourcetest.Body(mimeJSON, `{"error":"quota","code":17}`), feed.Unreadable, "items: the jq program \".data.releases[]\": cannot iterate over: null; look whether the answer has changed. It is an object with code, error"},
		"another shape":  {sourcetest.Body(mimeJSON, `{"data":{"versions":[{"id":1}]}}`), feed.Unreadable, "It is an object with data"},
		"a null":         {sourcetest.Body(mimeJSON, `{"data":null}`), feed.Unreadable, "items: "},
		"other words":    {sourcetest.Body(mimeJSON, `{"data":{"releases":[{"label":"a","key":4},{"label":"b"}]}}`), feed.Unreadable, "title: .name finds nothing in any of the 2 items; look whether the answer has changed. The first is an object with key, label"},
		"too deep":       {sourcetest.Body(mimeJSON, strings.Repeat("[", 10_000)), feed.Unreadable, "nested more than 200 levels deep"},
		"too many":       {sourcetest.Body(mimeJSON, "["+strings.Repeat("{},", 1_000_000)+"{}]"), feed.Unreadable, "more values than fit into memory"},
		"texts for list": {sourcetest.Body(mimeJSON, `{"data":{"releases":["a","b"]}}`), feed.Unreadable, "finds nothing in any of the 2 items"},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t)
			d.Items = d.selector(".data.releases[]")
			d.Fields = record.Fields{Title: d.rules(".name"), Link: d.rules(".htmlUrl")}
			d.Site.Script("/v1/releases", test.answer)
			d.Refused(test.class, "http://api.example/v1/releases", test.words)
		})
	}
}

func TestAnEmptyListIsAListing(t *testing.T) {
	d := newDesk(t)
	d.Items = d.selector(".data.releases[]")
	d.Fields = record.Fields{Title: d.rules(".name")}
	d.Site.Script("/v1/releases", sourcetest.Body(mimeJSON, `{"data":{"releases":[]}}`))
	if b := d.MustRead(); len(b.Articles) > 0 || b.Extent != feed.Listing {
		t.Errorf("%+v", b) // whether it is believed is the guard's business
	}
}

func TestBadItemsAreNamedAndTheOthersTaken(t *testing.T) {
	d := newDesk(t)
	d.Items = d.selector("posts")
	d.Fields = record.Fields{Title: d.rules("title"), Link: d.rules("url"), Published: d.rules("at"), Content: d.rules(".body")}
	const posts = `{"posts":[{"title":"One","url":"/1","at":"2026-11-01","body":"<p>1"},null,17,"text",[],
		{"title":"Two","url":null,"at":"soon","body":{"rendered":"<p>2"}},{"title":{"a":1},"url":"javascript:x()","at":true,"body":"<p>3"},{"title":4,"url":"/4","at":null,"body":["<p>4","<p>5"]}]}`
	d.Site.Script("/v1/releases", sourcetest.Body(mimeJSON, posts))
	b := d.MustRead()
	if titles(b) != "One Two  4" || !strings.Contains(b.Articles[3].Content, "<p>5") {
		t.Errorf("%q %+v", titles(b), b.Articles)
	}
	d.says(b.Problems, "http://api.example/v1/releases item 6 (Two): published: \"soon\" is not a date", "item 6 (Two): content: .body gives an object, not a text; choose one of its members: rendered",
		"item 7: title: title gives an object, not a text; choose one of its members: a", "item 7: link: the address is a script", `item 7: published: "true" is not a date`)
	if b := d.MustRead(); b.Extent != feed.Unchanged || len(b.Problems) > 0 {
		t.Errorf("told again: %v", b.Problems)
	}
}

func TestSecretsStayAtTheirPlace(t *testing.T) {
	d := newDesk(t)
	d.Items, d.Next = d.selector(".items[]"), d.selector(".next")
	d.Fields = record.Fields{Title: d.rules(".title")}
	d.Fetch.Auth.User, d.Fetch.Auth.Password = "ann", "hunter2"
	d.Site.Script("api.example/v1/releases", sourcetest.Body(mimeJSON, `{"next":"https://elsewhere.example/more","items":[{"title":"1"}]}`))
	d.Site.Script("elsewhere.example/more", sourcetest.Body(mimeJSON, `{"items":[{"title":"2"}]}`))
	if b := d.MustRead(); titles(b) != "1 2" {
		t.Errorf("%s %v", titles(b), b.Problems)
	}
	if d.Site.Visits("api.example/v1/releases")[0].Header.Get("Authorization") == "" {
		t.Error("the password was not sent")
	}
	if d.Site.Visits("elsewhere.example/more")[0].Header.Get("Authorization") != "" {
		t.Error("the password was sent elsewhere")
	}
}
