package clean

import (
	"path"
	"slices"
	"strings"
)

// tooSmall reports whether an image is too small to be seen, or hidden for good.
func tooSmall(e element) bool {
	width, _ := e.get("width")
	height, _ := e.get("height")
	if atMostOne(width) && atMostOne(height) {
		return true
	}
	style, _ := e.get("style")
	if style == "" {
		return false
	}
	for _, name := range lazyAddresses {
		if _, ok := e.get(name); ok {
			return false // hidden until it is loaded
		}
	}
	small := 0
	for declaration := range strings.SplitSeq(strings.ToLower(style), ";") {
		property, value, _ := strings.Cut(strings.ReplaceAll(declaration, " ", ""), ":")
		switch {
		case property == "display" && strings.HasPrefix(value, "none"):
			return true
		case (property == "width" || property == "height") && atMostOne(strings.TrimSuffix(value, "!important")):
			small++
		}
	}
	return small >= 2
}

func atMostOne(size string) bool {
	size = strings.TrimSuffix(strings.TrimSpace(size), "px")
	return size == "0" || size == "1"
}

// pixelHosts serve nothing but counters and advertisements as far as images go; their subdomains too.
var pixelHosts = []string{
	"doubleclick.net", "google-analytics.com", "googletagmanager.com", "googleadservices.com", "googlesyndication.com",
	"quantserve.com", "scorecardresearch.com", "feedsportal.com", "pheedo.com", "met.vgwort.de", "ioam.de",
	"pixel.wp.com", "stats.wordpress.com", "pixel.propublica.org", "counter.theconversation.com", "counter.theconversation.edu.au",
	"mc.yandex.ru", "counter.yadro.ru", "top-fwz1.mail.ru", "c.statcounter.com", "rss.buysellads.com", "pixel.adsafeprotected.com",
}

// pixelPaths are paths, whole or up to a slash, each on one host and its subdomains ("" is every host).
var pixelPaths = []struct{ host, path string }{
	{"", "/~r/"}, {"", "/~ff/"}, // FeedBurner, also under the feed's own name
	{"feedblitz.com", "/~/i/"},
	{"feeds.wordpress.com", "/1.0/"},
	{"facebook.com", "/tr"},
	{"medium.com", "/_/stat"},
	{"googleusercontent.com", "/tracker/"},
	{"list-manage.com", "/track/"},
	{"golem.de", "/cpx.php"},
}

// pixelNames are files that count readers wherever they are.
var pixelNames = []string{"pixel", "pixel.gif", "1x1.gif", "1x1.png", "tracking-pixel.gif", "trackingpixel.gif", "tracker.gif", "beacon.gif",
	"spacer.gif", "count.gif", "mf.gif"}

// pixelAddress reports whether an address is known to be no picture but a counter or an advertisement. In doubt it is a
// picture.
func pixelAddress(address string) bool {
	if address == "" {
		return false
	}
	rest := withoutQuery(address)
	host, file := "", rest
	if _, rest, ok := strings.Cut(rest, "//"); ok {
		host, file, _ = strings.Cut(rest, "/")
		file = "/" + file
	}
	for _, known := range pixelHosts {
		if hostIn(host, known) {
			return true
		}
	}
	for _, known := range pixelPaths {
		at := file == known.path || strings.HasSuffix(known.path, "/") && strings.HasPrefix(file, known.path)
		if at && host != "" && (known.host == "" || hostIn(host, known.host)) {
			return true
		}
	}
	return slices.Contains(pixelNames, path.Base(file))
}

func hostIn(host, domain string) bool {
	rest, ok := strings.CutSuffix(host, domain)
	return ok && (rest == "" || strings.HasSuffix(rest, "."))
}

// shareBars are the classes of bars with buttons that share an article, as feed services and plugins add them.
var shareBars = []string{"feedflare", "sharedaddy", "addtoany_share_save_container", "addtoany_content", "a2a_kit", "addthis_toolbox",
	"heateor_sss_sharing_container", "shariff", "mf-viral"}

func shareBar(e element) bool {
	class, ok := e.get("class")
	if !ok {
		return false
	}
	for name := range strings.FieldsSeq(class) {
		if slices.Contains(shareBars, name) {
			return true
		}
	}
	return false
}
