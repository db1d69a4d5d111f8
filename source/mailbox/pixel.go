package mailbox

import (
	"net/url"
	"strings"

	"feedmill/feed/late"
)

// counting matches the addresses by which programs that send newsletters learn who opened one, beside those that package
// clean knows.
var counting = late.Regexp(`(?i)/wf/open|/track(?:ing)?/open|/open(?:s|ed)?(?:/|\.(?:php|aspx?|gif|png|ashx)|\?|$)|/o\.gif|/(?:email)?open/log|/e3t/cto|/ss/o/|/pixel(?:/|\.|$)|/trk(?:/|\.|$)|` +
	`/beacon(?:/|\.|$)|/imp(?:ression)?(?:/|\.(?:gif|php)|$)|/1x1|/blank\.gif|/spacer\.|/q/[\w-]+~~|/gr\.gif|/emimp/|/mpss/o/|/v60?/open`)

// countingHosts serve nothing else.
var countingHosts = []string{"li.", "pixel.", "open.", "opens.", "beacon.", "emltrk.com", "mailtrack.io", "bl-1.com", "sli.", "tracking."}

// counts reports whether an image only tells the sender who reads.
func counts(src string) bool {
	u, err := url.Parse(src)
	if err != nil {
		return true
	}
	if counting().MatchString(u.EscapedPath()) {
		return true
	}
	host := strings.ToLower(u.Hostname())
	for _, known := range countingHosts {
		if strings.HasSuffix(known, ".") && strings.HasPrefix(host, known) && !pictureName().MatchString(u.Path) || host == known || strings.HasSuffix(host, "."+known) {
			return true
		}
	}
	return false
}

var pictureName = late.Regexp(`(?i)\.(?:jpe?g|png|webp|avif|svg)$`)
