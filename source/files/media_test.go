package files

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"feedmill/feed"
)

// memoryOfMedia is the part of a memory for files of articles, which keeps them.
type memoryOfMedia struct {
	committed, put []byte

	mu      sync.Mutex
	kept    map[string]int // bytes by name
	reads   int
	failing error
	during  func() // called while a file is read
}

func (m *memoryOfMedia) get() []byte {
	if m.put != nil {
		return m.put
	}
	return m.committed
}

func (m *memoryOfMedia) commit() {
	if m.put != nil {
		m.committed, m.put = m.put, nil
	}
}

var _ feed.Keeper = (*memory)(nil)

func (m *memory) KeepMedia(_ context.Context, name, mediaType string, r io.Reader) (feed.Media, error) {
	m.media.mu.Lock()
	defer m.media.mu.Unlock()
	if m.media.failing != nil {
		return feed.Media{}, m.media.failing
	}
	if m.media.during != nil {
		m.media.during()
	}
	all, err := io.ReadAll(r)
	if err != nil {
		return feed.Media{}, err
	}
	kept := feed.Media{Name: fmt.Sprintf("%x-%s", sha256.Sum256(all), name), Type: mediaType, Size: int64(len(all))}
	m.media.reads++
	if m.media.kept == nil {
		m.media.kept = map[string]int{}
	}
	m.media.kept[kept.Name] = len(all)
	return kept, nil
}

func (m *memory) HasMedia(_ context.Context, name string) (bool, error) {
	m.media.mu.Lock()
	defer m.media.mu.Unlock()
	_, ok := m.media.kept[name]
	return ok, nil
}

// picture is a PNG of one colour.
func picture(width int, grey uint8) string {
	i := image.NewGray(image.Rect(0, 0, width, 10))
	for at := range i.Pix {
		i.Pix[at] = grey
	}
	i.SetGray(0, 0, color.Gray{Y: ^grey})
	var b bytes.Buffer
	if err := png.Encode(&b, i); err != nil {
		panic(err)
	}
	return b.String()
}

const mp3 = "ID3\x04\x00 this is sound"

// means tells the media of an article in short: ref=name without its digest, type, size and width.
func means(a feed.Article) string {
	var all []string
	for _, m := range a.Media {
		_, name, _ := strings.Cut(m.Name, "-")
		all = append(all, fmt.Sprintf("%s=%s %s %d %d", m.Ref, name, m.Type, m.Size, m.Width))
	}
	return strings.Join(all, ", ")
}

func TestMediaBesideAnArticle(t *testing.T) {
	big := picture(30, 1)
	for _, test := range []struct {
		name, article, text string
		files               map[string]string
		media, note         string
		problem             string
	}{
		{"Markdown", "a.md", "# T\n\n![x](img/one.png)\n", map[string]string{"img/one.png": big},
			fmt.Sprintf("img/one.png=one.png image/png %d 30", len(big)), "", ""},
		{"front matter", "2026/a.md", "---\ntitle: T\nimage: ../one.png\naudio: ep.mp3\n---\nText.\n", map[string]string{"one.png": big, "2026/ep.mp3": mp3},
			fmt.Sprintf("ep.mp3=ep.mp3 audio/mpeg %d 0, ../one.png=one.png image/png %d 30", len(mp3), len(big)), "", ""},
		{"header lines", "a.txt", "Headline: T\nImage: one.png\n\nText.\n", map[string]string{"one.png": big}, fmt.Sprintf("one.png=one.png image/png %d 30", len(big)), "", ""},
		{"HTML", "a.html", "<title>T</title><p>Text<img src=one.png><a href='p.pdf#page=2'>p</a><video poster=one.png><source src=f.mp4></video></p>",
			map[string]string{"one.png": big, "p.pdf": "%PDF-1.4", "f.mp4": "\x00\x00\x00\x18ftypisom\x00\x00\x00\x00mp42    "},
			fmt.Sprintf("one.png=one.png image/png %d 30, p.pdf#page=2=p.pdf application/pdf 8 0, f.mp4=f.mp4 video/mp4 24 0", len(big)), "", ""},
		{"blank and accent", "a.md", "# T\n\n![x](<ein Bild ü.png>)\n", map[string]string{"ein Bild u\u0308.png": big},
			fmt.Sprintf("ein%%20Bild%%20%%C3%%BC.png=ein Bild u\u0308.png image/png %d 30", len(big)), "", ""},
		{"another kind", "a.md", "# T\n\n![x](a.jpg)\n", map[string]string{"a.jpg": big}, fmt.Sprintf("a.jpg=a.png image/png %d 30", len(big)), "", ""},
		{"not there", "a.md", "# T\n\n![x](gone.png)\n", nil, "", "gone.png was not found beside the article and is taken for an address", ""},
		{"no sound", "a.md", "---\ntitle: T\naudio: ep.mp3\n---\nText\n", nil, "", "ep.mp3 was not found, and the article has no sound", ""},
		{"outside", "a.md", "# T\n\n![x](../secret.png)\n", map[string]string{"../secret.png": big}, "", "../secret.png lies outside of the folder and was left as it is", ""},
		{"hidden", "a.md", "# T\n\n![x](.git/one.png)\n", map[string]string{".git/one.png": big}, "", ".git/one.png lies outside of the folder and was left as it is", ""},
		{"script", "a.md", "# T\n\n![x](a.svg)\n", map[string]string{"a.svg": "<svg/>"}, "", "a.svg is an SVG", "a.svg"},
		{"a page called a picture", "a.md", "# T\n\n![x](a.png)\n", map[string]string{"a.png": "<script>"}, "", "a.png is called .png and holds something else", "a.png"},
		{"no file of ours", "a.md", "# T\n\n[x](b.html) ![x](/one.png) ![x](//x.example/one.png) ![x](one.png?x) [x](b.zip)\n", map[string]string{"one.png": big}, "", "", ""},
		{"nobody refers to it", "a.md", "# T\n\nText.\n", map[string]string{"one.png": big}, "", "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			d := newDesk(t, func(c *Config) { c.Path = "articles/**/*.{md,txt,html}" })
			for name, text := range test.files {
				d.write("articles/"+name, text, old)
			}
			d.write("articles/"+test.article, test.text, old)
			b := d.fetch()
			if len(b.Articles) != 1 {
				t.Fatalf("batch is %s, %v", short(b), b.Problems)
			}
			if got := means(b.Articles[0]); got != test.media {
				t.Errorf("media are\n%s, not\n%s", got, test.media)
			}
			notes := strings.Join(b.Articles[0].Notes, "; ")
			if !strings.Contains(notes, test.note) || test.note == "" && strings.Contains(notes, ".png") {
				t.Errorf("notes are %s", notes)
			}
			if got := short(b); test.problem != "" && !strings.HasSuffix(got, "!"+test.problem) || test.problem == "" && len(b.Problems) > 0 {
				t.Errorf("batch is %s, %v", got, b.Problems)
			}
			for _, e := range b.Articles[0].Enclosures {
				if b.Articles[0].Refer(e.URL) == nil {
					t.Errorf("there is sound at %s", e.URL)
				}
			}
		})
	}
}

func TestMediaByLinks(t *testing.T) {
	d := newDesk(t)
	d.write("secret.png", picture(3, 3), old)
	d.write("articles/real.png", picture(4, 4), old)
	d.must(os.Symlink("../secret.png", d.path("articles/out.png")))
	d.must(os.Symlink("..", d.path("articles/up")))
	d.must(os.Symlink("real.png", d.path("articles/in.png")))
	d.write("articles/a.md", "# T\n\n![x](out.png) ![x](up/secret.png) ![x](in.png)\n", old)
	b := d.fetch()
	if got := means(b.Articles[0]); !strings.HasPrefix(got, "in.png=in.png image/png ") || strings.Contains(got, ",") {
		t.Errorf("media are %s", got)
	}
	if len(b.Problems) != 2 || !strings.Contains(b.Problems[0].Error(), "leads out of the folder by a link") {
		t.Errorf("problems are %v", b.Problems)
	}
}

func TestMediaChange(t *testing.T) {
	timed(t, func(d *desk) {
		const story = "# T\n\n![x](one.png) ![x](late.png)\n"
		d.write("articles/one.png", picture(10, 1), old)
		d.write("articles/a.md", story, old)
		d.refresh("listing +a.md")
		d.refresh("unchanged")
		d.restart()
		d.refresh("unchanged")
		if d.memory.media.reads != 1 {
			t.Errorf("a picture that stays as it is was read %d times", d.memory.media.reads)
		}
		d.write("articles/one.png", picture(20, 1), 0)
		b := d.refresh("increment +a.md")
		if got := means(b.Articles[0]); !strings.HasSuffix(got, " 20") {
			t.Errorf("after another picture came, media are %s", got)
		}
		d.write("articles/late.png", picture(30, 1), old)
		b = d.refresh("increment +a.md")
		if got := means(b.Articles[0]); !strings.HasSuffix(got, " 30") {
			t.Errorf("after the missing picture came, media are %s", got)
		}
		d.remove("articles/one.png")
		d.refresh("unchanged")
		d.write("articles/a.md", story+"More.\n", 0)
		b = d.refresh("increment +a.md")
		if got := means(b.Articles[0]); !strings.HasPrefix(got, "one.png=") || !strings.Contains(strings.Join(b.Articles[0].Notes, ";"), "what was published of it stays") {
			t.Errorf("after a picture went, media are %s, %v", got, b.Articles[0].Notes)
		}
		d.refresh("unchanged")
		if d.memory.media.reads != 3 {
			t.Errorf("three pictures were read %d times", d.memory.media.reads)
		}
		d.remove("articles/a.md")
		d.refresh("increment -a.md")
		if got := string(d.memory.media.committed); got != "{}" {
			t.Errorf("of what is gone %s is remembered", got)
		}
	})
}

func TestMediaThatAreBeingWritten(t *testing.T) {
	timed(t, func(d *desk) {
		d.write("articles/a.md", "# T\n\n![x](one.png)\n", old)
		d.write("articles/one.png", picture(10, 1)[:50], 0)
		timer := time.AfterFunc(time.Second, func() { d.write("articles/one.png", picture(10, 1), 0) })
		defer timer.Stop()
		var b feed.Batch
		d.took(4*time.Second, func() { b = d.refresh("listing +a.md") })
		if got := means(b.Articles[0]); !strings.HasSuffix(got, " 10") {
			t.Errorf("media are %s", got)
		}
	})
	timed(t, func(d *desk) { // one that never settles
		n := 0
		ticker := time.NewTicker(time.Second)
		defer ticker.Stop()
		done := make(chan struct{})
		defer close(done)
		go func() {
			for {
				select {
				case <-ticker.C:
					n++
					d.write("articles/cam.png", picture(10+n%5, 1), time.Duration(n)*time.Millisecond)
				case <-done:
					return
				}
			}
		}()
		time.Sleep(1500 * time.Millisecond)
		d.write("articles/a.md", "# T\n\n![x](cam.png)\n", old)
		b := d.refresh("listing !cam.png")
		for range 60 {
			if len(b.Articles) > 0 {
				break
			}
			b = d.fetch()
			d.memory.commit()
		}
		if len(b.Articles) != 1 {
			t.Errorf("an article waits for ever for a picture that changes all the time: %s", short(b))
		}
	})
}

func TestMediaChangeWhileTheyAreRead(t *testing.T) {
	timed(t, func(d *desk) {
		d.write("articles/a.md", "# T\n\n![x](one.png)\n", old)
		d.write("articles/one.png", picture(10, 1), old)
		d.memory.media.during = func() {
			d.memory.media.during = nil
			d.write("articles/one.png", picture(20, 1), 0)
		}
		b := d.refresh("listing +a.md")
		if got := means(b.Articles[0]); !strings.HasSuffix(got, " 20") {
			t.Errorf("media are %s", got)
		}
	})
}

func TestMediaThatCannotBeKept(t *testing.T) {
	d := newDesk(t)
	d.write("articles/a.md", "# T\n\n![x](one.png)\n", old)
	d.write("articles/one.png", picture(10, 1), old)
	d.memory.media.failing = errors.New("the disk is full")
	if b, err := d.source.Fetch(t.Context(), &d.memory); err == nil || !strings.Contains(err.Error(), "disk is full") {
		t.Errorf("batch is %s, %v", short(b), err)
	}
	d.memory.media.failing = nil
	d.refresh("listing +a.md")
}

func TestMediaAreWatched(t *testing.T) {
	timed(t, func(d *desk) {
		d.write("articles/a.md", "# T\n\n![x](one.png)\n", old)
		d.refresh("listing +a.md")
		ctx, stop := context.WithCancel(context.Background())
		var calls atomic.Int32
		done := make(chan struct{})
		go func() {
			defer close(done)
			if err := d.source.Watch(ctx, func() { calls.Add(1) }); err != nil {
				t.Error(err)
			}
		}()
		time.Sleep(10 * time.Second)
		d.write("articles/one.png", picture(10, 1), 0)
		time.Sleep(time.Minute)
		if calls.Load() != 1 {
			t.Errorf("a picture that came was announced %d times", calls.Load())
		}
		d.refresh("increment +a.md")
		time.Sleep(time.Minute)
		stop()
		<-done
		if calls.Load() != 1 {
			t.Errorf("a picture that was taken was announced %d times", calls.Load())
		}
	})
}

func TestSoundElsewhere(t *testing.T) {
	text := "---\ntitle: T\naudio: ep 1.mp3\n---\nText.\n"
	d := newDesk(t, func(c *Config) { c.Media = "sound" })
	d.write("sound/ep 1.mp3", mp3, old)
	d.write("articles/ep 1.mp3", mp3+mp3, old)
	d.write("articles/a.md", text, old)
	if got, want := means(d.fetch().Articles[0]), fmt.Sprintf("ep%%201.mp3=ep 1.mp3 audio/mpeg %d 0", len(mp3)); got != want {
		t.Errorf("media are %s, not %s", got, want)
	}
	for _, test := range []struct {
		file string
		size int64
	}{{"sound/ep 1.mp3", int64(len(mp3))}, {"articles/ep 1.mp3", int64(len(mp3))}, {"", 0}} {
		d := newDesk(t, func(c *Config) { c.Media, c.MediaURL = "sound", "https://cdn.example.org/show/" })
		if test.file != "" {
			d.write(test.file, mp3, old)
		}
		d.write("articles/a.md", text, old)
		a := d.fetch().Articles[0]
		if len(a.Enclosures) != 1 || a.Enclosures[0] != (feed.Enclosure{URL: "https://cdn.example.org/show/ep%201.mp3", Type: "audio/mpeg", Length: test.size}) || len(a.Media) > 0 {
			t.Errorf("with %q, sound is %+v, media %v", test.file, a.Enclosures, a.Media)
		}
	}
}

// BenchmarkUnchangedPictures is a look at 1,000 articles with a picture each, none of which changed.
func BenchmarkUnchangedPictures(b *testing.B) {
	d := newDesk(b)
	for n := range 1000 {
		d.write(fmt.Sprintf("articles/%03d/%d.md", n/20, n), fmt.Sprintf("# T\n\n![x](%d.png)\n", n), old)
		d.write(fmt.Sprintf("articles/%03d/%d.png", n/20, n), picture(50+n, 1), old)
	}
	d.fetch()
	d.memory.commit()
	for b.Loop() {
		if got := short(d.fetch()); got != "unchanged" {
			b.Fatal(got)
		}
	}
	if d.memory.media.reads != 1000 {
		b.Fatalf("%d pictures were read", d.memory.media.reads)
	}
}
