package media_test

import (
	"bytes"
	"errors"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"testing"

	"feedmill/feed/media"
)

func encoded(t *testing.T, how string) []byte {
	t.Helper()
	var b bytes.Buffer
	picture := image.NewGray(image.Rect(0, 0, 40, 30))
	var err error
	switch how {
	case "png":
		err = png.Encode(&b, picture)
	case "jpeg":
		err = jpeg.Encode(&b, picture, nil)
	case "gif":
		err = gif.Encode(&b, picture, nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestLook(t *testing.T) {
	box := func(brand, other string) string {
		return "\x00\x00\x00\x18ftyp" + brand + "\x00\x00\x00\x00" + other + "    rest"
	}
	webp := func(form, rest string) string { return "RIFF\x00\x00\x00\x00WEBP" + form + rest }
	for _, test := range []struct {
		name, head    string
		mediaType     string
		extension     string
		width, height int
	}{
		{"a.png", string(encoded(t, "png")), "image/png", ".png", 40, 30},
		{"A.JPEG", string(encoded(t, "jpeg")), "image/jpeg", ".jpeg", 40, 30},
		{"a.gif", string(encoded(t, "gif")), "image/gif", ".gif", 40, 30},
		{"a.jpg", string(encoded(t, "png")), "image/png", ".png", 40, 30}, // as half of all cameras' programs do it
		{"a.webp", webp("VP8X", "\x0a\x00\x00\x00\x00\x00\x00\x00\x27\x00\x00\x1d\x00\x00"), "image/webp", ".webp", 40, 30},
		{"a.webp", webp("VP8L", "\x00\x00\x00\x00\x2f\x27\x40\x07\x00\x00\x00\x00\x00\x00"), "image/webp", ".webp", 40, 30},
		{"a.webp", webp("VP8 ", "\x00\x00\x00\x00\x00\x00\x00\x9d\x01\x2a\x28\x00\x1e\x00"), "image/webp", ".webp", 40, 30},
		{"a.avif", box("avif", "mif1"), "image/avif", ".avif", 0, 0},
		{"a.mp3", "ID3\x04rest", "audio/mpeg", ".mp3", 0, 0},
		{"a.mp3", "\xff\xfb\x90\x00", "audio/mpeg", ".mp3", 0, 0},
		{"a.m4a", box("M4A ", "mp42"), "audio/x-m4a", ".m4a", 0, 0},
		{"a.mp4", box("isom", "avc1"), "video/mp4", ".mp4", 0, 0},
		{"a.opus", "OggS\x00", "audio/ogg", ".opus", 0, 0},
		{"a.wav", "RIFF\x00\x00\x00\x00WAVEfmt ", "audio/wav", ".wav", 0, 0},
		{"a.webm", "\x1a\x45\xdf\xa3", "video/webm", ".webm", 0, 0},
		{"a.pdf", "%PDF-1.7", "application/pdf", ".pdf", 0, 0},
		{"a.svg", "<svg/>", "", "", 0, 0},
		{"a.png", "<svg/>", "", "", 0, 0},
		{"a.png", "<!doctype html><script>alert(1)</script>", "", "", 0, 0},
		{"a.jpg", "%PDF-1.7", "", "", 0, 0},
		{"a.html", "<html>", "", "", 0, 0},
		{"passwd", "root:x:0:0", "", "", 0, 0},
		{"a.mp3", "", "", "", 0, 0},
		{"a.webp", "RIFF\x00\x00\x00\x00WEBP", "image/webp", ".webp", 0, 0},
	} {
		kind, err := media.Look(test.name, []byte(test.head))
		if (err != nil) != (test.mediaType == "") || kind != (media.Kind{Type: test.mediaType, Extension: test.extension, Width: test.width, Height: test.height}) {
			t.Errorf("%s with %.12q is %+v, %v", test.name, test.head, kind, err)
		}
	}
	if _, err := media.Look("logo.SVG", []byte("<svg/>")); !errors.Is(err, media.ErrSVG) {
		t.Errorf("an SVG is refused with %v", err)
	}
}

func FuzzLook(f *testing.F) {
	f.Add("a.png", []byte("\x89PNG\r\n\x1a\n"))
	f.Add("a.webp", []byte("RIFF\x00\x00\x00\x00WEBPVP8X"))
	f.Add("a.mp4", []byte("\xff\xff\xff\xffftypisom"))
	f.Add("a.jpg", []byte("\xff\xd8\xff\xe0\x00\x10JFIF"))
	f.Fuzz(func(t *testing.T, name string, head []byte) {
		kind, err := media.Look(name, head)
		if err == nil && (kind.Type == "" || kind.Width < 0 || kind.Height < 0 || media.TypeOf("x"+kind.Extension) == "") {
			t.Errorf("%q is %+v", name, kind)
		}
	})
}
