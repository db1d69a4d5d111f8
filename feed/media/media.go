// Package media knows which files beside articles are published: pictures, sound, films and papers whose kind shows in
// their first bytes as well as in their names, and that run nothing in a reader's browser.
//
// It reads no file itself and keeps nothing. A new kind is one line in kinds. SVG pictures are not among them: they may
// hold scripts, which would run in our own origin. Files are published byte for byte, with whatever a camera wrote into
// them (place, time, names).
package media

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	_ "image/gif" // the formats whose sizes are read
	_ "image/jpeg"
	_ "image/png"
	"path"
	"slices"
	"strings"
)

// Head is how many bytes of a file [Look] should get, if it has so many. A picture's size may stand behind the preview and
// the colours that a camera put before it.
const Head = 256 << 10

// Most is the greatest size of a file that is published, in bytes.
const Most = 512 << 20

// Kind is what a file is.
type Kind struct {
	Type          string // its media type
	Extension     string // that names are given, with its dot
	Width, Height int    // of a picture, in pixels; 0 when unknown
}

// kind is one of the kinds that are published. The first of its extensions is the usual one.
type kind struct {
	mediaType  string
	extensions []string
	is         func(head []byte) bool
}

var kinds = []kind{
	{"image/jpeg", []string{".jpg", ".jpeg", ".jpe", ".jfif"}, begins("\xff\xd8\xff")},
	{"image/png", []string{".png"}, begins("\x89PNG\r\n\x1a\n")},
	{"image/gif", []string{".gif"}, begins("GIF87a", "GIF89a")},
	{"image/webp", []string{".webp"}, riff("WEBP")},
	{"image/avif", []string{".avif"}, brand("avif", "avis")},
	{"audio/mpeg", []string{".mp3"}, isMP3},
	{"audio/x-m4a", []string{".m4a"}, brand("M4A ", "M4B ", "mp42", "isom", "dash", "iso2", "iso5", "iso6", "mp41")},
	{"video/mp4", []string{".mp4"}, brand("isom", "iso2", "iso4", "iso5", "iso6", "avc1", "mp41", "mp42", "dash", "M4V ", "MSNV")},
	{"video/x-m4v", []string{".m4v"}, brand("M4V ", "mp42", "isom")},
	{"audio/ogg", []string{".ogg", ".oga", ".opus"}, begins("OggS")},
	{"audio/aac", []string{".aac"}, begins("\xff\xf1", "\xff\xf9")},
	{"audio/wav", []string{".wav"}, riff("WAVE")},
	{"audio/flac", []string{".flac"}, begins("fLaC")},
	{"video/webm", []string{".webm"}, begins("\x1a\x45\xdf\xa3")},
	{"application/pdf", []string{".pdf"}, begins("%PDF-")},
}

// Errors of [Look]. Their words say what to do.
var (
	ErrSVG  = errors.New("is an SVG, which may hold scripts and is not published; save it as PNG or WebP")
	ErrKind = errors.New("is of no kind that is published; save it as JPEG, PNG, GIF, WebP or AVIF, as MP3, M4A, Ogg, WAV or FLAC, as MP4 or WebM, or as PDF")
)

// TypeOf is the media type that a name promises, empty when files of that name are not published.
func TypeOf(name string) string {
	for _, k := range kinds {
		if slices.Contains(k.extensions, extension(name)) {
			return k.mediaType
		}
	}
	return ""
}

// unfit are the endings of files that people put beside articles for others to see, and that are not published.
var unfit = []string{".svg", ".heic", ".heif", ".tif", ".tiff", ".bmp", ".psd", ".mov", ".avi", ".mkv", ".wma", ".aif", ".aiff"}

// Means reports whether a name is that of a picture, sound, film or paper, fit to be published or not.
func Means(name string) bool { return TypeOf(name) != "" || slices.Contains(unfit, extension(name)) }

// Look says what a file is by its name and its first bytes. Its content decides, and its name must be that of something of
// the same sort: a picture may be called .jpg and be a PNG.
func Look(name string, head []byte) (Kind, error) {
	if extension(name) == ".svg" {
		return Kind{}, ErrSVG
	}
	promised := TypeOf(name)
	if promised == "" {
		return Kind{}, ErrKind
	}
	var found *kind
	for i := range kinds {
		k := &kinds[i]
		if k.is(head) && sort(k.mediaType) == sort(promised) && (found == nil || k.mediaType == promised) {
			found = k
		}
	}
	if found == nil {
		return Kind{}, fmt.Errorf("is called %s and holds something else; save it anew, or give it the name of what it is", extension(name))
	}
	k := Kind{Type: found.mediaType, Extension: found.extensions[0]}
	if slices.Contains(found.extensions, extension(name)) {
		k.Extension = extension(name)
	}
	k.Width, k.Height = dimensions(k.Type, head)
	return k, nil
}

func extension(name string) string { return strings.ToLower(path.Ext(name)) }

// sort is the part of a media type before its slash.
func sort(mediaType string) string {
	before, _, _ := strings.Cut(mediaType, "/")
	return before
}

func begins(starts ...string) func([]byte) bool {
	return func(head []byte) bool {
		return slices.ContainsFunc(starts, func(s string) bool { return bytes.HasPrefix(head, []byte(s)) })
	}
}

func riff(form string) func([]byte) bool {
	return func(head []byte) bool {
		return len(head) >= 12 && string(head[:4]) == "RIFF" && string(head[8:12]) == form
	}
}

// brand tells the kinds of files apart that consist of boxes (ISO/IEC 14496-12), by the first brand or one of the others.
func brand(names ...string) func([]byte) bool {
	return func(head []byte) bool {
		if len(head) < 16 || string(head[4:8]) != "ftyp" {
			return false
		}
		end := min(len(head), int(head[3])+int(head[2])<<8, 256)
		for at := 8; at+4 <= end; at += 4 {
			if at != 12 && slices.Contains(names, string(head[at:at+4])) {
				return true
			}
		}
		return false
	}
}

// isMP3 knows a tag at the beginning, or a frame of layer III.
func isMP3(head []byte) bool {
	if begins("ID3")(head) {
		return true
	}
	return len(head) > 2 && head[0] == 0xff && head[1]&0xe6 == 0xe2
}

// dimensions reads the size of a picture out of its head, 0 when it does not tell.
func dimensions(mediaType string, head []byte) (width, height int) {
	switch mediaType {
	case "image/jpeg", "image/png", "image/gif":
		c, _, err := image.DecodeConfig(bytes.NewReader(head))
		if err != nil {
			return 0, 0
		}
		return c.Width, c.Height
	case "image/webp":
		return webp(head)
	}
	return 0, 0
}

// webp reads the size of a WebP picture in any of its three forms (RFC 9649).
func webp(head []byte) (width, height int) {
	if len(head) < 30 {
		return 0, 0
	}
	b := func(i int) int { return int(head[i]) }
	switch string(head[12:16]) {
	case "VP8X":
		return 1 + b(24) + b(25)<<8 + b(26)<<16, 1 + b(27) + b(28)<<8 + b(29)<<16
	case "VP8L":
		return 1 + b(21) + (b(22)&0x3f)<<8, 1 + b(22)>>6 + b(23)<<2 + (b(24)&0x0f)<<10
	case "VP8 ":
		return b(26) + (b(27)&0x3f)<<8, b(28) + (b(29)&0x3f)<<8
	}
	return 0, 0
}
