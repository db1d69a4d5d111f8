package mailbox

import (
	"bytes"
	"encoding/base64"
	"errors"
	"image"
	"image/png"
	"strings"
	"testing"
	"time"

	"feedmill/feed"
)

func drawing(t *testing.T, width int) string {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, width, width))); err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(b.Bytes())
}

func related(t *testing.T, text string, more ...string) string {
	part := func(id, mediaType, body string) string {
		return "--b\r\nContent-Type: " + mediaType + "; name=\"anna@example.org.png\"\r\nContent-ID: <" + id + ">\r\nContent-Transfer-Encoding: base64\r\n\r\n" + body + "\r\n"
	}
	return head("Content-Type: multipart/related; boundary=b") + "--b\r\nContent-Type: text/html\r\n\r\n" + text + "\r\n" +
		part("chart@x", "image/png", drawing(t, 40)) + part("dot", "image/gif", drawing(t, 1)) +
		part("vector", "image/svg+xml", base64.StdEncoding.EncodeToString([]byte("<svg/>"))) + strings.Join(more, "") + "--b--\r\n"
}

func TestPicturesInsideAMessage(t *testing.T) {
	t.Parallel()
	var kept []string
	keep := func(name, mediaType string, body []byte) (feed.Media, error) {
		kept = append(kept, name)
		return feed.Media{Name: "hash-" + name, Type: mediaType, Size: int64(len(body))}, nil
	}
	text := `<p>See <img src="cid:chart%40x" alt="Chart"> and <img src="cid:chart@x"> and <img src="CID:dot" alt=""> and ` +
		`<img src="cid:vector" alt="Vector"> and <img src="cid:gone" alt="Gone"> and <img src="https://a.example/track/open?u=1"></p>`
	a, err := reader().article([]byte(related(t, text)), time.Time{}, keep)
	if err != nil {
		t.Fatal(err)
	}
	const want = `<p>See <img src="picture-1.png" alt="Chart"> and <img src="picture-1.png"> and  and [Vector] and [Gone] and </p>`
	if got := strings.TrimSpace(a.Content); got != want {
		t.Errorf("content is %s, not %s", got, want)
	}
	if len(kept) != 1 || kept[0] != "picture.png" || len(a.Media) != 1 || a.Media[0].Ref != "picture-1.png" || a.Media[0].Width != 40 {
		t.Errorf("kept are %q, media %+v", kept, a.Media)
	}
	if notes := strings.Join(a.Notes, "; "); !strings.Contains(notes, "without 2 pictures") {
		t.Errorf("notes are %s", notes)
	}

	a, err = reader().article([]byte(related(t, text)), time.Time{}, nil)
	if err != nil || strings.Contains(a.Content, "<img") || len(a.Media) > 0 {
		t.Errorf("where nothing can be kept, content is %s, %v", a.Content, err)
	}
	full := errors.New("the disk is full")
	_, err = reader().article([]byte(related(t, text)), time.Time{}, func(string, string, []byte) (feed.Media, error) { return feed.Media{}, full })
	if !errors.Is(err, full) {
		t.Errorf("on a full disk the message is taken: %v", err)
	}
}
