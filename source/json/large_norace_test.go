//go:build !race

package json_test

import (
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"feedmill/feed"
	"feedmill/feed/field"
	"feedmill/feed/record"
	"feedmill/source/json"
	"feedmill/source/sourcetest"
)

// many is an answer of about 16 MB with so many releases.
func many(releases int) string {
	notes := strings.Repeat("Words that say *what* is new, ", 15_500_000/releases/30-4)
	var b strings.Builder
	b.WriteString(`{"meta":{"nextUrl":null},"data":{"releases":[`)
	for i := range releases {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"id":%d,"name":"Mill","tag":"v%d","htmlUrl":"/r/%d","publishedAt":%d,"labels":[{"name":"new"}],"notes":"%s"}`, i, i, i, 1_700_000_000+i, notes)
	}
	b.WriteString("]}}")
	return b.String()
}

func (d *desk) releases() {
	d.Items = d.selector(".data.releases[]")
	d.Fields = record.Fields{
		ID: d.rules(".id"), Title: d.rules(`.name + " " + .tag`), Link: d.rules(".htmlUrl"), Published: d.rules(".publishedAt"),
		Tags: d.rules(".labels[].name"), Content: field.Rules[record.Selector]{{Select: d.selector(".notes"), As: field.Markdown}},
	}
}

// peak watches the heap until the function that it returns is called, which gives the most that was taken above the beginning.
func peak() func() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	begin, most := m.HeapInuse+m.StackInuse, uint64(0)
	done := make(chan struct{})
	var wait sync.WaitGroup
	wait.Go(func() {
		for {
			select {
			case <-done:
				return
			case <-time.After(2 * time.Millisecond):
				runtime.ReadMemStats(&m)
				most = max(most, m.HeapInuse+m.StackInuse)
			}
		}
	})
	return func() uint64 {
		close(done)
		wait.Wait()
		return most - min(most, begin)
	}
}

// BenchmarkLarge is an answer of 16 MB: read for the first time, and another one that says the same.
func BenchmarkLarge(b *testing.B) {
	for _, n := range []int{10_000, 100} {
		text := many(n)
		if len(text) > 16_000_000 || len(text) < 14_000_000 {
			b.Fatal(len(text))
		}
		b.Run(fmt.Sprintf("first of %d", n), func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				d := newDesk(b)
				d.releases()
				d.Site.Script("/v1/releases", sourcetest.Body(mimeJSON, text))
				stop := peak()
				b.StartTimer()
				batch, err := json.New(d.Config, d.Client, nil, time.Now).Fetch(b.Context(), d.Memory)
				if err != nil || len(batch.Articles) != n {
					b.Fatal(len(batch.Articles), err)
				}
				b.ReportMetric(float64(stop())/(1<<20), "peak-MB")
			}
		})
		b.Run(fmt.Sprintf("equal of %d", n), func(b *testing.B) {
			d := newDesk(b)
			d.releases()
			d.Site.Script("/v1/releases", sourcetest.Body(mimeJSON, text))
			d.MustRead()
			for b.Loop() {
				if batch := d.MustRead(); batch.Extent != feed.Unchanged {
					b.Fatal(batch.Extent)
				}
			}
		})
	}
}

// TestALargeAnswerStaysSmall reads 16 MB, of records and of what makes the most of every byte.
func TestALargeAnswerStaysSmall(t *testing.T) {
	for name, text := range map[string]string{
		"records":       many(10_000),
		"empty objects": `{"data":{"releases":[` + strings.Repeat(`{},`, 5_000_000) + `{}]}}`,
		"numbers":       `{"data":{"releases":[` + strings.Repeat(`1000,`, 3_000_000) + `1]}}`,
		"small objects": `{"data":{"releases":[` + strings.Repeat(`{"a":"b"},`, 1_500_000) + `{}]}}`,
		"names":         `{"data":{"releases":[` + names(1_200_000) + `]}}`,
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t)
			d.releases()
			d.Site.Script("/v1/releases", sourcetest.Body(mimeJSON, text))
			text = ""
			stop := peak()
			b, err := d.Read()
			if most := stop(); most > 256<<20 {
				t.Errorf("it took %d MB above idle", most>>20)
			} else {
				t.Logf("%d MB above idle, %d articles, %v", most>>20, len(b.Articles), err)
			}
			if (err == nil) != (name == "records") {
				t.Error(err)
			}
		})
	}
}

// names is an object with so many members.
func names(n int) string {
	var b strings.Builder
	b.WriteByte('{')
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `"%x":1`, i)
	}
	b.WriteByte('}')
	return b.String()
}
