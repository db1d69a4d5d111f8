package main

import (
	"context"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// TestPagesInABrowser loads the pages of the real program in Chromium, light and dark, as wide as a phone and as a screen, and
// has axe-core look for what keeps people from reading them. Nothing may stand beside the screen, and no script may be run.
//
// FEEDMILL_TEST_SHOTS names a folder for pictures of the pages, for people to look at.
func TestPagesInABrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("a browser takes its time")
	}
	axe := needAxe(t)
	base := startPages(t, "")
	browser := openChromium(t)
	shots := os.Getenv("FEEDMILL_TEST_SHOTS")
	for _, p := range []struct{ name, path, shows string }{
		{"index", "/", "أخبار المدينة"},
		{"feed", "/world/", "FOLLOW THIS FEED"},
		{"feed-arabic", "/city/", "افتتاح الجسر"},
		{"feed-empty", "/quiet/", "NO ARTICLES YET"},
		{"article", "/world/a/long", "meeting had been the tenth"},
		{"article-plain", "/world/a/library-night-hours", "The hours at a glance"},
		{"article-arabic", "/city/a/library", "مصنع الورق"},
		{"clicked", "/world.rss", "Address of this feed"},
	} {
		t.Run(p.name, func(t *testing.T) {
			page, done := newPage(browser)
			defer done()
			if err := chromedp.Do(page, chromedp.Navigate(base+p.path)); err != nil {
				t.Fatal(err)
			}
			evaluate[any](page, t, axe+"; 0")
			for _, scheme := range []string{"light", "dark"} {
				for _, width := range []int64{360, 1280} {
					name := fmt.Sprintf("%s-%s-%d", p.name, scheme, width)
					resize(page, t, scheme, width)
					if text := evaluate[string](page, t, "document.body.innerText"); !strings.Contains(text, p.shows) {
						t.Errorf("%s does not show %q:\n%s", name, p.shows, text)
					}
					if wide := evaluate[int64](page, t, "document.documentElement.scrollWidth"); wide > width {
						t.Errorf("%s is %d pixels wide", name, wide)
					}
					for _, v := range violations(t, evaluate[string](page, t, axeRun)) {
						t.Errorf("%s: %s: %s\n%s", name, v.ID, v.Help, strings.Join(v.Where, "\n"))
					}
					if shots != "" {
						shoot(page, t, filepath.Join(shots, name+".png"))
					}
				}
			}
			if seen := onPaper(page, t); seen != "" {
				t.Errorf("on paper: %s", seen)
			}
		})
	}
}

// resize shows the page in one of the two colour schemes, on a screen of that width.
func resize(page context.Context, t *testing.T, scheme string, width int64) {
	t.Helper()
	features := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}}
	if _, err := chromedp.Call(page, emulation.SetEmulatedMedia, features); err != nil {
		t.Fatal(err)
	}
	if err := chromedp.Do(page, chromedp.EmulateViewport(width, 800)); err != nil {
		t.Fatal(err)
	}
}

// onPaper prints the page from a dark screen and tells what is no good on paper; empty: nothing.
func onPaper(page context.Context, t *testing.T) string {
	t.Helper()
	dark := emulation.SetEmulatedMediaParams{Media: "print", Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "dark"}}}
	if _, err := chromedp.Call(page, emulation.SetEmulatedMedia, dark); err != nil {
		t.Fatal(err)
	}
	return evaluate[string](page, t, `(() => {
		const style = e => getComputedStyle(e), seen = e => e.checkVisibility(), all = q => [...document.querySelectorAll(q)].filter(seen);
		const found = all('nav, .open, .formats, audio, video').map(e => e.outerHTML + ' is shown');
		found.push(...all('input').filter(e => style(e).borderTopWidth !== '0px').map(e => e.outerHTML + ' has a border'));
		if (style(document.body).color !== 'rgb(0, 0, 0)' || style(document.documentElement).backgroundColor !== 'rgb(255, 255, 255)') {
			found.push('it is not black on white');
		}
		if (document.body.className === 'article' && !document.body.innerText.includes(document.querySelector('link[rel=canonical]').href)) {
			found.push('the address of the article is missing');
		}
		return found.join('\n');
	})()`)
}

// axeRun has all rules of axe-core look at the page, best practices too.
const axeRun = `axe.run(document, {resultTypes: ['violations']}).then(r => JSON.stringify(
	r.violations.map(v => ({id: v.id, help: v.help, where: v.nodes.map(n => n.html + ' ' + n.failureSummary)}))))`

func evaluate[T any](page context.Context, t *testing.T, script string) T {
	t.Helper()
	value, err := chromedp.Run(page, chromedp.Evaluate[T](script, chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatal(err)
	}
	return value
}

type violation struct {
	ID, Help string
	Where    []string
}

func violations(t *testing.T, found string) (all []violation) {
	t.Helper()
	if err := json.Unmarshal([]byte(found), &all); err != nil {
		t.Fatal(err)
	}
	return all
}

func needAxe(t *testing.T) string {
	t.Helper()
	script, err := os.ReadFile("testdata/readers/node_modules/axe-core/axe.min.js")
	if err != nil {
		missing(t, "axe-core", "npm ci --prefix cmd/feedmill/testdata/readers")
	}
	return string(script)
}

// openChromium starts a browser that is closed when the test ends.
func openChromium(t *testing.T) context.Context {
	t.Helper()
	needProgram(t, "chromium", "chromium")
	path, err := exec.LookPath("chromium")
	if err != nil {
		t.Fatal(err)
	}
	options := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]), chromedp.ExecPath(path))
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox)
	}
	allocator, free := chromedp.NewExecAllocator(context.Background(), options...)
	browser, end := chromedp.NewContext(allocator)
	t.Cleanup(func() {
		_ = chromedp.Cancel(browser) // of a browser that is needed no more
		end()
		free()
	})
	if err := chromedp.Do(browser); err != nil {
		t.Fatal(err)
	}
	return browser
}

func newPage(browser context.Context) (context.Context, func()) {
	page, shut := chromedp.NewContext(browser)
	page, stop := context.WithTimeout(page, time.Minute)
	return page, func() { stop(); shut() }
}

func shoot(page context.Context, t *testing.T, file string) {
	t.Helper()
	picture, err := chromedp.Run(page, chromedp.FullScreenshot(100))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, picture, 0o600); err != nil {
		t.Fatal(err)
	}
}

// startPages runs the program with a newsroom of everything that is hard to show. server is more of its words.
func startPages(t *testing.T, server string) (base string) {
	t.Helper()
	pictures := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _ = png.Encode(w, evening()) }))
	t.Cleanup(pictures.Close)
	s := &polled{t: t, dir: t.TempDir()}
	if err := os.CopyFS(filepath.Join(s.dir, "articles"), os.DirFS("../../config/examples/articles")); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"articles/long.md": hardArticle, "city/library.md": arabicArticle, "city/bridge.md": arabicBridge} {
		writeAged(t, filepath.Join(s.dir, name), strings.ReplaceAll(text, "PICTURES", pictures.URL))
	}
	if err := os.Mkdir(filepath.Join(s.dir, "nothing"), 0o755); err != nil {
		t.Fatal(err)
	}
	listen := loopback(t)
	s.base = "http://" + listen + "/news"
	writeText(t, filepath.Join(s.dir, "feedmill.yaml"), fmt.Sprintf(`
base_url: %[1]s
timezone: Europe/Berlin
server: {listen: %[2]q%[5]s}
admin: {listen: %[3]q}
feeds:
  world:
    title: World
    description: What happens between the river and the hills
    author: {name: News Desk}
    language: en
    link: https://news.example.org/world
    image: %[4]s/logo.png
    tags: [news, region]
    limit: 4
    source: {files: "articles/*"}
    editions: {full: {content: full}, short: {content: none, formats: [rss]}}
  city:
    title: أخبار المدينة
    description: ما يجري بين النهر والتلال
    language: ar
    timezone: Asia/Riyadh
    source: {files: "city/*"}
  quiet: {title: A feed in which nothing was ever published, source: {files: "nothing/*"}}
`, s.base, listen, loopback(t), pictures.URL, server))
	s.start()
	s.await("/world/a/long", "tenth")
	s.await("/city/a/library", "مصنع")
	s.await("/world/", "archive")
	s.await("/", "مكتبة المدينة")
	s.await("/quiet/", "No articles")
	return s.base
}

// evening is a picture of hills.
func evening() image.Image {
	m := image.NewRGBA(image.Rect(0, 0, 900, 600))
	for y := range 600 {
		for x := range 900 {
			c := color.RGBA{uint8(240 - y/7), uint8(200 - y/15), uint8(150 + y/9), 255}
			if y > 330+(x-450)*(x-450)/2500 {
				c = color.RGBA{60, 80, 70, 255}
			}
			m.SetRGBA(x, y, c)
		}
	}
	return m
}

const hardArticle = `---
title: "A very long headline that goes on and on about the Donaudampfschifffahrtsgesellschaftskapitänsmütze and everything that the council said of it in its eleventh meeting of the year"
published: 2025-11-22 20:15
author: [Ann Ey, Bo Cee, Maximiliane von Hohenstein-Unterberg]
tags: [council, meetings, hats, shipping, Danube, language, culture, a very long tag of several words, midnight, tradition, Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz, region]
image: PICTURES/river.png
caption: The river at dusk, seen from the old bridge
credit: Jo Lens
pin: true
correction: An earlier version of this article said that the meeting had been the tenth.
---
The council met. ` + "`code`" + ` and more words follow here, so that the line is as long as lines are in articles that people read.

## What was said

1. First
2. Second, with [a link](https://news.example.org/)

> The hats stay.

` + "```\na long line of code that does not fit on a phone, because it is much longer than a phone is wide, and so it scrolls\n```" + `

| Member | Vote | Reason given in the meeting |
|---|---|---|
| Ey | yes | because |
| Cee | no | the hats are too expensive for a town of this size |
`

const arabicArticle = `---
title: "مكتبة المدينة تفتح أبوابها حتى الثانية بعد منتصف الليل ثلاثة أيام في الأسبوع"
published: 2025-11-22 16:00
author: ليلى حداد
tags: [ثقافة, مدينة, مكتبات]
summary: إن التجربة تبدأ في أول كانون الأول وتستمر حتى الربيع، ولا تحتاج إلى أمين مكتبة.
image: PICTURES/town.png
caption: المدينة عند المساء
credit: سامر
correction: ذكرت نسخة سابقة أن التجربة تبدأ في تشرين الثاني.
---
تبدأ التجربة في **أول كانون الأول** وتستمر حتى الربيع.

> ننهي العمل عند العاشرة، ولا شيء مفتوح سوى محطة الوقود.

قالت إلسا، التي جمعت 312 توقيعاً في المقصف، إن الفكرة جاءت من نوبة الليل في [مصنع الورق](https://example.org/).
`

const arabicBridge = `---
title: افتتاح الجسر الجديد فوق النهر
published: 2025-11-21 09:30
tags: [مواصلات]
---
افتتح الجسر أمس بحضور أهل المدينة.
`
