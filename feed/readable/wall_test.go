package readable

import (
	"strings"
	"testing"

	"feedmill/feed"
)

// TestWalls holds what pages that are no articles are told from, and that articles which speak of the same are not.
func TestWalls(t *testing.T) {
	t.Parallel()
	prose := "<p>" + strings.Repeat("The council met on Monday, and the mayor spoke about locks, doors, and who may open them. ", 4) + "</p>"
	long := strings.Repeat(prose, 6)
	for _, c := range []struct {
		name, page string
		class      feed.Class // "" is an article
		words      string     // in the error
	}{
		{"cloudflare", `<title>Just a moment...</title><script src="/cdn-cgi/challenge-platform/h/b/orchestrate.js"></script><p>Checking if the site connection is secure`, feed.Unavailable, "Cloudflare"},
		{"captcha", `<title>News</title><h1>Are you a robot?</h1><div class="g-recaptcha"></div>`, feed.Unavailable, "a captcha"},
		{"captcha without words", `<title>news.example.org</title><p>Please solve this to go on to the page.</p><iframe src="https://geo.captcha-delivery.com/captcha/"></iframe>`, feed.Unavailable, "DataDome"},
		{"denied", `<title>Access Denied</title><h1>Access Denied</h1><p>You don't have permission to access this page on this server. Reference #18.abcd`, feed.Unavailable, "a bot check"},
		{"consent", `<title>Before you continue</title><h1>Before you continue</h1><p>We use cookies and data to deliver and maintain our services, and to track outages.</p><form><button>Accept all</button></form>`, feed.Unavailable, "a consent page"},
		{"consent in German", `<title>News</title><h2>Ihre Privatsphäre</h2>` + prose, feed.Unavailable, "a consent page"},
		{"login", `<title>Sign in – Example</title><h1>Sign in</h1><form><input name=user><input type=password></form><p>You need an account to read this page. ` + prose, feed.Unavailable, "a login page"},
		{"down", `<title>503 Service Temporarily Unavailable</title><h1>503 Service Temporarily Unavailable</h1><hr>nginx`, feed.Unavailable, "error message"},
		{"maintenance", `<title>We'll be back soon!</title><h1>We’ll be back soon!</h1>` + prose, feed.Unavailable, "error message"},
		{"not found", `<title>Page not found | Example</title><h1>404</h1><p>The page you were looking for does not exist. You may have mistyped the address.</p>`, feed.Unreadable, "Page not found | Example"},
		{"script", `<title>News</title><noscript>You need to enable JavaScript to run this app.</noscript><div id=root></div>`, feed.Unreadable, "no text"},
		{"script in the text", `<title>News</title><p>You need to enable JavaScript to run this app.</p>`, feed.Unreadable, "render: true"},
		{"empty", ` `, feed.Unreadable, "no text"},
		{"frame only", `<title>News</title><body><div></div></body>`, feed.Unreadable, "no text"},
		{"binary", "\x89PNG\r\n\x00\x00", feed.Unreadable, "binary"},
		{"stub", `<title>News</title><p>Loading article</p>`, feed.Unreadable, "Loading article"},
		{"too large", strings.Repeat("a", 16<<20+1), feed.Unreadable, "16 MB"},

		{"article about walls", `<title>Just a moment of peace at the harbour</title><h1>Just a moment of peace at the harbour</h1>` + long, "", ""},
		{"article with login box", `<title>Harbour</title><form class=login><input type=password></form><h1>Harbour</h1>` + prose, "", ""},
		{"article with captcha in its comments", `<title>Harbour</title><h1>Harbour</h1>` + prose + `<div class="g-recaptcha"></div>`, "", ""},
		{"article with a cookie banner", `<title>Harbour</title><div id=cookie-banner><p>We use cookies.</p></div><h1>Harbour</h1>` + prose, "", ""},
		{"article of one picture", `<title>Harbour</title><meta property="og:type" content="article"><article><h1>Harbour</h1><figure><img src="a.jpg"><figcaption>Fog</figcaption></figure></article>`, "", ""},
		{"short note", `<title>Closed on Friday</title><h1>Closed on Friday</h1><p>The office is closed this Friday.</p>`, "", ""},
		{"nested deep", `<title>Deep</title>` + strings.Repeat("<div>", 10_000) + prose, "", ""},
	} {
		a, err := Read([]byte(c.page), "text/html; charset=utf-8", nil, Options{})
		if feed.ClassOf(err) != c.class || err != nil && !strings.Contains(err.Error(), c.words) {
			t.Errorf("%s: class %q, want %q; %v", c.name, feed.ClassOf(err), c.class, err)
		}
		if err == nil && (a.Title == "" || a.Content == "") {
			t.Errorf("%s: title %q, content %.80q", c.name, a.Title, a.Content)
		}
	}
}
