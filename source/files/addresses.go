package files

import (
	"cmp"
	"net/url"
	"strings"

	"feedmill/feed"
	"feedmill/feed/clean"
	"feedmill/feed/media"
)

func setLink(to *string, as string, v value) error {
	if v.kind != scalar {
		return problem(v.line, "%s is %s; write one address", as, v.describe())
	}
	link, ok := webAddress(v.text)
	if !ok {
		return problem(v.line, "%s %q is not a web address; write it whole, like  https://example.org/story", as, v.text)
	}
	*to = link
	return nil
}

func setPermalink(to *string, _ string, v value) error {
	if link, ok := webAddress(v.text); ok && v.kind == scalar {
		*to = link
	}
	return nil
}

// webAddress returns s as an absolute http or https address.
func webAddress(s string) (string, bool) {
	u, err := url.Parse(strings.TrimSpace(s))
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return "", false
	}
	link, err := clean.URL(s, "")
	return link, err == nil
}

// setImage takes an address, or a table with url, caption and credit. Of several images the first one leads.
func setImage(to *feed.Image, as string, v value) error {
	if v.kind == list {
		if len(v.items) == 0 {
			return nil
		}
		v = v.items[0]
	}
	address := v
	if v.kind == table {
		address = v.first("url", "src", "image", "path")
		for _, part := range []struct {
			to    *string
			words []string
		}{{&to.Caption, []string{"caption", "alt"}}, {&to.Credit, []string{"credit"}}} {
			if p := v.first(part.words...); p.kind == scalar {
				*part.to = clean.Line(p.text)
			}
		}
	}
	if address.kind == nothing {
		return nil
	}
	if address.kind != scalar {
		return problem(v.line, "%s holds no address; write  image: picture.jpg  or  image: {url: picture.jpg, caption: …, credit: …}", as)
	}
	u, ok := imageAddress(address.text)
	if !ok {
		return problem(v.line, "%s %q is neither a web address nor a path; write  https://…  or a path beside the article", as, address.text)
	}
	to.URL = u
	return nil
}

// imageAddress returns an absolute http address or a relative one, which means a file, or else an address that the mill
// resolves against the link.
func imageAddress(s string) (string, bool) {
	s = clean.Line(s)
	if u, err := url.Parse(s); err == nil && u.Scheme == "" {
		return u.String(), true
	}
	return webAddress(s)
}

func (d *draft) setAudio(as string, v value) error {
	if v.kind != scalar {
		return problem(v.line, "%s is %s; write one address", as, v.describe())
	}
	address, ok := imageAddress(v.text)
	if !ok {
		return problem(v.line, "%s %q is neither a web address nor a path; write  https://…  or a path beside the article", as, v.text)
	}
	u, err := url.Parse(address)
	if err != nil {
		return problem(v.line, "%s %q is not a web address", as, v.text)
	}
	mediaType := cmp.Or(media.TypeOf(u.Path), "audio/mpeg")
	d.article.Enclosures = []feed.Enclosure{{URL: address, Type: mediaType}}
	return nil
}
