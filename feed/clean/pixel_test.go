package clean

import "testing"

// seen and unseen are images as feeds hold them: those a reader is meant to see, and those that count readers.
var (
	seen = []string{
		`<img src="https://example.org/a.jpg" width="1" height="400" alt="">`,
		`<img src="https://example.org/pixel-phone.jpg" alt="A phone">`,
		`<img src="https://example.org/pixel.png" alt="A phone">`,
		`<img src="https://www.facebook.com/travel/a.jpg" alt="">`,
		`<img src="https://notdoubleclick.net/a.jpg" alt="">`,
		`<img src="https://medium.com/_/statues.jpg" alt="">`,
		`<img src="/~r/a.jpg" alt="">`,
	}
	unseen = []string{
		`<img src="https://t.example/p.gif" width="1" height="1">`,
		`<img src="https://t.example/p.gif" width="0px" height="1px">`,
		`<img src="https://t.example/p.gif" style="width: 1px; HEIGHT:1px !important">`,
		`<img src="https://t.example/p.gif" style="display: none">`,
		`<img src="http://feeds.feedburner.com/~r/site/~4/AbC" alt=""/>`,
		`<img src="https://news.example.org/~ff/site?d=yIl2AUoC8zA" alt="">`,
		`<img src="https://pixel.wp.com/b.gif?host=example.org" alt="">`,
		`<img src="//ad.doubleclick.net/ddm/x.gif">`,
		`<img src="https://feedads.g.doubleclick.net/~at/x/img" alt="x">`,
		`<img src="https://www.facebook.com/tr?id=1&amp;ev=PageView&amp;noscript=1">`,
		`<img src="https://medium.com/_/stat?event=post" alt="">`,
		`<img src="https://vg06.met.vgwort.de/na/0123" alt="">`,
		`<img src="https://feeds.feedblitz.com/~/i/7/0/site" alt="">`,
		`<img src="https://blogger.googleusercontent.com/tracker/7" alt="">`,
		`<img src="https://news.example.org/track/pixel?a=1" alt="">`,
		`<img src="/static/1x1.gif" alt="">`,
		`<img data-src="https://ad.doubleclick.net/x" alt="">`,
	}
)

func TestPixels(t *testing.T) {
	for _, image := range seen {
		if got := HTML("<p>a</p>" + image); got == "<p>a</p>" {
			t.Errorf("%s is gone", image)
		}
	}
	for _, image := range unseen {
		if got := HTML("<p>a</p>" + image); got != "<p>a</p>" {
			t.Errorf("%s stays as %s", image, got)
		}
	}
}

func TestShareBars(t *testing.T) {
	for in, want := range map[string]string{
		`<p>a</p><div class="feedflare"><a href="x"><img src="y"></a> <div>z</div></div><p>b</p>`: `<p>a</p><p>b</p>`,
		`<p>a</p><div class="x sharedaddy sd"><h3>Share</h3><ul><li>b</ul></div>c`:                `<p>a</p>c`,
		`<p>a</p><div class="feedflares">b</div>`:                                                 `<p>a</p><div>b</div>`,
		`<div class="feedflare">never closed<p>b</p>`:                                             `never closed<p>b</p>`,
	} {
		if got := HTML(in); got != want {
			t.Errorf("HTML(%s)\n got %s\nwant %s", in, got, want)
		}
	}
}

func TestLazyImages(t *testing.T) {
	for in, want := range map[string]string{
		`<img data-src="a.jpg" src="data:image/gif;base64,R0">`:                                                        `<img src="a.jpg">`,
		`<img data-lazy-src="a.jpg" src="/img/placeholder.gif?v=1" alt="A">`:                                           `<img src="a.jpg" alt="A">`,
		`<img data-original="a.jpg" src="blank.gif">`:                                                                  `<img src="a.jpg">`,
		`<img data-original="big.jpg" src="a.jpg">`:                                                                    `<img src="a.jpg">`,
		`<img data-src="javascript:x" data-original="a.jpg">`:                                                          `<img src="a.jpg">`,
		`<img data-src="a.jpg" style="display:none">`:                                                                  `<img src="a.jpg">`,
		`<img src="blank.gif">`:                                                                                        `<img src="blank.gif">`,
		`<img data-srcset="a.jpg 400w, b.jpg 800w" sizes="auto">`:                                                      `<img sizes="auto" srcset="a.jpg 400w, b.jpg 800w" src="b.jpg">`,
		`<img srcset="w_400,h_300/a.jpg 1x,w_800,h_600/a.jpg 2x">`:                                                     `<img srcset="w_400,h_300/a.jpg 1x,w_800,h_600/a.jpg 2x" src="w_800,h_600/a.jpg">`,
		`<picture><source data-srcset="a.webp 1x, b.webp 2x" type="image/webp"><img data-srcset="" alt="A"></picture>`: `<picture><source type="image/webp" srcset="a.webp 1x, b.webp 2x"><img alt="A" src="b.webp"></picture>`,
		`<img class="lazy" src="blank.gif" alt="x"> <noscript><img src="a.jpg" alt="A"></noscript>b`:                   `<img src="a.jpg" alt="A">b`,
		`<img class="lazy"><noscript>No script.</noscript>b`:                                                           `b`,
		`<img src="a.jpg"><noscript><img src="a.jpg"></noscript>`:                                                      `<img src="a.jpg">`,
		`<img class="lazy">text<noscript><img src="a.jpg"></noscript>`:                                                 `text`,
		`<noscript><img src="https://t.example/count" height="1"></noscript>a`:                                         `a`,
	} {
		got := HTML(in)
		if got != want {
			t.Errorf("HTML(%s)\n got %s\nwant %s", in, got, want)
		}
		if again := HTML(got); again != got {
			t.Errorf("HTML twice\n got %s\nthen %s", got, again)
		}
	}
}

func TestLazyImagesBecomeAbsolute(t *testing.T) {
	const in = `<img data-lazy-src="a.jpg" data-srcset="w_4,h_3/a.jpg 400w, /b.jpg 800w" src="blank.gif">`
	const want = `<img src="https://example.org/n/a.jpg" srcset="https://example.org/n/w_4,h_3/a.jpg 400w, https://example.org/b.jpg 800w">`
	if got := HTML(Resolve(in, "https://example.org/n/")); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got := Resolve(HTML(in), "https://example.org/n/"); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
