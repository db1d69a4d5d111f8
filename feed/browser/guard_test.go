package browser

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"feedmill/feed"
	"feedmill/feed/setting"
)

// honeypot is a host in a private network that nobody may reach: it notes every connection and every datagram.
type honeypot struct {
	port int
	mu   sync.Mutex
	hits []string
}

func newHoneypot(t *testing.T) *honeypot {
	t.Helper()
	h := &honeypot{}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	h.port = l.Addr().(*net.TCPAddr).Port
	u, err := net.ListenPacket("udp", fmt.Sprintf("127.0.0.1:%d", h.port))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close(); u.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			h.note("TCP")
			c.Close()
		}
	}()
	go func() {
		for b := make([]byte, 1<<10); ; {
			if _, _, err := u.ReadFrom(b); err != nil {
				return
			}
			h.note("UDP")
		}
	}()
	return h
}

func (h *honeypot) note(what string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.hits = append(h.hits, what)
}

func (h *honeypot) seen() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.hits)
}

// privateAddressesAreNotReached: whatever a page's scripts try, the host in the private network sees nothing.
func privateAddressesAreNotReached(t *testing.T, d desk) {
	h := newHoneypot(t)
	tries := fmt.Sprintf(`<title>x</title><ul id=done></ul>
<iframe src="http://127.0.0.1:%[1]d/frame"></iframe><img src="http://127.0.0.1:%[1]d/img"><link rel=stylesheet href="http://127.0.0.1:%[1]d/css">
<link rel=preconnect href="http://127.0.0.1:%[1]d/"><link rel=dns-prefetch href="//127.0.0.1:%[1]d/"><link rel=prefetch href="http://localhost:%[1]d/prefetch">
<script type=speculationrules>{"prerender":[{"urls":["http://127.0.0.1:%[1]d/pre"]}]}</script>
<script src="http://127.0.0.1:%[1]d/script"></script>
<script>
const port = %[1]d, done = what => document.getElementById('done').insertAdjacentHTML('beforeend', '<li>' + what + '</li>');
const each = async (name, f) => { try { await Promise.race([f(), new Promise(r => setTimeout(r, 1500))]) } catch (e) {} done(name) };
(async () => {
  await Promise.all([
    ...['127.0.0.1', 'localhost', '[::1]', '0.0.0.0', '2130706433', 'localhost.'].map(host => each('fetch ' + host, () => fetch('http://' + host + ':' + port + '/', {mode: 'no-cors'}))),
    each('https', () => fetch('https://127.0.0.1:' + port + '/', {mode: 'no-cors'})),
    each('redirect', () => fetch('/to-private', {mode: 'no-cors'})),
    each('metadata', () => fetch('http://169.254.169.254/latest/meta-data/', {mode: 'no-cors'})),
    each('beacon', async () => navigator.sendBeacon('http://127.0.0.1:' + port + '/', 'x')),
    each('websocket', () => new Promise(r => { const w = new WebSocket('ws://127.0.0.1:' + port + '/'); w.onerror = w.onopen = r })),
    each('events', () => new Promise(r => { const w = new EventSource('http://127.0.0.1:' + port + '/'); w.onerror = w.onopen = r })),
    each('worker', () => new Promise(r => { const w = new Worker(URL.createObjectURL(new Blob(['fetch("http://127.0.0.1:%[1]d/w", {mode:"no-cors"}).finally(() => postMessage(1))']))); w.onmessage = r })),
    each('serviceworker', () => navigator.serviceWorker.register('/sw.js')),
    each('window', async () => { window.open('http://127.0.0.1:' + port + '/window'); const a = document.createElement('a'); a.href = 'http://127.0.0.1:' + port + '/'; a.target = '_blank'; a.rel = 'noopener'; document.body.append(a); a.click() }),
    each('form', async () => { const f = document.createElement('form'); f.action = 'http://127.0.0.1:' + port + '/form'; f.target = '_blank'; f.method = 'post'; document.body.append(f); f.submit() }),
    each('frame trick', () => new Promise(r => { const f = document.createElement('iframe'); document.body.append(f); f.contentWindow.fetch('http://127.0.0.1:' + port + '/', {mode: 'no-cors'}).finally(r) })),
    each('webrtc', async () => {
      const f = document.createElement('iframe'); document.body.append(f);
      const RTC = window.RTCPeerConnection || f.contentWindow.RTCPeerConnection;
      const c = new RTC({iceServers: [{urls: 'stun:127.0.0.1:' + port}, {urls: 'turn:127.0.0.1:' + port, username: 'a', credential: 'b'}, {urls: 'turn:127.0.0.1:' + port + '?transport=tcp', username: 'a', credential: 'b'}]});
      c.createDataChannel('x'); await c.setLocalDescription(await c.createOffer()); await new Promise(r => setTimeout(r, 1000)) }),
    each('webtransport', async () => { const f = document.createElement('iframe'); document.body.append(f); const T = window.WebTransport || f.contentWindow.WebTransport; await new T('https://127.0.0.1:' + port + '/').ready }),
    each('file', () => fetch('file:///etc/passwd')),
    each('dialog', async () => { alert('a'); confirm('b'); prompt('c') }),
    each('download', async () => { const a = document.createElement('a'); a.href = 'data:application/octet-stream,x'; a.download = 'x'; document.body.append(a); a.click() }),
    each('print', async () => print()),
  ]);
  done('all tried');
})()
</script>`, h.port)
	var mu sync.Mutex
	var got []string
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		got = append(got, r.URL.Path)
		mu.Unlock()
		switch r.URL.Path {
		case "/":
			w.Header().Set("Content-Type", "text/html")
			_, _ = io.WriteString(w, tries)
		case "/to-private":
			http.Redirect(w, r, fmt.Sprintf("http://127.0.0.1:%d/redirected", h.port), http.StatusFound)
		default:
			http.NotFound(w, r)
		}
	}))
	defer s.Close()
	answer, err := d.Render(t.Context(), nil, request(s.URL+"/"), "#done li:nth-child(24)")
	if err != nil {
		t.Fatal(err)
	}
	for _, what := range []string{"all tried", "webrtc", "websocket", "worker", "frame trick", "dialog"} {
		if !strings.Contains(string(answer.Body), "<li>"+what+"</li>") {
			t.Errorf("the page did not try %s", what)
		}
	}
	time.Sleep(300 * time.Millisecond)
	if hits := h.seen(); len(hits) > 0 {
		t.Errorf("the private host was reached: %q", hits)
	}
	mu.Lock()
	defer mu.Unlock()
	if slices.Contains(got, "/sw.js") {
		t.Error("a service worker was loaded")
	}
}

// aPrivatePageIsRefused says so in the words of package fetch, for the address itself and where it leads.
func aPrivatePageIsRefused(t *testing.T, d desk) {
	h := newHoneypot(t)
	private := fmt.Sprintf("http://127.0.0.1:%d/", h.port)
	s := httptest.NewServer(http.RedirectHandler(private, http.StatusFound))
	defer s.Close()
	script := site(t, map[string]string{"/": `<script>location.replace("` + private + `")</script>`})
	for _, address := range []string{private, strings.Replace(private, "http:", "https:", 1), "http://[::ffff:127.0.0.1]:" + fmt.Sprint(h.port) + "/", s.URL + "/", script + "/"} {
		r := request(address)
		if address == private || strings.HasPrefix(address, "https") || strings.Contains(address, "[") {
			r.Config.AllowPrivate = nil
		}
		answer, err := d.Render(t.Context(), nil, r, "")
		if address == script+"/" {
			if err == nil && strings.Contains(string(answer.Body), "chrome-error") {
				t.Errorf("%s: took the browser's own error for a page", address)
			}
			continue
		}
		if feed.ClassOf(err) != feed.Refused || !strings.Contains(fmt.Sprint(err), "allow_private") {
			t.Errorf("%s: %s %v", address, feed.ClassOf(err), err)
		}
	}
	if hits := h.seen(); len(hits) > 0 {
		t.Errorf("the private host was reached: %q", hits)
	}
}

// ownHeaders: the operator's headers, cookies and password go to the scheme, host and port he named, and to no other.
func ownHeaders(t *testing.T, d desk) {
	var mu sync.Mutex
	heads := map[string]http.Header{}
	note := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		heads[r.Host+r.URL.Path] = r.Header.Clone()
		mu.Unlock()
		w.Header().Set("Access-Control-Allow-Origin", "*")
		w.Header().Set("Content-Type", "text/html")
	})
	other := httptest.NewServer(note)
	defer other.Close()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		note(w, r)
		if r.URL.Path == "/" {
			http.SetCookie(w, &http.Cookie{Name: "visited", Value: "yes"})
			_, _ = io.WriteString(w, `<ul id=l></ul><img src=/img.png><script>Promise.all([fetch('/own'), fetch('`+other.URL+`/other')]).then(() => l.innerHTML = '<li>' + document.cookie)</script>`)
		}
	}))
	defer s.Close()
	r := request(s.URL + "/")
	r.Config.AllowPrivate = append(r.Config.AllowPrivate, strings.TrimPrefix(other.URL, "http://"))
	r.Config.UserAgent = "the desk (+https://example.org)"
	r.Config.Headers = map[string]setting.Secret{"X-Key": "k3y", "Accept-Language": "de"}
	r.Config.Cookies = map[string]setting.Secret{"session": "s3cret"}
	r.Config.Auth.User, r.Config.Auth.Password = "me", "pass"
	for round := range 2 {
		answer, err := d.Render(t.Context(), nil, r, "#l li")
		if err != nil {
			t.Fatal(err)
		}
		if round == 1 && strings.Contains(heads[strings.TrimPrefix(s.URL, "http://")+"/"].Get("Cookie"), "visited") {
			t.Error("a cookie of the page before was kept")
		}
		if strings.Contains(string(answer.Body), "s3cret") {
			t.Error("the page's scripts can read the operator's cookie")
		}
	}
	mu.Lock()
	defer mu.Unlock()
	at, away := strings.TrimPrefix(s.URL, "http://"), strings.TrimPrefix(other.URL, "http://")
	for _, path := range []string{"/", "/own"} {
		got := heads[at+path]
		if got.Get("X-Key") != "k3y" || got.Get("Accept-Language") != "de" || !strings.Contains(got.Get("Cookie"), "session=s3cret") || !strings.HasPrefix(got.Get("Authorization"), "Basic ") {
			t.Errorf("%s was sent %v", path, got)
		}
	}
	got := heads[away+"/other"]
	if got == nil || got.Get("X-Key") != "" || got.Get("Authorization") != "" || got.Get("Proxy-Authorization") != "" || got.Get("X-Forwarded-For") != "" {
		t.Errorf("another host was sent %v", got)
	}
	if got.Get("User-Agent") != r.Config.UserAgent {
		t.Errorf("user agent %q", got.Get("User-Agent"))
	}
	if heads[at+"/img.png"] != nil {
		t.Error("an image was loaded")
	}
}
