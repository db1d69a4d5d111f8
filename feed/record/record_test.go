package record_test

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"feedmill/feed"
	"feedmill/feed/field"
	"feedmill/feed/record"
	"feedmill/source/sourcetest"
)

const shop = `{"data":{"posts":[{"id":1,"title":"One","tags":[{"name":"a"},{"name":"b"}],"media":[{"url":"/1.png"},{"url":"/2.png"}],"dc:creator":"Ann","Backup Name":"x"},{"id":2}]},"length":3,"n":null}`

func TestSelector(t *testing.T) {
	document, err := record.Read([]byte(shop), "")
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"data.posts.id": "[1 2]", "data.posts.0.title": "[One]", "data.posts[0].media[1].url": "[/2.png]", "data.posts.tags.name": "[a b]",
		"data.posts.dc:creator": "[Ann]", "data.posts.Backup Name": "[x]", "length": "[3]", "n": "[<nil>]", "missing.x": "[]", "data.posts[9].id": "[]",
		".length": "[3]", ".data.posts[].id": "[1 2]", ".data.posts[0] | .title": "[One]", ".data.posts | length": "[2]", "[.data.posts[].id] | add": "[3]",
	} {
		s, err := record.Compile(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		values, err := s.Values(t.Context(), document)
		if got := fmt.Sprint(values); err != nil || got != want {
			t.Errorf("%s gives %s, %v; want %s", text, got, err, want)
		}
	}
	for text, want := range map[string]string{
		"": "is empty", ".a[": "is not understood at character 4", ".a | nosuch": "cannot be used", "a..b": "is not understood", `."`: "is not understood",
	} {
		if _, err := record.Compile(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", text, err)
		}
	}
	for text, want := range map[string]string{".meta.next_cursor": "next_cursor", "meta.next": "next", ".a | .b": "", ".a[0]": ""} {
		if s, err := record.Compile(text); err != nil || s.Name() != want {
			t.Errorf("the name of %s is %q, want %q, %v", text, s.Name(), want, err)
		}
	}
}

func TestAProgramIsBounded(t *testing.T) {
	for text, want := range map[string]string{"def f: f; f": "takes too long", "range(1e9)": "gives more than 10000 values", "input": "", "env | keys[]": ""} {
		s, err := record.Compile(text)
		if err != nil {
			continue // not even taken
		}
		begin := time.Now()
		values, err := s.Values(t.Context(), nil)
		if want == "" && len(values) > 0 || want != "" && (err == nil || !strings.Contains(err.Error(), want)) || time.Since(begin) > 10*time.Second {
			t.Errorf("%s: %d values, %v, after %v", text, len(values), err, time.Since(begin))
		}
	}
}

func TestRead(t *testing.T) {
	for text, want := range map[string]any{
		`{"a":[1,-2,1.50,1e3,123456789012345678901234567890,"x",true,null,{}]}`: map[string]any{"a": []any{1, -2, json.Number("1.50"), 1000.0,
			json.Number("123456789012345678901234567890"), "x", true, nil, map[string]any{}}},
		"\ufeff [] \n": []any{}, ")]}',\n[1]": []any{1}, `"\u00e9\ud83d\ude00"`: "é😀", "\"caf\xe9\"": "café",
		"\xff\xfe[\x001\x00]\x00": []any{1}, `{"a":1,"a":2}`: map[string]any{"a": 2},
	} {
		got, err := record.Read([]byte(text), "")
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%q gives %#v, %v", text, got, err)
		}
	}
	for text, want := range map[string]string{
		"": "there is nothing where JSON should be", "[1,": "ends too early", "[1,]": "is broken in line 1", "[1 2]": "is broken", `{"a" 1}`: "is broken",
		"{\n\"a\": tru}": "is broken in line 2", "1 2": "something follows its end", "]": "is broken", `{1:2}`: "is broken",
		strings.Repeat(" ", 17<<20): "the JSON has 17 MB; 16 MB are the most",
	} {
		if _, err := record.Read([]byte(text), ""); err == nil || !strings.Contains(err.Error(), want) || feed.ClassOf(err) != feed.Unreadable {
			t.Errorf("%.20q: %v, want %s", text, err, want)
		}
	}
}

func TestReadStream(t *testing.T) {
	for name, test := range map[string]struct {
		text, value string
		problems    int
		failed      bool
	}{
		"one":             {`{"a":1}`, "map[a:1]", 0, false},
		"lines":           {"{\"a\":1}\r\n\r\n{\"a\":2}\r\n", "[map[a:1] map[a:2]]", 0, false},
		"without lines":   {`{"a":1}{"a":2}`, "[map[a:1] map[a:2]]", 0, false},
		"a broken line":   {"{\"a\":1}\n{\"a\":\n{\"a\":3}\nx\n", "[map[a:1] map[a:3]]", 2, false},
		"two in a line":   {"{\"a\":1}\n{\"a\":2} {\"a\":3}\nx", "[map[a:1]]", 2, false},
		"cut":             {"{\"a\":1,\n", "", 0, true},
		"broken at first": {"{\"a\":x}\n{\"a\":2}\n", "", 0, true},
	} {
		value, problems, err := record.ReadStream([]byte(test.text), "")
		if (err != nil) != test.failed || len(problems) != test.problems || !test.failed && fmt.Sprint(value) != test.value {
			t.Errorf("%s: %v, %v, %v", name, value, problems, err)
		}
	}
}

func TestDatesInNumbers(t *testing.T) {
	for text, want := range map[string]int64{"1795500000": 1795500000, "1795500000123": 1795500000, "1.7955e9": 1795500000, "1795500000.5": 1795500000, `"1795500000"`: 1795500000} {
		document, err := record.Read([]byte(`[{"title":"x","date":`+text+`}]`), "")
		if err != nil {
			t.Fatal(err)
		}
		taken, err := record.Remembered(sourcetest.NewMemory(), record.Words{}).Take(t.Context(), document, field.Env{})
		if err != nil || taken.Articles[0].Published.Unix() != want {
			t.Errorf("%s: %+v %v", text, taken, err)
		}
	}
}

// FuzzRead holds what is read to what encoding/json reads.
func FuzzRead(f *testing.F) {
	for _, seed := range []string{shop, "[1,2.5,-1e400]", "{\"a\":1}\n{\"a\":\n", "[[[[", "\"\\ud800\"", ")]}'\n{}", "\xff\xfe[\x00]\x00", "{\"a\":{\"a\":[null]}} 7"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		value, err := record.Read(body, "")
		if err != nil && feed.ClassOf(err) != feed.Unreadable {
			t.Fatal(err)
		}
		var other any
		if wrong := json.Unmarshal(body, &other); wrong == nil && err != nil && !strings.Contains(err.Error(), "nested") {
			t.Fatalf("%q is JSON: %v", body, err)
		}
		stream, _, wrong := record.ReadStream(body, "")
		if err == nil && (wrong != nil || !reflect.DeepEqual(stream, value)) {
			t.Fatalf("%q as a stream: %v, %v", body, stream, wrong)
		}
	})
}

// FuzzTake maps any document, with words that are found and with words that are written.
func FuzzTake(f *testing.F) {
	for _, seed := range []string{shop, `[{"title":{"rendered":"x"},"link":"/1","date":0}]`, `{"items":[{"node":{"name":[],"url":"/"}},{"node":{"name":7}}]}`, `[[{"title":"x"}]]`} {
		f.Add([]byte(seed), ".data.posts[]", ".title // .name")
		f.Add([]byte(seed), "items.node", "name.x")
	}
	f.Fuzz(func(t *testing.T, body []byte, items, title string) {
		document, err := record.Read(body, "")
		if err != nil {
			return
		}
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		env := field.Env{Base: "https://a.example/", Now: time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)}
		m := sourcetest.NewMemory()
		finder := record.Remembered(m, record.Words{})
		taken, err := finder.Take(ctx, document, env)
		if err == nil {
			finder.Save(m)
			if again, err := record.Remembered(m, record.Words{}).Take(ctx, document, env); err != nil || len(again.Articles) != len(taken.Articles) {
				t.Fatalf("%s: %d articles and then %d, %v", body, len(taken.Articles), len(again.Articles), err)
			}
		}
		var words record.Words
		if words.Items, err = record.Compile(items); err != nil {
			return
		}
		s, err := record.Compile(title)
		if err != nil {
			return
		}
		words.Fields.Title = field.Rules[record.Selector]{{Select: s}}
		if taken, err = words.Take(ctx, document, env); err != nil && feed.ClassOf(err) != feed.Unreadable && ctx.Err() == nil {
			t.Fatal(err)
		}
		if len(taken.Articles) != len(taken.Relative) {
			t.Fatalf("%+v", taken)
		}
	})
}
